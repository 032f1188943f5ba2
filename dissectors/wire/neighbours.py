"""ARP as an identity source and as a conversation (RFC 826, RFC 5227). Compiled with mypyc.

Reports address bindings once, who asks for which address (bounded per sender), and counts requests and unsolicited
announcements per sender as a channel of protocol "arp".
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be, read_i32_be
from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.recorder import Recorder
from dissectors.wire.address import ip4_text, is_group_ip4, is_group_mac, mac_text, read_mac
from dissectors.wire.addresses import Addresses
from dissectors.wire.link import Link

MAX_ASKED: Final = 16_384
"""Pairs of (asking MAC, asked address) remembered; then the memory starts anew and is counted."""
MAX_SENDERS: Final = 4_096
MAX_NEW: Final = 16_384
"""New senders, and new pairs of them and an address asked for, per window; what comes on top of them is counted."""
IPV4_OVER_ETHERNET: Final = 0x00010800


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

    def __init__(self, recorder: Recorder, channel_table: ChannelTable, link: Link, addresses: Addresses) -> None:
        self.recorder = recorder
        self.channel_table = channel_table
        self.link = link
        self.addresses = addresses
        self.asked: dict[str, i64] = {}
        self.senders: dict[i64, Sender] = {}
        self.evicted: i64 = 0
        self.new_senders: i64 = 0
        self.new_asked: i64 = 0

    def close_window(self) -> None:
        """Count what is new anew."""
        self.new_senders = 0
        self.new_asked = 0

    def message(self, block: bytes, start: i64, end: i64) -> bool:
        """Take an ARP message; return False for any other than those for IPv4 over Ethernet."""
        if end - start < 28 or read_i32_be(block, start) != IPV4_OVER_ETHERNET:
            return False
        operation: i64 = i64(read_i16_be(block, start + 6)) & 0xFFFF
        mac: i64 = read_mac(block, start + 8)
        address: i64 = i64(read_i32_be(block, start + 14)) & 0xFFFFFFFF
        target: i64 = i64(read_i32_be(block, start + 24)) & 0xFFFFFFFF
        if address != 0 and not is_group_ip4(address) and not is_group_mac(mac):
            self.addresses.bind(mac, ip4_text(address), self.link, "arp")
        self._count(operation, mac, address, target, self.link.vlan, end - start)
        return True

    def _count(self, operation: i64, mac: i64, address: i64, target: i64, vlan: i64, byte_count: i64) -> None:
        sender = self._sender(mac, address, vlan)
        if sender is None:
            self.evicted += 1
            return
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

    def _sender(self, mac: i64, address: i64, vlan: i64) -> Sender | None:
        key: i64 = mac | (vlan << 48)
        sender = self.senders.get(key)
        if sender is None:
            if self.new_senders >= MAX_NEW:
                return None
            self.new_senders += 1
            if len(self.senders) >= MAX_SENDERS:
                self.senders.clear()
                self.evicted += 1
            connection = Connection("arp", vlan, 0)
            connection.interface = self.recorder.interface
            connection.opener.mac = mac_text(mac)
            connection.peer.mac = "ff:ff:ff:ff:ff:ff"
            connection.first = self.recorder.now
            connection.first_frame = self.recorder.frame
            connection.opener.seen = True
            connection.peer.seen = True
            channel = self.channel_table.open(connection, "arp", "", "attempted", "bytes")
            sender = Sender(connection, channel)
            self.senders[key] = sender
        return sender

    def _asks(self, mac: i64, address: i64, target: i64, vlan: i64) -> None:
        key = f"{mac}|{target}|{vlan}"
        if key in self.asked:
            return
        if self.new_asked >= MAX_NEW:
            self.evicted += 1
            return
        self.new_asked += 1
        if len(self.asked) >= MAX_ASKED:
            self.asked.clear()
            self.evicted += 1
        self.asked[key] = self.recorder.now
        self.recorder.sighting(
            ip=ip4_text(address),
            mac=mac_text(mac),
            vlan=vlan,
            protocol="arp",
            attribute="asked_for",
            value=ip4_text(target),
            method="arp",
            confidence="medium",
        )
