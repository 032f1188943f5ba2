"""The readings of one datagram: every choice of versions within the bounds, and what goes on when its time is over."""

from __future__ import annotations

import random
from itertools import pairwise, product

import pytest

from dissectors.wire.assembly import (
    LIFETIME_NANOSECONDS,
    MAX_BYTES,
    MAX_PIECES,
    MAX_READINGS,
    MAX_VERSIONS,
    Datagram,
    is_late,
)


def add(datagram: Datagram, offset: int, more: bool, data: bytes, now: int = 0, following: int = 6) -> list[bytes]:
    piece = datagram.add(offset, data, more, following, now)
    return [] if piece is None else [one.data for one in datagram.readings(piece)]


def test_every_choice_of_versions_is_read() -> None:
    datagram = Datagram(0)
    for letter in b"abc":
        add(datagram, 0, True, bytes((letter,)) * 8)
        add(datagram, 8, True, bytes((letter,)) * 8)
    found = add(datagram, 16, False, b"end")
    assert sorted(found) == sorted(
        b"".join((bytes((x,)) * 8, bytes((y,)) * 8, b"end")) for x, y in product(b"abc", b"abc")
    )
    assert (found[0][:16], found[1][:16]) == (b"a" * 16, b"c" * 16)
    assert not datagram.bounded


def test_a_version_that_comes_later_is_read_with_all_others_and_nothing_is_read_twice() -> None:
    datagram = Datagram(0)
    for letter in b"ab":
        add(datagram, 0, True, bytes((letter,)) * 8)
    first = add(datagram, 8, False, b"1" * 8)
    assert sorted(first) == [b"a" * 8 + b"1" * 8, b"b" * 8 + b"1" * 8]
    assert sorted(add(datagram, 8, False, b"2" * 8)) == [b"a" * 8 + b"2" * 8, b"b" * 8 + b"2" * 8]


def test_parts_that_cross_are_read_as_the_first_the_last_and_the_lower_offset_win() -> None:
    datagram = Datagram(0)
    add(datagram, 0, True, b"a" * 16)
    assert add(datagram, 16, False, b"c" * 8) == [b"a" * 16 + b"c" * 8]
    assert sorted(add(datagram, 8, True, b"b" * 16)) == [b"a" * 16 + b"b" * 8, b"a" * 8 + b"b" * 16]


def test_every_end_is_read() -> None:
    datagram = Datagram(0)
    assert add(datagram, 8, False, b"b" * 4) == []
    assert add(datagram, 800, False, b"far") == []
    assert add(datagram, 0, True, b"a" * 8) == [b"a" * 8 + b"b" * 4]


def test_each_reading_names_the_header_of_its_own_first_part() -> None:
    datagram = Datagram(0)
    add(datagram, 0, True, b"a" * 8, following=59)
    add(datagram, 0, True, b"a" * 8, following=6)
    piece = datagram.add(8, b"b", False, 0, 0)
    assert piece is not None
    assert sorted(one.following for one in datagram.readings(piece)) == [6, 59]


def test_versions_pieces_bytes_and_readings_are_bounded() -> None:
    datagram = Datagram(0)
    for number in range(3 * MAX_VERSIONS):
        add(datagram, 8, True, bytes((number,)) * 8)
    assert (len(datagram.pieces), datagram.bounded) == (MAX_VERSIONS, True)
    assert datagram.pieces[-1].data[0] == 3 * MAX_VERSIONS - 1
    assert datagram.unused() == 3 * MAX_VERSIONS

    datagram = Datagram(0)
    for number in range(MAX_PIECES):
        add(datagram, number * 8, True, b"a" * 8)
    assert datagram.add(8 * MAX_PIECES, b"a", False, 6, 0) is None
    assert len(datagram.pieces) == MAX_PIECES

    datagram = Datagram(0)
    for number in range(8):
        add(datagram, 8, True, bytes((number,)) * (MAX_BYTES // 2))
    assert datagram.byte_count <= 2 * MAX_BYTES

    datagram = Datagram(0)
    for offset, letter in product((0, 8, 16, 24), b"abcdef"):
        add(datagram, offset, True, bytes((letter,)) * 8)
    found = add(datagram, 32, False, b"end")
    assert MAX_READINGS - 2 <= len(found) <= MAX_READINGS + 2
    assert datagram.bounded


def test_what_came_later_is_a_datagram_of_its_own() -> None:
    datagram = Datagram(0)
    add(datagram, 0, True, b"a" * 8, 0)
    add(datagram, 0, True, b"b" * 8, 10)
    newer = datagram.split(LIFETIME_NANOSECONDS + 5)
    assert ([piece.data for piece in datagram.pieces], datagram.unused()) == ([b"a" * 8], 1)
    assert ([piece.data for piece in newer.pieces], newer.added, newer.byte_count) == ([b"b" * 8], 10, 8)
    assert add(newer, 8, False, b"c", 11) == [b"b" * 8 + b"c"]
    assert newer.unused() == 0


def test_late_is_what_waited_too_long_or_lies_after_a_jump_of_the_clock() -> None:
    assert [is_late(0, now) for now in (LIFETIME_NANOSECONDS, LIFETIME_NANOSECONDS + 1, -LIFETIME_NANOSECONDS - 1)] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("seed", range(300))
def test_forged_fragments_in_any_order_do_not_hide_the_real_ones(seed: int) -> None:
    chance = random.Random(seed)
    real = chance.randbytes(chance.choice([12, 24, 36, 60]))
    cuts = sorted({0, len(real), *[8 * chance.randrange(1, len(real) // 8 + 1) for _ in range(2)]} - {64})
    parts = [(low, high < len(real), real[low:high]) for low, high in pairwise(cuts)]
    every = list(parts)
    for _ in range(chance.randrange(8)):
        more = chance.random() < 0.6
        size = 8 * chance.randrange(5) if more else chance.randrange(30)
        every.append((8 * chance.randrange(10), more, bytes((chance.randrange(256),)) * size))
        offset, _, data = chance.choice(parts)
        every.append((offset, chance.random() < 0.5, data))
    chance.shuffle(every)
    datagram = Datagram(0)
    found = []
    for offset, more, data in every:
        if datagram.find(offset, data, more, 6) is None:
            found += add(datagram, offset, more, data)
    assert real in found
    assert not datagram.bounded
    assert datagram.byte_count == sum(len(piece.data) for piece in datagram.pieces)
    assert datagram.reach == max(piece.end for piece in datagram.pieces)
