"""The wire, given frames of any link type at any time.

Invariant: no frame raises. Every frame is counted, what all streams share is the sum of what each of them holds, the facts of one input are the same in every run and in a block of their
own or of all, survive their codec, and name no frame that was not there.
"""

from __future__ import annotations

from dissectors.facts import AnyFact, Health, decode_all, encode_all
from dissectors.wire.seen import KEPT, ring_of
from sensor.worker import Worker
from tests.fuzz.parts import unpack
from tests.fuzz.samples import stretches
from tests.fuzz.target import Target

LINKS = (1, 1, 1, 113, 276, 101, 12, 14, 228, 229, 0, 108, 105, 1 << 20)
"""Link types by the first byte of a part; the last two are not read."""
START = 1_700_000_040_000_000_000
SIXTEENTH = 62_500_000
BACK, AHEAD, FAR = 253, 254, 255
LEAPS = {BACK: -5_000_000_000, AHEAD: 70_000_000_000, FAR: 200_000_000_000_000}
"""Second bytes of a part that mean more than sixteenths of a second: the clock is set back, waits, or leaps."""
LIMIT = 8


def facts_of(data: bytes, together: bool = False) -> tuple[list[AnyFact], int]:
    """Return the facts of an input and how many frames it holds; ``together`` reads them as one block."""
    worker = Worker()
    worker.wire.flows.table.limit = LIMIT
    worker.wire.channel_table.limit = LIMIT
    time, number = START, 0
    facts: list[AnyFact] = []
    parts = [part for part in unpack(data) if len(part) >= 2]
    block, offsets = b"\xaa", []
    for part in parts:
        offsets.append(len(block))
        block += part[2:]
    block += b"\x55" * 9
    for part, offset in zip(parts, offsets, strict=True):
        time = max(1, time + LEAPS.get(part[1], part[1] * SIXTEENTH))
        number += 1
        size = len(part) - 2
        if together:
            worker.wire.packet(block, offset, size, size, time, LINKS[part[0] % len(LINKS)])
        else:
            worker.wire.packet(b"\xaa" + part[2:] + b"\x55" * 9, 1, size, size, time, LINKS[part[0] % len(LINKS)])
            worker.wire.end_of_block()
            facts += worker.drain()
    worker.wire.end_of_block()
    check_sums(worker)
    facts += worker.finish()
    check_sums(worker)
    return facts, number


def check_sums(worker: Worker) -> None:
    """Compare the counts of all streams, by which they are bounded, with what there is."""
    wire = worker.wire
    flows = wire.flows.table.all()
    halves = [half for flow in flows for half in (flow.opener, flow.peer)]
    every = [one for half in halves for one in (half, *half.strands)]
    assert wire.reorder.strands == len(every) - len(halves)
    assert wire.reorder.held_bytes == sum(half.held_bytes for half in every)
    assert all(half.held_bytes == sum(len(held.data) for held in half.held) for half in every)
    assert wire.streams.kept == sum(len(half.pending) for half in every) + sum(flow.early_bytes for flow in flows)
    remembered = [half for half in every if half.seen is not None]
    assert wire.repeats.room.grown == sum(half.kept - KEPT for half in remembered)
    assert all(len(ring_of(half.seen)) <= half.kept for half in remembered if half.seen is not None)


def check(data: bytes) -> None:
    """Read the frames twice, each in its own block and all in one."""
    facts, number = facts_of(data)
    assert decode_all(encode_all(facts)) == facts
    assert all(0 <= fact.frame <= number for fact in facts)
    assert sum(fact.counters.get("packets", 0) for fact in facts if isinstance(fact, Health)) == number
    again, _ = facts_of(data)
    assert encode_all(again) == encode_all(facts)
    joined, _ = facts_of(data, together=True)
    assert sorted(map(repr, joined)) == sorted(map(repr, facts))


TARGETS = (Target("wire", check, stretches),)
