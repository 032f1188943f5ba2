"""A checker of documents against the ECS field list and the catalogue of custom fields. Says every fault it finds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import msgspec

from sensor.documents.fields import FIELDS
from sensor.documents.origin import STREAMS

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
WHOLE = frozenset({"flattened", "object", "nested"})
TEXTS = frozenset({"keyword", "constant_keyword", "wildcard", "text", "match_only_text"})
NUMBERS = frozenset({"float", "double", "scaled_float"})
MAX_LONG = 1 << 63


@cache
def ecs() -> dict[str, Any]:
    """Return the ECS fixture."""
    whole: dict[str, Any] = msgspec.json.decode((Path(__file__).parent / "ecs-9.4.0.json").read_bytes())
    return whole


@cache
def own() -> dict[str, str]:
    """Return the custom fields and their types."""
    return {field.name: field.type for field in FIELDS}


@cache
def is_whole(name: str) -> bool:
    """Whether the field holds any object at all; an object with declared fields inside does not."""
    kind = own().get(name) or ecs()["fields"].get(name, {}).get("type")
    return kind in WHOLE and not any(other.startswith(f"{name}.") for other in ecs()["fields"])


def leaves(node: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every field of a document with its value; flattened fields whole."""
    for name, value in node.items():
        here = f"{path}.{name}" if path else name
        if isinstance(value, dict) and not is_whole(here):
            yield from leaves(value, here)
        else:
            yield here, value


def fits(kind: str, value: Any) -> bool:
    """Whether a value is what Elasticsearch takes for a field of this type without coercion."""
    if kind in TEXTS:
        return isinstance(value, str) and value != ""
    if kind in {"long", "integer"}:
        return isinstance(value, int) and not isinstance(value, bool) and -MAX_LONG <= value < MAX_LONG
    if kind in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "date":
        return isinstance(value, str) and DATE.fullmatch(value) is not None
    if kind == "ip":
        try:
            return isinstance(value, str) and bool(ip_address(value))
        except ValueError:
            return False
    return kind in WHOLE and isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


def _field(name: str, value: Any, stream: str) -> Iterator[str]:
    values = value if isinstance(value, list) else [value]
    if name.startswith("spanwatch."):
        kind = own().get(name)
        if kind is None:
            yield f"{name} is not in the catalogue"
            return
        if stream not in next(field.streams for field in FIELDS if field.name == name):
            yield f"{name} is not declared for stream {stream}"
    else:
        row = ecs()["fields"].get(name)
        if row is None:
            yield f"{name} is not an ECS field"
            return
        kind = row["type"]
        if row.get("array", False) != isinstance(value, list):
            yield f"{name} {'must' if row.get('array') else 'must not'} be an array"
        for allowed in (row.get("allowed"), row.get("expected")):
            if allowed and not set(values) <= set(allowed):
                yield f"{name} {values} is not one of {allowed}"
        if "pattern" in row and not all(re.fullmatch(row["pattern"], str(item)) for item in values):
            yield f"{name} {values} does not look like {row['pattern']}"
    if value == []:
        yield f"{name} is empty"
    for item in values:
        if not fits(kind, item):
            yield f"{name}: {item!r} is no {kind}"


def problems(document: dict[str, Any], stream: str) -> list[str]:
    """Return everything that is wrong with a document of ``stream``; nothing when it is good."""
    found = [problem for name, value in leaves(document) for problem in _field(name, value, stream)]
    event, streams = document.get("event", {}), document.get("data_stream", {})
    if streams.get("type") != STREAMS[stream] or streams.get("dataset") != f"spanwatch.{stream}":
        found.append(f"data_stream {streams} is not that of {stream}")
    if event.get("dataset") != streams.get("dataset"):
        found.append("event.dataset is not data_stream.dataset")
    types = ecs()["category_types"]
    permitted = {name for category in event.get("category", ()) for name in types[category]}
    if not set(event.get("type", ())) <= permitted:
        found.append(f"event.type {event['type']} does not go with {event['category']}")
    if "protocol" in event.get("type", ()) and "protocol" not in document.get("network", {}):
        found.append("type protocol obliges network.protocol")
    if "@timestamp" not in document or "kind" not in event:
        found.append("@timestamp and event.kind are missing")
    if event.get("kind") == "signal":
        found.append("event.kind signal belongs to Kibana")
    if {"allowed", "denied"} & set(event.get("type", ())):
        found.append("a passive sensor neither permits nor blocks")
    found += [f"event.{name} is a wall clock" for name in ("created", "ingested") if name in event]
    if STREAMS[stream] == "metrics":
        found += ["a time series has no event.id"] * ("id" in event)
    elif not re.fullmatch(r"[A-Za-z0-9_-]{22}", str(event.get("id"))):
        found.append(f"event.id {event.get('id')} is no document id")
    return found
