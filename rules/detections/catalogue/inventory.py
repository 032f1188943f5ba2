"""Alerts on the inventory: new assets, versions and modules that change, identities that disagree."""

from __future__ import annotations

from typing import Final

from dissectors.context import AssetEvent, AssetView, Context
from dissectors.facts import ChannelOpened
from rules.detections.addresses import OT, is_one_host
from rules.detections.entry import Entry, Hit, Match, Predicate
from rules.detections.explanation import Explanation, identity
from rules.detections.rule_state import RuleState
from rules.detections.words import asset_name

DAY: Final = 86_400
TICKET: Final = "A change ticket that names {asset}, and the new value approved in the inventory."


def _new(event: AssetEvent | Context, state: RuleState) -> Hit | None:
    """Hit on an unknown asset, and louder once it opens a connection to a controller."""
    if isinstance(event, AssetEvent):
        if not event.settled or event.asset.known:
            return None
        state.note(event.asset.id, event.time)
        return Hit()
    return _new_speaks(event, state)


def _new_speaks(context: Context, state: RuleState) -> Hit | None:
    client, channel = context.client, context.channel
    if client is None or channel is None or state.noted(client.id, context.fact.time, DAY) is None:
        return None
    words = {
        "asset": asset_name(client),
        "zone": client.zone or "no zone",
        "vendor": client.vendor or "an unknown maker",
        "method": f"{channel.protocol} connection to {asset_name(context.server) if context.server else channel.server.ip}",
    }
    return Hit(words=words, severity="high", about=client.id)


def _changed(*attributes: str, prefix: str = "") -> Predicate:
    def predicate(event: AssetEvent, state: RuleState) -> Hit | None:
        named = event.attribute in attributes or bool(prefix and event.attribute.startswith(prefix))
        return Hit() if named else None

    return predicate


def _unzoned(context: Context, state: RuleState) -> Hit | None:
    if context.verdict is None:
        return None
    for asset in (context.client, context.server):
        if asset is not None and _without_zone(asset) and state.noted(asset.id) is None:
            state.note(asset.id, context.fact.time)
            words = {"asset": asset_name(asset), "ip": asset.ip or "no address", "method": "policy"}
            return Hit(words=words, about=asset.id)
    return None


def _without_zone(asset: AssetView) -> bool:
    return not asset.zone and is_one_host(asset.ip)


def _change(kind: str, name: str) -> Explanation:
    return identity(
        name + " of {asset} changed.",
        "It stays {old} until a change ticket says otherwise.",
        "{attribute} went from {old} to {new} (" + kind + ").",
    )


INVENTORY_ALERTS: Final = (
    Entry(
        id="AST-001",
        name="New asset",
        severity="medium",
        looks=(Match(AssetEvent, words=("new",)), Match(ChannelOpened, OT)),
        predicate=_new,
        scope="asset",
        explanation=identity(
            "{asset} was never seen before ({zone}).",
            "The stations of a control network are known.",
            "First seen at {first_time}, made by {vendor}.",
        ),
        false_positives="The first days of watching; DHCP with random MACs.",
        normal="{asset} in the policy, with zone, role and owner.",
        category="inventory",
        techniques=("T0864",),
        capture_fires="modbus/new_master.pcap",
    ),
    Entry(
        id="AST-002",
        name="Firmware version changed",
        severity="high",
        looks=(Match(AssetEvent, words=("changed",)),),
        predicate=_changed("firmware_version"),
        scope="asset",
        explanation=_change("firmware", "The firmware version"),
        false_positives="A planned update.",
        normal=TICKET,
        category="inventory",
        techniques=("T1693.001",),
    ),
    Entry(
        id="AST-003",
        name="Module added, changed or gone",
        severity="medium",
        looks=(Match(AssetEvent, words=("changed",)),),
        predicate=_changed(prefix="module"),
        scope="asset",
        explanation=_change("module list", "A module"),
        false_positives="A spare part.",
        normal=TICKET,
        category="inventory",
        techniques=("T1693.002",),
    ),
    Entry(
        id="AST-004",
        name="Hardware swapped behind the same address",
        severity="high",
        looks=(Match(AssetEvent, words=("changed",)),),
        predicate=_changed("serial_number", "product_code"),
        scope="asset",
        explanation=_change("another device answers at this address", "The hardware"),
        false_positives="A spare part.",
        normal=TICKET,
        category="inventory",
        context=("T0849",),
    ),
    Entry(
        id="AST-005",
        name="Sources disagree",
        severity="low",
        looks=(Match(AssetEvent, words=("conflict",)),),
        predicate=_changed("manufacturer", "vendor", "model"),
        scope="asset",
        explanation=identity(
            "Two sources disagree about {asset}.",
            "All sources name one maker and model.",
            "{attribute} is {old} by one source and {new} by another.",
        ),
        false_positives="A gateway that answers for others.",
        normal="The right value approved in the inventory.",
        category="inventory",
        context=("T0849",),
    ),
    Entry(
        id="AST-006",
        name="One identity, two places",
        severity="high",
        looks=(Match(AssetEvent, words=("conflict",)),),
        predicate=_changed("serial_number", "name", "station_name"),
        scope="asset",
        explanation=identity(
            "{asset} and {other} claim the same identity.",
            "A serial number or station name belongs to one device.",
            "{attribute} {new} was seen at {asset} and at {other}.",
        ),
        false_positives="A cloned configuration; a redundant pair.",
        normal="The pair under `redundancy` in the configuration.",
        category="spoofing",
        techniques=("T0830",),
        context=("T0849",),
    ),
    Entry(
        id="AST-014",
        name="Without a zone",
        severity="low",
        looks=(Match(ChannelOpened),),
        predicate=_unzoned,
        scope="asset",
        needs="P",
        explanation=identity(
            "{asset} is in no zone of the policy.",
            "Every asset belongs to exactly one zone.",
            "No zone claims {ip}.",
        ),
        false_positives="A new subnet.",
        normal="{asset} (or its network) in exactly one zone of the policy.",
        category="inventory",
        capture_fires="modbus/new_master.pcap",
        capture_silent="plant/normal.pcap",
    ),
)
