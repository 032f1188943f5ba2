"""The engine of the alert catalogue: contexts in, alerts out.

It asks the entries that look at a fact, joins their hits into incidents and writes the revisions that are due.
Deterministic: packet time is the only clock and ids are content-derived. ``withheld`` counts hits that an incomplete
capture withheld, by (alert id, visibility), or an exception; ``evicted`` what bounded tables forgot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from dissectors.context import AssetEvent, AssetView, Context
from dissectors.finding import Finding
from rules.detections.alert import Alert
from rules.detections.catalogue import CATALOGUE
from rules.detections.dispatch import Dispatch, Live
from rules.detections.entry import Entry, Hit
from rules.detections.finding_subject import finding_subject
from rules.detections.incident import Incident, Incidents
from rules.detections.rule_state import BaselineIndex, Obligations, RuleState
from rules.detections.sensor_event import SensorEvent
from rules.detections.settings import merged_settings
from rules.detections.severity import Maintenance, capped, step, steps_for
from rules.detections.subject import Subject, asset_subject, context_subject, sensor_subject


class Detections:
    """The catalogue at work for one sensor.

    ``settings`` overrides defaults by alert id: ``{"MB-004": {"writes_per_second": 30}}``; ``{"enabled": 0}`` switches
    an entry off. Raises ``ValueError`` for an unknown id or setting. ``epoch`` separates the runs whose incidents may
    not share ids. ``maintenance`` reports whether a zone is in a window at a time; ``obligations`` what the policy
    requires and limits (the judge of ``rules.policy`` serves as both); ``baseline_index`` what a baseline knows.
    ``exceptions`` are devices (name, IP or MAC) by alert id about which that alert says nothing.
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
    ) -> None:
        self.withheld: Counter[tuple[str, str]] = Counter()
        self.incidents = Incidents(sensor, epoch)
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

    def see(self, context: Context) -> list[Alert]:
        """Judge one fact with what is known around it."""
        route = self._dispatch.context(context)
        if not route:
            return []
        alerts: list[Alert] = []
        for entry, state in route:
            if entry.predicate is not None:
                hit = entry.predicate(context, state)
                if hit is not None and not self._is_excepted(entry, hit, context.client, context.server):
                    self._take(entry, hit, context_subject(entry, context), alerts)
        return alerts

    def see_asset(self, event: AssetEvent) -> list[Alert]:
        """Judge one change of the inventory."""
        alerts: list[Alert] = []
        for entry, state in self._dispatch.event(AssetEvent, event.kind):
            if entry.on_asset is not None:
                hit = entry.on_asset(event, state)
                if hit is not None and not self._is_excepted(entry, hit, event.asset):
                    self._take(entry, hit, asset_subject(entry, event), alerts)
        return alerts

    def see_sensor(self, event: SensorEvent) -> list[Alert]:
        """Judge what the sensor reports of itself."""
        alerts: list[Alert] = []
        for entry, state in self._dispatch.event(SensorEvent, event.kind):
            if entry.on_sensor is not None:
                hit = entry.on_sensor(event, state)
                if hit is not None:
                    self._take(entry, hit, sensor_subject(event), alerts)
        return alerts

    def see_finding(self, anomaly: Finding, context: Context | None = None) -> list[Alert]:
        """Judge what a model found odd; ``context`` is the newest fact of its channel with what is known around it.

        An anomaly whose alert is in no entry raises nothing.
        """
        alerts: list[Alert] = []
        for entry, state in self._dispatch.event(Finding, anomaly.alert):
            if entry.on_finding is not None:
                hit = entry.on_finding(anomaly, context, state)
                ends = (context.client, context.server) if context is not None else ()
                if hit is not None and not self._is_excepted(entry, hit, *ends):
                    self._take(entry, hit, finding_subject(anomaly, context), alerts)
        return alerts

    def tick(self, now: int) -> list[Alert]:
        """Let packet time pass to ``now`` (ns): what was waited for comes due and idle incidents end."""
        alerts: list[Alert] = []
        for entry, state in self._live:
            if not state.waited:
                continue
            for context, hit in state.due(now):
                if self._is_excepted(entry, hit, context.client, context.server):
                    continue
                self._take(entry, hit, context_subject(entry, context), alerts)
        self._end(self.incidents.idle(now), alerts)
        return alerts

    def finish(self, now: int) -> list[Alert]:
        """End everything at ``now``: what is due is reported, every incident gets its last revision."""
        alerts = self.tick(now)
        self._end(self.incidents.all(), alerts)
        return alerts

    def _is_excepted(self, entry: Entry, hit: Hit, *devices: AssetView | None) -> bool:
        """Whether the settings except one of the devices from this alert; what they withhold is counted."""
        names = self._exceptions.get(entry.id)
        if not names or not any(one is not None and {one.name, one.ip, one.mac} & names for one in devices):
            return False
        self.withheld[(entry.id, "exception")] += hit.weight
        return True

    def _take(self, entry: Entry, hit: Hit, subject: Subject, alerts: list[Alert]) -> None:
        if entry.needs_whole_capture and subject.visibility != "complete":
            self.withheld[(entry.id, subject.visibility)] += hit.weight
            return
        incident, ended = self.incidents.join(subject.key(entry, hit), subject.time)
        self._end(ended, alerts)
        severity = self._severity(entry, hit, subject)
        due = incident.add(subject.time, hit.weight, subject.frames + hit.frames)
        if incident.rises(severity):
            due = True
        elif incident.reported is not None:
            severity = incident.reported.severity
            hit = replace(hit, review=incident.reported.review)
        if due:
            incident.revision += 1
            self._sequence += 1
            alert = subject.alert(entry, hit, severity, incident, self._sequence)
            incident.reported = alert
            alerts.append(alert)

    def _severity(self, entry: Entry, hit: Hit, subject: Subject) -> str:
        base = hit.severity or entry.severity
        if subject.of_sensor:
            return base
        if subject.refused and entry.explanation.refused:
            base = step(base, -1)  # what had no effect is less urgent
        calm = self._maintenance is not None and any(
            bool(self._maintenance(zone, subject.time)) for zone in subject.zones if zone
        )
        review = entry.review or hit.review
        return capped(step(base, steps_for((subject.concerned,), subject.safety, review, calm)), entry.most)

    def _end(self, ended: Sequence[Incident], alerts: list[Alert]) -> None:
        for incident in ended:
            reported = incident.reported
            if reported is None or incident.count <= reported.count:
                continue
            incident.revision += 1
            self._sequence += 1
            alerts.append(
                msgspec.structs.replace(
                    reported,
                    revision=incident.revision,
                    status="closed",
                    time=incident.last,
                    last=incident.last,
                    count=incident.count,
                    frames=tuple(incident.frames),
                    sequence=self._sequence,
                )
            )
