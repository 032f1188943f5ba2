"""Frames of the polling mix: Ethernet, VLAN, IPv4 and TCP headers around a payload, and the pcap records for them."""

from __future__ import annotations

import struct
from typing import Final

PCAP_HEADER: Final = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1)
"""Nanosecond pcap, little-endian, Ethernet."""
_RECORD: Final = struct.Struct("<IIII")
_TCP: Final = struct.Struct(">HHIIBBHHH")
PUSH: Final = 0x18
SYN: Final = 0x02
SYN_ACK: Final = 0x12
RST: Final = 4
ACK: Final = 0x10


class End:
    """One end of a connection of the mix."""

    def __init__(self, ip: int, mac: int, port: int) -> None:
        self.ip = ip
        self.mac = mac
        self.port = port
        self.sequence = 1_000


class Way:
    """The headers of one direction, made once; each packet adds lengths, numbers and payload."""

    def __init__(self, sender: End, receiver: End, vlan: int) -> None:
        self.sender = sender
        self.receiver = receiver
        tag = struct.pack(">HH", 0x8100, vlan) if vlan else b""
        macs = receiver.mac.to_bytes(6, "big") + sender.mac.to_bytes(6, "big")
        self.link = macs + tag + b"\x08\x00"
        self.addresses = struct.pack(">II", sender.ip, receiver.ip)
        self.heads: dict[int, bytes] = {}

    def packet(self, payload: bytes, flags: int = PUSH, sequence: int | None = None) -> bytes:
        """Return one frame; without ``sequence`` it is the next in order and the sender moves on."""
        if sequence is None:
            sequence = self.sender.sequence
            self.sender.sequence += len(payload) + (1 if flags & SYN else 0)
        length = 40 + len(payload)
        head = self.heads.get(length)
        if head is None:
            head = self.link + _ip_header(length, self.addresses)
            self.heads[length] = head
        tcp = _TCP.pack(self.sender.port, self.receiver.port, sequence, self.receiver.sequence, 0x50, flags, 8192, 0, 0)
        return head + tcp + payload


def _ip_header(length: int, addresses: bytes) -> bytes:
    header = struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0x4000, 64, 6, 0) + addresses
    total = sum(struct.unpack(">10H", header))
    total = (total & 0xFFFF) + (total >> 16)
    total = (total & 0xFFFF) + (total >> 16)
    return header[:10] + struct.pack(">H", ~total & 0xFFFF) + header[12:]


def record(time: int, frame: bytes) -> bytes:
    """Return the pcap record of a frame at ``time`` nanoseconds."""
    size = len(frame)
    return _RECORD.pack(time // 1_000_000_000, time % 1_000_000_000, size, size) + frame
