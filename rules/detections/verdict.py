"""What a refusal of the segmentation policy means: the id of the one alert that reports it, "" when it is no news.

Dispatch asks once per event. Which alert a write outside policy or a value beyond its limits is, each protocol
declares (``not_allowed`` and ``beyond_limits`` of its Patterns); for the others it is NET-004.
"""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelWindow, Exchange, OperationFirst
from dissectors.registry import PROTOCOLS
from dissectors.words import ANSWER_ALONE
from rules.detections.addresses import REMOTE_ACCESS, in_control

READING: Final = frozenset({"read", "session", "report"})
HOUSEKEEPING: Final = frozenset(row.name for protocol in PROTOCOLS for row in protocol.functions if row.transport)
"""Operations below the application: the conversation is judged, not they."""
NOT_ALLOWED: Final = {
    (protocol.name, verb): f"{protocol.series}-{pattern.number:03d}"
    for protocol in PROTOCOLS
    if (pattern := protocol.patterns.not_allowed) is not None
    for verb in pattern.verbs
}
BEYOND_LIMITS: Final = {
    protocol.name: f"{protocol.series}-{pattern.number:03d}"
    for protocol in PROTOCOLS
    if (pattern := protocol.patterns.beyond_limits) is not None
}


def verb_of(context: Context) -> str:
    """Return the verb of an operation, "" for other facts."""
    return context.fact.verb if isinstance(context.fact, Exchange | OperationFirst) else ""


def enters_safety(context: Context) -> bool:
    """Whether this goes into a safety zone and is no allowed read; NET-008 then reports it."""
    verdict = context.verdict
    if verdict is None or not (verdict.safety or (context.server is not None and context.server.safety)):
        return False
    if verdict.allows:
        return isinstance(context.fact, Exchange) and verb_of(context) not in READING
    return verdict.kind != "identity-mismatch"


def is_news(context: Context) -> bool:
    """Whether a verdict on this fact is news: reported once, by a message of the application, with packets behind it."""
    fact = context.fact
    if isinstance(fact, OperationFirst):
        return fact.verb in READING and fact.operation not in HOUSEKEEPING
    if isinstance(fact, Exchange):
        return fact.outcome not in ANSWER_ALONE and fact.operation not in HOUSEKEEPING
    if isinstance(fact, ChannelWindow):
        return fact.packets_client + fact.packets_server > 0
    return True


def meaning(context: Context) -> str:
    """Return the id of the alert that the verdict of this context means, or ""."""
    verdict = context.verdict
    if verdict is None or verdict.allows or not is_news(context):
        return ""
    if verdict.kind == "identity-mismatch":
        return "NET-003" if verdict.mismatch == "unit" else "NET-022"
    if verdict.kind == "deny":
        return "NET-002"
    if verdict.missing == "when" and 0 < verdict.expires <= context.fact.time:
        return "NET-006"
    if enters_safety(context):
        return ""
    channel = context.channel
    if channel is not None and channel.server.port in REMOTE_ACCESS and in_control(context.server):
        return "NET-014"
    if verdict.kind == "unparsed":
        return "NET-003"
    return _of_missing(context, verdict.missing)


def _of_missing(context: Context, missing: str) -> str:
    protocol = context.channel.protocol if context.channel is not None else ""
    if missing == "values":
        return BEYOND_LIMITS.get(protocol, "NET-004")
    if missing in {"functions", "objects"}:
        return NOT_ALLOWED.get((protocol, verb_of(context)), "NET-004")
    return {"when": "NET-007", "conduit": "NET-001"}.get(missing, "NET-003")
