"""The sentences of novelty: what is usual on the channel, what was seen, what would make it normal."""

from __future__ import annotations

from typing import Final

from dissectors.facts import ChannelOpened, Exchange, OperationFirst
from dissectors.finding import Contribution, Finding
from models.group import group_of, is_guarded
from models.identity import Talk
from models.novelty.index import Known
from models.novelty.state import UNAPPROVED, Symbol
from models.novelty.sweep import Sweep
from models.wording import count_text, day_text, targets_text

MODEL: Final = "novelty"
ALERTS: Final = {"T2": "MDL-001", "T3": "MDL-002", "T4": "MDL-003"}
DEFAULT: Final = {"MDL-001": "high", "MDL-002": "medium", "MDL-003": "low"}
LOWER: Final = {"critical": "high", "high": "medium", "medium": "low", "low": "low"}
MAX_VALUES: Final = 6


def novel_talker(
    fact: ChannelOpened, talk: Talk, known: Known | None, sweep: Sweep, other_unit: bool, support: str, baseline: str
) -> Finding:
    """Return the finding on two stations that were not learned to talk this protocol, or this unit."""
    if known is not None:
        expected = (
            f"{talk.client} and {talk.server} were seen in {len(known.talker.periods)} periods, too few to be normal"
        )
    elif other_unit:
        expected = f"{talk.client} talks {talk.protocol} to {talk.server}, but never to this unit"
    else:
        expected = f"{talk.client} was never seen to talk {talk.protocol} to {talk.server}"
    observed = f"{talk.client} talks {talk.protocol} to {talk.server}" + (f", unit {talk.unit}" if talk.unit else "")
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
        normal=f"learn {talk.name} in enough periods, or allow it in the policy",
        contributions=(Contribution("talker", 1.0, talk.name, "never seen"),),
        score=1.0,
        review=known is not None,
        baseline=baseline,
    )


def describe(
    fact: OperationFirst | Exchange,
    channel: ChannelOpened,
    talk: Talk,
    known: Known | None,
    tier: str,
    sweep: Sweep,
    support: str,
    baseline: str,
) -> Finding:
    """Return the finding of ``tier`` for one operation that is no member."""
    group = group_of(fact.verb)
    symbol = known.symbols.get(fact.label) if known is not None else None
    alert = ALERTS[tier]
    guarded = is_guarded(fact.verb)
    # Seen while learning and confirmed by nobody: a decision is due, one step lower. So is what only reads.
    lower = symbol is not None or not guarded
    return Finding(
        alert=alert,
        reason=f"M1.{tier}.{group}" + (".unconfirmed" if symbol is not None else ""),
        model=MODEL,
        time=fact.time,
        source=fact.source,
        channel=fact.channel,
        first=sweep.first,
        last=fact.time,
        frames=_frames(fact),
        expected=_expected(known, talk, tier, group, symbol),
        observed=_observed(fact, sweep),
        support=_support(known, support),
        normal=f"confirm {group} for {talk.client} at {talk.server} on {sweep.reach() or fact.operation}, with a ticket",
        contributions=_contributions(fact, known, tier, group),
        score=1.0,
        severity=LOWER[DEFAULT[alert]] if lower else "",
        review=symbol is not None or tier == "T4" or (tier == "T3" and not guarded),
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


def _expected(known: Known | None, talk: Talk, tier: str, group: str, symbol: Symbol | None) -> str:
    if known is None:
        return f"{talk.client} never talked {talk.protocol} to {talk.server} while the baseline was learned"
    if symbol is not None and symbol.standing == UNAPPROVED:
        return f"seen while learning ({count_text(symbol.requests, 'request')}), but nobody confirmed it"
    if symbol is not None:
        return f"seen while learning in {count_text(len(symbol.counts), 'period')} only"
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
    return f"{count_text(known.requests, 'request')} in {count_text(len(known.talker.periods), 'period')}; {support}"


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
