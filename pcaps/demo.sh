#!/bin/sh
# The demonstration: replays the sample plant, learns its baseline, replays attacks, and writes the auditor's report.
# Usage: sh pcaps/demo.sh SPANWATCH
set -e
spanwatch=$1
out=out/demo
rm -rf "$out" && mkdir -p "$out"
echo "== A normal day at the sample plant =="
"$spanwatch" replay pcaps/captures/plant/normal.pcap --policy pcaps/policy.yaml --store "$out/normal.db" --output "$out/normal"
echo
echo "== The same plant under attack: somebody writes set-points, stops a controller, restarts an outstation =="
"$spanwatch" replay pcaps/captures/modbus/unauthorised_write.pcap pcaps/captures/s7/plc_stop.pcap \
    pcaps/captures/dnp3/cold_restart.pcap --policy pcaps/policy.yaml --store "$out/attack.db" --output "$out/attack"
echo
echo "== The report for the auditor =="
"$spanwatch" report --store "$out/attack.db" --policy pcaps/policy.yaml --output "$out/report"
echo
echo "Next:"
echo "  $spanwatch alerts list --store $out/attack.db --severity high"
echo "  $spanwatch alerts show INCIDENT --store $out/attack.db"
echo "  $spanwatch assets show plc-filt --store $out/attack.db"
echo "  the asset map, in any browser: $out/report/assets.html"
echo "  documents for Elasticsearch: $out/attack/*.ndjson"
