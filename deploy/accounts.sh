#!/bin/bash
# Gives Kibana's own user the password that was made for it. Runs once in the Elasticsearch image; again does no harm.
# SECRETS and ELASTIC have other values in tests only.
set -euo pipefail
SECRETS=${SECRETS:-/secrets}
ELASTIC=${ELASTIC:-https://elasticsearch:9200}

# Password and body come from files and standard input, so that neither is seen among the arguments.
printf '{"password":"%s"}' "$(<"$SECRETS/kibana/password")" |
    curl --silent --show-error --fail --cacert "$SECRETS/elasticsearch/ca.crt" \
        --config <(printf 'user = "elastic:%s"\n' "$(<"$SECRETS/elasticsearch/password")") \
        --header 'Content-Type: application/json' --data-binary @- --output /dev/null \
        "$ELASTIC/_security/user/kibana_system/_password"
