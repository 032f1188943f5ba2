"""Novelty in tiers: a conversation (T1), a group (T2), a function (T3), objects or a quantity (T4) never seen; T5, an order
of operations never seen, only supports other models.

Severity comes from the tier. Traffic that was seen while learning but confirmed by nobody is a review item, one step
lower. A dangerous operation waits up to HOLD for its answer, so that one finding reports values and outcome.
Fails when the learning span lacked something rare and normal; blind to values, and to repeats of what is known.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from dissectors.context import Context
from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Fact,
    OperationFirst,
    TransitionFirst,
)
from dissectors.finding import Finding
from dissectors.words import ANSWER_ALONE
from models.contract import Hint
from models.group import HOUSEKEEPING, group_of, is_guarded
from models.identity import Conversation, conversation_of, is_conversation
from models.novelty.index import Known, NoveltyIndex
from models.novelty.state import Novelty
from models.novelty.sweep import Sweeps
from models.novelty.text import describe, novel_conversation
from models.wording import count_text

HOLD: Final = 1_000_000_000
MAX_HELD: Final = 512
"""Dangerous operations that wait for their answer; beyond it all are reported at once, without it."""
MAX_LIVE: Final = 12_000
"""Channels followed; the one followed longest goes first."""
MODEL: Final = "novelty"
CLEAN: Final = frozenset({"complete", ""})


class NoveltyScorer:
    """Judges what is reported for the first time, and every repeat of a dangerous operation that is no member."""

    wants: frozenset[type[Fact]] = frozenset({ChannelOpened, OperationFirst, TransitionFirst, Exchange, ChannelWindow})

    def __init__(self, novelty: Novelty, support: str, baseline: str = "") -> None:
        self._index = NoveltyIndex(novelty)
        self._support = support
        self._baseline = baseline
        self._held: OrderedDict[tuple[str, str], tuple[OperationFirst, ChannelOpened]] = OrderedDict()
        self._live: OrderedDict[str, tuple[Conversation, Known | None]] = OrderedDict()
        self._sweeps = Sweeps()
        self._evicted = 0
        self.hints: list[Hint] = []

    @property
    def counters(self) -> dict[str, int]:
        """What was forgotten: channels and sweeps; holding is bounded by reporting early."""
        return {"novelty_channels_evicted": self._evicted, "novelty_sweeps_evicted": self._sweeps.evicted}

    def see(self, context: Context) -> Sequence[Finding]:
        """Judge one fact."""
        fact, channel = context.fact, context.channel
        if channel is None:
            return ()
        if isinstance(fact, ChannelWindow):
            self._openings(fact, channel)
            return ()
        if isinstance(fact, (Exchange, OperationFirst)):
            _, known = self._live.get(channel.channel) or self._known(channel)
            if known is not None and fact.label in known.labels:
                return ()  # most of what is reported is a member
            return self._exchange(fact, channel) if isinstance(fact, Exchange) else self._operation(fact, channel)
        if isinstance(fact, ChannelOpened):
            return self._opened(fact)
        if isinstance(fact, TransitionFirst):
            self._transition(fact, channel)
        return ()

    def tick(self, now: int) -> Sequence[Finding]:
        """Report dangerous operations whose answer has not come within HOLD."""
        found: list[Finding] = []
        while self._held:
            fact, channel = next(iter(self._held.values()))
            if now - fact.time < HOLD:
                break
            self._held.popitem(last=False)
            found += self._judge(fact, channel)
        return found

    def finish(self, now: int) -> Sequence[Finding]:
        """Report everything that still waits."""
        return self.tick(now + 2 * HOLD)

    def _known(self, channel: ChannelOpened) -> tuple[Conversation, Known | None]:
        found = self._live.get(channel.channel)
        if found is None:
            if len(self._live) >= MAX_LIVE:
                self._live.popitem(last=False)
                self._evicted += 1
            conversation = conversation_of(channel)
            found = self._live[channel.channel] = (conversation, self._index.find(conversation))
        return found

    def _opened(self, fact: ChannelOpened) -> Sequence[Finding]:
        if not is_conversation(fact):
            return ()
        conversation, known = self._known(fact)
        if known is not None and known.learned.member:
            return ()
        other_unit = self._index.knows_pair(conversation)
        sweep = self._sweeps.of(("T1", conversation.pair if other_unit else conversation.client))
        if not sweep.add(fact.time, ()):
            return ()
        return (novel_conversation(fact, conversation, known, sweep, other_unit, self._support, self._baseline),)

    def _operation(self, fact: OperationFirst, channel: ChannelOpened) -> Sequence[Finding]:
        if not is_guarded(fact.verb):
            return self._judge(fact, channel)
        self._held[fact.channel, fact.label] = (fact, channel)
        return self.tick(fact.time + 2 * HOLD) if len(self._held) > MAX_HELD else ()

    def _exchange(self, fact: Exchange, channel: ChannelOpened) -> Sequence[Finding]:
        if fact.outcome in ANSWER_ALONE or not is_guarded(fact.verb):
            return ()
        self._held.pop((fact.channel, fact.label), None)
        return self._judge(fact, channel)

    def _judge(self, fact: OperationFirst | Exchange, channel: ChannelOpened) -> Sequence[Finding]:
        """Return the finding of the lowest tier that fits; none where a higher finding already covers it."""
        if fact.verb == HOUSEKEEPING:
            return ()
        conversation, known = self._known(channel)
        group = group_of(fact.verb)
        guarded = is_guarded(fact.verb)
        if known is None or not known.learned.member:
            # Reading on a new conversation is what the new conversation is about; a dangerous operation is worth its own.
            tier = "T2" if guarded else ""
        elif group not in known.groups:
            tier = "T2"
        elif (group, fact.operation, fact.code) not in known.operations:
            tier = "T3"
        elif any(target.first >= 0 for target in fact.targets) or known.outside(group, fact.targets):
            tier = "T4"
        else:
            tier = ""  # known kinds of objects in another combination, as event reports bring them
        if not tier:
            return ()
        sweep = self._sweeps.of((fact.channel, tier, group))
        if not sweep.add(fact.time, fact.targets):
            return ()
        finding = describe(fact, channel, conversation, known, tier, sweep, self._support, self._baseline)
        if tier == "T4":
            self._hint(fact, f"{fact.operation} on {sweep.reach()} for the first time")
        return (finding,)

    def _transition(self, fact: TransitionFirst, channel: ChannelOpened) -> None:
        _, known = self._known(channel)
        if known is None or fact.label not in known.labels or fact.previous not in known.labels:
            return
        if fact.visibility in CLEAN and (fact.previous, fact.label) not in known.followed:
            if is_guarded(known.by_label[fact.label].verb):
                self._hint(fact, f"{fact.label} came after {fact.previous}, which it never did")

    def _openings(self, window: ChannelWindow, channel: ChannelOpened) -> None:
        """Hint at a dangerous operation that came first on a connection, when it never did in learning."""
        _, known = self._live.get(channel.channel) or self._known(channel)
        if known is None or not known.never_first or window.visibility not in CLEAN or window.gaps:
            return
        for operation in window.operations:
            learned = known.never_first.get(operation.label)
            if learned is None or not operation.requests or not is_guarded(operation.verb):
                continue
            led = [moved.count for moved in window.transitions if moved.label == operation.label]
            alone = operation.requests - sum(led)
            if alone > 0:
                self._hint(
                    window,
                    f"{operation.label} came first on a connection {count_text(alone, 'time')}; in {count_text(learned.requests, 'request')} it never did",
                    (window.first_frame, window.last_frame),
                )

    def _hint(
        self, fact: OperationFirst | Exchange | TransitionFirst | ChannelWindow, why: str, frames: tuple[int, ...] = ()
    ) -> None:
        self.hints.append(
            Hint(
                model=MODEL,
                channel=fact.channel,
                time=fact.time,
                source=fact.source,
                why=why,
                share=1.0,
                frames=frames or (fact.frame,),
            )
        )
