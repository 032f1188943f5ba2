"""What is wrong with the sensor itself, looked at once a minute of packet time and reported as sensor events while it lasts.

Documents that do not leave, a cluster that refuses them, a store or disk that fills up, a policy past its review. What
is reported again within minutes joins the incident it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from dissectors.base.singular import singular
from dissectors.context import SensorEvent
from sensor.elastic.tally import Tally, read_tally
from sensor.live.policy_in_use import PolicyInUse
from sensor.store import Store

SECOND: Final = 1_000_000_000
LOOK_SECONDS: Final = 60
BACKED_UP_SECONDS: Final = 300
"""Documents should leave within minutes: one that waits longer is reported."""
BEHIND_SECONDS: Final = 10
"""The pipeline is behind the wire when what it takes is older than this."""
REFUSALS: Final = ("HTTP 401", "HTTP 403")
"""How a reason begins when the cluster does not take the sensor's credentials."""


class SelfChecks:
    """Looks at the sensor. ``shipping`` says whether documents are meant to leave; ``lag`` how old (s) what is taken is."""

    def __init__(
        self, sensor: str, store: Store | None, shipping: bool, policy: PolicyInUse | None, lag: Callable[[int], float]
    ) -> None:
        self._sensor = sensor
        self._store = store
        self._shipping = shipping
        self._policy = policy
        self._lag = lag
        self._tally = read_tally(store) if store is not None else Tally()
        self._next = 0

    def look(self, now: int) -> list[SensorEvent]:
        """Return what is wrong at packet time ``now`` (ns), nothing between two looks."""
        if now < self._next and self._next - now <= LOOK_SECONDS * SECOND:
            return []
        self._next = now + LOOK_SECONDS * SECOND
        found = [*self._behind(now), *self._out_of_date(now)]
        if self._store is not None:
            found += self._full(self._store)
            if self._shipping:
                found += self._outputs(self._store)
        return [
            SensorEvent(kind=kind, time=now, source=self._sensor, subject=subject, observed=observed)
            for kind, subject, observed in found
        ]

    def _behind(self, now: int) -> Iterator[tuple[str, str, str]]:
        lag = self._lag(now)
        if lag >= BEHIND_SECONDS:
            yield "behind", "pipeline", f"what is judged now was captured {lag:.0f} s ago."

    def _out_of_date(self, now: int) -> Iterator[tuple[str, str, str]]:
        in_use = self._policy
        if in_use is not None and in_use.review_is_over(now):
            policy = in_use.policy
            due = policy.document.metadata.review_by
            yield "policy_out_of_date", policy.id, f"version {policy.version} had to be reviewed by {due}."

    @staticmethod
    def _full(store: Store) -> Iterator[tuple[str, str, str]]:
        if store.is_low():
            yield "evidence_full", store.path.name, "less than a tenth of the disk is free."

    def _outputs(self, store: Store) -> Iterator[tuple[str, str, str]]:
        before, tally = self._tally, read_tally(store)
        self._tally = tally
        refused = tally.paused and tally.reason.startswith(REFUSALS)
        if refused:
            yield "credentials_refused", "elasticsearch", f"{tally.reason}."
        lost = (tally.failure_store + tally.dead_letter + tally.dropped) - (
            before.failure_store + before.dead_letter + before.dropped
        )
        if lost > 0:
            yield "documents_refused", "elasticsearch", singular(f"{lost} documents were refused since the last look.")
        spooled = store.spool.state()
        if spooled.oldest_age_seconds >= BACKED_UP_SECONDS and not refused:
            why = f"; {tally.reason}" if tally.reason else ""
            waits = singular(f"{spooled.documents} documents ({spooled.byte_count} bytes) wait")
            yield "output_backs_up", "elasticsearch", f"{waits}, the oldest for {spooled.oldest_age_seconds} s{why}."
