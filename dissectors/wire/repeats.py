"""Bytes that come again: compared with those seen before, so that the sensor reads what the device reads. Compiled with mypyc.

Limits: retransmitted bytes are compared with the last segment of their direction and with segments still held; older ones are
only counted. The last segment is kept as an offset into its block of the capture; when BLOCKS_KEPT blocks have followed it is
copied.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.base.reporting import is_counted_only
from dissectors.wire.flow import Flow
from dissectors.wire.half import SPACE, Half
from dissectors.wire.naming import Naming

BLOCKS_KEPT: Final = 16
"""Blocks of the capture whose segments may still be compared in place; older segments are copied."""
MAX_COPIED: Final = 8_388_608
"""Bytes of segments copied over all directions; those that come on top of them are not compared."""


@final
class Repeats:
    """Remembers the last segment of each direction. ``conflicts`` counts repeats that differ."""

    def __init__(self, recorder: Recorder, naming: Naming) -> None:
        self.recorder = recorder
        self.naming = naming
        self.block: i64 = 0
        self.borrowers: list[Half] = []
        self.kept: list[list[Half]] = []
        self.conflicts: i64 = 0
        self.copied: i64 = 0
        self.uncompared: i64 = 0

    def remember(self, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> None:
        """Keep a segment as the last one of its direction."""
        half.last_sequence = sequence
        half.last_block = block
        half.last_start = start
        half.last_end = end
        if half.block != self.block:
            self.borrow(half)

    def borrow(self, half: Half) -> None:
        """Note that the last segment of a direction lies in this block."""
        half.block = self.block
        self.copied -= half.copied
        half.copied = 0
        self.borrowers.append(half)

    def is_last(self, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> bool:
        """Return whether the segment is the last one again, byte for byte."""
        if half.last_sequence != sequence or half.last_end - half.last_start != end - start:
            return False
        at: i64 = 0
        while at < end - start:
            if half.last_block[half.last_start + at] != block[start + at]:
                return False
            at += 1
        return True

    def compare(self, flow: Flow, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> None:
        """Compare repeated bytes with the last segment where they overlap."""
        if half.last_sequence < 0:
            return
        shift: i64 = (sequence - half.last_sequence) & SPACE
        if shift >= 0x80000000:
            shift -= 0x100000000
        old: i64 = half.last_start + (shift if shift > 0 else 0)
        new: i64 = start + (-shift if shift < 0 else 0)
        while old < half.last_end and new < end:
            if half.last_block[old] != block[new]:
                self.conflict(flow, half, block, start, end, new - start)
                return
            old += 1
            new += 1

    def conflict(self, flow: Flow, half: Half, data: bytes, start: i64, end: i64, at: i64) -> None:
        """Report that a repeated segment differs from byte ``at`` on."""
        self.conflicts += 1
        self.naming.open_silent(flow)
        channel = flow.spoken()
        if channel is not None and is_counted_only(channel.violated("overlap_conflict")):
            return
        self.recorder.violation(
            flow.connection,
            channel=flow.channel_id(),
            protocol="tcp",
            name="overlap_conflict",
            at=at,
            clause="RFC 9293 3.10.7.4",
            text=f"repeated bytes differ from those seen before, from byte {int(at)} of the segment",
            side=half.side,
            data=data,
            start=start,
            end=end,
        )

    def end_of_block(self) -> None:
        """Keep the last BLOCKS_KEPT blocks alive; copy what still lies in the one that goes."""
        self.kept.append(self.borrowers)
        self.borrowers = []
        self.block += 1
        if len(self.kept) > BLOCKS_KEPT:
            gone: i64 = self.block - i64(len(self.kept))
            for half in self.kept.pop(0):
                if half.block != gone:
                    continue
                if self.copied >= MAX_COPIED:
                    half.forget_last()
                    self.uncompared += 1
                else:
                    half.release()
                    self.copied += half.copied

    def drop(self, half: Half) -> None:
        """Forget the last segment of a direction: its flow is over."""
        self.copied -= half.copied
        half.forget_last()
