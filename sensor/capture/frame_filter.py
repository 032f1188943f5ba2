"""A packet sink that keeps the frames asked for and lets all others pass. Compiled with mypyc."""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.wire.sink import PacketSink


class FilteredFrames:
    """One kept frame: its number in the input, time in nanoseconds, link type, length on the wire and bytes."""

    def __init__(self, frame: int, time: int, link: int, original: int, byte_count: bytes) -> None:
        self.frame = frame
        self.time = time
        self.link = link
        self.original = original
        self.byte_count = byte_count


class FrameFilter(PacketSink):
    """Keeps the frames of a set of numbers, in the order they come."""

    def __init__(self, frames: set[int]) -> None:
        super().__init__()
        self.frames = frames
        self.frame: i64 = 0
        self.picked: list[FilteredFrames] = []

    def packet(self, block: bytes, start: i64, captured: i64, original: i64, time: i64, link: i64) -> None:
        """Keep the packet if its number was asked for."""
        self.packets += 1
        self.byte_count += captured
        self.frame += 1
        if self.frame in self.frames:
            byte_count = block[start : start + captured]
            self.picked.append(FilteredFrames(self.frame, time, link, original, byte_count))

    def resume(self, frame: i64) -> None:
        """Count the frames on from ``frame``."""
        self.frame = frame
