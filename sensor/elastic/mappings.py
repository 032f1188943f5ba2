"""Types of the ECS fields that documents use, for the component template ``spanwatch-ecs``.

The stack's ``ecs@mappings`` types most of them by their name, not all (``entity.lifecycle.last_activity`` is a date
there only by luck of its content), and a cluster may run without the stack's templates. So they are declared.
ECS 9.4.0.
"""

from __future__ import annotations

from typing import Any, Final

TYPES: Final = {
    "date": "@timestamp event.created event.end event.ingested event.start entity.last_seen_timestamp "
    "entity.lifecycle.last_activity",
    "ip": "client.ip destination.ip host.ip related.ip server.ip source.ip",
    "long": "client.port destination.bytes destination.packets destination.port event.duration event.sequence "
    "event.severity network.bytes network.packets server.port source.bytes source.packets source.port",
    "float": "event.risk_score event.risk_score_norm",
    "boolean": "entity.attributes.managed",
    "geo_point": "observer.geo.location",
    "match_only_text": "error.message message",
    "keyword": "client.mac destination.mac device.id device.manufacturer device.model.identifier device.model.name "
    "device.product.name device.serial_number device.type device.vendor.name ecs.version entity.id entity.name "
    "entity.source entity.sub_type entity.type event.action event.category event.code event.id event.kind "
    "event.outcome event.provider event.reason event.reference event.type event.url host.id host.mac host.name "
    "host.type labels.site network.community_id network.direction network.inner.vlan.id network.name "
    "network.protocol network.transport network.type network.vlan.id observer.ingress.interface.name "
    "observer.ingress.vlan.id observer.ingress.zone observer.name observer.product observer.type observer.vendor "
    "observer.version related.hosts rule.category rule.id rule.name rule.ruleset "
    "rule.uuid rule.version server.mac source.mac tags threat.framework threat.tactic.id threat.tactic.name "
    "threat.tactic.reference threat.technique.id threat.technique.name threat.technique.reference "
    "threat.technique.subtechnique.id threat.technique.subtechnique.name threat.technique.subtechnique.reference",
}
"""Every ECS field in use, by type."""


def nested(fields: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return dotted names with their mappings as the ``properties`` of a mapping."""
    root: dict[str, Any] = {}
    for name in sorted(fields):
        *parents, leaf = name.split(".")
        place = root
        for parent in parents:
            place = place.setdefault(parent, {}).setdefault("properties", {})
        place.setdefault(leaf, {}).update(fields[name])
    return root


def ecs_properties() -> dict[str, Any]:
    """Return the ``properties`` of all ECS fields in use."""
    fields: dict[str, dict[str, Any]] = {}
    for kind, names in TYPES.items():
        for name in names.split():
            fields[name] = {"type": kind, "ignore_above": 1024} if kind == "keyword" else {"type": kind}
    return nested(fields)
