"""Joining two assets that turned out to be one device, and taking apart a router and who is behind it."""

from __future__ import annotations

from typing import TypeVar

from sensor.inventory.asset import FEW_ROWS, Asset, Seen

K = TypeVar("K")


def _join(into: dict[K, Seen], rows: dict[K, Seen]) -> None:
    for key, row in rows.items():
        mine = into.get(key)
        if mine is None:
            into[key] = row
        else:
            mine.join(row)


def values_of(asset: Asset) -> int:
    """Return how many values of attributes an asset and the devices behind it hold."""
    return sum(map(len, asset.observations.values())) + sum(map(values_of, asset.children.values()))


def further_of(asset: Asset) -> int:
    """Return how many partners, units and alike an asset has beyond the FEW_ROWS of each that every asset may have."""
    kinds = (asset.protocols, asset.services, asset.partners, asset.units)
    return sum(len(rows) - FEW_ROWS for rows in kinds if len(rows) > FEW_ROWS)


def all_further_of(asset: Asset) -> int:
    """Return the same with the devices behind it."""
    return further_of(asset) + sum(map(all_further_of, asset.children.values()))


def merge(asset: Asset, other: Asset) -> list[tuple[Asset, Asset]]:
    """Give what ``other`` said and did to ``asset``; ``other`` then only points to it. Addresses are the table's business.

    Returns the devices behind ``other`` that turned out to be devices behind ``asset``, each with the one it is.
    """
    twice = move(other, asset)
    asset.seen.join(other.seen)
    asset.vlans.update(other.vlans)
    asset.links.update(other.links)
    asset.links.pop(asset.id, None)
    other.merged_into = asset.id
    for one in (asset, other):
        one.views.clear()
    return twice


def move(source: Asset, into: Asset) -> list[tuple[Asset, Asset]]:
    """Move what ``source`` said and did to ``into``; its MAC, addresses and times stay. Returns what ``merge`` does."""
    for name, rows in source.observations.items():
        _join(into.observations.setdefault(name, {}), rows)
    for said, value in source.current.items():
        into.current.setdefault(said, value)
    _join(into.protocols, source.protocols)
    _join(into.services, source.services)
    _join(into.roles, source.roles)
    _join(into.partners, source.partners)
    for key, place in source.units.items():
        into.units.setdefault(key, place)
    twice = []
    for key, child in source.children.items():
        mine = into.children.setdefault(key, child)
        if mine is child:
            child.parent = into
            child.views.clear()
        else:
            merge(mine, child)
            twice.append((child, mine))
    source.observations, source.current = {}, {}
    source.protocols, source.services, source.roles, source.partners = {}, {}, {}, {}
    source.units, source.children = {}, {}
    source.views.clear()
    into.views.clear()
    return twice
