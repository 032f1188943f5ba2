"""Channels: what one client does with one server over a protocol and unit, counted per window.

A repeated operation costs one look-up and a few counters; objects are made only for what is new. Every table has a
bound; what it forgets is counted. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from msgspec.structs import replace
from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.base.repeats import Repeats
from dissectors.base.violations import is_counted_only, repeats_of
from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    OperationCount,
    Target,
    TransitionCount,
    Violation,
)

MAX_OPERATIONS: Final = 4_096
"""Operations kept per channel; a scan beyond it is counted under the overflow operation."""
MAX_TRANSITIONS: Final = 16_384
"""Transitions kept per channel; those beyond it are counted and not reported."""
NEVER: Final = -1
NO_VIOLATIONS: Final[dict[str, Violation]] = {}
"""What a channel has only counted that has counted none. Never added to."""


@final
class Transition:
    """One operation followed another."""

    def __init__(self, previous: Operation, operation: Operation) -> None:
        self.previous = previous
        self.operation = operation
        self.count: i64 = 0


@final
class Operation:
    """One (function, target) of a channel with the counters of the current window. Times in ns, gaps in µs."""

    def __init__(self, key: i64, label: str, verb: str, name: str, code: str, targets: tuple[Target, ...]) -> None:
        # What every request and answer touches stands together: a channel's repeats cost few cache lines.
        self.key: i64 = key
        self.routine: bool = False
        self.listed: bool = False
        self.stray: bool = False
        """It was never asked here: an answer without a request."""
        self.recent: Transition | None = None
        self.reply: bytes = b""
        self.reply_key: i64 = 0
        self.request: bytes = b""
        self.total: i64 = 0
        self.requests: i64 = 0
        self.last: i64 = NEVER
        self.second: i64 = 0
        self.in_second: i64 = 0
        self.peak: i64 = 0
        self.gap_count: i64 = 0
        self.gap_sum: i64 = 0
        self.gap_squares: i64 = 0
        self.gap_min: i64 = 0
        self.gap_max: i64 = 0
        self.targets: tuple[Target, ...] = targets
        self.number: i64 = 0
        self.failures: i64 = 0
        self.label: str = label
        self.verb: str = verb
        self.name: str = name
        self.code: str = code
        self.successors: dict[i64, Transition] = {}
        self.repeats: Repeats | None = None
        """What was reported of its exchanges in this window, None before the first."""

    def ask(self, now: i64) -> None:
        """Count one request at ``now``."""
        self.total += 1
        self.requests += 1
        second: i64 = now // 1_000_000_000
        if second == self.second:
            self.in_second += 1
        else:
            self.second = second
            self.in_second = 1
        if self.in_second > self.peak:
            self.peak = self.in_second
        if self.last >= 0 and now >= self.last:
            gap: i64 = (now - self.last) // 1000
            if gap < 3_600_000_000:
                self.gap_count += 1
                self.gap_sum += gap
                if gap < 30_000_000:
                    self.gap_squares += gap * gap
                if self.gap_count == 1 or gap < self.gap_min:
                    self.gap_min = gap
                if gap > self.gap_max:
                    self.gap_max = gap
        self.last = now

    def forget(self) -> None:
        """Let go of what follows: the channel is forgotten, and whoever still has it learns anew."""
        self.successors = {}
        self.recent = None

    def count(self) -> OperationCount:
        """Return the counters of the window and start them anew."""
        result = OperationCount(
            label=self.label,
            verb=self.verb,
            requests=self.requests,
            failures=self.failures,
            peak=self.peak,
            gap_count=self.gap_count,
            gap_sum=self.gap_sum,
            gap_squares=self.gap_squares,
            gap_min=self.gap_min,
            gap_max=self.gap_max,
        )
        self.requests = 0
        self.failures = 0
        self.peak = 0
        self.gap_count = 0
        self.gap_sum = 0
        self.gap_squares = 0
        self.gap_min = 0
        self.gap_max = 0
        return result


@final
class Channel:
    """One channel with the counters of the current window."""

    def __init__(self, identity: str, opened: ChannelOpened) -> None:
        # Touched by every message.
        self.active: bool = False
        self.requests: i64 = 0
        self.responses: i64 = 0
        self.latency_count: i64 = 0
        self.latency_sum: i64 = 0
        self.latency_min: i64 = 0
        self.latency_max: i64 = 0
        self.operations: dict[i64, Operation] = {}
        self.value_changes: i64 = 0
        self.last: i64 = 0
        self.last_frame: i64 = 0
        self.identity: str = identity
        self.opened: ChannelOpened = opened
        self.busy: list[Operation] = []
        self.told: list[Repeats] = []
        self.again: list[Repeats] = []
        self.strays: dict[str, Operation] = {}
        self.slowest: i64 = 0
        self.moved: list[Transition] = []
        self.window: i64 = 0
        self.visibility: str = "complete"
        self.violations: dict[str, i64] = {}
        self.unreported: dict[str, Violation] = NO_VIOLATIONS
        self.evicted: i64 = 0
        self.transitions: i64 = 0
        self.first_frame: i64 = 0
        self.packets_client: i64 = 0
        self.packets_server: i64 = 0
        self.bytes_client: i64 = 0
        self.bytes_server: i64 = 0
        self.reports: i64 = 0
        self.failures: i64 = 0
        self.unanswered: i64 = 0
        self.unmatched: i64 = 0
        self.late: i64 = 0
        self.attempts: i64 = 0
        self.refused: i64 = 0
        self.connections: i64 = 0
        self.resets: i64 = 0
        self.retransmissions: i64 = 0
        self.gaps: i64 = 0
        self.peak: i64 = 0
        self.copies: i64 = 0
        self.places: list[str] = []

    def add_copies(self, count: i64, places: list[str]) -> None:
        """Count packets that were seen before, and remember at which other places packets were seen."""
        self.copies += count
        for place in places:
            if place not in self.places:
                self.places.append(place)

    def violated(self, name: str) -> i64:
        """Count a violation; return how many of its name there are in this window."""
        seen = self.violations.get(name, 0) + 1
        self.violations[name] = seen
        return seen

    def counted(self, seen: i64) -> dict[str, Violation] | None:
        """Return where the violation with this number is kept to be told with others; None when it is reported."""
        if not is_counted_only(seen):
            return None
        if not self.unreported:
            self.unreported = {}
        return self.unreported

    def latency(self, nanoseconds: i64) -> None:
        """Count one answer that took ``nanoseconds``."""
        taken: i64 = nanoseconds // 1000
        if taken < 0:
            return
        self.latency_count += 1
        self.latency_sum += taken
        if self.latency_count == 1 or taken < self.latency_min:
            self.latency_min = taken
        if taken > self.latency_max:
            self.latency_max = taken

    def slowest_answer(self) -> i64:
        """Return how long the slowest answer took that was ever seen here, in microseconds."""
        return max(self.slowest, self.latency_max)

    def tell_again(self, recorder: Recorder) -> None:
        """Report the repeats counted so far: something else happens now, and the order of both may matter."""
        again = self.again
        self.again = []
        for repeats in again:
            repeats.tell_again(recorder)

    def tell_repeats(self, recorder: Recorder) -> None:
        """Report what was only counted in this window, while it is still this window."""
        told = self.told
        self.told = []
        self.again = []
        self.strays = {}
        for repeats in told:
            repeats.tell(recorder)
            repeats.begin()
        unreported = self.unreported
        self.unreported = NO_VIOLATIONS
        for name, fact in unreported.items():
            seen: i64 = self.violations.get(name, 0)
            if is_counted_only(seen):
                recorder.facts.append(
                    replace(fact, time=recorder.now, sequence=recorder.number(), repeats=int(repeats_of(seen)))
                )

    def close_window(self, recorder: Recorder, start: i64, end: i64) -> None:
        """Report what happened in [start, end) and start the counters anew."""
        operations: list[OperationCount] = []
        for operation in self.busy:
            operation.listed = False
            operations.append(operation.count())
        transitions: list[TransitionCount] = []
        for moved in self.moved:
            transitions.append(TransitionCount(moved.previous.label, moved.operation.label, moved.count))
            moved.count = 0
        self.busy = []
        self.moved = []
        self.violations = {}
        recorder.facts.append(
            ChannelWindow(
                time=recorder.now,
                source=recorder.source,
                frame=recorder.frame,
                sequence=recorder.number(),
                channel=self.identity,
                start=start,
                end=end,
                first_frame=self.first_frame,
                last_frame=self.last_frame,
                packets_client=self.packets_client,
                packets_server=self.packets_server,
                bytes_client=self.bytes_client,
                bytes_server=self.bytes_server,
                requests=self.requests,
                responses=self.responses,
                reports=self.reports,
                failures=self.failures,
                unanswered=self.unanswered,
                unmatched=self.unmatched,
                attempts=self.attempts,
                refused=self.refused,
                connections=self.connections,
                resets=self.resets,
                retransmissions=self.retransmissions,
                gaps=self.gaps,
                peak_packets=self.peak,
                latency_count=self.latency_count,
                latency_sum=self.latency_sum,
                latency_min=self.latency_min,
                latency_max=self.latency_max,
                value_changes=self.value_changes,
                operations=tuple(operations),
                transitions=tuple(transitions),
                visibility=self.visibility,
                last=self.last,
                late=self.late,
                copies=self.copies,
                places=tuple(self.places),
            )
        )
        self._clear()

    def list_busy(self, operation: Operation) -> None:
        """Remember that ``operation`` has something to report when the window closes."""
        operation.listed = True
        self.busy.append(operation)

    def _clear(self) -> None:
        self.window += 1
        self.active = False
        self.first_frame = 0
        self.packets_client = 0
        self.packets_server = 0
        self.bytes_client = 0
        self.bytes_server = 0
        self.requests = 0
        self.responses = 0
        self.reports = 0
        self.failures = 0
        self.unanswered = 0
        self.unmatched = 0
        self.late = 0
        self.attempts = 0
        self.refused = 0
        self.connections = 0
        self.resets = 0
        self.retransmissions = 0
        self.gaps = 0
        self.peak = 0
        self.slowest = self.slowest_answer()
        self.copies = 0
        self.places = []
        self.latency_count = 0
        self.latency_sum = 0
        self.latency_min = 0
        self.latency_max = 0
        self.value_changes = 0
