"""The subjects of what no packet shows by itself: changes of the inventory, and what the sensor reports about itself."""

from __future__ import annotations

from functools import partial
from typing import Any

from dissectors.context import AssetEvent, SensorEvent
from dissectors.facts import Endpoint, Value
from rules.detections.explanation import Words
from rules.detections.subject.subject import Subject
from rules.detections.words import asset_name, instant


def asset_subject(event: AssetEvent) -> Subject:
    """Return the subject of a change of the inventory; the asset stands on the server's side.

    Who uses the address or the identity of another device is the client: the one that acts.
    """
    asset = event.asset
    return Subject(
        time=event.time,
        source=event.source,
        words=partial(_asset_words, event),
        fields=partial(_asset_fields, event),
        server=asset.id,
        concerned=asset,
        devices=(asset,),
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
        "client_endpoint": Endpoint(event.other.ip, event.other.mac, 0) if event.other is not None else Endpoint(),
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
