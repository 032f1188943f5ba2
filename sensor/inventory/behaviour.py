"""What assets do: roles, protocols, services, partners, and the devices behind a gateway.

A server of an industrial protocol is a controller, a client of several is a master, several units that answered behind one IP
make it a gateway with a sub-asset each; a unit that was only asked for is nobody. Limit: a device that answers for every unit
it is asked for looks like a gateway.
"""

from __future__ import annotations

from collections.abc import Hashable, Sized
from typing import Final, TypeVar

from dissectors.facts import ChannelOpened
from dissectors.registry import BY_NAME, PROTOCOLS
from sensor.inventory.asset import FEW_ROWS, MAX_FURTHER, MAX_ROWS, Asset, Place, Seen, asset_id
from sensor.inventory.journal import Journal
from sensor.inventory.table import AssetTable

INDUSTRIAL: Final = frozenset(protocol.name for protocol in PROTOCOLS if protocol.industrial)
"""Protocols whose servers are controllers."""
MASTER_SERVERS: Final = 2
"""Controllers that a client must poll to be called a master."""

Key = TypeVar("Key", bound=Hashable)


def sub_unit(protocol: str, unit: str) -> str:
    """Return the unit that names a device behind the server; "" when it is the server itself or everybody."""
    spoken = BY_NAME.get(protocol)
    return spoken.unit.behind(unit) if spoken is not None and spoken.unit is not None else ""


def conversation_name(fact: ChannelOpened) -> str:
    """Return the protocol of a channel, else its transport and server port ("tcp/8080")."""
    return fact.protocol or f"{fact.transport}/{fact.server.port}"


class Behaviour:
    """Learns from channels. Bounds: ``MAX_ROWS`` protocols, services, partners and units per asset,
    ``MAX_FURTHER`` of them over all assets.
    """

    def __init__(self, table: AssetTable, journal: Journal) -> None:
        self.table = table
        self.journal = journal
        self.counters: dict[str, int] = {"behaviour_dropped": 0}

    def established(self, client: Asset, server: Asset, fact: ChannelOpened, at: Place) -> Asset:
        """Note that ``server`` answers ``client``; return the server or the device behind it."""
        name = conversation_name(fact)
        device = server.children.get((fact.protocol, sub_unit(fact.protocol, fact.unit)), server)
        device_is_new = (name, "server") not in server.protocols
        service = (fact.transport, fact.server.port)
        if service not in server.services and self._row(server.services, service, at, name) is not None:
            self.journal.report(
                "service", server, fact.server.ip, at, attribute="service", method="behaviour", channel=fact.channel,
                new=f"{fact.transport}/{fact.server.port}", settled=self.journal.settled(server, at),
            )  # fmt: skip
        if fact.protocol and fact.protocol in INDUSTRIAL:
            self._industrial_side(server, "server", "client", fact, at)
            self._role(device, "controller", f"serves {fact.protocol}", at)
            self._industrial_side(client, "client", "server", fact, at)
        self._row(server.protocols, (name, "server"), at)
        self._row(client.protocols, (name, "client"), at)
        self._role(server, "server", f"answers requests over {name}", at)
        self._role(client, "client", f"sends requests over {name}", at)
        self._partner(client, (device.id, "client", name), at)
        self._partner(device, (client.id, "server", name), at)
        if device_is_new:
            self.journal.touch(server)
        self._master(client, at)
        return device

    def answered(self, client: Asset | None, server: Asset, fact: ChannelOpened, at: Place) -> None:
        """Note that the unit of a channel has answered: there is a device."""
        device = self._device(server, fact, at)
        if device is server or client is None:
            return
        name = conversation_name(fact)
        self._partner(client, (device.id, "client", name), at)
        self._partner(device, (client.id, "server", name), at)
        self._master(client, at)

    def _industrial_side(self, asset: Asset, side: str, opposite: str, fact: ChannelOpened, at: Place) -> None:
        """Report when an asset that was only on one side of industrial protocols takes the other."""
        sides = {row_side for name, row_side in asset.protocols if name in INDUSTRIAL}
        if side in sides or opposite not in sides:
            return
        self.journal.report(
            "changed", asset, fact.client.ip if side == "client" else fact.server.ip, at, attribute="role",
            old=opposite, new=side, method="behaviour", channel=fact.channel,
            settled=self.journal.settled(asset, at),
        )  # fmt: skip

    def _master(self, client: Asset, at: Place) -> None:
        if "master" in client.roles:
            return
        polled = {other for other, side, name in client.partners if side == "client" and name in INDUSTRIAL}
        if len(polled) >= MASTER_SERVERS:
            self._role(client, "master", f"polls {len(polled)} controllers", at)

    def _role(self, asset: Asset, role: str, reason: str, at: Place) -> None:
        if role not in asset.roles:
            asset.roles[role] = Seen(at, note=reason)
            asset.views.clear()
            self.journal.touch(asset)

    def _partner(self, asset: Asset, key: tuple[str, str, str], at: Place) -> None:
        row = asset.partners.get(key)
        if row is None:
            self._row(asset.partners, key, at)
        else:
            row.count += 1
            row.touch(at.time, at.frame)

    def _row(self, rows: dict[Key, Seen], key: Key, at: Place, note: str = "") -> Seen | None:
        row = rows.get(key)
        if row is not None:
            row.touch(at.time, at.frame)
        elif self._has_room(rows):
            row = rows[key] = Seen(at, note=note)
        else:
            self.counters["behaviour_dropped"] += 1
        return row

    def _has_room(self, rows: Sized) -> bool:
        """Take room for one more row of an asset, if there is any."""
        held = len(rows)
        if held < FEW_ROWS:
            return True
        if held >= MAX_ROWS or self.journal.further >= MAX_FURTHER:
            return False
        self.journal.further += 1
        return True

    def _device(self, server: Asset, fact: ChannelOpened, at: Place) -> Asset:
        """Return the device that ``fact.unit`` means; the second unit to answer makes a sub-asset of the first one too.

        One that the bounds have forgotten is made again when its unit is met again, not before.
        """
        unit = sub_unit(fact.protocol, fact.unit)
        if not unit:
            return server
        key = (fact.protocol, unit)
        known = server.children.get(key)
        if known is not None:
            return known
        is_new = key not in server.units
        if is_new:
            if not self._has_room(server.units):
                self.counters["behaviour_dropped"] += 1
                return server
            server.units[key] = at
        units = [row for row in server.units if row[0] == fact.protocol]
        if len(units) < 2:
            return server
        self._role(server, "gateway", f"answers for {len(units)} {fact.protocol} units", at)
        if is_new and len(units) == 2:
            self._make_child(server, units[0], fact, at, split=True)
        return self._make_child(server, key, fact, at, split=False)

    def _make_child(self, gateway: Asset, key: tuple[str, str], fact: ChannelOpened, at: Place, split: bool) -> Asset:
        protocol, unit = key
        since = gateway.units[key]
        child = Asset(asset_id("unit", gateway.id, protocol, unit), "", gateway.mac_reason, gateway.vlan, since)
        if not split:
            child.seen.touch(at.time, at.frame)
        child.parent, child.protocol, child.unit = gateway, protocol, unit
        if self.table.known is not None:
            child.known = self.table.known.find(gateway.ip, gateway.mac, protocol, unit)
        self.table.add(child)
        gateway.children[key] = child
        name = f"{protocol}/{unit}"
        for attribute, rows in gateway.observations.items():
            for source in [row for row in rows if row[1] == name]:
                child.observations.setdefault(attribute, {})[source] = rows.pop(source)
        for current in [row for row in gateway.current if row[2] == name]:
            child.current[current] = gateway.current.pop(current)
        gateway.observations = {attribute: rows for attribute, rows in gateway.observations.items() if rows}
        self._role(child, "controller", f"serves {protocol} as unit {unit}", since)
        self.table.regrouped(gateway)
        self.journal.added(child, fact.server.ip, at, split=split)
        return child
