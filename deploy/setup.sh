#!/bin/sh
# Prepares the cluster, and makes the shipper's key where there is none yet. Runs at each start; again does no harm.
set -eu
KEY=${KEY:-/run/shipper/key}
if [ ! -s "$KEY" ]; then
    rm -f "$KEY"
    set -- "$@" --key-out "$KEY"
fi
exec spanwatch elastic setup "$@"
