"""What one catalogue entry remembers: its settings, its sliding counters and what it waits for. All bounded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from rules.detections.windows import SECOND, Count, Distinct, Seen, Table

if TYPE_CHECKING:
    from dissectors.context import Event
    from dissectors.facts import ChannelOpened, Exchange, OperationFirst, Target
    from rules.detections.entry import Hit


class RateLimit(Protocol):
    """A rate limit of a policy rule; ``functions`` None means all of them."""

    @property
    def rule(self) -> str:
        """The id of the rule."""
        ...

    @property
    def functions(self) -> frozenset[str] | None:
        """Names or codes of functions."""
        ...

    @property
    def max_requests_per_s(self) -> float:
        """Requests a second."""
        ...


class Obligations(Protocol):
    """What a policy asks for besides its verdicts: the judge of ``rules.policy`` is one."""

    def requires(self, channel: ChannelOpened, operation: OperationFirst | Exchange) -> tuple[str, ...]:
        """Return what the rule that allows an operation requires, e.g. "select_before_operate"."""
        ...

    def limit_of(self, channel: ChannelOpened) -> Sequence[RateLimit]:
        """Return the rate limits of the live rules for a channel."""
        ...


class BaselineIndex(Protocol):
    """What a baseline knows of the stations: who was learned (or approved) to do what at which server and unit."""

    def does(self, channel: ChannelOpened, label: str) -> bool:
        """Whether the client does exactly this (operation and objects) at this server and unit."""
        ...

    def doers(self, channel: ChannelOpened, verbs: frozenset[str]) -> tuple[str, ...]:
        """Return the addresses of the clients that do something of these classes at this server and unit."""
        ...

    def clients(self, channel: ChannelOpened) -> tuple[str, ...]:
        """Return the addresses of the clients of this server over this protocol."""
        ...

    def units(self, channel: ChannelOpened) -> tuple[str, ...]:
        """Return the units (or pairs of addresses) that anybody addresses at this server over this protocol."""
        ...

    def knows(self, channel: ChannelOpened, target: Target) -> bool:
        """Whether anybody uses this object at this server: the same one, or a block by its name."""
        ...


class RuleState:
    """The state of one entry in one engine.

    ``withheld`` is shared by all entries: how many hits were withheld, by (id, visibility). ``obligations`` is None
    without a policy, ``baseline_index`` without a baseline.
    """

    def __init__(
        self,
        settings: Mapping[str, int | float],
        withheld: Counter[tuple[str, str]],
        obligations: Obligations | None = None,
        baseline_index: BaselineIndex | None = None,
    ) -> None:
        self.baseline_index = baseline_index
        self.obligations = obligations
        self.settings = settings
        self.withheld = withheld
        self.counts = Count()
        self.sets = Distinct()
        self.notes: Table[tuple[int, object]] = Table()
        self.waiting: Table[tuple[int, Event, Hit, Hashable, int]] = Table()
        self.lost: Table[int] = Table()
        self.waited = False

    def count(self, key: Hashable, time: int, seconds: float, weight: int = 1) -> int:
        """Count ``weight`` under ``key`` and return the sum of the last ``seconds``."""
        return self.counts.add(key, time, seconds, weight)

    def distinct(self, key: Hashable, value: Hashable, time: int, seconds: float) -> Seen:
        """See ``value`` under ``key`` and return the different values of the last ``seconds``."""
        return self.sets.add(key, value, time, seconds)

    def note(self, key: Hashable, time: int, value: object = True) -> None:
        """Remember ``value`` under ``key``."""
        self.notes.put(key, (time, value))

    def noted(self, key: Hashable, time: int | None = None, seconds: float | None = None) -> object | None:
        """Return what was noted under ``key``, or None; with ``seconds`` only when it is not older than that."""
        held = self.notes.get(key)
        if held is None:
            return None
        if seconds is not None and time is not None and time - held[0] > int(seconds * SECOND):
            return None
        return held[1]

    def wait(self, key: Hashable, deadline: int, event: Event, hit: Hit, ends: Hashable, since: int) -> None:
        """Hit at ``deadline`` unless ``forgive`` is called for ``key``, or ``lose`` for ``ends``, from ``since`` on.

        Waits come due in order of arrival.
        """
        self.waited = True
        if self.waiting.get(key) is None:
            self.waiting.put(key, (deadline, event, hit, ends, since))

    def lose(self, ends: Hashable, time: int) -> None:
        """What is waited for between ``ends`` may be among bytes that the capture lost."""
        self.lost.put(ends, time)

    def forgive(self, key: Hashable, time: int) -> None:
        """Give up the wait under ``key`` when its deadline has not passed."""
        held = self.waiting.get(key)
        if held is not None and time <= held[0]:
            self.waiting.take(key)

    def due(self, now: int) -> list[tuple[Event, Hit]]:
        """Return and forget every wait whose deadline is before ``now``."""
        ready: list[tuple[Event, Hit]] = []
        while (first := self.waiting.oldest()) is not None and first[1][0] < now:
            self.waiting.take(first[0])
            deadline, event, hit, ends, since = first[1]
            lost = self.lost.get(ends)
            if lost is None or not since <= lost <= deadline:
                ready.append((event, hit))
        return ready

    @property
    def evicted(self) -> int:
        """How many keys its tables have forgotten because they were full."""
        tables = (self.counts.table, self.sets.table, self.notes, self.waiting, self.lost)
        return sum(table.evicted for table in tables)
