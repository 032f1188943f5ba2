"""Walks classic pcap files (draft-ietf-opsawg-pcap): a file header, then records of 16 bytes and the packet.

Reads microsecond, nanosecond and "modified" (24 byte records, old Linux) files of both byte orders, version 2.4.
The link type is the lower 16 bits of its field; the bits above it give the length of frame check sequences.
Limits: older versions are refused; a record longer than ``MAX_PACKET`` is corruption and ends the reading,
because pcap has nothing to find the next record by.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i16_be, read_i16_le, read_i32_be, read_i32_le, read_i64_le
from mypy_extensions import i64

from dissectors.wire.sink import PacketSink
from sensor.capture.walker import LATEST, MAX_PACKET, Walker

MICROSECONDS: Final = 0xA1B2C3D4
NANOSECONDS: Final = 0xA1B23C4D
MODIFIED: Final = 0xA1B2CD34
MAGICS: Final = frozenset(
    magic.to_bytes(4, order) for magic in (MICROSECONDS, NANOSECONDS, MODIFIED) for order in ("little", "big")
)
"""The first four bytes of every file this walker reads."""

FILE_HEADER: Final = 24
RECORD_HEADER: Final = 16
MODIFIED_HEADER: Final = 24


class PcapWalker(Walker):
    """Walks one classic pcap file."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.need = FILE_HEADER
        self.big: bool = False
        self.opened: bool = False
        self.record_header: i64 = RECORD_HEADER
        self.unit: i64 = 1000
        self.link: i64 = 0

    def walk(self, block: bytes, sink: PacketSink) -> i64:
        """Give every whole packet of ``block`` to the sink and return the bytes used."""
        used: i64 = 0
        if not self.opened:
            if len(block) < FILE_HEADER:
                return 0
            self.read_header(block)
            used = FILE_HEADER
        if not self.stopped:
            used = self.walk_records(block, used, sink)
        self.position += used
        return used

    def read_header(self, block: bytes) -> None:
        """Take byte order, time unit and link type from the file header; stop when it is none we read."""
        self.opened = True
        magic: i64 = i64(read_i32_le(block, 0)) & 0xFFFFFFFF
        if magic != MICROSECONDS and magic != NANOSECONDS and magic != MODIFIED:
            self.big = True
            magic = i64(read_i32_be(block, 0)) & 0xFFFFFFFF
        if self.big:
            major: i64 = i64(read_i16_be(block, 4)) & 0xFFFF
            minor: i64 = i64(read_i16_be(block, 6)) & 0xFFFF
            network: i64 = i64(read_i32_be(block, 20))
        else:
            major = i64(read_i16_le(block, 4)) & 0xFFFF
            minor = i64(read_i16_le(block, 6)) & 0xFFFF
            network = i64(read_i32_le(block, 20))
        if major != 2 or minor != 4:
            self.stop(4, f"pcap version {major}.{minor} is not read; convert it with: editcap -F pcap OLD NEW")
        self.unit = 1 if magic == NANOSECONDS else 1000
        self.record_header = MODIFIED_HEADER if magic == MODIFIED else RECORD_HEADER
        self.link = network & 0xFFFF

    def walk_records(self, block: bytes, offset: i64, sink: PacketSink) -> i64:
        """Walk the records from ``offset`` on and return the offset of the first that is not whole."""
        end: i64 = len(block)
        header: i64 = self.record_header
        unit: i64 = self.unit
        link: i64 = self.link
        big = self.big
        packets: i64 = self.packets
        byte_count: i64 = self.byte_count
        earliest: i64 = self.earliest
        latest: i64 = self.latest
        need: i64 = header
        while offset + header <= end:
            if big:
                seconds: i64 = i64(read_i32_be(block, offset)) & 0xFFFFFFFF
                fraction: i64 = i64(read_i32_be(block, offset + 4)) & 0xFFFFFFFF
                captured: i64 = i64(read_i32_be(block, offset + 8)) & 0xFFFFFFFF
                original: i64 = i64(read_i32_be(block, offset + 12)) & 0xFFFFFFFF
            else:
                seconds = read_i64_le(block, offset)
                fraction = (seconds >> 32) & 0xFFFFFFFF
                seconds &= 0xFFFFFFFF
                captured = read_i64_le(block, offset + 8)
                original = (captured >> 32) & 0xFFFFFFFF
                captured &= 0xFFFFFFFF
            if captured > MAX_PACKET:
                self.packets = packets
                self.stop(offset, f"a packet record claims {captured} bytes, more than {MAX_PACKET}: it is corrupt")
                break
            start: i64 = offset + header
            if start + captured > end:
                need = header + captured
                break
            time: i64 = seconds * 1_000_000_000 + fraction * unit
            if time > LATEST:
                time = LATEST
            sink.packet(block, start, captured, original, time, link)
            packets += 1
            byte_count += captured
            if time < earliest:
                earliest = time
            if time > latest:
                latest = time
            offset = start + captured
        self.packets = packets
        self.byte_count = byte_count
        self.earliest = earliest
        self.latest = latest
        self.need = need
        return offset

    def unfinished(self) -> str:
        """Say what the file was in the middle of when it ended."""
        return f"a packet record of {self.need} bytes" if self.opened else f"its file header of {FILE_HEADER} bytes"
