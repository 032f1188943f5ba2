"""The sentences of novelty: what is usual on the channel, what was seen, what would make it normal."""

from __future__ import annotations

from typing import Final

from dissectors.facts import ChannelOpened, Exchange, OperationFirst
from dissectors.finding import Contribution, Finding
from models.group import group_of, is_guarded
from models.identity import Conversation
from models.novelty.index import Known
from models.novelty.state import UNAPPROVED, LearnedOperation
from models.novelty.sweep import Sweep
from models.wording import count_text, day_text, targets_text

MODEL: Final = "novelty"
ALERTS: Final = {"T2": "MDL-001", "T3": "MDL-002", "T4": "MDL-003"}
DEFAULT: Final = {"MDL-001": "high", "MDL-002": "medium", "MDL-003": "low"}
LOWER: Final = {"critical": "high", "high": "medium", "medium": "low", "low": "low"}
MAX_VALUES: Final = 6
"""Values of one operation that a sentence shows."""


def novel_conversation(
    fact: ChannelOpened,
    conversation: Conversation,
    known: Known | None,
    sweep: Sweep,
    other_unit: bool,
    support: str,
    baseline: str,
) -> Finding:
    """Return the finding on two stations that were not learned to talk this protocol, or this unit."""
    if known is not None:
        expected = f"{conversation.client} and {conversation.server} were seen in {count_text(len(known.learned.periods), 'period')}, too few to be normal"
    elif other_unit:
        expected = (
            f"{conversation.client} talks {conversation.protocol} to {conversation.server}, but never to this unit"
        )
    else:
        expected = f"{conversation.client} was never seen to talk {conversation.protocol} to {conversation.server}"
    observed = f"{conversation.client} talks {conversation.protocol} to {conversation.server}" + (
        f", unit {conversation.unit}" if conversation.unit else ""
    )
    if sweep.count > 1:
        observed += f"; {sweep.count} such since {day_text(sweep.first)} UTC"
    return Finding(
        alert="NET-009",
        reason="M1.T1.unit" if other_unit else "M1.T1",
        model=MODEL,
        time=fact.time,
        source=fact.source,
        channel=fact.channel,
        first=sweep.first,
        last=fact.time,
        frames=(fact.first_frame or fact.frame,),
        expected=expected,
        observed=observed,
        support=support,
        normal=f"learn {conversation.name} in enough periods, or allow it in the policy",
        contributions=(Contribution("conversation", 1.0, conversation.name, "never seen"),),
        score=1.0,
        review=known is not None,
        baseline=baseline,
    )


def describe(
    fact: OperationFirst | Exchange,
    channel: ChannelOpened,
    conversation: Conversation,
    known: Known | None,
    tier: str,
    sweep: Sweep,
    support: str,
    baseline: str,
) -> Finding:
    """Return the finding of ``tier`` for one operation that is no member."""
    group = group_of(fact.verb)
    operation = known.by_label.get(fact.label) if known is not None else None
    alert = ALERTS[tier]
    guarded = is_guarded(fact.verb)
    # Seen while learning and confirmed by nobody: a decision is due, one step lower. So is what only reads.
    lower = operation is not None or not guarded
    return Finding(
        alert=alert,
        reason=f"M1.{tier}.{group}" + (".unconfirmed" if operation is not None else ""),
        model=MODEL,
        time=fact.time,
        source=fact.source,
        channel=fact.channel,
        first=sweep.first,
        last=fact.time,
        frames=_frames(fact),
        expected=_expected(known, conversation, tier, group, operation),
        observed=_observed(fact, sweep),
        support=_support(known, support),
        normal=f"confirm {group} for {conversation.client} at {conversation.server} on {sweep.reach() or fact.operation}, with a ticket",
        contributions=_contributions(fact, known, tier, group),
        score=1.0,
        severity=LOWER[DEFAULT[alert]] if lower else "",
        review=operation is not None or tier == "T4" or (tier == "T3" and not guarded),
        baseline=baseline,
        verb=fact.verb,
        operation=fact.operation,
        code=fact.code,
        targets=fact.targets,
    )


def _frames(fact: OperationFirst | Exchange) -> tuple[int, ...]:
    if isinstance(fact, Exchange):
        found = tuple(dict.fromkeys(frame for frame in (fact.request_frame, fact.response_frame) if frame))
        return found or (fact.frame,)
    return (fact.frame,)


def _expected(
    known: Known | None, conversation: Conversation, tier: str, group: str, operation: LearnedOperation | None
) -> str:
    if known is None:
        return f"{conversation.client} never talked {conversation.protocol} to {conversation.server} while the baseline was learned"
    if operation is not None and operation.standing == UNAPPROVED:
        return f"seen while learning ({count_text(operation.requests, 'request')}), but nobody confirmed it"
    if operation is not None:
        return f"seen while learning in {count_text(len(operation.counts), 'period')} only"
    if tier == "T4":
        return f"{group} on {known.objects(group)}"
    return known.usual()


def _observed(fact: OperationFirst | Exchange, sweep: Sweep) -> str:
    text = fact.operation
    if fact.targets:
        text += f" on {targets_text(fact.targets)}"
    if isinstance(fact, Exchange):
        if fact.values:
            shown = ", ".join(str(value) for value in fact.values[:MAX_VALUES])
            text += f" = {shown}" + (" ..." if len(fact.values) > MAX_VALUES else "")
        text += f", {fact.error or fact.outcome}"
    if sweep.count > 1:
        text += f"; {sweep.count:,} so far" + (f", {sweep.reach()}" if sweep.reach() else "")
        text += f", since {day_text(sweep.first)} UTC"
    return text


def _support(known: Known | None, support: str) -> str:
    if known is None:
        return support
    return f"{count_text(known.requests, 'request')} in {count_text(len(known.learned.periods), 'period')}; {support}"


def _contributions(
    fact: OperationFirst | Exchange, known: Known | None, tier: str, group: str
) -> tuple[Contribution, ...]:
    groups = ", ".join(sorted(known.groups)) if known is not None else ""
    if tier == "T2":
        return (Contribution("group", 1.0, group, groups or "nothing"),)
    if tier == "T3":
        return (Contribution("function", 1.0, fact.operation, known.usual() if known is not None else "nothing"),)
    return (
        Contribution(
            "objects", 1.0, targets_text(fact.targets), known.objects(group) if known is not None else "nothing"
        ),
    )
