"""E04: do the ends of a rule lie where its conduit or zone says? Also networks that are in no zone (E01)."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network

from rules.policy.clause import Clause, Ends
from rules.policy.document import Document
from rules.policy.finding import Findings
from rules.policy.source import Path


def check_ends(
    document: Document, findings: Findings, path: Path, where: str, clause: Clause, homes: Mapping[str, str]
) -> None:
    """Note every way in which ``from``, ``to``, ``conduit`` and ``zone`` of a clause contradict each other."""
    if clause.publishes:
        _publisher(findings, path, where, clause, _zones(document, clause.from_, homes))
        return
    sides = {"from": _zones(document, clause.from_, homes), "to": _zones(document, clause.to, homes)}
    for key, ends in (("from", clause.from_), ("to", clause.to)):
        if ends.cidr is not None and not sides[key]:
            text = f"network {ends.cidr} is in no zone; add it to the cidrs of a zone"
            findings.add("E01", (*path, key, "cidr"), where, text)
            return
    if clause.conduit is not None and clause.zone is not None:
        text = "names a conduit and a zone; keep the conduit for a flow between zones, the zone for one within"
        findings.add("E04", (*path, "zone"), where, text)
    elif clause.conduit is not None:
        _between(document, findings, path, where, clause.conduit, sides)
    elif clause.zone is not None:
        _within(document, findings, path, where, clause.zone, sides)
    elif clause.action_allows:
        findings.add("E04", path, where, f"names neither conduit nor zone; {_suggestion(document, sides)}")


def _publisher(findings: Findings, path: Path, where: str, clause: Clause, zones: frozenset[str]) -> None:
    """Check a rule for messages to many: a group is in no zone, so only that of the publisher can be named."""
    if clause.conduit is not None:
        text = "a group of receivers is in no zone, so no conduit leads to it; remove it, or write the publisher's zone"
        findings.add("E04", (*path, "conduit"), where, text)
    for zone in sorted(zones - {clause.zone}) if clause.zone is not None else ():
        text = f"is within zone {clause.zone}, but 'from' is in {zone}; write zone: {zone}"
        findings.add("E04", (*path, "from"), where, text)


def _zones(document: Document, ends: Ends, homes: Mapping[str, str]) -> frozenset[str]:
    """Return the zones of one side; empty for ``any`` and for what is not defined."""
    if ends.asset is not None:
        return frozenset({homes[ends.asset]} if ends.asset in homes else ())
    if ends.named_group is not None:
        members = document.groups.get(ends.named_group, ())
        return frozenset(homes[asset] for asset in members if asset in homes)
    if ends.zone is not None:
        return frozenset({ends.zone} if any(zone.id == ends.zone for zone in document.zones) else ())
    if ends.cidr is None:
        return frozenset()
    wanted = ip_network(ends.cidr)
    return frozenset(
        zone.id
        for zone in document.zones
        for cidr in zone.cidrs
        if (home := ip_network(cidr)).version == wanted.version and wanted.subnet_of(home)  # type: ignore[arg-type]
    )


def _between(
    document: Document, findings: Findings, path: Path, where: str, name: str, sides: Mapping[str, frozenset[str]]
) -> None:
    conduit = next((one for one in document.conduits if one.id == name), None)
    if conduit is None:
        return
    for key, zones in sides.items():
        for zone in sorted(zones - set(conduit.between)):
            joins = f"conduit {name} joins {' and '.join(conduit.between)}"
            text = f"{joins}, but '{key}' is in {zone}; {_suggestion(document, sides)}"
            findings.add("E04", (*path, key), where, text)
    for zone in sorted(sides["from"] & sides["to"] & set(conduit.between)):
        text = f"both ends are in {zone}, which is one side of conduit {name}; write zone: {zone} or split the rule"
        findings.add("E04", (*path, "conduit"), where, text)


def _within(
    document: Document, findings: Findings, path: Path, where: str, name: str, sides: Mapping[str, frozenset[str]]
) -> None:
    if not any(zone.id == name for zone in document.zones):
        return
    for key, zones in sides.items():
        for zone in sorted(zones - {name}):
            text = f"is within zone {name}, but '{key}' is in {zone}; {_suggestion(document, sides)}"
            findings.add("E04", (*path, key), where, text)


def _suggestion(document: Document, sides: Mapping[str, frozenset[str]]) -> str:
    """Say which conduit or zone would fit."""
    joined = sides["from"] | sides["to"]
    if len(joined) == 1 and all(sides.values()):
        return f"write zone: {min(joined)}"
    fitting = [one.id for one in document.conduits if all(sides.values()) and joined == set(one.between)]
    if fitting:
        return f"write conduit: {fitting[0]}"
    if len(joined) == 2 and all(sides.values()):
        return f"define a conduit between {' and '.join(sorted(joined))}"
    return "name the conduit between the zones, or the one zone of both ends, and split the rule where needed"
