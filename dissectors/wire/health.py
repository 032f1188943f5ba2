"""The counters of the wire, reported per window as what came in it. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder


@final
class HealthCounters:
    """Remembers the totals reported so far."""

    def __init__(self) -> None:
        self.reported: dict[str, i64] = {}

    def report(
        self,
        recorder: Recorder,
        start: i64,
        end: i64,
        totals: dict[str, i64],
        flows: i64,
        channels: i64,
        unread: dict[str, int],
    ) -> None:
        """Report what has been added to ``totals`` since the last report, and how many flows and channels there are.

        In the order of their names, so that the sum over several workers is the same fact.
        """
        counters: dict[str, int] = {}
        for name, total in totals.items():
            counters[name] = int(total - self.reported.get(name, 0))
            self.reported[name] = total
        counters["flows"] = int(flows)
        counters["channels"] = int(channels)
        recorder.health(start=start, end=end, counters=dict(sorted(counters.items())), unread=unread)
