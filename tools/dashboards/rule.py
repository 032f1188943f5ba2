"""The detection rule that makes a Security alert of every Spanwatch incident.

Alert documents show in Explore and Timeline at once, in Security's list of alerts only after a rule promotes them.
Elastic's own "External Alerts" rule does the same for every product: give it the exception
``data_stream.dataset: spanwatch.alert``, or every incident appears twice.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from sensor.outputs.alert import SEVERITIES
from tools.dashboards.condition import kql
from tools.dashboards.definition import narrowed

_NAMESPACE: Final = uuid.UUID("5b0f7f0a-6a5c-5f0e-9a3f-0d3b7c2b1e64")
LEVELS: Final = {21: "low", 47: "medium", 73: "high", 99: "critical"}
"""The severity of Security for each number of our documents."""
SUPPRESSION: Final[dict[str, Any]] = {
    "alert_suppression": {
        "group_by": ["rule.id", "host.name", "source.ip"],
        "duration": {"value": 1, "unit": "h"},
        "missing_fields_strategy": "suppress",
    }
}


def _rule(word: str, name: str, description: str, **more: Any) -> dict[str, Any]:
    where = {"event.kind": "alert", **narrowed(["alert"], {}), "spanwatch.alert.revision": 1}
    return {
        "id": str(uuid.uuid5(_NAMESPACE, f"object:{word}")),
        "rule_id": str(uuid.uuid5(_NAMESPACE, word)),
        "version": 1,
        "name": name,
        "description": description,
        "type": "query",
        "language": "kuery",
        "index": ["logs-spanwatch.alert-*"],
        "query": kql(where),
        "enabled": False,
        "from": "now-2m",
        "interval": "1m",
        "max_signals": 1000,
        "severity": "medium",
        "severity_mapping": [
            {"field": "event.severity", "operator": "equals", "value": str(number), "severity": LEVELS[number]}
            for number in sorted(set(SEVERITIES.values()))
        ],
        "risk_score": 47,
        "risk_score_mapping": [{"field": "event.risk_score", "operator": "equals", "value": ""}],
        "rule_name_override": "rule.name",
        "timestamp_override": "event.ingested",
        "author": ["Spanwatch"],
        "license": "Apache-2.0",
        "tags": ["Domain: OT", "Spanwatch"],
        "references": [],
        "false_positives": [],
        "threat": [],
        "exceptions_list": [],
        "note": "Read spanwatch.alert.expected, spanwatch.alert.observed and spanwatch.alert.normal of the document.",
        **more,
    }


def rules(*, suppress: bool = False) -> list[dict[str, Any]]:
    """Return the rule, switched off; ``suppress`` groups repeats of an hour (may need a paid licence)."""
    text = "Makes a Security alert of every incident that a Spanwatch sensor reports, once for each incident."
    if suppress:
        return [_rule("promotion-suppressed", "Spanwatch alerts (repeats grouped)", text, **SUPPRESSION)]
    return [_rule("promotion", "Spanwatch alerts", text)]
