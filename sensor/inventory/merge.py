"""Joining two assets that turned out to be one device, and taking apart a router and who is behind it."""

from __future__ import annotations

from typing import TypeVar

from sensor.inventory.asset import Asset, Seen

K = TypeVar("K")


def _join(into: dict[K, Seen], rows: dict[K, Seen]) -> None:
    for key, row in rows.items():
        mine = into.get(key)
        if mine is None:
            into[key] = row
        else:
            mine.join(row)


def merge(asset: Asset, other: Asset) -> None:
    """Give everything known of ``other`` to ``asset``; ``other`` then only points to it."""
    move(other, asset)
    for ip, held in other.addresses.items():
        asset.addresses.setdefault(ip, held)
    asset.seen.join(other.seen)
    asset.vlans.update(other.vlans)
    asset.links.update(other.links)
    asset.links.pop(asset.id, None)
    other.merged_into = asset.id
    for one in (asset, other):
        one.views.clear()


def move(source: Asset, into: Asset) -> None:
    """Move what ``source`` said and did to ``into``; its MAC, addresses and times stay."""
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
    for key, child in source.children.items():
        if key not in into.children:
            into.children[key] = child
            child.parent = into
            child.views.clear()
    source.observations, source.current = {}, {}
    source.protocols, source.services, source.roles, source.partners = {}, {}, {}, {}
    source.units, source.children = {}, {}
    source.views.clear()
    into.views.clear()
