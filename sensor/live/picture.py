"""What a look at a running watch shows: numbers of now, rates since the last look, the newest alerts.

For people only. Rates are over a steady clock; nothing of this ever comes into a fact, an alert or a document.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from rules.detections.alert import SEVERITIES, Alert
from sensor.live.policy_in_use import name_of
from sensor.live.watch import Watch
from sensor.sinks.sink import Sink

LAST_ALERTS: Final = 12


class InterfaceRow(msgspec.Struct, frozen=True):
    """One interface: totals since the start, packets in a second since the last look."""

    name: str
    state: str
    packets: int
    rate: float
    byte_count: int
    dropped: int


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is shown. ``time`` is the packet time reached (ns), 0 before the first packet."""

    time: int
    interfaces: tuple[InterfaceRow, ...]
    assets: int
    channels: int
    incidents: int
    restarts: int
    waiting: int
    spooled: int
    policy: str


class LastAlerts(Sink):
    """Keeps the newest alerts. ``on_alert`` is called for new and risen incidents."""

    def __init__(self, minimum: str = "low", on_alert: Callable[[Alert], None] | None = None) -> None:
        self.newest: deque[Alert] = deque(maxlen=LAST_ALERTS)
        self.incidents = 0
        self._min = SEVERITIES.index(minimum)
        self._on_alert = on_alert

    def alert(self, alert: Alert) -> None:
        """Take one revision of an incident."""
        shown = next((row for row in self.newest if row.incident == alert.incident), None)
        rises = shown is not None and SEVERITIES.index(alert.severity) > SEVERITIES.index(shown.severity)
        if shown is not None:
            self.newest.remove(shown)
        self.newest.append(alert)
        self.incidents += alert.revision == 1
        wanted = SEVERITIES.index(alert.severity) >= self._min
        if wanted and self._on_alert is not None and (alert.revision == 1 or rises):
            self._on_alert(alert)


class Looker:
    """Makes pictures of a watch; remembers the last one for the rates."""

    def __init__(self, watch: Watch, alerts: LastAlerts, clock: Callable[[], float] = time.monotonic) -> None:
        self._watch = watch
        self._alerts = alerts
        self._clock = clock
        self._before: dict[str, int] = {}
        self._at = clock()

    def look(self) -> Picture:
        """Return a picture of now."""
        watch, now = self._watch, self._clock()
        seconds = max(now - self._at, 0.001)
        rows = tuple(self._rows(seconds))
        self._at = now
        inventory = watch.pipeline.inventory if watch.pipeline is not None else None
        return Picture(
            time=watch.supervisor.now,
            interfaces=rows,
            assets=inventory.assets_held if inventory is not None else 0,
            channels=inventory.channels_held if inventory is not None else 0,
            incidents=self._alerts.incidents,
            restarts=watch.supervisor.worker_pool.restarts,
            waiting=watch.supervisor.merge.held,
            spooled=watch.documents_waiting(),
            policy=name_of(watch.policy.policy) if watch.policy is not None else "",
        )

    def _rows(self, seconds: float) -> Iterable[InterfaceRow]:
        for name, interface in sorted(self._watch.interface_status.interfaces.items()):
            packets, byte_count, dropped = interface.totals()
            rate = (packets - self._before.get(name, packets)) / seconds
            self._before[name] = packets
            yield InterfaceRow(name, interface.state, packets, rate, byte_count, dropped)
