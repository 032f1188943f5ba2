#!/bin/sh
# Installs the system packages that tests use beside Python: as root on Debian, else it names the one command to run.
# Nothing here is needed to run Spanwatch itself; tests that miss a tool skip and say which.
missing=""
suricata=""
for pair in tshark:tshark tcpdump:tcpdump ip:iproute2 ethtool:ethtool ps:procps cc:gcc chromium:chromium \
    buildah:buildah debootstrap:debootstrap systemd-analyze:systemd mvn:maven java:default-jre-headless openssl:openssl; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
# Suricata, which tests compare with, stands in Debian's backports only: that suite comes from the mirror already in use, and
# packages of it are never chosen before those of the release.
suite="$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}")-backports"
command -v suricata >/dev/null 2>&1 || suricata="-t $suite suricata"
[ -n "$missing$suricata" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    mirror=$(cat /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null |
        sed -n 's/^URIs: *//p; s/^deb  *\(\[[^]]*\] *\)*\([^ ]*\) .*/\2/p' | head -n 1)
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    if [ -n "$suricata" ] && [ -n "$mirror" ] && [ -f "$key" ]; then
        echo "deb [signed-by=$key] $mirror $suite main" >/etc/apt/sources.list.d/spanwatch-backports.list
    fi
    apt-get update -qq >/dev/null 2>&1
    for packages in "$missing" "$suricata"; do
        [ -n "$packages" ] || continue
        echo "installing: $packages"
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null 2>&1 ||
            echo "could not install: $packages; tests that need them will skip"
    done
else
    echo "missing system packages; tests that need them will skip. To install them:"
    [ -z "$missing" ] || echo "  sudo apt-get install$missing"
    [ -z "$suricata" ] || echo "  sudo apt-get install $suricata   (needs Debian's backports among the sources)"
fi
exit 0
