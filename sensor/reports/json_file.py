"""The asset map for programs: every field with its evidence, everything that was said about each asset, its history.

``schema`` names the form; a field is only ever added within one number. Times are UTC with milliseconds.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from sensor.documents.moment import moment
from sensor.inventory.record import AssetRecord
from sensor.reports.completeness import completeness, coverage
from sensor.reports.evidence import located
from sensor.reports.field import FIELDS
from sensor.reports.state import PlantState
from sensor.reports.value import Value, values_of
from sensor.store import Capture

SCHEMA: Final = "spanwatch-assets/1"


def _proof(source: str, frames: tuple[int, ...], captures: tuple[Capture, ...]) -> list[dict[str, Any]]:
    return [{"capture": name, "frames": numbers} for name, numbers in located(source, frames, captures)]


def evidence(value: Value, captures: tuple[Capture, ...]) -> dict[str, Any]:
    """Return one field as JSON types; what does not apply is left out."""
    told: dict[str, Any] = {"state": value.state}
    if value.value:
        told |= {"value": value.value, "source": value.source, "confidence": value.confidence}
    if value.reason:
        told["reason"] = value.reason
    if value.frames:
        told["evidence"] = _proof(value.capture, value.frames, captures)
    if value.first:
        told |= {"first": moment(value.first), "last": moment(value.last)}
    return told


def _said(asset: AssetRecord, captures: tuple[Capture, ...]) -> list[dict[str, Any]]:
    return [
        {
            "attribute": attribute.name,
            "value": row.value,
            "method": row.method,
            "confidence": row.confidence,
            "unit": row.unit,
            "count": row.count,
            "first": moment(row.first),
            "last": moment(row.last),
            "evidence": _proof(row.source, row.frames, captures),
        }
        for attribute in asset.attributes
        for row in attribute.observations
    ]


def about(state: PlantState) -> dict[str, Any]:
    """Return what the whole map is about: sensor, period, policy, captures, completeness, coverage."""
    rows = [values_of(asset, state) for asset in state.assets]
    return {
        "sensor": state.sensor,
        "sensor_version": state.sensor_version,
        "period": {
            "from": moment(state.first) if state.first else "",
            "to": moment(state.last) if state.last else "",
        },
        "policy": {
            "id": state.policy.id,
            "version": state.policy.version,
            "sha256": state.policy.sha256,
            "title": state.policy.title,
            "verdicts_of": [{"id": name, "version": version} for name, version in state.judged_by],
            "note": state.note,
        },
        "captures": [
            {
                "name": row.name,
                "sha256": row.sha256,
                "packets": row.packets,
                "first_frame": row.first_frame,
                "first": moment(row.first),
                "last": moment(row.last),
            }
            for row in state.captures
        ],
        "completeness": msgspec.to_builtins(completeness(rows)),
        "coverage": msgspec.to_builtins(coverage(state)),
    }


def assets(state: PlantState) -> list[dict[str, Any]]:
    """Return every asset with its fields, observations and history."""
    names = state.names
    history: dict[str, list[dict[str, Any]]] = {}
    for one in state.events:
        history.setdefault(one.asset.id, []).append(
            {
                "time": moment(one.time),
                "event": one.kind,
                "attribute": one.attribute,
                "from": one.old,
                "to": one.new,
                "by": one.method,
                "evidence": _proof(one.source, one.frames, state.captures),
            }
        )
    return [
        {
            "id": asset.id,
            "name": names[asset.id],
            "known": asset.known,
            "identity": asset.identity,
            "fields": {value.key: evidence(value, state.captures) for value in values_of(asset, state)},
            "observations": _said(asset, state.captures),
            "partners": [
                {
                    "asset": row.asset,
                    "name": names.get(row.asset, row.asset),
                    "side": row.side,
                    "protocol": row.protocol,
                    "channels": row.channels,
                    "first": moment(row.first),
                    "last": moment(row.last),
                }
                for row in asset.partners
            ],
            "history": history.get(asset.id, []),
        }
        for asset in state.assets
    ]


def document(state: PlantState) -> dict[str, Any]:
    """Return the whole map as JSON types."""
    fields = [
        {"key": field.key, "title": field.title, "number": field.number, "priority": field.priority} for field in FIELDS
    ]
    return {"schema": SCHEMA, "about": about(state), "fields": fields, "assets": assets(state)}


def assets_json(state: PlantState) -> str:
    """Return the whole map as a JSON file: stable order, ASCII only."""
    return json.dumps(document(state), indent=1) + "\n"
