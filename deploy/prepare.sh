#!/bin/bash
# Makes what the services need to know each other: an authority, two certificates, two passwords, three keys of Kibana.
# Runs once in a container without a network, in the Elasticsearch image; a second run changes nothing.
# KIBANA_NAME is the name under which browsers reach Kibana. SECRETS and CERTUTIL have other values in tests only.
set -euo pipefail
umask 077
SECRETS=${SECRETS:-/secrets}
CERTUTIL=${CERTUTIL:-/usr/share/elasticsearch/bin/elasticsearch-certutil}
ELASTIC_USER=1000:0
SPANWATCH_USER=10001:10001
DAYS=1825

[[ -e $SECRETS/authority/complete ]] && exit 0
# What an interrupted run left belongs to other users already.
rm -f "$SECRETS"/{authority,elasticsearch,kibana,setup,shipper}/*

word() { head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
# hand OWNER FILE...: only the owner may read these, and nobody may change them.
hand() { local owner=$1; shift; chmod 0400 "$@"; chown "$owner" "$@"; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$CERTUTIL" ca --silent --pem --days "$DAYS" --out "$work/ca.zip"
unzip -q "$work/ca.zip" -d "$work"
cat > "$work/instances.yml" <<END
instances:
  - {name: elasticsearch, dns: [elasticsearch, localhost], ip: [127.0.0.1]}
  - {name: kibana, dns: [kibana, localhost, "$KIBANA_NAME"], ip: [127.0.0.1]}
END
"$CERTUTIL" cert --silent --pem --days "$DAYS" --in "$work/instances.yml" --out "$work/certificates.zip" \
    --ca-cert "$work/ca/ca.crt" --ca-key "$work/ca/ca.key"
unzip -q "$work/certificates.zip" -d "$work"

elastic_password=$(word 24)
kibana_password=$(word 24)

cp "$work/ca/ca.crt" "$work/ca/ca.key" "$SECRETS/authority/"

to=$SECRETS/elasticsearch
cp "$work/ca/ca.crt" "$to/ca.crt"
cp "$work/elasticsearch/elasticsearch.crt" "$to/server.crt"
cp "$work/elasticsearch/elasticsearch.key" "$to/server.key"
printf '%s' "$elastic_password" > "$to/password"
hand $ELASTIC_USER "$to"/{ca.crt,server.crt,server.key,password}

to=$SECRETS/kibana
cp "$work/ca/ca.crt" "$to/ca.crt"
cp "$work/kibana/kibana.crt" "$to/server.crt"
cp "$work/kibana/kibana.key" "$to/server.key"
printf '%s' "$kibana_password" > "$to/password"
cat > "$to/secrets.yml" <<END
server.ssl.enabled: true
server.ssl.certificate: /usr/share/kibana/config/secrets/server.crt
server.ssl.key: /usr/share/kibana/config/secrets/server.key
elasticsearch.hosts: ["https://elasticsearch:9200"]
elasticsearch.username: kibana_system
elasticsearch.password: "$kibana_password"
elasticsearch.ssl.certificateAuthorities: [/usr/share/kibana/config/secrets/ca.crt]
elasticsearch.ssl.verificationMode: full
xpack.security.encryptionKey: $(word 24)
xpack.encryptedSavedObjects.encryptionKey: $(word 24)
xpack.reporting.encryptionKey: $(word 24)
telemetry.optIn: false
END
hand $ELASTIC_USER "$to"/{ca.crt,server.crt,server.key,password,secrets.yml}

to=$SECRETS/setup
cp "$work/ca/ca.crt" "$to/ca.crt"
printf '%s' "$elastic_password" > "$to/password"
hand $SPANWATCH_USER "$to"/{ca.crt,password}

# The key is made and put here when the cluster runs.
to=$SECRETS/shipper
cp "$work/ca/ca.crt" "$to/ca.crt"
hand $SPANWATCH_USER "$to/ca.crt"
chown $SPANWATCH_USER "$to"

# Last: a run that was interrupted is made again from the start.
touch "$SECRETS/authority/complete"
