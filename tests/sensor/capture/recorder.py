"""A packet sink that writes down everything it is reported. Compiled together with the walkers when those are."""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.wire.sink import PacketSink

Packet = tuple[bytes, int, int, int]
"""Bytes, length on the wire, time in nanoseconds, link type."""


class Recorder(PacketSink):
    """Keeps packets, and for each the source it was announced under."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Packet] = []
        self.sources: list[tuple[str, str]] = []
        self.packet_sources: list[tuple[str, str]] = []
        self.blocks = 0

    def packet(self, block: bytes, start: i64, captured: i64, original: i64, time: i64, link: i64) -> None:
        """Write a packet down."""
        self.packets += 1
        self.byte_count += captured
        byte_count = block[start : start + captured]
        self.seen.append((byte_count, original, time, link))
        self.packet_sources.append(self.sources[-1] if self.sources else ("", ""))

    def source(self, name: str, interface: str) -> None:
        """Write a source down."""
        self.sources.append((name, interface))

    def end_of_block(self) -> None:
        """Count the blocks."""
        self.blocks += 1
