"""The messages that several versions of the same bytes can make: those of what may have reached the target, and few others."""

from __future__ import annotations

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.modbus.dissector import DISSECTOR
from dissectors.wire.seen import Seen
from dissectors.wire.versions import MAX_STEPS, MAX_TAKEN, Versions
from tests.dissectors.harness import read, write

ATTACK = write(7, 5, 99)
OTHER = read(7, 0, 2)
FIRST = 0xFFFFFFFA
"""The numbers begin again within the message."""


def session() -> Session:
    recorder = Recorder()
    return DISSECTOR.session(Connection("tcp", 0, 0), recorder, ChannelTable(recorder))


def segments(*parts: tuple[int, bytes]) -> list[Seen]:
    found = []
    for frame, (place, data) in enumerate(parts):
        seen = Seen()
        seen.sequence = (FIRST + place) & 0xFFFFFFFF
        seen.stop = (seen.sequence + len(data)) & 0xFFFFFFFF
        seen.block, seen.start, seen.end, seen.frame = b"TCP" + data, 3, 3 + len(data), frame
        found.append(seen)
    return found


def messages(*parts: tuple[int, bytes], urgent: list[int] | None = None) -> list[bytes]:
    """The messages that the last of these segments makes whole."""
    seen = segments(*parts)
    places = [(FIRST + place) & 0xFFFFFFFF for place in urgent or []]
    versions = Versions(session(), 0, seen, seen[-1], places, -1)
    versions.search(FIRST)
    return [whole.data for whole in versions.found]


def test_the_version_between_two_others_is_found() -> None:
    parts = (0, b"\x55" * 3), (0, ATTACK[:3]), (0, b"\x66" * 3), (3, ATTACK[3:])
    assert messages(*parts) == [ATTACK]


def test_bytes_one_by_one_over_another_message_make_one_message() -> None:
    parts = [(0, OTHER), *((place, ATTACK[place : place + 1]) for place in range(len(ATTACK)))]
    assert messages(*parts) == [ATTACK]
    assert messages(*parts[:-1]) == []


def test_a_segment_that_was_read_or_dropped_is_not_taken_later() -> None:
    decoy = b"\x00\x09" + ATTACK[2:]
    assert messages((0, decoy), (0, ATTACK[:2])) == []
    assert messages((0, decoy), (0, ATTACK[:2]), (0, decoy)) == [ATTACK]


def test_a_segment_ahead_of_its_turn_waits_for_those_in_front() -> None:
    assert messages((4, b"\x55" * 8), (4, ATTACK[4:]), (0, ATTACK[:4])) == [ATTACK]


def test_what_was_whole_before_is_not_found_again() -> None:
    assert messages((0, OTHER), (0, ATTACK), (12, ATTACK[:3])) == []


def test_the_message_behind_one_with_other_bounds_is_found() -> None:
    long = b"\x00\x01\x00\x00\x00\x60" + bytes(6)
    assert messages((0, long), (0, OTHER), (12, ATTACK)) == [ATTACK]


def test_a_message_is_found_with_its_urgent_byte_and_without() -> None:
    data = ATTACK[:4] + b"!" + ATTACK[4:]
    assert messages((0, data[:8]), (8, data[8:]), urgent=[4]) == [ATTACK]
    assert messages((0, data[:8]), (8, data[8:]), urgent=[5]) == []


def test_a_search_is_bounded() -> None:
    seen = segments(*((place % 11, bytes((place % 7,)) * 2) for place in range(64)), (0, ATTACK))
    versions = Versions(session(), 0, seen, seen[-1], [], -1)
    versions.search(FIRST)
    assert versions.steps <= MAX_STEPS + 64 * 64
    assert len(versions.found) <= MAX_TAKEN
