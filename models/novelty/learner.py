"""Learns which operations a channel uses, per period, so that one period can be taken out again.

Never learned silently: writes and everything of the control group. They become members only by ``approval`` or when
``allowed`` names the rule of an approved policy behind them; reads need ``min_periods`` different periods.
Bounds: MAX_CONVERSATIONS, MAX_OPERATIONS, MAX_FOLLOWED and MAX_PERIODS; what is beyond them is counted, not learned.
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
from dissectors.words import ANSWER_ALONE
from models.contract import Allowed
from models.group import HOUSEKEEPING, is_guarded
from models.identity import Conversation, conversation_of, is_conversation
from models.novelty.state import (
    APPROVED,
    LEARNED,
    POLICY,
    RARE,
    UNAPPROVED,
    LearnedConversation,
    LearnedOperation,
    Novelty,
)
from models.settings import Approval, Settings

MAX_CONVERSATIONS: Final = 50_000
MAX_OPERATIONS: Final = 4_096
MAX_FOLLOWED: Final = 16_384
"""Transitions of a conversation that are learned."""
MAX_PERIODS: Final = 400
"""Periods of a conversation, and of an operation, that are counted."""
SECOND: Final = 1_000_000_000


class _Seen:
    """One operation while learning."""

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

    def __init__(self, conversation: Conversation, fact: Fact) -> None:
        self.conversation = conversation
        self.first = fact
        self.last = fact.time
        self.periods: set[int] = set()
        self.operations: dict[str, _Seen] = {}
        self.followed: dict[tuple[str, str], None] = {}


class NoveltyLearner:
    """Counts operations. ``learn`` wants every fact in its total order."""

    wants: frozenset[type[Fact]] = frozenset({ChannelOpened, OperationFirst, TransitionFirst, Exchange, ChannelWindow})

    def __init__(self, settings: Settings, allowed: Allowed | None = None) -> None:
        self._settings = settings
        self._allowed = allowed
        self._period = settings.period_seconds * SECOND
        self._channels: dict[Conversation, _Channel] = {}
        self._dropped = {"conversations": 0, "operations": 0, "followed": 0, "periods": 0}

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
            if fact.outcome not in ANSWER_ALONE:
                self._operation(seen, fact, channel)
        elif isinstance(fact, TransitionFirst):
            if len(seen.followed) < MAX_FOLLOWED:
                seen.followed[fact.previous, fact.label] = None
            else:
                self._dropped["followed"] += 1
        elif isinstance(fact, ChannelWindow):
            self._window(seen, fact)

    def _channel(self, fact: AnyFact, channel: ChannelOpened) -> _Channel | None:
        conversation = conversation_of(channel)
        seen = self._channels.get(conversation)
        if seen is None:
            if len(self._channels) >= MAX_CONVERSATIONS:
                self._dropped["conversations"] += 1
                return None
            seen = self._channels[conversation] = _Channel(conversation, fact)
        return seen

    def _operation(self, seen: _Channel, fact: OperationFirst | Exchange, channel: ChannelOpened) -> None:
        known = seen.operations.get(fact.label)
        if known is None:
            if len(seen.operations) >= MAX_OPERATIONS:
                self._dropped["operations"] += 1
                return
            known = _Seen(fact.verb, fact.operation, fact.code, fact.targets, fact)
            seen.operations[fact.label] = known
        if not known.rule and self._allowed is not None:
            known.rule = self._allowed(channel, fact)

    def _window(self, seen: _Channel, window: ChannelWindow) -> None:
        period = window.start // self._period
        if len(seen.periods) < MAX_PERIODS:
            seen.periods.add(period)
        led: dict[str, int] = {}
        for moved in window.transitions:
            led[moved.label] = led.get(moved.label, 0) + moved.count
        for counted in window.operations:
            operation = seen.operations.get(counted.label)
            if operation is None or not counted.requests:
                continue
            operation.requests += counted.requests
            operation.openings += max(0, counted.requests - led.get(counted.label, 0))
            if period in operation.counts or len(operation.counts) < MAX_PERIODS:
                operation.counts[period] = operation.counts.get(period, 0) + counted.requests
            else:
                self._dropped["periods"] += 1

    def state(self, approval: Approval | None = None, without: frozenset[int] = frozenset()) -> Novelty:
        """Return what was learned, leaving out the periods ``without``; the learner may go on afterwards."""
        conversations = []
        for seen in sorted(self._channels.values(), key=lambda one: one.conversation.name):
            periods = tuple(sorted(seen.periods - without))
            if without and not periods:
                continue
            conversations.append(self._conversation(seen, periods, approval, without))
        return Novelty(conversations=tuple(conversations), dropped=self._dropped)

    def _conversation(
        self, seen: _Channel, periods: tuple[int, ...], approval: Approval | None, without: frozenset[int]
    ) -> LearnedConversation:
        operations = []
        for label in sorted(seen.operations):
            operation = self._learned(label, seen.operations[label], seen, approval, without)
            if not without or operation.counts:
                operations.append(operation)
        place = {operation.label: at for at, operation in enumerate(operations)}
        confirmed = [operation.by for operation in operations if operation.by]
        if len(periods) >= self._settings.min_periods:
            standing, by = LEARNED, ""
        elif confirmed:
            standing, by = (
                (APPROVED if any(operation.standing == APPROVED for operation in operations) else POLICY),
                confirmed[0],
            )
        elif approval is not None and approval.rare:
            standing, by = APPROVED, _who(approval)
        else:
            standing, by = RARE, ""
        return LearnedConversation(
            conversation=seen.conversation,
            standing=standing,
            by=by,
            periods=periods,
            first=seen.first.time,
            last=seen.last,
            source=seen.first.source,
            frame=seen.first.frame,
            operations=tuple(operations),
            followed=tuple(sorted((place[a], place[b]) for a, b in seen.followed if a in place and b in place)),
        )

    def _learned(
        self, label: str, seen: _Seen, channel: _Channel, approval: Approval | None, without: frozenset[int]
    ) -> LearnedOperation:
        counts = tuple(sorted((period, count) for period, count in seen.counts.items() if period not in without))
        standing, by = self._standing(seen, len(counts), approval)
        return LearnedOperation(
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
