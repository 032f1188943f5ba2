"""The subject of a hit: who and what an incident is about, and the alert made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from dissectors.context import AssetView, Verdict
from rules.detections.alert import Alert
from rules.detections.entry import Entry, Hit
from rules.detections.explanation import WHY_KINDS, Words, fill
from rules.detections.incident import Incident, Key
from rules.detections.severity import risk
from rules.detections.tunnel import inside
from rules.detections.words import instant


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the engine needs of an event; ``words`` and ``fields`` are made when a revision is due.

    ``host`` is whose address the server answers at, where it is another: the gateway before it.
    ``concerned`` decides the severity steps, ``devices`` are all that it is about.
    """

    time: int
    source: str
    words: Callable[[], Words]
    fields: Callable[[], Mapping[str, Any]]
    client: str = ""
    server: str = ""
    host: str = ""
    unit: str = ""
    channel: str = ""
    about: str = ""
    concerned: AssetView | None = None
    devices: tuple[AssetView | None, ...] = ()
    zones: tuple[str, ...] = ()
    safety: bool = False
    verdict: Verdict | None = None
    visibility: str = "complete"
    seen: tuple[int, int] | None = None
    """Packet times from and to, where they are not ``time``."""
    outcome: str = ""
    changes: bool = False
    """It is a request that changes a device."""
    succeeded: bool = False
    refused: bool = False
    frames: tuple[int, ...] = ()
    of_sensor: bool = False
    of_counters: bool = False
    """It is of the counters of the whole input, in whichever file of it a window ended."""

    def is_one_of(self, names: frozenset[str]) -> bool:
        """Whether one of its devices is called so, or has this address."""
        return any(one is not None and not names.isdisjoint((one.name, one.ip, one.mac)) for one in self.devices)

    def key(self, entry: Entry, hit: Hit) -> Key:
        """Return the incident key of a hit, by the scope of its entry."""
        scope = entry.scope
        if scope == "channel":
            return entry.id, self.channel or self.source, "", hit.about
        if scope == "source":
            return entry.id, "", "" if self.of_counters else self.source, hit.about or self.about
        if scope == "client":
            return entry.id, self.client, "", hit.about
        if scope in {"server", "asset"}:
            return entry.id, "", hit.about or self.server, ""
        if scope == "pair":
            return entry.id, self.client, self.host or self.server, ""
        return entry.id, self.client, self.server, self.unit

    def alert(self, entry: Entry, hit: Hit, weighed: tuple[str, str], incident: Incident, sequence: int) -> Alert:
        """Return one revision of ``incident`` reported by ``hit``; ``weighed`` is its severity, and why it is not the shipped one."""
        severity, why_severity = weighed
        frames = tuple(sorted(incident.frames))
        words = self.words()
        words.update(hit.words)
        words["count"] = incident.count
        words["first_time"] = instant(incident.first)
        words["frames"] = ", ".join(str(frame) for frame in frames) or "none"
        explanation = entry.explanation
        observed = fill(explanation.observed, words)
        tally = incident.tally()
        if tally:
            observed = f"{observed} All {incident.count}: {tally}."
        reason = fill(explanation.reason_for(str(words["operation"]), self.refused), words)
        fields = self.fields()
        tunnel = str(fields.get("tunnel", ""))
        if tunnel:
            reason = f"{reason} {inside(tunnel)}"
        return Alert(
            id=entry.id,
            name=entry.name,
            version=entry.version,
            severity=severity,
            weighed=why_severity,
            risk=risk(
                severity,
                criticality=self.concerned.criticality if self.concerned else "",
                succeeded=self.succeeded,
                denied=self.verdict is not None and not self.verdict.allows,
                count=incident.count,
                complete=self.visibility == "complete",
            ),
            incident=incident.id,
            revision=incident.revision,
            status="open",
            time=self.time,
            first=incident.first,
            last=incident.last,
            count=incident.count,
            review=entry.review or hit.review,
            message=f"{entry.name}: {reason}",
            reason=reason,
            expected=fill(explanation.expected, words),
            observed=observed,
            why_kind=WHY_KINDS[explanation.form],
            why={name: value for name, value in hit.words.items() if value != ""},
            verdict=self.verdict,
            source=self.source,
            frames=frames,
            visibility=self.visibility,
            false_positives=entry.false_positives,
            normal=fill(entry.normal, words),
            techniques=entry.techniques if hit.techniques is None else hit.techniques,
            context=entry.context,
            category=entry.category,
            sequence=sequence,
            **fields,
        )
