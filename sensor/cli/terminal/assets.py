"""Assets in the terminal: the list, one of them with the evidence of every value, and as lines of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec
from rich.console import Console

from dissectors.context import AssetEvent
from sensor.cli.terminal.console import console
from sensor.cli.terminal.escape import cell, json_line
from sensor.cli.terminal.table import Column, print_fields, print_table
from sensor.cli.terminal.words import counted, instant, listed
from sensor.inventory.record import AssetRecord

COLUMNS = (
    Column("name"),
    Column("ip"),
    Column("mac", from_width=90),
    Column("vendor", from_width=110),
    Column("role"),
    Column("protocols", from_width=60),
    Column("zone", from_width=120),
    Column("last seen", from_width=150),
)
NETWORK: Final = Column("network", from_width=60)
"""Shown where there is more than one."""

SECONDS: Final = len("2026-11-21 22:10:04")
"""Characters of a time down to the second: a list needs no more."""
MAX_OBSERVATIONS: Final = 50
"""Observations shown of one asset; ``--json`` has them all."""


def protocols_of(asset: AssetRecord) -> str:
    """Return the protocols with the sides, e.g. "ntp server"."""
    sides: dict[str, list[str]] = {}
    for row in asset.protocols:
        sides.setdefault(row.protocol, []).append(row.side)
    return ", ".join(f"{name} {'+'.join(dict.fromkeys(sorted(sides[name])))}" for name in sorted(sides))


def asset_row(asset: AssetRecord) -> tuple[object, ...]:
    """Return an asset as a row of COLUMNS."""
    return (
        asset.name or asset.id, asset.ip or "-", asset.mac or "-", asset.vendor or "-", asset.role or "-",
        protocols_of(asset) or "-", asset.zone or "-", instant(asset.last)[:SECONDS],
    )  # fmt: skip


def list_of_assets(assets: Sequence[AssetRecord], on: Console | None = None) -> None:
    """Print assets as a table, one line each."""
    out = on or console()
    if not assets:
        out.print("No assets.")
        return
    if any(asset.network for asset in assets):
        rows = [(*asset_row(asset), asset.network or "-") for asset in assets]
        print_table(out, counted(len(assets), "asset"), (*COLUMNS, NETWORK), rows)
        return
    print_table(out, counted(len(assets), "asset"), COLUMNS, map(asset_row, assets))


def lines_of_assets(assets: Sequence[AssetRecord], on: Console | None = None) -> None:
    """Print one JSON object per asset and line, with all evidence."""
    out = on or console()
    for asset in assets:
        out.file.write(json_line(msgspec.to_builtins(asset)))


def _print_evidence(out: Console, asset: AssetRecord) -> None:
    columns = (
        Column("attribute"), Column("value"), Column("method"), Column("confidence", from_width=80),
        Column("times", from_width=90, right=True), Column("frames", from_width=70), Column("last", from_width=110),
    )  # fmt: skip
    rows = [
        (
            f"{attribute.name} (conflict)" if attribute.state == "conflict" else attribute.name,
            cell(seen.value, "bold" if seen.value == attribute.value else ""),
            seen.method,
            seen.confidence,
            seen.count,
            listed(seen.frames),
            instant(seen.last),
        )
        for attribute in asset.attributes
        for seen in attribute.observations
    ]
    if rows:
        print_table(out, "What it says, and what was said about it", columns, rows[:MAX_OBSERVATIONS])
    if len(rows) > MAX_OBSERVATIONS:
        out.print(f"and {len(rows) - MAX_OBSERVATIONS} more observations (see --json)")


def _print_partners(out: Console, asset: AssetRecord, names: Mapping[str, str]) -> None:
    columns = (
        Column("partner"),
        Column("id", from_width=90),
        Column("as"),
        Column("protocol"),
        Column("channels", right=True),
        Column("last", from_width=80),
    )
    rows = [
        (names.get(row.asset, row.asset), row.asset, row.side, row.protocol, row.channels, instant(row.last))
        for row in asset.partners
    ]
    if rows:
        print_table(out, "Talks with", columns, rows)


def called(asset: AssetRecord) -> str:
    """Return what an asset is called where another one is about: name and address, else its id."""
    address = asset.ip or asset.mac
    return (
        f"{asset.name} ({address})"
        if asset.name not in ("", address) and address
        else asset.name or address or asset.id
    )


def one_asset(
    asset: AssetRecord,
    events: Sequence[AssetEvent] = (),
    on: Console | None = None,
    names: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Print one asset with its evidence and what happened to it; ``names`` are what its partners are called, by id."""
    out = on or console()
    out.print(cell(asset.name or asset.id, "bold"))
    role = next((row.reason for row in asset.roles if row.role == asset.role), "")
    print_fields(
        out,
        [
            ("id", asset.id),
            ("ip", asset.ip),
            ("other addresses", ", ".join(dict.fromkeys(row.ip for row in asset.addresses if row.ip != asset.ip))),
            ("mac", asset.mac or asset.mac_reason.replace("_", " ")),
            ("other network cards", listed(asset.cards)),
            ("network", asset.network),
            ("vlan", asset.vlan or ""),
            ("vendor", asset.vendor),
            ("role", f"{asset.role}: {role}" if role else asset.role),
            ("zone, level", ", ".join(filter(None, (asset.zone, asset.level)))),
            ("criticality", asset.criticality),
            ("in the policy", "yes" if asset.known else "no"),
            ("protocols", protocols_of(asset)),
            ("services", listed(tuple(f"{row.transport}/{row.port}" for row in asset.services))),
            ("units", listed(asset.units)),
            ("behind", asset.parent),
            ("may be the same as", listed(asset.links)),
            ("first, last", f"{instant(asset.first)}, {instant(asset.last)} UTC"),
            ("frames", listed(asset.frames)),
        ],
    )
    _print_evidence(out, asset)
    _print_partners(out, asset, names)
    if events:
        columns = (
            Column("time"),
            Column("event"),
            Column("attribute"),
            Column("from"),
            Column("to"),
            Column("by", from_width=90),
        )
        rows = [(instant(one.time), one.kind, one.attribute, one.old, one.new, one.method) for one in events]
        print_table(out, "What happened", columns, rows)
