"""Walks pcapng files (draft-ietf-opsawg-pcapng): sections of blocks that each carry their length twice.

Read are section headers (byte order per section, any number of sections), interface descriptions, enhanced, simple
and the obsolete packet blocks; everything else (comments, name resolution, statistics, secrets) is skipped by length.
A simple packet has no time of its own and gets the latest time seen before it in the file.
Limits: a block longer than ``MAX_BLOCK`` or whose two lengths differ ends the reading; a packet block that contradicts
itself inside a good frame costs only itself. Section lengths are ignored.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be, read_i16_le, read_i32_be, read_i32_le
from mypy_extensions import i64

from dissectors.wire.sink import PacketSink
from sensor.capture.interface import Interface
from sensor.capture.walker import MAX_PACKET, Walker

MAGIC: Final = b"\x0a\x0d\x0d\x0a"
SECTION_HEADER: Final = 0x0A0D0D0A
INTERFACE_DESCRIPTION: Final = 1
OBSOLETE_PACKET: Final = 2
SIMPLE_PACKET: Final = 3
ENHANCED_PACKET: Final = 6
BYTE_ORDER: Final = 0x1A2B3C4D

MAX_BLOCK: Final = 16_777_216
"""Bytes of the longest block believed; also the most that is ever kept between two reads."""

MAX_INTERFACES: Final = 4096
"""Interfaces of one section."""

SMALLEST: Final = 12
SMALLEST_SECTION: Final = 28
SMALLEST_INTERFACE: Final = 20
SMALLEST_PACKET: Final = 32
SMALLEST_SIMPLE: Final = 16


def u32(block: bytes, offset: i64, big: bool) -> i64:
    """Read an unsigned 32 bit number in the section's byte order."""
    return i64(read_i32_be(block, offset) if big else read_i32_le(block, offset)) & 0xFFFFFFFF


def u16(block: bytes, offset: i64, big: bool) -> i64:
    """Read an unsigned 16 bit number in the section's byte order."""
    return i64(read_i16_be(block, offset) if big else read_i16_le(block, offset)) & 0xFFFF


class PcapngWalker(Walker):
    """Walks one pcapng file."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.need = SMALLEST
        self.big: bool = False
        self.interfaces: list[Interface] = []
        self.current: Interface = Interface(-1, 0, 0)
        self.reported: str = ""

    def walk(self, block: bytes, sink: PacketSink) -> i64:
        """Give every packet of the whole blocks in ``block`` to the sink and return the bytes used."""
        end: i64 = len(block)
        offset: i64 = 0
        self.need = SMALLEST
        while offset + SMALLEST <= end:
            kind: i64 = u32(block, offset, self.big)
            if kind == SECTION_HEADER and not self.take_byte_order(block, offset):
                break
            big = self.big
            length: i64 = u32(block, offset + 4, big)
            if length < SMALLEST or length & 3 != 0 or length > MAX_BLOCK:
                self.stop(offset, f"a block of type {kind} claims {length} bytes, which cannot be: the file is corrupt")
                break
            if offset + length > end:
                self.need = length
                break
            if u32(block, offset + length - 4, big) != length:
                self.stop(offset, f"a block of type {kind} ends with another length than its {length} bytes")
                break
            if kind == ENHANCED_PACKET or kind == OBSOLETE_PACKET:
                self.packet(block, offset, length, kind, sink)
            else:
                self.rare(block, offset, length, kind, sink)
            if self.stopped:
                break
            offset += length
        self.position += offset
        return offset

    def take_byte_order(self, block: bytes, offset: i64) -> bool:
        """Learn the byte order of the section that begins here."""
        self.big = u32(block, offset + 8, True) == BYTE_ORDER
        if self.big or u32(block, offset + 8, False) == BYTE_ORDER:
            return True
        self.stop(offset, "a section header without its byte-order mark: the file is corrupt")
        return False

    def packet(self, block: bytes, offset: i64, length: i64, kind: i64, sink: PacketSink) -> None:
        """Give an enhanced or obsolete packet block to the sink; they differ in the interface number only."""
        if length < SMALLEST_PACKET:
            self.damage(offset, f"a packet block of {length} bytes is too short to be one")
            return
        big = self.big
        number: i64 = u32(block, offset + 8, big) if kind == ENHANCED_PACKET else u16(block, offset + 8, big)
        captured: i64 = u32(block, offset + 20, big)
        if captured > length - SMALLEST_PACKET or captured > MAX_PACKET:
            self.damage(offset, f"a packet block of {length} bytes claims a packet of {captured} bytes")
            return
        if number != self.current.number:
            if number >= len(self.interfaces):
                self.damage(offset, f"a packet of interface {number}, but {len(self.interfaces)} are described")
                return
            self.turn_to(number, sink)
        time: i64 = self.current.time(u32(block, offset + 12, big), u32(block, offset + 16, big))
        sink.packet(block, offset + 28, captured, u32(block, offset + 24, big), time, self.current.link)
        self.count(captured, time)

    def count(self, captured: i64, time: i64) -> None:
        """Count a packet that was given to the sink."""
        self.packets += 1
        self.byte_count += captured
        if time < self.earliest:
            self.earliest = time
        if time > self.latest:
            self.latest = time

    def turn_to(self, number: i64, sink: PacketSink) -> None:
        """Make another interface the current one and tell the sink when that shows in its name."""
        self.current = self.interfaces[number]
        if self.current.name != self.reported:
            self.reported = self.current.name
            sink.source(self.name, self.reported)

    def rare(self, block: bytes, offset: i64, length: i64, kind: i64, sink: PacketSink) -> None:
        """Take a block that is neither an enhanced nor an obsolete packet."""
        if kind == SECTION_HEADER:
            self.section(block, offset, length)
        elif kind == INTERFACE_DESCRIPTION:
            self.interface(block, offset, length)
        elif kind == SIMPLE_PACKET:
            self.simple(block, offset, length, sink)

    def section(self, block: bytes, offset: i64, length: i64) -> None:
        """Begin a section: the interfaces of the one before are gone."""
        self.interfaces = []
        self.current = Interface(-1, 0, 0)
        if length < SMALLEST_SECTION:
            self.stop(offset, f"a section header of {length} bytes is too short to be one")
            return
        major: i64 = u16(block, offset + 12, self.big)
        if major != 1:
            self.stop(offset, f"pcapng version {major} is not read; convert it with: editcap -F pcap OLD NEW")

    def interface(self, block: bytes, offset: i64, length: i64) -> None:
        """Add an interface to the section. Without it no packet of it can be read, so damage to it stops."""
        if length < SMALLEST_INTERFACE:
            self.stop(offset, f"an interface description of {length} bytes is too short to be one")
            return
        if len(self.interfaces) >= MAX_INTERFACES:
            self.stop(offset, f"more than {MAX_INTERFACES} interfaces in one section")
            return
        big = self.big
        found = Interface(len(self.interfaces), u16(block, offset + 8, big), u32(block, offset + 12, big))
        self.interfaces.append(found)
        at: i64 = offset + 16
        end: i64 = offset + length - 4
        while at + 4 <= end:
            code: i64 = u16(block, at, big)
            size: i64 = u16(block, at + 2, big)
            if code == 0:
                break
            if at + 4 + size > end:
                self.damage(offset, f"option {code} of interface {found.number} reaches beyond its block")
                break
            found.option(code, block[at + 4 : at + 4 + size], big)
            at += 4 + ((size + 3) & ~3)

    def simple(self, block: bytes, offset: i64, length: i64, sink: PacketSink) -> None:
        """Give a simple packet block to the sink; its captured length follows from interface 0."""
        if length < SMALLEST_SIMPLE or not self.interfaces:
            self.damage(offset, "a simple packet block that is too short or has no interface")
            return
        if self.current.number != 0:
            self.turn_to(0, sink)
        original: i64 = u32(block, offset + 8, self.big)
        captured: i64 = original
        if self.current.snaplen != 0 and captured > self.current.snaplen:
            captured = self.current.snaplen
        if captured > length - SMALLEST_SIMPLE or captured > MAX_PACKET:
            self.damage(offset, f"a simple packet block of {length} bytes claims a packet of {captured} bytes")
            return
        sink.packet(block, offset + 12, captured, original, self.latest, self.current.link)
        self.count(captured, self.latest)

    def unfinished(self) -> str:
        """Say what the file was in the middle of when it ended."""
        return f"a block of {self.need} bytes" if self.need > SMALLEST else "the header of a block"
