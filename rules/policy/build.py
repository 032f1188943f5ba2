"""Document to compiled policy: groups become assets, point sets spans, times nanoseconds, and rules an index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from ipaddress import ip_network

from rules.policy.clause import Clause, Ends, ExceptionClause, MaintenanceWindow
from rules.policy.clause import Rule as RuleClause
from rules.policy.compiled import (
    Binding,
    Conduit,
    Maintenance,
    Net,
    Objects,
    Policy,
    Rule,
    Selector,
    ValueRange,
)
from rules.policy.document import Document
from rules.policy.entity import UNITS, Asset
from rules.policy.extent import LAST, PORT_LAST, Span, merge, parse_range
from rules.policy.reference import clauses
from rules.policy.source import Source
from rules.policy.vocabulary import words_of
from rules.policy.window import Calendar, nanoseconds, parse_recurrence


def build(document: Document, source: Source, sha256: str) -> Policy:
    """Return the compiled policy of a document that ``reference.check`` found sound."""
    homes = {asset: zone.id for zone in document.zones for asset in zone.assets}
    bindings = {name: _binding(name, asset, homes[name]) for name, asset in document.assets.items()}
    networks = [(ip_network(cidr), zone.id) for zone in document.zones for cidr in zone.cidrs]
    networks.sort(key=lambda pair: (-pair[0].prefixlen, str(pair[0]), pair[1]))
    compiled = (_rule(document, source.line(path), clause) for path, _, clause in clauses(document))
    rules = tuple(sorted(compiled, key=lambda rule: rule.id))
    return Policy(
        id=document.metadata.id,
        version=document.metadata.version,
        sha256=sha256,
        name=source.name,
        effective=nanoseconds(document.metadata.effective),
        document=document,
        lines=source.lines,
        bindings=bindings,
        by_ip={binding.ip: binding for binding in bindings.values() if binding.ip},
        by_mac={binding.mac: binding for binding in bindings.values() if binding.mac != "any"},
        networks=tuple(networks),
        safety_zones=frozenset(zone.id for zone in document.zones if zone.safety),
        conduits=_conduits(document),
        devices=tuple(route for name in document.security_devices for route in _routes(document, name)),
        device_names={mac: name for name, device in document.security_devices.items() for mac in device.macs.values()},
        rules=rules,
        index=_index(rules),
        publishing=tuple(rule for rule in rules if rule.publishes or words_of(rule.protocol).link),
        maintenance=tuple(sorted((_maintenance(one) for one in document.maintenance_windows), key=lambda one: one.id)),
    )


def _binding(name: str, asset: Asset, zone: str) -> Binding:
    return Binding(
        name=name,
        ip=asset.ip or "",
        mac=asset.mac,
        zone=zone,
        units={key: bound for key in UNITS if (bound := asset.units(key))},
    )


def _routes(document: Document, device: str) -> tuple[tuple[Net, str], ...]:
    return tuple((ip_network(segment), mac) for segment, mac in document.security_devices[device].macs.items())


def _conduits(document: Document) -> dict[frozenset[str], tuple[Conduit, ...]]:
    joined: dict[frozenset[str], tuple[Conduit, ...]] = {}
    for one in sorted(document.conduits, key=lambda conduit: conduit.id):
        zones = frozenset(one.between)
        routes = _routes(document, one.via) if one.via else ()
        joined[zones] = (*joined.get(zones, ()), Conduit(one.id, zones, routes, one.via or ""))
    return joined


def _selector(document: Document, ends: Ends) -> Selector:
    if ends.any:
        return Selector(any=True, text="any")
    if ends.asset is not None:
        return Selector(assets=frozenset({ends.asset}), text=ends.asset)
    if ends.addresses:
        return Selector(groups=frozenset(ends.addresses), text=", ".join(ends.addresses))
    if ends.named_group is not None:
        return Selector(assets=frozenset(document.groups[ends.named_group]), text=f"group {ends.named_group}")
    if ends.mac is not None:
        return Selector(mac=ends.mac, text=ends.mac)
    if ends.zone is not None:
        return Selector(zone=ends.zone, text=f"zone {ends.zone}")
    cidr = str(ends.cidr)
    return Selector(network=ip_network(cidr), text=cidr)


def _objects(document: Document, protocol: str, names: Sequence[str]) -> Objects:
    words = words_of(protocol)
    collected: dict[str, list[Span]] = {}
    for name in names:
        for kind, span in words.spans(document.point_sets[name].entries()):
            collected.setdefault(kind, []).append(span)
    return Objects({kind: merge(spans) for kind, spans in sorted(collected.items())}, ", ".join(names), words.wider)


def _functions(clause: Clause) -> frozenset[str] | None:
    if isinstance(clause.functions, str):
        return None
    words = words_of(clause.protocol)
    return frozenset(token for word in clause.functions for token in words.expand(word))


def _values(clause: Clause) -> tuple[ValueRange, ...] | None:
    if isinstance(clause.values, str):
        return None
    ranges = []
    for key, bounds in clause.values.items():
        first, last = parse_range(key, LAST)
        if isinstance(bounds, str):
            ranges.append(ValueRange(first, last, None, None))
        else:
            ranges.append(ValueRange(first, last, bounds.min, bounds.max))
    return tuple(sorted(ranges, key=lambda one: one.first))


def _calendar(document: Document, name: str) -> Calendar | None:
    if name == "any":
        return None
    window = document.windows[name]
    weekdays, month_days = parse_recurrence(window.rrule)
    start = time.fromisoformat(window.start)
    return Calendar(name, document.metadata.time_zone, weekdays, month_days, start, window.duration)


def _ports(clause: Clause) -> tuple[Span, ...] | None:
    if clause.ports is None or isinstance(clause.ports, str):
        return None
    return merge((port, port) if isinstance(port, int) else parse_range(port, PORT_LAST) for port in clause.ports)


def _rule(document: Document, line: int, clause: Clause) -> Rule:
    rule = clause if isinstance(clause, RuleClause) else None
    exception = clause if isinstance(clause, ExceptionClause) else None
    return Rule(
        id=clause.id,
        kind=rule.action if rule else "exception",
        line=line,
        conduit=clause.conduit or "",
        zone=clause.zone or "",
        client=_selector(document, clause.from_),
        server=_selector(document, clause.to),
        protocol=clause.protocol,
        ports=_ports(clause),
        functions=_functions(clause),
        objects=None if isinstance(clause.objects, str) else _objects(document, clause.protocol, clause.objects),
        values=_values(clause),
        encrypted="opaque" in (clause.functions, clause.objects),
        max_requests_per_s=None if isinstance(clause.limits, str) else clause.limits.max_requests_per_s,
        when=_calendar(document, rule.when) if rule else None,
        starts=nanoseconds(exception.starts) if exception else None,
        expires=nanoseconds(exception.expires) if exception else None,
        requires=clause.require,
        severity=(rule.severity if rule else exception.alert_level if exception else None) or "",
        technique=(rule.technique if rule else None) or "",
        reason=clause.reason or "",
        owner=clause.owner or "",
        ticket=clause.ticket or "",
    )


def _maintenance(one: MaintenanceWindow) -> Maintenance:
    return Maintenance(
        id=one.id,
        zones=frozenset(one.zones),
        starts=nanoseconds(one.starts),
        ends=nanoseconds(one.ends),
        ticket=one.ticket or "",
        anomaly_severity=one.effect.anomaly_severity,
        freeze_learning=one.effect.freeze_learning,
    )


def _index(rules: Sequence[Rule]) -> dict[str, dict[str, tuple[Rule, ...]]]:
    """Return rules by the end they lead to (``asset:x``, ``zone:x``, ``any``, ``network``, ``groups``), then by protocol."""
    index: dict[str, dict[str, tuple[Rule, ...]]] = {}
    for rule in rules:
        keys = [f"asset:{name}" for name in sorted(rule.server.assets)]
        if rule.server.zone:
            keys.append(f"zone:{rule.server.zone}")
        if rule.server.any:
            keys.append("any")
        if rule.server.network is not None:
            keys.append("network")
        if rule.server.groups:
            keys.append("groups")
        for key in keys:
            protocols = index.setdefault(key, {})
            protocols[rule.protocol] = (*protocols.get(rule.protocol, ()), rule)
    return index
