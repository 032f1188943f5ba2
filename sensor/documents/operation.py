"""Operation documents: one exchange that is not a plain successful read."""

from __future__ import annotations

from typing import Final

from dissectors.act import Act
from dissectors.context import AssetView, Verdict
from dissectors.facts import ChannelOpened, Endpoint, Exchange
from rules.detections.tunnel import outer_ends
from sensor.documents.endpoint import ends, host, network, places, related
from sensor.documents.envelope import envelope, labels, observer, span
from sensor.documents.identifier import event_id
from sensor.documents.industrial import configures, from_server, industrial, operation, tags
from sensor.documents.origin import Origin
from sensor.documents.policy import policy
from sensor.documents.text import Document, flat, kebab, pruned, text

OUTCOMES: Final = {"success": "success", "failure": "failure"}
"""Outcomes of a fact in ECS words, a late answer by what it says; else "unknown": nobody saw how it ended."""


def act_of(fact: Exchange, channel: ChannelOpened) -> Act:
    """Return what ``fact`` reports, for the parts that alerts and operations share."""
    return Act(
        protocol=channel.protocol,
        unit=channel.unit,
        operation=fact.operation,
        verb=fact.verb,
        code=fact.code,
        label=fact.label,
        targets=fact.targets,
        values=fact.values,
        answers=fact.answers,
        outcome=fact.outcome,
        error=fact.error,
        error_code=fact.error_code,
        detail=fact.detail,
    )


def action(act: Act, transport: str) -> str:
    """Return the kebab-case action, protocol first."""
    return kebab(act.protocol or transport or "network", act.operation)


def evidence(fact: Exchange, secret: bool) -> Document:
    """Return where the exchange is in the capture, and the first bytes of its deciding message."""
    frames = sorted({frame for frame in (fact.request_frame, fact.response_frame, fact.frame) if frame > 0})
    return {
        "capture": text(fact.source),
        "frames": frames,
        "offset": fact.offset if fact.offset >= 0 else None,
        "length": fact.length or None,
        "excerpt": "" if secret else fact.excerpt.hex(),
    }


def operation_document(
    origin: Origin,
    fact: Exchange,
    channel: ChannelOpened,
    client: AssetView | None,
    server: AssetView | None,
    verdict: Verdict | None,
) -> Document:
    """Return the document of one exchange."""
    act = act_of(fact, channel)
    secret = act.is_secret
    begin = fact.request_time or fact.time
    change = configures(act)
    answer = fact.outcome
    if answer == "late":
        answer = "failure" if fact.error else "success"
    identifier = event_id(
        origin.sensor, origin.epoch, f"{fact.time}:{fact.frame}:{fact.sequence}:{fact.channel}", "operation"
    )
    event: Document = {
        "kind": "event",
        "category": ["network", "configuration"] if change else ["network"],
        "type": ["protocol", "change"] if change else ["connection", "protocol"],
        "action": action(act, channel.transport),
        "outcome": OUTCOMES.get(answer, "unknown"),
        "id": identifier,
        "sequence": fact.frame,
        **span(min(begin, fact.time), fact.time),
    }
    near = Endpoint(channel.client.ip, channel.client.mac, fact.client_port or channel.client.port)
    far = channel.server
    device = host(server, far)
    source, destination, sender, receiver = near, far, client, server
    if from_server(channel.protocol, fact.operation):
        source, destination, sender, receiver = far, near, server, client
    protocol = channel.protocol or channel.transport
    return pruned(
        {
            **envelope(origin, "operation", fact.time, event),
            **ends(source, destination),
            "network": network(
                source,
                destination,
                transport=channel.transport,
                protocol=protocol,
                flow=fact.flow or channel.flow,
                vlan=channel.vlan,
                inner_vlan=channel.inner_vlan,
                zone=server.zone if server else "",
            ),
            "host": device if server is not None else {},
            "observer": observer(origin, channel.interface),
            "related": related((source.ip, destination.ip, *outer_ends(channel.tunnel)), (sender, receiver)),
            "tags": tags((channel.protocol,)),
            "labels": labels(origin),
            "spanwatch": {
                "operation": {
                    **operation(act),
                    "repeats": fact.repeats or None,
                    "latency_us": fact.latency // 1000 if fact.latency > 0 else None,
                    "detail": {} if secret else flat(fact.detail),
                    "visibility": fact.visibility,
                    "evidence": evidence(fact, secret),
                },
                "channel": {"id": fact.channel, "tunnel": text(channel.tunnel)},
                "policy": policy(verdict),
                **places(sender, receiver),
                **industrial(act),
            },
        }
    )
