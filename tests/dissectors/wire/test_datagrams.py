"""The last datagrams of a direction: which are kept, and what is left of them when their block goes."""

from __future__ import annotations

from dissectors.wire.clock import COPY_NANOSECONDS
from dissectors.wire.datagrams import MAX_BURST, Datagrams
from dissectors.wire.seen import MAX_COMPARED_BYTES, NO_IDENTIFICATION


def put(datagrams: Datagrams, block: bytes, start: int, *, soon: bool, time: int = 0) -> None:
    place = datagrams.next(soon)
    place.block, place.start, place.end, place.time = block, start, len(block), time


def payloads(datagrams: Datagrams) -> list[bytes]:
    return sorted(one.block[one.start : one.end] for one in (datagrams.last, *datagrams.burst) if one.block)


def test_of_a_burst_the_last_ones_are_kept_and_of_slow_datagrams_one() -> None:
    datagrams = Datagrams()
    put(datagrams, b"0", 0, soon=False)
    for number in range(1, 7):
        put(datagrams, b"%d" % number, 0, soon=True)
    assert payloads(datagrams) == [b"%d" % number for number in range(6 - MAX_BURST, 7)]
    assert datagrams.last.block == b"6"
    put(datagrams, b"7", 0, soon=False)
    assert payloads(datagrams) == [b"7"]


def test_a_burst_is_forgotten_when_its_copies_cannot_come_any_more() -> None:
    datagrams = Datagrams()
    put(datagrams, b"0", 0, soon=False)
    put(datagrams, b"1", 0, soon=True, time=10)
    datagrams.forget_burst(10 + COPY_NANOSECONDS)
    assert payloads(datagrams) == [b"0", b"1"]
    datagrams.forget_burst(11 + COPY_NANOSECONDS)
    assert payloads(datagrams) == [b"1"]


def test_when_the_block_goes_the_payloads_are_copied_up_to_what_is_compared() -> None:
    datagrams = Datagrams()
    put(datagrams, b"header" + b"a" * 20, 6, soon=False)
    put(datagrams, b"header" + b"b" * (MAX_COMPARED_BYTES + 50), 6, soon=True)
    assert datagrams.release() == 20 + MAX_COMPARED_BYTES
    assert (datagrams.last.start, datagrams.last.block) == (0, b"b" * MAX_COMPARED_BYTES)
    assert datagrams.last.header == NO_IDENTIFICATION
    assert datagrams.release() == 20 + MAX_COMPARED_BYTES
    assert payloads(datagrams) == [b"a" * 20, b"b" * MAX_COMPARED_BYTES]
