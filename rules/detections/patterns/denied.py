"""What the segmentation policy refuses, or allows only under a condition that was not kept."""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, OperationFirst, Value
from rules.detections.addresses import REMOTE_ACCESS
from rules.detections.entry import Hit, Match
from rules.detections.rule_state import RuleState

ALLOWED: Final = ("allow", "exception")
SELECT: Final = "select_before_operate"


def refusals(identifier: str) -> tuple[Match, ...]:
    """Return the matches of what a refusal means this alert for."""
    return tuple(Match(kind, means=(identifier,)) for kind in (ChannelOpened, OperationFirst, Exchange, ChannelWindow))


def denied(context: Context, state: RuleState) -> Hit | None:
    """Hit on every refusal that reaches the entry; ``tool`` names the remote access that its port is known for."""
    tool = REMOTE_ACCESS.get(context.channel.server.port, "") if context.channel is not None else ""
    words: dict[str, Value] = {"tool": tool} if tool else {}
    return Hit(words=words, weight=1 + context.fact.repeats if isinstance(context.fact, Exchange) else 1)


def not_selected(context: Context, state: RuleState) -> Hit | None:
    """Hit on an allowed operate whose rule demands a select before it."""
    fact = context.fact
    if state.obligations is None or context.channel is None or not isinstance(fact, Exchange):
        return None
    return Hit() if SELECT in state.obligations.requires(context.channel, fact) else None
