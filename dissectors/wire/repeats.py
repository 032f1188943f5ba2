"""Bytes that come again: compared with those seen before, so that the sensor reads what the device reads. Compiled with mypyc.

Limits: retransmitted bytes are compared with the segments that their direction remembers (``seen``) and with segments still held;
older ones are only counted. A segment is kept as an offset into its block of the capture; between BLOCKS_KEPT and twice as many
blocks later it is copied.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.wire.flow import Flow
from dissectors.wire.half import Half
from dissectors.wire.readings import Readings
from dissectors.wire.seen import MAX_COPIED, NO_IDENTIFICATION, SPACE, Seen, ring_of, signed

BLOCKS_KEPT: Final = 8
"""Blocks of the capture that are let go of together, when as many have followed: their segments were compared in place until then
and are copied now. A direction that speaks in all of them is looked at once."""


@final
class Repeats:
    """Remembers the segments of each direction."""

    def __init__(self, recorder: Recorder, readings: Readings) -> None:
        self.recorder = recorder
        self.readings = readings
        self.room = readings.room
        self.round: i64 = 0
        self.blocks: i64 = 0
        self.borrowers: list[Half] = []
        self.earlier: list[Half] = []
        self.uncompared: i64 = 0

    def remember(self, flow: Flow, half: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64) -> None:
        """Keep a segment as the newest one of its direction. ``header`` is -1 when its TCP header is not known whole."""
        seen = half.place(self.room, flow.is_begun(half))
        seen.sequence = sequence
        seen.stop = (sequence + end - start) & SPACE
        seen.header = header
        seen.start = start
        seen.end = end
        seen.number = self.round
        seen.frame = self.recorder.frame
        seen.block = block
        seen.ip = NO_IDENTIFICATION
        seen.time = self.recorder.now
        if half.round != self.round:
            self.borrow(half)
        if half.unread >= 0:
            self.readings.resume(flow, half, seen)

    def borrow(self, half: Half) -> None:
        """Note that a segment of a direction lies in a block of this round."""
        half.round = self.round
        self.borrowers.append(half)

    def is_other(self, half: Half, sequence: i64, block: bytes, start: i64, end: i64) -> bool:
        """Return whether a segment differs from those remembered in its place, and is none of them again."""
        last = half.seen
        if last is None:
            return False
        found = False
        for seen in ring_of(last):
            if differs(seen, sequence, block, start, end) >= 0:
                found = True
            elif seen.sequence == sequence and seen.end - seen.start == end - start:
                return False
        return found

    def compare(self, flow: Flow, half: Half, sequence: i64, block: bytes, header: i64, start: i64, end: i64) -> bool:
        """Compare repeated bytes with the segments remembered; return whether the stream was read again with them.

        They are judged once, however many segments they differ from, and not at all when some version was the same.
        """
        last = half.seen
        if last is None:
            return False
        found: Seen | None = None
        at: i64 = -1
        for seen in ring_of(last):
            place: i64 = differs(seen, sequence, block, start, end)
            if place >= 0 and found is None:
                found = seen
                at = place
            elif seen.sequence == sequence and place < 0 and seen.stop == (sequence + end - start) & SPACE:
                found = None
                break
        if found is None and half.unread < 0:
            return False
        if self.room.copied >= 2 * MAX_COPIED:
            self.uncompared += 1
            return False
        if found is None:
            self.readings.repeat(flow, half, sequence, block, header, start, end)
            return False
        return self.readings.judge(flow, half, found, sequence, block, header, start, end, at)

    def end_of_block(self) -> None:
        """Keep the blocks of this round and of the one before alive; copy what still lies in those that go."""
        self.blocks += 1
        if self.blocks < BLOCKS_KEPT:
            return
        self.blocks = 0
        for half in self.earlier:
            if not half.release(self.round - 1, self.room):
                self.uncompared += 1
        self.earlier = self.borrowers
        self.borrowers = []
        self.round += 1


def differs(seen: Seen, sequence: i64, block: bytes, start: i64, end: i64) -> i64:
    """Return the offset in ``block[start:end]`` of the first byte that ``seen`` holds otherwise, -1 when there is none."""
    shift: i64 = signed(sequence - seen.sequence)
    old: i64 = seen.start + (shift if shift > 0 else 0)
    new: i64 = start + (-shift if shift < 0 else 0)
    while old < seen.end and new < end:
        if seen.block[old] != block[new]:
            return new - start
        old += 1
        new += 1
    return -1
