"""Alerts on who is client and who is server: what a sender says of itself, against what it does."""

from __future__ import annotations

from typing import Final

from dissectors.base.message import CLAIMS
from dissectors.context import Context
from dissectors.danger import Danger
from dissectors.facts import ChannelOpened, Exchange, Violation
from dissectors.registry import PROTOCOLS
from rules.detections.addresses import OT, PORTS_OF
from rules.detections.entry import Entry, Hit, Match
from rules.detections.explanation import Explanation
from rules.detections.rule_state import RuleState

DIRECTION: Final = "direction"
"""The fault that a protocol declares when its messages carry a direction of their own."""
BIDIRECTIONAL: Final = tuple(
    protocol.name for protocol in PROTOCOLS if any(fault.name == DIRECTION for fault in protocol.violations)
)
DANGERS: Final[dict[tuple[str, str], Danger]] = {
    (protocol.name, operation): danger
    for protocol in PROTOCOLS
    if protocol.name in BIDIRECTIONAL
    for danger in protocol.dangers
    for operation in danger.operations
}


def _forged(channel: ChannelOpened) -> Hit | None:
    """Hit on a handshake that lets a server open the connection from the port it serves on: devices that connect use another one."""
    usual = PORTS_OF.get(channel.protocol, ())
    if not channel.against_handshake or channel.server.port not in usual or channel.client.port in usual:
        return None
    seen = (
        f"by its handshake the TCP connection was opened from port {channel.server.port}, the server's; "
        f"it was {channel.protocol} requests to this port that came over it"
    )
    return Hit(words={"seen": seen})


def _claims(context: Context, state: RuleState) -> Hit | None:
    fact = context.fact
    if isinstance(fact, Violation):
        return Hit(words={"seen": fact.text}, weight=1 + fact.repeats)
    if isinstance(fact, ChannelOpened):
        return _forged(fact)
    if not isinstance(fact, Exchange) or CLAIMS not in fact.detail or fact.outcome == "unmatched":
        return None
    protocol = context.channel.protocol if context.channel is not None else ""
    danger = DANGERS.get((protocol, fact.operation))
    severity = danger.severities.get(fact.operation, danger.severity) if danger is not None else ""
    seen = f"{fact.operation} (code {fact.code}), sent as {fact.detail[CLAIMS]}: {fact.outcome}"
    return Hit(words={"seen": seen}, severity=severity, weight=1 + fact.repeats)


ROLE_ALERTS: Final = (
    Entry(
        id="NET-039",
        name="Sender claims to be the other station",
        severity="low",
        looks=(
            Match(ChannelOpened, OT),
            Match(Violation, BIDIRECTIONAL, words=(DIRECTION,)),
            Match(Exchange, BIDIRECTIONAL),
        ),
        predicate=_claims,
        scope="pair",
        explanation=Explanation(
            "V",
            "Between {client} and {server} packets carry the direction of the other station. Who is client follows from what is "
            "asked and answered, not from a direction bit or a handshake, which any sender writes as it likes: neither end need "
            "have sent it.",
            "The direction that packets carry fits what is asked and answered.",
            "{seen}.",
        ),
        false_positives="A device that always sets the bit wrongly; two stations that both ask, by design; a device that connects on its own from the port it serves on.",
        normal="The device corrected, or named in the exceptions of this alert.",
        category="protocol-violation",
        techniques=("T1692.002",),
    ),
)
