"""The judge: channels and operations to verdicts, under the policy version effective at packet time.

What was judged once is kept: a repeated judgement is a look-up. A kept verdict carries the span of packet time in
which it holds (windows, exceptions and versions end it) and is dropped when the channel or the operation is not the
same. A verdict that hangs on written values holds while they stay within the limits of its rule.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import islice

import msgspec

from dissectors.context import Verdict
from dissectors.facts import ChannelOpened, Exchange, OperationFirst, Target
from rules.policy.bounds import Bounds, bounds_of, is_within
from rules.policy.compiled import Maintenance, Policy
from rules.policy.decide import Decision, decide, refuse_unmatched
from rules.policy.extent import LAST
from rules.policy.match import request_of
from rules.policy.situation import Situation, is_below_ip, is_named, is_to_group, situate
from rules.policy.vocabulary import NEVER_JUDGED

CHANNELS_MAX = 12_000
OPERATIONS_MAX = 4_096
FEW = 64
"""Judged channels, and kept operations of one, after which the one idle longest is forgotten (and judged anew).
The order of up to FEW operations is not followed: it would cost at every judgement."""


class Limit(msgspec.Struct, frozen=True):
    """How many requests a second a rule allows for its functions (None: for all of them)."""

    rule: str
    functions: frozenset[str] | None
    max_requests_per_s: float


class _Kept:
    """A decision on one operation, with what it was made of."""

    __slots__ = ("bounds", "code", "decision", "operation", "targets")

    def __init__(self, operation: OperationFirst | Exchange, decision: Decision, bounds: Bounds | None) -> None:
        self.bounds = bounds
        self.code = operation.code
        self.operation = operation.operation
        self.targets: tuple[Target, ...] = operation.targets
        self.decision = decision


class _Docket:
    """What is known of one channel under one policy version, good for packet times [since, until)."""

    __slots__ = ("backward", "channel", "decision", "forward", "kept", "limited", "since", "until", "words")

    def __init__(self, channel: ChannelOpened, forward: Situation, since: int, until: int) -> None:
        self.channel = channel
        self.forward = forward
        self.words = forward.words
        self.backward: Situation | None = None
        self.since = since
        self.until = until
        self.decision: Decision | None = None
        self.limited = any(rule.max_requests_per_s is not None for rule in forward.applicable)
        self.kept: dict[str, _Kept] = {}

    def situation(self, operation: OperationFirst | Exchange) -> Situation:
        """Return the channel in the direction in which this operation starts."""
        if operation.operation not in self.forward.words.from_server:
            return self.forward
        if self.backward is None:
            self.backward = situate(self.forward.policy, self.channel, backwards=True)
        return self.backward


class Judge:
    """Judges under one policy or several versions of one.

    ``early`` decides what is judged before the first version is effective: nothing (False), or everything, under that
    first version (True: a recorded week against a draft). ``counters`` holds "judged" (decisions made), "evicted"
    and "before_effective" (judgements not made).
    """

    def __init__(self, policies: Sequence[Policy], *, early: bool = False) -> None:
        """Take the versions in any order. Raises ``ValueError`` for none, or for policies of different ids."""
        ids = sorted({policy.id for policy in policies})
        if len(ids) != 1:
            raise ValueError(f"a judge needs versions of one policy, not {', '.join(ids) or 'none'}")
        effective: dict[int, Policy] = {}
        for policy in sorted(policies, key=lambda one: one.version):
            effective[policy.effective] = policy
        self.policies: tuple[Policy, ...] = tuple(effective[time] for time in sorted(effective))
        self.counters: dict[str, int] = {"judged": 0, "evicted": 0, "before_effective": 0}
        self._early = early
        self._dockets: OrderedDict[str, _Docket] = OrderedDict()

    def policy_at(self, at: int) -> Policy | None:
        """Return the version effective at a packet time, None before the first (unless ``early``)."""
        found = self._span(at)
        return found[0] if found else None

    def judge_channel(self, channel: ChannelOpened, at: int | None = None) -> Verdict | None:
        """Return whether this pair may talk this protocol at all, at ``at`` (ns), by default the time of the fact.

        None: not judged (before the first version; ARP; layer 2 and groups of a protocol that no rule names that way).
        """
        at = channel.time if at is None else at
        docket = self._docket(channel, at)
        if docket is None:
            return None
        return self._channel(docket, at).verdict

    def _channel(self, docket: _Docket, at: int) -> Decision:
        """Return the decision on the whole channel."""
        decision = docket.decision
        if decision is None or not decision.since <= at < decision.until:
            decision = docket.decision = self._made(decide(docket.forward, None, at))
        return decision

    def judge_operation(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> Verdict | None:
        """Return whether this operation may be, at the time of its request. None as for ``judge_channel``."""
        decision = self._operation(channel, operation)
        return None if decision is None else decision.verdict

    def requires(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> tuple[str, ...]:
        """Return what the rule that allows an operation asks for besides, e.g. ("select_before_operate",)."""
        decision = self._operation(channel, operation)
        return () if decision is None else decision.verdict.requires

    def limit_of(self, channel: ChannelOpened) -> tuple[Limit, ...]:
        """Return the rate limits of the live allows and exceptions for this channel, by rule id."""
        held = self._dockets.get(channel.channel)
        if held is not None and held.channel is channel and not held.limited:
            return ()
        docket = self._docket(channel, channel.time)
        if docket is None:
            return ()
        return tuple(
            Limit(rule.id, rule.functions, rule.max_requests_per_s)
            for rule in docket.forward.applicable
            if rule.max_requests_per_s is not None and rule.kind != "deny" and rule.moment(channel.time).inside
        )

    def maintenance(self, zone: str, at: int) -> Maintenance | None:
        """Return the maintenance window of a zone open at a packet time. It never changes a verdict (P9)."""
        policy = self.policy_at(at)
        return None if policy is None else policy.maintenance_at(zone, at)

    def _operation(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> Decision | None:
        at = operation.time
        if isinstance(operation, Exchange):
            at = operation.request_time or at
            unmatched = operation.outcome == "unmatched" and operation.visibility == "complete"
        else:
            unmatched = False
        docket = self._docket(channel, at)
        if docket is None:
            return None
        words = docket.words
        if unmatched and operation.operation not in words.from_server:
            return self._made(refuse_unmatched(docket.forward, at))
        if operation.operation in words.transport:
            return self._channel(docket, at)
        kept = docket.kept.get(operation.label)
        if (
            kept is not None
            and kept.decision.since <= at < kept.decision.until
            and kept.code == operation.code
            and kept.operation == operation.operation
            and kept.targets == operation.targets
            and (kept.bounds is None or is_within(operation, kept.bounds))
        ):
            if len(docket.kept) > FEW:
                docket.kept[operation.label] = docket.kept.pop(operation.label)
            return kept.decision
        situation = docket.situation(operation)
        request = request_of(words, operation)
        decision = self._made(decide(situation, request, at))
        bounds = None if decision.keeps else bounds_of(decision, situation.applicable, request, operation)
        if decision.keeps or bounds is not None:
            docket.kept.pop(operation.label, None)
            docket.kept[operation.label] = _Kept(operation, decision, bounds)
            if len(docket.kept) > OPERATIONS_MAX:
                self._forget(docket.kept)
        return decision

    def _docket(self, channel: ChannelOpened, at: int) -> _Docket | None:
        docket = self._dockets.get(channel.channel)
        if (
            docket is not None
            and docket.since <= at < docket.until
            and (docket.channel is channel or docket.channel == channel)
        ):
            docket.channel = channel
            self._dockets.move_to_end(channel.channel)
            return docket
        if channel.protocol == NEVER_JUDGED:
            return None
        published = is_below_ip(channel) or is_to_group(channel)
        found = self._span(at)
        if found is None:
            self.counters["before_effective"] += int(not published)
            return None
        policy, since, until = found
        if published and not is_named(policy, channel):
            return None
        docket = _Docket(channel, situate(policy, channel), since, until)
        self._dockets[channel.channel] = docket
        self._dockets.move_to_end(channel.channel)
        if len(self._dockets) > CHANNELS_MAX:
            self._dockets.popitem(last=False)
            self.counters["evicted"] += 1
        return docket

    def _span(self, at: int) -> tuple[Policy, int, int] | None:
        """Return the version effective at ``at`` and the span in which it is."""
        for number in range(len(self.policies) - 1, -1, -1):
            policy = self.policies[number]
            first = self._early and number == 0
            if at >= policy.effective or first:
                since = -LAST if first else policy.effective
                until = self.policies[number + 1].effective if number + 1 < len(self.policies) else LAST
                return policy, since, until
        return None

    def _made(self, decision: Decision) -> Decision:
        self.counters["judged"] += 1
        return decision

    def _forget(self, kept: dict[str, _Kept]) -> None:
        """Forget the tenth that is idle longest at once: a plain dict, a fifth of the size, is slow to give its first one by one."""
        for label in list(islice(kept, max(1, OPERATIONS_MAX // 10))):
            del kept[label]
            self.counters["evicted"] += 1
