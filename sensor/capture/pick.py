"""A packet sink that keeps the frames asked for and lets all others pass. Compiled with mypyc."""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.wire.sink import PacketSink


class Picked:
    """One kept frame: its number in the input, time in nanoseconds, link type, length on the wire and bytes."""

    def __init__(self, frame: int, time: int, link: int, original: int, octets: bytes) -> None:
        self.frame = frame
        self.time = time
        self.link = link
        self.original = original
        self.octets = octets


class Pick(PacketSink):
    """Keeps the frames of a set of numbers, in the order they come."""

    def __init__(self, frames: set[int]) -> None:
        super().__init__()
        self.frames = frames
        self.picked: list[Picked] = []

    def packet(self, block: bytes, start: i64, captured: i64, original: i64, time: i64, link: i64) -> None:
        """Keep the packet if its number was asked for."""
        self.packets += 1
        self.octets += captured
        if self.packets in self.frames:
            octets = block[start : start + captured]
            self.picked.append(Picked(self.packets, time, link, original, octets))
