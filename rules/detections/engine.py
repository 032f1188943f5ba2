"""The engine of the alert catalogue: events in, alerts out.

It asks the entries that look at an event, joins their hits into incidents and writes the revisions that are due.
Deterministic: packet time is the only clock and ids are content-derived. ``withheld`` counts hits that an incomplete
capture withheld, by (alert id, visibility), or an exception; ``evicted`` what bounded tables forgot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import msgspec

from dissectors.context import Event, SensorEvent
from rules.detections.alert import Alert
from rules.detections.catalogue import CATALOGUE
from rules.detections.dispatch import Dispatch, Live
from rules.detections.entry import Entry, Hit
from rules.detections.grammar import counted
from rules.detections.incident import Incident, Incidents
from rules.detections.rate import MAX_DOCUMENTS, MINUTE, Rate
from rules.detections.rule_state import BaselineIndex, Obligations, RuleState
from rules.detections.settings import merged_settings
from rules.detections.severity import Maintenance, capped, step, steps_for, told
from rules.detections.subject import Subject, subject_of


def raised(part: str, event: Event, error: Exception) -> None:
    """Let an entry's exception go on: who gives nothing else to do with it wants to see it."""
    raise error


class Detections:
    """The catalogue at work for one sensor.

    ``settings`` overrides defaults by alert id: ``{"MB-004": {"writes_per_second": 30}}``; ``{"enabled": 0}`` switches
    an entry off. Raises ``ValueError`` for an unknown id or setting. ``epoch`` separates the runs whose incidents may
    not share ids. ``maintenance`` says whether a zone is in a window at a time; ``obligations`` what the policy
    requires and limits (the judge of ``rules.policy`` serves as both); ``baseline_index`` what a baseline knows.
    ``exceptions`` are devices (name, IP or MAC) by alert id about which that alert says nothing. ``failed`` hears of an
    entry that could not judge an event, which does not keep it from the others.
    """

    def __init__(
        self,
        settings: Mapping[str, Mapping[str, int | float]],
        sensor: str,
        epoch: str,
        maintenance: Maintenance | None = None,
        obligations: Obligations | None = None,
        baseline_index: BaselineIndex | None = None,
        catalogue: Sequence[Entry] = CATALOGUE,
        exceptions: Mapping[str, frozenset[str]] | None = None,
        failed: Callable[[str, Event, Exception], None] = raised,
    ) -> None:
        self._failed = failed
        self.withheld: Counter[tuple[str, str]] = Counter()
        self.incidents = Incidents(sensor, epoch)
        self._ended: list[Alert] = []
        self._rates: dict[str, Rate] = {entry.id: Rate() for entry in catalogue}
        self._held = False
        self._said = 0
        self._maintenance = maintenance
        self._exceptions = exceptions or {}
        self._sequence = 0
        self._live: list[Live] = [
            (entry, RuleState(numbers, self.withheld, obligations, baseline_index))
            for entry, numbers in merged_settings(catalogue, settings)
        ]
        self._dispatch = Dispatch(self._live)
        self.wants = self._dispatch.types
        """The types of facts that some entry looks at; others need no context."""

    @property
    def evicted(self) -> dict[str, int]:
        """What bounded tables forgot: "incidents", and the counters of each entry by its id."""
        evicted = {entry.id: state.evicted for entry, state in self._live if state.evicted}
        if self.incidents.evicted:
            evicted["incidents"] = self.incidents.evicted
        return evicted

    def see(self, event: Event) -> list[Alert]:
        """Judge one event: a fact with what is known around it, a change of the inventory or sensor, a finding."""
        alerts: list[Alert] = []
        for entry, state in self._dispatch.route(event):
            try:
                hit = entry.predicate(event, state)
                if hit is not None:
                    self._take(entry, hit, subject_of(entry, event), alerts)
            except Exception as error:  # noqa: BLE001  # one entry's mistake must not cost the others an event
                self._failed(f"alert {entry.id}", event, error)
        return alerts

    def tick(self, now: int) -> list[Alert]:
        """Let packet time pass to ``now`` (ns): what was waited for comes due and idle incidents end."""
        alerts: list[Alert] = []
        for entry, state in self._live:
            if not state.waited:
                continue
            for event, hit in state.due(now):
                try:
                    self._take(entry, hit, subject_of(entry, event), alerts)
                except Exception as error:  # noqa: BLE001  # see above
                    self._failed(f"alert {entry.id}", event, error)
        self._end(self.incidents.idle(now), alerts)
        if self._held and not MINUTE > now - self._said >= 0:
            self._say_held(now, alerts)
        return alerts

    def _say_held(self, now: int, alerts: list[Alert]) -> None:
        """Report how many documents were held back, a sentence for each alert."""
        self._held, self._said = False, now
        for identifier, rate in self._rates.items():
            held = rate.take_held()
            if held:
                observed = f"{counted(held, 'document')} of {identifier} held back: one alert writes {MAX_DOCUMENTS} in a minute."
                detail = {"documents": held}
                alerts += self.see(
                    SensorEvent(
                        kind="documents_held_back",
                        time=now,
                        source=self.incidents.sensor,
                        subject=identifier,
                        observed=observed,
                        detail=detail,
                    )
                )

    def finish(self, now: int) -> list[Alert]:
        """End everything at ``now``: what is due is reported, every incident gets its last revision."""
        alerts = self.tick(now)
        self._say_held(now, alerts)
        self._end(self.incidents.all(), alerts)
        return alerts

    def _take(self, entry: Entry, hit: Hit, subject: Subject, alerts: list[Alert]) -> None:
        if entry.needs_whole_capture and subject.visibility != "complete":
            self.withheld[(entry.id, subject.visibility)] += hit.weight
            return
        if entry.id in self._exceptions and subject.is_one_of(self._exceptions[entry.id]):
            self.withheld[(entry.id, "exception")] += hit.weight
            return
        incident, ended = self.incidents.join(subject.key(entry, hit), subject.time)
        self._end(ended, alerts)
        severity, weighed = self._severity(entry, hit, subject)
        due = incident.add(subject.time, hit.weight, subject.frames + hit.frames, hit.seen or subject.seen)
        incident.show((entry, hit, subject), _weight(subject), subject.outcome, hit.weight)
        if incident.rises(severity):
            due = True
        elif incident.reported is not None:
            severity, weighed = incident.reported.severity, incident.reported.weighed
        if due and not subject.of_sensor and not self._rates[entry.id].allows(subject.time):
            self._held = True
            return
        if due:
            incident.revision += 1
            self._sequence += 1
            alert = self._alert(incident, (severity, weighed), subject.time, "open")
            incident.reported = alert
            alerts.append(alert)

    def _severity(self, entry: Entry, hit: Hit, subject: Subject) -> tuple[str, str]:
        """Return the severity of a hit, and why it is not the shipped one."""
        base = hit.severity or entry.severity
        if subject.of_sensor:
            return base, told(entry.severity, base, {}, base, "")
        calm = self._maintenance is not None and any(
            bool(self._maintenance(zone, subject.time)) for zone in subject.zones if zone
        )
        steps = steps_for((subject.concerned,), subject.safety, entry.review or hit.review, calm)
        urgent = base
        if subject.refused and entry.explanation.refused:
            urgent = step(base, -1)  # what had no effect is less urgent
        severity = capped(step(urgent, sum(steps.values())), entry.max_severity)
        if urgent != base:
            steps["the device refused it, so it had no effect"] = -1
        return severity, told(entry.severity, base, steps, severity, entry.max_severity)

    def ended(self) -> list[Alert]:
        """Return and forget the last revisions of incidents that ended as they were last reported: nothing more but "closed"."""
        found, self._ended = self._ended, []
        before, self._sequence = self._sequence, self._sequence + len(found)
        return [msgspec.structs.replace(alert, sequence=before + at) for at, alert in enumerate(found, 1)]

    def _end(self, ended: Sequence[Incident], alerts: list[Alert]) -> None:
        for incident in ended:
            reported = incident.reported
            if reported is None:
                continue
            grew = incident.count > reported.count
            if grew and not reported.id.startswith("SEN") and not self._rates[reported.id].allows(incident.last):
                self._held = True
                continue
            incident.revision += 1
            self._sequence += grew
            closed = self._alert(incident, (reported.severity, reported.weighed), incident.last, "closed")
            (alerts if grew else self._ended).append(closed)

    def _alert(self, incident: Incident, severity: tuple[str, str], time: int, status: str) -> Alert:
        """Return a revision of an incident, in the words of the hit that speaks for it; with its severity and why it is that."""
        entry, hit, subject = incident.shown
        if incident.reported is not None and severity[0] == incident.reported.severity:
            hit = replace(hit, review=incident.reported.review)
        alert: Alert = subject.alert(entry, hit, severity, incident, self._sequence)
        return msgspec.structs.replace(alert, time=time, status=status)


def _weight(subject: Subject) -> int:
    """Return how much a hit says beside others: a change most, and what succeeded; what was refused least."""
    if subject.refused:
        return 0
    return 1 + subject.succeeded + 2 * subject.changes
