"""The type of every field that content may use: our catalogue and the part of ECS 9.4.0 that our documents carry.

Elasticsearch types that behave alike in Kibana are one kind: a ``constant_keyword`` is chosen from like a keyword.
"""

from __future__ import annotations

from typing import Final

from sensor.outputs.fields import FIELDS

ECS: Final[dict[str, str]] = {
    "@timestamp": "date",
    "client.ip": "ip",
    "data_stream.dataset": "constant_keyword",
    "data_stream.namespace": "constant_keyword",
    "destination.ip": "ip",
    "device.manufacturer": "keyword",
    "device.model.identifier": "keyword",
    "device.model.name": "keyword",
    "device.serial_number": "keyword",
    "event.action": "keyword",
    "event.id": "keyword",
    "event.kind": "keyword",
    "event.outcome": "keyword",
    "event.reason": "keyword",
    "event.risk_score": "float",
    "event.severity": "long",
    "event.type": "keyword",
    "host.id": "keyword",
    "host.ip": "ip",
    "host.mac": "keyword",
    "host.name": "keyword",
    "host.type": "keyword",
    "message": "match_only_text",
    "network.bytes": "long",
    "network.packets": "long",
    "network.protocol": "keyword",
    "network.transport": "keyword",
    "observer.ingress.interface.name": "keyword",
    "observer.name": "keyword",
    "related.hosts": "keyword",
    "related.ip": "ip",
    "rule.category": "keyword",
    "rule.id": "keyword",
    "rule.name": "keyword",
    "server.ip": "ip",
    "server.port": "long",
    "source.ip": "ip",
    "source.mac": "keyword",
    "threat.tactic.id": "keyword",
    "threat.tactic.name": "keyword",
    "threat.technique.id": "keyword",
    "threat.technique.name": "keyword",
}
"""ECS fields of our documents with their Elasticsearch type."""

TYPES: Final[dict[str, str]] = {**ECS, **{field.name: field.type for field in FIELDS if field.index}}
"""Every field that can be searched, with its Elasticsearch type."""

KINDS: Final = {
    "keyword": "string",
    "constant_keyword": "string",
    "wildcard": "string",
    "text": "text",
    "match_only_text": "text",
    "ip": "ip",
    "date": "date",
    "boolean": "boolean",
    "long": "number",
    "integer": "number",
    "float": "number",
    "double": "number",
    "scaled_float": "number",
    "flattened": "flattened",
}
"""The kind of each Elasticsearch type: what Kibana may do with it."""

TERMS: Final = frozenset({"string", "ip", "boolean"})
"""Kinds whose values can stand for rows, bars, slices and choices."""

DOCUMENTS: Final = "___records___"
"""What Kibana writes as the field of a count of documents."""


def kind(name: str) -> str:
    """Return the kind of a field, "" when no document has it."""
    return KINDS.get(TYPES.get(name, ""), "")


def takes(operation: str, name: str) -> bool:
    """Whether a Lens operation can work on the field."""
    found = kind(name)
    if operation == "count":
        return name == DOCUMENTS
    if operation == "terms":
        return found in TERMS
    if operation == "date_histogram":
        return found == "date"
    if operation == "unique_count":
        return found in {"string", "ip", "boolean", "number", "date"}
    if operation == "last_value":
        return found in {"string", "ip", "boolean", "number", "date"}
    if operation in {"max", "min"}:
        return found in {"number", "date"}
    if operation in {"sum", "average", "median"}:
        return found == "number"
    return False
