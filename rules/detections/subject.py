"""What a hit is about, and the alert made of it: the bridge from a context, an asset or a sensor event to one record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import msgspec

from dissectors.context import AssetEvent, AssetView, Context, Verdict
from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Endpoint,
    Exchange,
    OperationFirst,
    Sighting,
    Value,
    Violation,
)
from rules.detections.alert import Alert
from rules.detections.entry import Entry, Hit
from rules.detections.explanation import WHY_KINDS, Words, fill
from rules.detections.incident import Incident, Key
from rules.detections.sensor_event import SensorEvent
from rules.detections.severity import risk
from rules.detections.words import asset_name, client_id, context_words, instant


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the engine needs of a context or event; ``words`` and ``fields`` are made when a revision is due.

    ``concerned`` decides the severity steps.
    """

    time: int
    source: str
    words: Callable[[], Words]
    fields: Callable[[], Mapping[str, Any]]
    client: str = ""
    server: str = ""
    unit: str = ""
    channel: str = ""
    about: str = ""
    concerned: AssetView | None = None
    zones: tuple[str, ...] = ()
    safety: bool = False
    verdict: Verdict | None = None
    visibility: str = "complete"
    succeeded: bool = False
    refused: bool = False
    frames: tuple[int, ...] = ()
    of_sensor: bool = False

    def key(self, entry: Entry, hit: Hit) -> Key:
        """Return the incident key of a hit, by the scope of its entry."""
        scope = entry.scope
        if scope == "channel":
            return entry.id, self.channel or self.source, "", hit.about
        if scope == "source":
            return entry.id, "", self.source, hit.about or self.about
        if scope == "client":
            return entry.id, self.client, "", hit.about
        if scope in {"server", "asset"}:
            return entry.id, "", hit.about or self.server, ""
        return entry.id, self.client, self.server, self.unit if scope == "unit" else ""

    def alert(self, entry: Entry, hit: Hit, severity: str, incident: Incident, sequence: int) -> Alert:
        """Return one revision of ``incident`` reported by ``hit``."""
        frames = tuple(incident.frames)
        words = self.words()
        words.update(hit.words)
        words["count"] = incident.count
        words["frames"] = ", ".join(str(frame) for frame in frames) or "none"
        explanation = entry.explanation
        observed = fill(explanation.observed, words)
        reason = fill(explanation.refused if self.refused and explanation.refused else explanation.reason, words)
        return Alert(
            id=entry.id,
            name=entry.name,
            version=entry.version,
            severity=severity,
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
            **self.fields(),
        )


def context_subject(entry: Entry, context: Context) -> Subject:
    """Return the subject of a fact. Secrets (class auth) leave no values and no bytes in it."""
    fact, channel = context.fact, context.channel
    verdict = context.verdict
    return Subject(
        time=(fact.last or fact.time) if isinstance(fact, ChannelWindow) else fact.time,
        source=fact.source,
        words=partial(context_words, context),
        fields=partial(context_fields, context),
        client=client_id(context),
        server=context.server.id if context.server is not None else "",  # a sweep over nobody is one incident
        unit=channel.unit if channel is not None else "",
        concerned=context.client if entry.scope == "client" and context.server is None else context.server,
        zones=(context.server.zone if context.server else "", context.client.zone if context.client else ""),
        safety=verdict is not None and verdict.safety,
        verdict=verdict if entry.explanation.form == "F" or (verdict is not None and not verdict.allows) else None,
        visibility=getattr(fact, "visibility", "complete"),
        succeeded=isinstance(fact, Exchange) and fact.outcome == "success",
        refused=isinstance(fact, Exchange) and fact.outcome == "failure",
        frames=_frames(context),
    )


def context_fields(context: Context) -> dict[str, Any]:
    """Return the fields of an alert that a context fills: stations, channel, and what its fact reports."""
    channel = context.channel
    fields: dict[str, Any] = {"client": context.client, "server": context.server}
    if channel is not None:
        fields.update(
            client_endpoint=channel.client,
            server_endpoint=channel.server,
            channel=channel.channel,
            protocol=channel.protocol,
            unit=channel.unit,
            transport=channel.transport,
            vlan=channel.vlan,
            inner_vlan=channel.inner_vlan,
            flow=channel.flow,
            interface=channel.interface,
        )
    fields.update(_fact_fields(context))
    return fields


def _frames(context: Context) -> tuple[int, ...]:
    fact = context.fact
    if isinstance(fact, Exchange):
        return fact.request_frame, fact.response_frame
    if isinstance(fact, ChannelOpened):
        return (fact.first_frame, fact.frame)
    if isinstance(fact, ChannelWindow):
        return fact.first_frame, fact.last_frame
    return (fact.frame,)


def _fact_fields(context: Context) -> dict[str, Any]:
    fact = context.fact
    if isinstance(fact, Exchange):
        secret = fact.verb == "auth"
        client = context.channel.client if context.channel is not None else Endpoint()
        return {
            "operation": fact.operation,
            "verb": fact.verb,
            "code": fact.code,
            "targets": fact.targets,
            "values": () if secret else fact.values,
            "answers": () if secret else fact.answers,
            "outcome": fact.outcome,
            "error": fact.error,
            "flow": fact.flow,
            "excerpt": b"" if secret else fact.excerpt,
            "offset": fact.offset,
            "length": fact.length,
            "client_endpoint": Endpoint(client.ip, client.mac, fact.client_port or client.port),
            "detail": {} if secret else dict(fact.detail),
        }
    if isinstance(fact, OperationFirst):
        return {
            "operation": fact.operation,
            "verb": fact.verb,
            "code": fact.code,
            "targets": fact.targets,
            "flow": fact.flow,
            "detail": {} if fact.verb == "auth" else dict(fact.detail),
        }
    if isinstance(fact, Violation):
        return {
            "protocol": fact.protocol,
            "flow": fact.flow,
            "excerpt": fact.excerpt,
            "offset": fact.offset,
            "length": fact.length,
            "detail": {"violation": fact.name, "at": fact.at, "clause": fact.clause},
        }
    if isinstance(fact, Sighting):
        return {"protocol": fact.protocol, "vlan": fact.vlan}
    return {}


def asset_subject(entry: Entry, event: AssetEvent) -> Subject:
    """Return the subject of a change of the inventory; the asset stands on the server's side."""
    asset = event.asset
    return Subject(
        time=event.time,
        source=event.source,
        words=partial(_asset_words, event),
        fields=partial(_asset_fields, event),
        server=asset.id,
        concerned=asset,
        zones=(asset.zone,),
        safety=asset.safety,
        frames=event.frames,
    )


def _asset_words(event: AssetEvent) -> Words:
    asset = event.asset
    return Words(
        asset=asset_name(asset),
        other=asset_name(event.other) if event.other is not None else "another device",
        attribute=event.attribute or "address",
        old=event.old or "unknown",
        new=event.new or "unknown",
        method=event.method or "observation of the traffic",
        zone=asset.zone or "no zone",
        vendor=asset.vendor or "an unknown maker",
        ip=asset.ip or "no address",
        mac=asset.mac or "no MAC",
        time=instant(event.time),
        source=event.source,
        visibility="complete",
    )


def _asset_fields(event: AssetEvent) -> dict[str, Any]:
    asset = event.asset
    detail: dict[str, Value] = {"attribute": event.attribute, "old": event.old, "new": event.new}
    return {
        "server": asset,
        "client": event.other,
        "server_endpoint": Endpoint(asset.ip, asset.mac, 0),
        "channel": event.channel,
        "vlan": asset.vlan,
        "detail": {name: value for name, value in detail.items() if value != ""},
    }


def sensor_subject(event: SensorEvent) -> Subject:
    """Return the subject of something that happened to the sensor itself."""
    return Subject(
        time=event.time,
        source=event.source,
        words=partial(
            Words, subject=event.subject, observed=event.observed, source=event.source, time=instant(event.time)
        ),
        fields=lambda: {"interface": event.source, "detail": dict(event.detail)},
        about=event.subject,
        of_sensor=True,
    )
