#!/bin/sh
# Installs the system packages that tests use beside Python: as root on Debian, else it names the one command to run.
# Nothing here is needed to run Spanwatch itself; tests that miss a tool skip and say which.
missing=""
for pair in tshark:tshark tcpdump:tcpdump ip:iproute2 ethtool:ethtool ps:procps cc:gcc chromium:chromium \
    buildah:buildah debootstrap:debootstrap systemd-analyze:systemd mvn:maven java:default-jre-headless openssl:openssl; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing:$missing"
    apt-get update -qq >/dev/null 2>&1
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
        echo "could not install:$missing; tests that need them will skip"
else
    echo "missing system packages; tests that need them will skip. To install them: sudo apt-get install$missing"
fi
exit 0
