"""Alert documents: one revision of one incident. Revisions share ``spanwatch.alert.id`` and have ids of their own."""

from __future__ import annotations

from typing import Final

from dissectors.act import Act
from rules.detections.alert import Alert
from rules.detections.tunnel import outer_ends
from sensor.documents.anomaly import anomaly
from sensor.documents.endpoint import ends, host, network, places, related
from sensor.documents.envelope import envelope, labels, observer, span
from sensor.documents.identifier import RULESET, event_id, rule_uuid
from sensor.documents.industrial import family, from_server, industrial, operation
from sensor.documents.operation import OUTCOMES
from sensor.documents.origin import Origin
from sensor.documents.policy import policy
from sensor.documents.text import MAX_VALUES, Document, flat, kebab, keywords, pruned, text
from sensor.documents.threat import bundle_version, former_ids, threat

SEVERITIES: Final = {"info": 21, "low": 21, "medium": 47, "high": 73, "critical": 99}
"""The numbers that Elastic's promotion rules compare for equality."""


def _act(alert: Alert) -> Act:
    return Act(
        protocol=alert.protocol,
        unit=alert.unit,
        operation=alert.operation,
        verb=alert.verb,
        code=alert.code,
        targets=alert.targets,
        values=alert.values,
        answers=alert.answers,
        outcome=alert.outcome,
        error=alert.error,
        detail=alert.detail,
    )


def alert_action(alert: Alert) -> str:
    """Return the kebab-case action of an alert, protocol first: its name says what happened."""
    name = kebab(alert.name)
    first = kebab(alert.protocol)
    return name if not first or name.split("-")[0] in {first, family(alert.protocol)} else f"{first}-{name}"


def _event(origin: Origin, alert: Alert) -> Document:
    sequence = f"{alert.incident}:{alert.revision}"
    network_known = bool(alert.protocol or alert.transport)
    return {
        "kind": "alert",
        "category": ["intrusion_detection", "network"],
        "type": ["info", "protocol"] if network_known else ["info"],
        "action": alert_action(alert),
        "outcome": OUTCOMES.get(alert.outcome, "unknown") if alert.outcome else "",
        "provider": kebab(alert.protocol or "network", alert.why_kind),
        "code": alert.id,
        "id": event_id(origin.sensor, origin.epoch, sequence, "alert", alert.id),
        "sequence": alert.sequence,
        "severity": SEVERITIES[alert.severity],
        "risk_score": float(alert.risk),
        "risk_score_norm": float(alert.risk),
        "reason": text(alert.reason),
        **span(alert.first, max(alert.first, alert.last)),
    }


def _explained(alert: Alert) -> Document:
    """Return ``spanwatch.alert``: what the analyst reads, and where the proof is."""
    secret = alert.verb == "auth"
    return {
        "id": alert.incident,
        "status": alert.status,
        "severity": alert.severity,
        "count": alert.count,
        "revision": alert.revision,
        "review": alert.review,
        "detector": alert.why_kind,
        "expected": text(alert.expected),
        "observed": text(alert.observed),
        "false_positives": text(alert.false_positives),
        "normal": text(alert.normal),
        "why": flat(alert.why),
        "detail": {} if secret else flat(alert.detail),
        "visibility": alert.visibility,
        "attack_version": bundle_version() if alert.techniques or alert.context else "",
        "attack_former": former_ids(alert.techniques),
        "attack_context": keywords(alert.context),
        "evidence": {
            "capture": text(alert.source),
            "frames": list(alert.frames[:MAX_VALUES]),
            "offset": alert.offset if alert.offset >= 0 else None,
            "length": alert.length or None,
            "excerpt": "" if secret else alert.excerpt.hex(),
        },
    }


def _host(alert: Alert) -> Document:
    """Return the affected asset: the server's side, or the client where there is no server."""
    if alert.server is not None or alert.server_endpoint.ip or alert.server_endpoint.mac:
        return host(alert.server, alert.server_endpoint)
    return host(alert.client, alert.client_endpoint)


def alert_document(origin: Origin, alert: Alert) -> Document:
    """Return the document of one revision."""
    source, destination = alert.client_endpoint, alert.server_endpoint
    sender, receiver = alert.client, alert.server
    act = _act(alert)
    if alert.sent_by_server or from_server(alert.protocol, alert.operation):
        source, destination, sender, receiver = destination, source, receiver, sender
    zone = alert.server.zone if alert.server else ""
    ips = (source.ip, destination.ip, sender.ip if sender else "", receiver.ip if receiver else "")
    return pruned(
        {
            **envelope(origin, "alert", alert.time, _event(origin, alert), alert.name),
            "rule": {
                "id": alert.id,
                "uuid": rule_uuid(alert.id),
                "name": text(alert.name),
                "version": str(alert.version),
                "category": text(alert.category),
                "ruleset": RULESET,
            },
            "threat": threat(alert.techniques),
            **ends(source, destination),
            "network": network(
                source,
                destination,
                transport=alert.transport,
                protocol=alert.protocol or alert.transport,
                flow=alert.flow,
                vlan=alert.vlan,
                inner_vlan=alert.inner_vlan,
                zone=zone,
            ),
            "host": _host(alert),
            "observer": observer(origin, alert.interface, alert.vlan, sender.zone if sender else ""),
            "related": related((*ips, *outer_ends(alert.tunnel)), (sender, receiver)),
            "tags": ["forwarded", "ot"],
            "labels": labels(origin),
            "spanwatch": {
                "alert": _explained(alert),
                "anomaly": anomaly(alert.why_kind, alert.why),
                "policy": policy(alert.verdict),
                **places(sender, receiver),
                "channel": {"id": alert.channel, "tunnel": text(alert.tunnel)},
                "operation": operation(act) if alert.operation else {},
                **(industrial(act) if alert.operation or alert.unit else {}),
            },
        }
    )
