"""Incidents: hits of one alert about the same client, server and unit, joined while they keep coming.

What an incident says is that of its newest hit, but no refused or unanswered one hides one that succeeded; ``first`` and ``last`` are times of
packets, also where the sensor waited before it told them.

A hit within IDLE_SECONDS (packet time) of the last one joins. Revisions are written at the counts of REVISIONS, when
the severity rises, and at the end: an incident is open until IDLE_SECONDS have passed without a hit, or the input ends, then it is closed. The table is bounded; the incident idle longest is closed
first and counted. The id is content-derived: sensor, epoch, key and time of the first hit, and how many were closed for want of room,
so that one that is hit again after that has an id of its own.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any, Final

from rules.detections.alert import SEVERITIES, Alert
from rules.detections.windows import SECOND, Table

IDLE_SECONDS: Final = 300
REVISIONS: Final = (1, 10, 100, 1000)
MAX_INCIDENTS: Final = 3_500
MAX_FRAMES: Final = 16

Key = tuple[str, str, str, str]
"""Alert id, client, server, unit; never a point, a process address or a port."""


class Incident:
    """One running incident. ``reported`` is the last revision written."""

    def __init__(self, key: Key, identifier: str, first: int) -> None:
        self.key = key
        self.id = identifier
        self.first = first
        self.last = first
        self.heard = first
        """When the newest hit was told: the packet time by which incidents end."""
        self.count = 0
        self.outcomes: dict[str, int] = {}
        self.shown: Any = None
        """The hit that speaks for the incident, with its subject."""
        self.weight = -1
        self.revision = 0
        self.frames: list[int] = []
        self.reported: Alert | None = None

    def add(self, time: int, weight: int, frames: tuple[int, ...], seen: tuple[int, int] | None = None) -> bool:
        """Take one more hit, told at ``time`` of packets ``seen`` from and to; return whether the count passed a revision mark."""
        before = self.count
        first, last = seen or (time, time)
        if seen is not None and before == 0:
            self.first, self.last = seen
        self.first = min(self.first, first)  # captures may hold packets in the reverse order of their times
        self.last = max(self.last, last)
        self.heard = max(self.heard, time)
        self.count += weight
        for frame in frames:
            if frame <= 0 or frame in self.frames:
                continue
            if len(self.frames) >= MAX_FRAMES:
                self.frames.pop()
            self.frames.append(frame)
        return any(before < mark <= self.count for mark in REVISIONS)

    def show(self, shown: Any, weight: int, outcome: str, count: int) -> None:
        """Let a hit speak for the incident unless one of more weight does; count its outcome."""
        if outcome:
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count
        if weight >= self.weight:
            self.weight = weight
            self.shown = shown

    def tally(self) -> str:
        """Return how often which outcome was seen, "" where all had one."""
        if len(self.outcomes) < 2:
            return ""
        return ", ".join(f"{count} {outcome}" for outcome, count in sorted(self.outcomes.items()))

    def rises(self, severity: str) -> bool:
        """Whether ``severity`` is above the one last reported."""
        return self.reported is not None and SEVERITIES.index(severity) > SEVERITIES.index(self.reported.severity)


class Incidents:
    """All running incidents of one sensor."""

    def __init__(self, sensor: str, epoch: str, limit: int = MAX_INCIDENTS) -> None:
        self.sensor = sensor
        self.epoch = epoch
        self.limit = limit
        self.evicted = 0
        self._open: Table[Incident] = Table(limit + 1)

    def __len__(self) -> int:
        return len(self._open)

    def join(self, key: Key, time: int) -> tuple[Incident, list[Incident]]:
        """Return the incident of ``key`` at ``time``, and those that ended because of it."""
        ended: list[Incident] = []
        incident = self._open.get(key)
        if incident is not None and time - incident.heard > IDLE_SECONDS * SECOND:
            self._open.take(key)
            ended.append(incident)
            incident = None
        if incident is None:
            incident = Incident(key, self._identify(key, time), time)
            if len(self._open) >= self.limit:
                ended.append(self._pop())
                self.evicted += 1
        self._open.put(key, incident)
        return incident, ended

    def idle(self, now: int) -> list[Incident]:
        """Return and forget the incidents whose last hit is more than IDLE_SECONDS before ``now``."""
        ended: list[Incident] = []
        while (first := self._open.oldest()) is not None and now - first[1].heard > IDLE_SECONDS * SECOND:
            ended.append(self._pop())
        return ended

    def all(self) -> list[Incident]:
        """Return and forget every incident, idle longest first."""
        ended: list[Incident] = []
        while self._open.oldest() is not None:
            ended.append(self._pop())
        return ended

    def _pop(self) -> Incident:
        first = self._open.oldest()
        assert first is not None
        self._open.take(first[0])
        return first[1]

    def _identify(self, key: Key, first: int) -> str:
        room = (str(self.evicted),) if self.evicted else ()
        text = "\x1f".join((self.sensor, self.epoch, *key, str(first), *room))
        # The prefix keeps an id from looking like an option on a command line.
        return "i-" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()[:16]).decode().rstrip("=")
