"""ARP as an identity source and as a conversation (RFC 826, RFC 5227). Compiled with mypyc.

Reports address bindings once, who asks for which address (bounded per sender), and counts requests and unsolicited
announcements per sender as a channel of protocol "arp".
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.recorder import Recorder
from dissectors.facts import Sighting
from dissectors.wire.address import ip4_text, mac_text

MAX_ASKED: Final = 65_536
"""Pairs of (asking MAC, asked address) remembered; then the memory starts anew and is counted."""
MAX_SENDERS: Final = 4_096


@final
class Sender:
    """What one MAC says by ARP: its channel and its busiest second."""

    def __init__(self, connection: Connection, channel: Channel) -> None:
        self.connection = connection
        self.channel = channel
        self.second: i64 = 0
        self.in_second: i64 = 0


@final
class Arp:
    """Takes ARP messages."""

    def __init__(self, recorder: Recorder, channel_table: ChannelTable) -> None:
        self.recorder = recorder
        self.channel_table = channel_table
        self.asked: dict[str, i64] = {}
        self.senders: dict[i64, Sender] = {}
        self.evicted: i64 = 0

    def message(self, operation: i64, mac: i64, address: i64, target: i64, vlan: i64, byte_count: i64) -> None:
        """Take one ARP message of a sender (``mac``, ``address``) about ``target``."""
        sender = self._sender(mac, address, vlan)
        channel = sender.channel
        if not channel.active:
            self.channel_table.touch(channel)
        channel.last = self.recorder.now
        channel.last_frame = self.recorder.frame
        channel.packets_client += 1
        channel.bytes_client += byte_count
        second: i64 = self.recorder.now // 1_000_000_000
        if second != sender.second:
            sender.second = second
            sender.in_second = 0
        sender.in_second += 1
        if sender.in_second > channel.peak:
            channel.peak = sender.in_second
        if operation == 1 and address != target:
            channel.requests += 1
            if address != 0:
                self._asks(mac, address, target, vlan)
        elif operation == 1 or address == target:
            channel.reports += 1
        else:
            channel.responses += 1

    def _sender(self, mac: i64, address: i64, vlan: i64) -> Sender:
        key: i64 = mac | (vlan << 48)
        sender = self.senders.get(key)
        if sender is None:
            if len(self.senders) >= MAX_SENDERS:
                self.senders.clear()
                self.evicted += 1
            connection = Connection("arp", vlan, 0)
            connection.interface = self.recorder.interface
            connection.mac0 = mac_text(mac)
            connection.ip0 = ""
            connection.mac1 = "ff:ff:ff:ff:ff:ff"
            connection.first = self.recorder.now
            connection.first_frame = self.recorder.frame
            connection.seen0 = True
            connection.seen1 = True
            channel = self.channel_table.open(connection, "arp", "", "attempted", "bytes")
            sender = Sender(connection, channel)
            self.senders[key] = sender
        return sender

    def _asks(self, mac: i64, address: i64, target: i64, vlan: i64) -> None:
        key = f"{mac}|{target}|{vlan}"
        if key in self.asked:
            return
        if len(self.asked) >= MAX_ASKED:
            self.asked.clear()
            self.evicted += 1
        self.asked[key] = self.recorder.now
        recorder = self.recorder
        recorder.facts.append(
            Sighting(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                ip4_text(address),
                mac_text(mac),
                vlan,
                "arp",
                "",
                "asked_for",
                ip4_text(target),
                "arp",
                "medium",
            )
        )
