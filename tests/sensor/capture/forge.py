"""Builds capture files by hand, byte for byte, so that the readers are not tested with a writer of their own kind."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from .recorder import Packet

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND + 123_456_000

PACKETS: Sequence[Packet] = [
    (bytes(range(size)), size + more, START + 1000 * tick, 1)
    for size, more, tick in ((60, 0, 0), (1, 0, 5), (0, 99, 3), (61, 1440, 4), (62, 0, 2_000_000))
]
"""Five packets: padded and unpadded lengths, an empty and a cut one, and a clock that goes backwards."""


def pcap_header(
    *, big: bool = False, magic: int = 0xA1B2C3D4, link: int = 1, version: tuple[int, int] = (2, 4)
) -> bytes:
    """The 24 bytes at the start of a pcap file."""
    return struct.pack(">IHHiIII" if big else "<IHHiIII", magic, *version, 0, 0, 65535, link)


def pcap_record(packet: Packet, *, big: bool = False, magic: int = 0xA1B2C3D4) -> bytes:
    """A record header and its packet."""
    byte_count, original, time, _ = packet
    unit = 1 if magic == 0xA1B23C4D else 1000
    header = (time // SECOND, time % SECOND // unit, len(byte_count), original)
    extra = bytes(8) if magic == 0xA1B2CD34 else b""
    return struct.pack(">IIII" if big else "<IIII", *header) + extra + byte_count


def pcap(packets: Sequence[Packet] = PACKETS, *, big: bool = False, magic: int = 0xA1B2C3D4, link: int = 1) -> bytes:
    """A whole pcap file."""
    records = b"".join(pcap_record(packet, big=big, magic=magic) for packet in packets)
    return pcap_header(big=big, magic=magic, link=link) + records


def padded(data: bytes) -> bytes:
    """Data filled up to a multiple of four bytes."""
    return data + bytes(-len(data) % 4)


class Ng:
    """The blocks of pcapng in one byte order."""

    def __init__(self, *, big: bool = False) -> None:
        """Choose the byte order."""
        self.order = ">" if big else "<"

    def pack(self, layout: str, *values: int) -> bytes:
        """Pack numbers in the byte order."""
        return struct.pack(self.order + layout, *values)

    def block(self, kind: int, body: bytes) -> bytes:
        """Any block."""
        length = self.pack("I", 12 + len(padded(body)))
        return self.pack("I", kind) + length + padded(body) + length

    def section(self, major: int = 1) -> bytes:
        """A section header block."""
        return self.block(0x0A0D0D0A, self.pack("IHHq", 0x1A2B3C4D, major, 0, -1))

    def option(self, code: int, value: bytes) -> bytes:
        """An option."""
        return self.pack("HH", code, len(value)) + padded(value)

    def interface(self, link: int = 1, snaplen: int = 0, options: bytes = b"") -> bytes:
        """An interface description block."""
        return self.block(1, self.pack("HHI", link, 0, snaplen) + options)

    def enhanced(self, packet: Packet, interface: int = 0, ticks: int | None = None, options: bytes = b"") -> bytes:
        """An enhanced packet block, in microseconds unless ``ticks`` are given."""
        byte_count, original, time, _ = packet
        count = time // 1000 if ticks is None else ticks
        head = self.pack("IIIII", interface, count >> 32, count & 0xFFFFFFFF, len(byte_count), original)
        return self.block(6, head + padded(byte_count) + options)

    def obsolete(self, packet: Packet, interface: int = 0, drops: int = 7) -> bytes:
        """An obsolete packet block."""
        byte_count, original, time, _ = packet
        count = time // 1000
        head = self.pack("HHIIII", interface, drops, count >> 32, count & 0xFFFFFFFF, len(byte_count), original)
        return self.block(2, head + padded(byte_count))

    def simple(self, byte_count: bytes, original: int) -> bytes:
        """A simple packet block."""
        return self.block(3, self.pack("I", original) + byte_count)

    def file(self, packets: Sequence[Packet] = PACKETS) -> bytes:
        """A whole file of one section, one interface and enhanced packets."""
        return self.section() + self.interface() + b"".join(self.enhanced(packet) for packet in packets)
