"""Learns which symbols a channel uses, per period, so that one period can be taken out again.

Never learned silently: writes and everything of the control group. They become members only by ``approval`` or when
``allowed`` names the signed policy rule behind them; reads need ``min_periods`` different periods.
Bounds: MAX_TALKERS, MAX_SYMBOLS, MAX_FOLLOWED and MAX_PERIODS; what is beyond them is counted, not learned.
"""

from __future__ import annotations

from typing import Final

from dissectors.context import Context
from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Fact,
    OperationFirst,
    Target,
    TransitionFirst,
)
from models.contract import Allowed
from models.group import HOUSEKEEPING, is_guarded
from models.identity import Talk, is_conversation, talk_of
from models.novelty.state import APPROVED, LEARNED, POLICY, RARE, UNAPPROVED, Novelty, Symbol, Talker
from models.settings import Approval, Settings

MAX_TALKERS: Final = 50_000
MAX_SYMBOLS: Final = 4_096
MAX_FOLLOWED: Final = 16_384
MAX_PERIODS: Final = 400
SECOND: Final = 1_000_000_000


class _Seen:
    """One symbol while learning."""

    def __init__(self, verb: str, operation: str, code: str, targets: tuple[Target, ...], fact: Fact) -> None:
        self.verb = verb
        self.operation = operation
        self.code = code
        self.targets = targets
        self.rule = ""
        self.requests = 0
        self.openings = 0
        self.counts: dict[int, int] = {}
        self.first = fact


class _Channel:
    """One channel while learning."""

    def __init__(self, talk: Talk, fact: Fact) -> None:
        self.talk = talk
        self.first = fact
        self.last = fact.time
        self.periods: set[int] = set()
        self.symbols: dict[str, _Seen] = {}
        self.followed: dict[tuple[str, str], None] = {}


class NoveltyLearner:
    """Counts symbols. ``learn`` wants every fact in its total order."""

    wants: frozenset[type[Fact]] = frozenset({ChannelOpened, OperationFirst, TransitionFirst, Exchange, ChannelWindow})

    def __init__(self, settings: Settings, allowed: Allowed | None = None) -> None:
        self._settings = settings
        self._allowed = allowed
        self._period = settings.period_seconds * SECOND
        self._channels: dict[Talk, _Channel] = {}
        self._dropped = {"talkers": 0, "symbols": 0, "followed": 0, "periods": 0}

    def learn(self, context: Context) -> None:
        """Take one fact."""
        fact, channel = context.fact, context.channel
        if channel is None or not is_conversation(channel):
            return
        seen = self._channel(fact, channel)
        if seen is None:
            return
        seen.last = max(seen.last, fact.time)
        if isinstance(fact, OperationFirst):
            self._operation(seen, fact, channel)
        elif isinstance(fact, Exchange):
            if fact.outcome != "unmatched":
                self._operation(seen, fact, channel)
        elif isinstance(fact, TransitionFirst):
            if len(seen.followed) < MAX_FOLLOWED:
                seen.followed[fact.previous, fact.label] = None
            else:
                self._dropped["followed"] += 1
        elif isinstance(fact, ChannelWindow):
            self._window(seen, fact)

    def _channel(self, fact: AnyFact, channel: ChannelOpened) -> _Channel | None:
        talk = talk_of(channel)
        seen = self._channels.get(talk)
        if seen is None:
            if len(self._channels) >= MAX_TALKERS:
                self._dropped["talkers"] += 1
                return None
            seen = self._channels[talk] = _Channel(talk, fact)
        return seen

    def _operation(self, seen: _Channel, fact: OperationFirst | Exchange, channel: ChannelOpened) -> None:
        known = seen.symbols.get(fact.label)
        if known is None:
            if len(seen.symbols) >= MAX_SYMBOLS:
                self._dropped["symbols"] += 1
                return
            known = _Seen(fact.verb, fact.operation, fact.code, fact.targets, fact)
            seen.symbols[fact.label] = known
        if not known.rule and self._allowed is not None:
            known.rule = self._allowed(channel, fact)

    def _window(self, seen: _Channel, window: ChannelWindow) -> None:
        period = window.start // self._period
        if len(seen.periods) < MAX_PERIODS:
            seen.periods.add(period)
        led: dict[str, int] = {}
        for moved in window.transitions:
            led[moved.label] = led.get(moved.label, 0) + moved.count
        for operation in window.operations:
            symbol = seen.symbols.get(operation.label)
            if symbol is None or not operation.requests:
                continue
            symbol.requests += operation.requests
            symbol.openings += max(0, operation.requests - led.get(operation.label, 0))
            if period in symbol.counts or len(symbol.counts) < MAX_PERIODS:
                symbol.counts[period] = symbol.counts.get(period, 0) + operation.requests
            else:
                self._dropped["periods"] += 1

    def state(self, approval: Approval | None = None, without: frozenset[int] = frozenset()) -> Novelty:
        """Return what was learned, leaving out the periods ``without``; the learner may go on afterwards."""
        talkers = []
        for seen in sorted(self._channels.values(), key=lambda one: one.talk.name):
            periods = tuple(sorted(seen.periods - without))
            if without and not periods:
                continue
            talkers.append(self._talker(seen, periods, approval, without))
        return Novelty(talkers=tuple(talkers), dropped=self._dropped)

    def _talker(
        self, seen: _Channel, periods: tuple[int, ...], approval: Approval | None, without: frozenset[int]
    ) -> Talker:
        symbols = []
        for label in sorted(seen.symbols):
            symbol = self._symbol(label, seen.symbols[label], seen, approval, without)
            if not without or symbol.counts:
                symbols.append(symbol)
        place = {symbol.label: at for at, symbol in enumerate(symbols)}
        confirmed = [symbol.by for symbol in symbols if symbol.by]
        if len(periods) >= self._settings.min_periods:
            standing, by = LEARNED, ""
        elif confirmed:
            standing, by = (
                (APPROVED if any(symbol.standing == APPROVED for symbol in symbols) else POLICY),
                confirmed[0],
            )
        elif approval is not None and approval.rare:
            standing, by = APPROVED, _who(approval)
        else:
            standing, by = RARE, ""
        return Talker(
            talk=seen.talk,
            standing=standing,
            by=by,
            periods=periods,
            first=seen.first.time,
            last=seen.last,
            source=seen.first.source,
            frame=seen.first.frame,
            symbols=tuple(symbols),
            followed=tuple(sorted((place[a], place[b]) for a, b in seen.followed if a in place and b in place)),
        )

    def _symbol(
        self, label: str, seen: _Seen, channel: _Channel, approval: Approval | None, without: frozenset[int]
    ) -> Symbol:
        counts = tuple(sorted((period, count) for period, count in seen.counts.items() if period not in without))
        standing, by = self._standing(seen, len(counts), approval)
        return Symbol(
            label=label,
            verb=seen.verb,
            operation=seen.operation,
            code=seen.code,
            targets=seen.targets,
            standing=standing,
            by=by,
            requests=sum(count for _, count in counts),
            openings=seen.openings,
            counts=counts,
            first=seen.first.time,
            last=channel.last,
            source=seen.first.source,
            frame=seen.first.frame,
        )

    def _standing(self, seen: _Seen, periods: int, approval: Approval | None) -> tuple[str, str]:
        if seen.rule:
            return POLICY, seen.rule
        if is_guarded(seen.verb):
            return (APPROVED, _who(approval)) if approval is not None else (UNAPPROVED, "")
        if seen.verb == HOUSEKEEPING or periods >= self._settings.min_periods:
            return LEARNED, ""
        if approval is not None and approval.rare:
            return APPROVED, _who(approval)
        return RARE, ""


def _who(approval: Approval) -> str:
    return f"{approval.by}, ticket {approval.ticket}"
