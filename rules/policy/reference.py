"""Load-time checks across the document: names that lead nowhere, zones, conduit ends, missing dimensions.

E01 unknown or doubled names, E02 assets in no or two zones, E03 doubled bindings, E04 conduit ends, E14 the time zone,
E17 ``encrypted``, ``ports`` and values. What is only unwise is left to the lint.
"""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from rules.policy.clause import Clause, Rule
from rules.policy.dimension import check_dimensions
from rules.policy.document import Document
from rules.policy.ends import check_ends
from rules.policy.finding import Findings
from rules.policy.problem import Problem
from rules.policy.source import Path, Source
from rules.policy.word import read_address


def check(document: Document, source: Source) -> list[Problem]:
    """Return every reference problem of a document that is well formed by itself."""
    findings = Findings(source)
    _time_zone(document, findings)
    _unique_ids(document, findings)
    _bindings(document, findings)
    _memberships(document, findings)
    _conduits(document, findings)
    zones = {asset: zone.id for zone in document.zones for asset in zone.assets}
    for path, where, clause in clauses(document):
        _clause_names(document, findings, path, where, clause)
        check_ends(document, findings, path, where, clause, zones)
        check_dimensions(document, findings, path, where, clause)
    for number, window in enumerate(document.maintenance_windows):
        for entry, zone in enumerate(window.zones):
            known = [one.id for one in document.zones]
            findings.name(
                ("maintenance_windows", number, "zones", entry), f"maintenance window {window.id}", "zone", zone, known
            )
    return findings.problems


def clauses(document: Document) -> Iterator[tuple[Path, str, Clause]]:
    """Yield path, label and clause of every rule and exception."""
    for number, rule in enumerate(document.rules):
        yield ("rules", number), f"rule {rule.id}", rule
    for number, exception in enumerate(document.exceptions):
        yield ("exceptions", number), f"exception {exception.id}", exception


def _time_zone(document: Document, findings: Findings) -> None:
    zone = document.metadata.time_zone
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, LookupError):
        path: Path = ("metadata", "time_zone")
        findings.add("E14", path, "metadata", f"time zone '{zone}' is not known; write one like Europe/Berlin or UTC")


def _unique_ids(document: Document, findings: Findings) -> None:
    groups: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("zones", tuple(one.id for one in document.zones)),
        ("conduits", tuple(one.id for one in document.conduits)),
        ("rules", tuple(one.id for one in document.rules)),
        ("exceptions", tuple(one.id for one in document.exceptions)),
        ("maintenance_windows", tuple(one.id for one in document.maintenance_windows)),
    )
    for group, ids in groups:
        seen: dict[str, int] = {}
        for number, name in enumerate(ids):
            if group == "exceptions" and any(rule.id == name for rule in document.rules):
                findings.add(
                    "E01", (group, number, "id"), f"exception {name}", "id is also the id of a rule; give it another"
                )
            if name in seen:
                line = findings.source.line((group, seen[name], "id"))
                where = f"{group[:-1].replace('_', ' ')} {name}"
                findings.add("E01", (group, number, "id"), where, f"id is already used in line {line}; give it another")
            seen.setdefault(name, number)


def _bindings(document: Document, findings: Findings) -> None:
    ips: dict[str, str] = {}
    macs: dict[str, str] = {}
    for name, device in document.security_devices.items():
        for network, mac in device.macs.items():
            owner = macs.setdefault(mac, name)
            if owner != name:
                path: Path = ("security_devices", name, "macs", network)
                findings.add(
                    "E03", path, f"security device {name}", f"MAC {mac} is also bound to {owner}; correct one of them"
                )
    for name, asset in document.assets.items():
        for key, value, seen in (("ip", asset.ip, ips), ("mac", asset.mac, macs)):
            if value is None or value == "any":
                continue
            owner = seen.setdefault(value, name)
            if owner != name:
                text = f"{key.upper()} {value} is also bound to {owner}; correct one of them"
                findings.add("E03", ("assets", name, key), f"asset {name}", text)


def _memberships(document: Document, findings: Findings) -> None:
    homes: dict[str, str] = {}
    for number, zone in enumerate(document.zones):
        for entry, asset in enumerate(zone.assets):
            path: Path = ("zones", number, "assets", entry)
            where = f"zone {zone.id}"
            if not findings.name(path, where, "asset", asset, document.assets):
                continue
            if asset in homes:
                text = f"asset '{asset}' is already in zone {homes[asset]}; keep it in one zone"
                findings.add("E02", path, where, text)
            homes.setdefault(asset, zone.id)
        if zone.accountable is not None and document.owners:
            findings.name(
                ("zones", number, "accountable"), f"zone {zone.id}", "owner", zone.accountable, document.owners
            )
    for asset in document.assets:
        if asset not in homes:
            findings.add("E02", ("assets", asset), f"asset {asset}", "is in no zone; add it to the assets of one zone")
    for group, members in document.groups.items():
        if read_address(group) is not None:
            findings.add("E01", ("groups", group), f"group {group}", "is an address; give the group of assets a name")
        for entry, asset in enumerate(members):
            findings.name(("groups", group, entry), f"group {group}", "asset", asset, document.assets)


def _conduits(document: Document, findings: Findings) -> None:
    known = [zone.id for zone in document.zones]
    for number, conduit in enumerate(document.conduits):
        where = f"conduit {conduit.id}"
        for entry, zone in enumerate(conduit.between):
            findings.name(("conduits", number, "between", entry), where, "zone", zone, known)
        if conduit.between[0] == conduit.between[1]:
            findings.add("E04", ("conduits", number, "between"), where, "joins a zone to itself; name two zones")
        for key, device in (("security_device", conduit.security_device), ("via", conduit.via)):
            findings.name(("conduits", number, key), where, "security device", device, document.security_devices)
        if conduit.accountable is not None and document.owners:
            findings.name(("conduits", number, "accountable"), where, "owner", conduit.accountable, document.owners)


def _clause_names(document: Document, findings: Findings, path: Path, where: str, clause: Clause) -> None:
    conduits = [conduit.id for conduit in document.conduits]
    zones = [zone.id for zone in document.zones]
    findings.name((*path, "conduit"), where, "conduit", clause.conduit, conduits)
    findings.name((*path, "zone"), where, "zone", clause.zone, zones)
    for key, ends in (("from", clause.from_), ("to", clause.to)):
        findings.name((*path, key, "asset"), where, "asset", ends.asset, document.assets)
        findings.name((*path, key, "group"), where, "group", ends.named_group, document.groups)
        findings.name((*path, key, "zone"), where, "zone", ends.zone, zones)
    if not isinstance(clause.objects, str):
        for entry, name in enumerate(clause.objects):
            findings.name((*path, "objects", entry), where, "point set", name, document.point_sets)
    if isinstance(clause, Rule) and clause.when != "any":
        findings.name((*path, "when"), where, "window", clause.when, document.windows)
    if clause.owner is not None and document.owners:
        findings.name((*path, "owner"), where, "owner", clause.owner, document.owners)
