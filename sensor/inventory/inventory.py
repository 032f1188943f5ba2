"""The inventory: every fact that says something about a device goes in, assets and asset events come out.

Time is the packet time of the facts. Bounds: ``MAX_ASSETS``, ``MAX_CHANNELS`` and those of the single assets, each
with a counter in ``counters``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from dissectors.context import AssetEvent, AssetView
from dissectors.facts import ChannelOpened, ChannelWindow, Endpoint, Exchange, Sighting, Visibility
from sensor.inventory.asset import Place, Seen, Segment
from sensor.inventory.behaviour import Behaviour, conversation_name, sub_unit
from sensor.inventory.conversation import Conversation
from sensor.inventory.identity import Identity
from sensor.inventory.journal import SETTLE_SECONDS, Journal
from sensor.inventory.known import KnownAssets
from sensor.inventory.observe import Observer
from sensor.inventory.record import AssetRecord
from sensor.inventory.redundancy import NO_REDUNDANCY, Redundancy
from sensor.inventory.senders import Senders
from sensor.inventory.snapshot import asset_of, record_of
from sensor.inventory.table import MAX_ASSETS

MAX_CHANNELS: Final = 12_000
"""Conversations kept; the one idle longest goes first, one in twenty at once."""
ADDRESS: Final = "address"
SHARED_ADDRESS: Final = "shared_address"
ANSWERED_AT: Final = "answered_at"
"""The attribute that says at which MAC a sender is answered, when it is another than it sends from."""
SILENT_SERVER: Final = frozenset({"attempted", "unanswered"})
"""Channel states in which nothing proves that the server exists."""


class Inventory:
    """Assets from facts. ``known`` is what the policy names, None without a policy.

    ``started`` is the first packet time of the store it continues (None for a fresh one).
    """

    def __init__(
        self,
        known: KnownAssets | None = None,
        settle_seconds: int = SETTLE_SECONDS,
        started: int | None = None,
        max_assets: int = MAX_ASSETS,
        max_channels: int = MAX_CHANNELS,
        redundancy: Redundancy = NO_REDUNDANCY,
    ) -> None:
        self.journal = Journal(known is not None, settle_seconds, started)
        self.max_channels = max_channels
        self._identity = Identity(known, self.journal, max_assets, redundancy)
        self._behaviour = Behaviour(self._identity, self.journal)
        self._observer = Observer(self.journal, redundancy)
        self._cards = redundancy.cards
        self._conversations: dict[str, Conversation] = {}
        self.senders = Senders(self._identity)
        self._channels_evicted = 0

    @property
    def counters(self) -> dict[str, int]:
        """What the bounds made the inventory forget, since it was made."""
        return {
            **self._identity.counters,
            **self._behaviour.counters,
            **self._observer.counters,
            "channels_evicted": self._channels_evicted,
            "asset_events_held_back": self.journal.held_back,
        }

    @property
    def started(self) -> int | None:
        """The first packet time of the population, to be given to the next run on the same store."""
        return self.journal.started

    @property
    def assets_held(self) -> int:
        """How many assets are known now."""
        return len(self._identity.assets)

    @property
    def channels_held(self) -> int:
        """How many conversations are known now."""
        return len(self._conversations)

    def tick(self, now: int) -> None:
        """Let packet time pass to ``now`` (ns): what was waiting to be sure becomes an event."""
        self._identity.decide(now)

    def finish(self) -> None:
        """End the capture: what was still waiting becomes an event."""
        self._identity.decide(None)

    def sighted(self, fact: Sighting) -> None:
        """Take what was observed of a device."""
        at = self._place(fact.time, fact.source, fact.frame)
        segment = Segment(fact.vlan, fact.network, fact.interface)
        asset = self._identity.locate(fact.mac, fact.ip, segment, at, fact.method)
        if asset is not None:
            asset.seen.touch(fact.time, fact.frame)
            self.journal.touch(asset)
            self._observer.observe(asset, fact, at)
        if fact.attribute == ADDRESS:
            self._identity.watch(fact.mac, fact.ip, fact.method, segment, at)
            if fact.method == "ip":
                self.senders.take(fact)
        elif fact.attribute == SHARED_ADDRESS:
            self._identity.shared.advertised(fact.mac, fact.value)
        elif fact.attribute == ANSWERED_AT:
            self._identity.answered_at(fact.mac, fact.ip, fact.value, segment, at)
        self._trim()

    def opened(self, fact: ChannelOpened) -> Conversation:
        """Take a new channel, or a new state of one. What comes in a tunnel proves nobody's presence: its sender wrote it."""
        at = self._place(fact.time, fact.source, fact.first_frame or fact.frame)
        conversation = self._conversations.get(fact.channel)
        if conversation is None:
            if len(self._conversations) >= self.max_channels:
                self._evict_channels()
            conversation = self._conversations[fact.channel] = Conversation(fact)
        conversation.fact = fact
        conversation.has_answered = not fact.unit
        if fact.tunnel:
            self._bind(conversation)
            return conversation
        client = self._identity.locate(*_sender(fact, "client"), at)
        if fact.state in SILENT_SERVER:
            server = self._identity.find(*_sender(fact, "server"))
        else:
            server = self._identity.locate(*_sender(fact, "server"), at)
        for asset in (client, server if fact.state not in SILENT_SERVER else None):
            if asset is not None:
                asset.seen.touch(fact.time, fact.frame)
                self.journal.touch(asset)
        if client is not None and server is not None and fact.state == "established":
            self._behaviour.established(client, server, fact, at)
        self._trim()
        self._bind(conversation)
        return conversation

    def conversation(self, channel: str) -> Conversation | None:
        """Return the channel with its assets as they are known now; None when it was never opened or is forgotten."""
        conversation = self._conversations.get(channel)
        if conversation is not None and conversation.version != self._identity.version:
            self._bind(conversation)
        return conversation

    def sender(self, fact: ChannelOpened, end: Endpoint) -> AssetView | None:
        """Return the asset that a frame came from: by its MAC, whatever address it carries."""
        asset = self._identity.home_of(end.mac, fact.network)
        return self.view(end.mac, end.ip, fact.vlan, network=fact.network) if asset is None else asset.view(end.ip)

    def as_bound(self, fact: ChannelOpened) -> ChannelOpened:
        """Return a channel with the MACs that hosts are known by where the site lists several cards, for the policy."""
        if not self._cards or not (fact.client.mac in self._cards or fact.server.mac in self._cards):
            return fact
        ends = [
            msgspec.structs.replace(end, mac=self._cards.get(end.mac, end.mac)) for end in (fact.client, fact.server)
        ]
        return msgspec.structs.replace(fact, client=ends[0], server=ends[1])

    def window(self, conversation: Conversation, fact: ChannelWindow) -> None:
        """Note when the channel was last active."""
        time, frame = fact.last or min(fact.time, fact.end), fact.last_frame
        conversation.last = time
        if conversation.fact.tunnel:
            return
        if conversation.is_answer(fact):
            self._answered(conversation)
        if conversation.client is None or conversation.server is None:
            self._revive(conversation, fact)
        if conversation.client is not None and (fact.packets_client or fact.requests):
            for row in conversation.client_rows:
                row.touch(time, frame)
            self.journal.touched[conversation.client.id] = conversation.client
        if conversation.server is not None and (fact.packets_server or fact.responses):
            for row in conversation.server_rows:
                row.touch(time, frame)
            self.journal.touched[conversation.server.id] = conversation.server

    def exchanged(self, conversation: Conversation, fact: Exchange) -> None:
        """Take that the device behind a gateway has answered, when it did: what only the gateway said is no answer of its."""
        if conversation.is_answer(fact):
            self._answered(conversation)

    def _answered(self, conversation: Conversation) -> None:
        conversation.has_answered = True
        opened = conversation.fact
        server = self._identity.find(*_sender(opened, "server"))
        if server is None:
            return
        at = Place(opened.time, opened.source, opened.first_frame or opened.frame)
        client = self._identity.find(*_sender(opened, "client"))
        self._behaviour.answered(client, server, opened, at)
        self._trim()
        self._bind(conversation)

    def visibility(self, conversation: Conversation, fact: Visibility) -> None:
        """Note that what the channel carries cannot be read, when it is so."""
        if fact.state != "encrypted" or conversation.fact.tunnel:
            return
        for asset, side in (
            (conversation.client, "client"),
            (conversation.server and (conversation.server.parent or conversation.server), "server"),
        ):
            row = asset.protocols.get((conversation_name(conversation.fact), side)) if asset is not None else None
            if asset is not None and row is not None and row.note != "encrypted":
                row.note = "encrypted"
                self.journal.touch(asset)

    def view(
        self, mac: str, ip: str, vlan: int = 0, protocol: str = "", unit: str = "", network: str = ""
    ) -> AssetView | None:
        """Return the asset at this address, or the device behind it that ``unit`` names; None when there is none."""
        asset = self._identity.find(mac, ip, Segment(vlan, network))
        if asset is None:
            return None
        return asset.children.get((protocol, sub_unit(protocol, unit)), asset).view(ip)

    def record(self, identifier: str) -> AssetRecord | None:
        """Return everything known of the asset ``identifier``."""
        asset = self._identity.assets.get(identifier)
        return None if asset is None else record_of(asset)

    def records(self) -> list[AssetRecord]:
        """Return all assets in the order of their first sight."""
        return list(self.each_record())

    def each_record(self) -> Iterator[AssetRecord]:
        """Give all assets one by one in the order of their first sight."""
        for row in sorted(self._identity.assets.values(), key=lambda row: (row.seen.first, row.id)):
            yield record_of(row)

    def take_events(self) -> list[AssetEvent]:
        """Return what happened to assets since the last call, in order."""
        events = self.journal.events
        if events:
            self.journal.events = []
        return events

    @property
    def touched(self) -> int:
        """How many assets have something new since ``take_touched``; those forgotten since then count."""
        return len(self.journal.touched)

    def take_touched(self) -> Iterator[AssetRecord]:
        """Give the assets that have anything new since the last call one by one, in order of their id; merged ones too."""
        touched, self.journal.touched = self.journal.touched, {}
        for identifier in sorted(touched):
            yield record_of(touched[identifier])

    def restore(self, records: Iterable[AssetRecord]) -> None:
        """Take over the assets of a store, so that what was known is no news."""
        living = [record for record in records if not record.merged_into]
        assets = {record.id: asset_of(record) for record in living}
        for record in living:
            asset = assets[record.id]
            parent = assets.get(record.parent)
            if parent is not None:
                asset.parent = parent
                parent.children[asset.protocol, asset.unit] = asset
            self._identity.restore(asset)
            self._observer.restore(asset)
        self._trim()

    def adopt(self, known: KnownAssets | None) -> None:
        """Take the names and zones of another policy; nobody becomes new or changed by it."""
        self._identity.adopt(known)

    def _place(self, time: int, source: str, frame: int) -> Place:
        if self.journal.started is None:
            self.journal.started = time
        return Place(time, source, frame)

    def _bind(self, conversation: Conversation) -> None:
        """Find the assets at both ends again, and the rows that a window of this channel refreshes."""
        fact = conversation.fact
        name = conversation_name(fact)
        client = self._identity.find(*_sender(fact, "client"))
        whole = self._identity.find(*_sender(fact, "server"))
        server = whole
        if whole is not None:
            server = whole.children.get((fact.protocol, sub_unit(fact.protocol, fact.unit)), whole)
        conversation.client, conversation.server, conversation.version = client, server, self._identity.version
        conversation.client_rows = conversation.server_rows = ()
        if fact.tunnel:
            conversation.client = None  # who asked is whoever sent the tunnel; the alert names it
            return
        if client is not None:
            partner = (server.id, "client", name) if server is not None else ("", "", "")
            rows = (client.seen, client.protocols.get((name, "client")), client.partners.get(partner))
            held = client.addresses.get(fact.client.ip)
            conversation.client_rows = _present(*rows, held.seen if held else None)
        if whole is not None and server is not None:
            service = whole.services.get((fact.transport, fact.server.port))
            partner = (client.id, "server", name) if client is not None else ("", "", "")
            held = whole.addresses.get(fact.server.ip)
            behind = server.seen if server is not whole else None
            rows = (whole.seen, whole.protocols.get((name, "server")), server.partners.get(partner))
            conversation.server_rows = _present(*rows, service, behind, held.seen if held else None)

    def _trim(self) -> None:
        """Keep to the bounds. Who is at the ends of a conversation is found again when it is asked for."""
        if not self._identity.trim():
            return
        assets = self._identity.assets
        self._observer.forget(assets)
        for conversation in self._conversations.values():
            client, server = conversation.client, conversation.server
            if (client is not None and client.id not in assets) or (server is not None and server.id not in assets):
                conversation.forget_ends()

    def _revive(self, conversation: Conversation, fact: ChannelWindow) -> None:
        """Make the assets of an active channel again that were forgotten for their long silence.

        An end that is known stays who it is: the MAC that the channel began with is no claim on its address now.
        """
        opened = conversation.fact
        at = self._place(fact.time, fact.source, fact.last_frame)
        if fact.packets_client and conversation.client is None:
            self._identity.locate(*_sender(opened, "client"), at)
        if fact.packets_server and conversation.server is None:
            self._identity.locate(*_sender(opened, "server"), at)
        self._trim()
        self._bind(conversation)

    def _evict_channels(self) -> None:
        count = max(1, self.max_channels // 20)
        edge = sorted(row.last for row in self._conversations.values())[count - 1]
        rows = [name for name, row in self._conversations.items() if row.last <= edge]
        for channel in rows[:count]:
            del self._conversations[channel]
            self._channels_evicted += 1


def _sender(fact: ChannelOpened, side: str) -> tuple[str, str, Segment]:
    """Return the MAC, IP and place of an end, as far as it has been seen to send: where frames to it go is not its own."""
    end = fact.client if side == "client" else fact.server
    unseen = side == fact.silent or (side == "server" and fact.state in SILENT_SERVER)
    return ("" if unseen and end.ip else end.mac), end.ip, Segment(fact.vlan, fact.network, fact.interface)


def _present(*rows: Seen | None) -> tuple[Seen, ...]:
    return tuple(row for row in rows if row is not None)
