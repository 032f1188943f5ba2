"""Laws for every message of the captures: own bytes decide, cutting changes nothing, no byte breaks anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dissectors.facts import AnyFact
from dissectors.s7.dissector import DISSECTOR
from tests.dissectors.s7.streams import ABSENT, S7, Flow, Wire, flows, messages

EDGES = (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x7F, 0x80, 0xFE, 0xFF)
BEHIND = bytes((0x03, 0x00, 0x00, 0x19, 0x02, 0xF0, 0x80, 0x32, 0x01)) * 20
SHAPES = 220
"""Messages looked at, one of each shape, spread over all captures."""
SWEPT = 120
LONGEST_SWEPT = 160
FLOW_BYTES = 6_000

pytestmark = pytest.mark.skipif(not S7.is_dir(), reason=ABSENT)


def small_captures() -> list[str]:
    """Names of the captures small enough to be read for these tests, without the doubled ones of one series."""
    if not S7.is_dir():
        return []
    return sorted(
        path.name
        for path in S7.iterdir()
        if path.suffix != ".gz" and path.stat().st_size < 150_000 and not path.name.startswith("2016")
    )


@pytest.fixture(scope="module")
def shapes() -> list[tuple[int, bytes]]:
    found: dict[tuple[object, ...], tuple[int, bytes]] = {}
    for name in small_captures():
        for flow in flows(S7 / name):
            for _, side, data in messages(flow):
                shape = (side, data[5], data[7:9], data[17:19], data[19:22], data[22:26], len(data) // 16)
                found.setdefault(shape, (side, data))
    every = sorted(found.values())
    return every[:: max(1, len(every) // SHAPES)]


def outcome(data: bytes, start: int, end: int, side: int) -> object:
    message = DISSECTOR.parse(data, start, end, side == 0)
    return None if message is None else message.as_tuple()


def test_a_message_is_decided_by_its_own_bytes(shapes: list[tuple[int, bytes]]) -> None:
    assert len(shapes) > 100
    for side, data in shapes:
        alone = outcome(data, 0, len(data), side)
        assert outcome(data + BEHIND, 0, len(data), side) == alone
        assert outcome(BEHIND + data + b"\xff" * 64, len(BEHIND), len(BEHIND) + len(data), side) == alone


def swept(data: bytes) -> Iterator[bytes]:
    for at in range(4, len(data)):
        for edge in EDGES:
            yield data[:at] + bytes((edge,)) + data[at + 1 :]


def test_no_byte_of_a_message_breaks_the_parser_or_makes_it_read_further(shapes: list[tuple[int, bytes]]) -> None:
    short = [(side, data) for side, data in shapes if len(data) <= LONGEST_SWEPT]
    for side, data in short[:: max(1, len(short) // SWEPT)]:
        for damaged in swept(data):
            alone = outcome(damaged, 0, len(damaged), side)
            assert outcome(damaged + b"\xff" * 40, 0, len(damaged), side) == alone


def test_no_byte_of_a_message_breaks_a_session(shapes: list[tuple[int, bytes]]) -> None:
    short = [(side, data) for side, data in shapes if len(data) <= 60]
    wire = Wire()
    for side, data in short[::6]:
        for damaged in swept(data):
            wire.send(side, damaged)
            wire.send(1 - side, damaged)
        assert len(wire.left[0]) < 1 << 16
        wire.drain()


def test_every_cut_message_waits_for_its_rest(shapes: list[tuple[int, bytes]]) -> None:
    for side, data in shapes[::3]:
        whole = Wire()
        whole.send(side, data, 1, 1)
        expected = whole.drain()
        for cut in range(1, len(data), max(1, len(data) // 40)):
            wire = Wire()
            wire.send(side, data[:cut], 1, 1)
            wire.send(side, data[cut:], 1, 1)
            assert wire.drain() == expected


def fed(flow: Flow, how: str) -> list[AnyFact]:
    """Return the facts of the messages of a flow: "whole", "bytes" one by one, or "joined" by direction."""
    wire = Wire()
    waiting: tuple[int, int, bytes] | None = None
    for frame, side, data in messages(flow):
        if how == "bytes":
            for at in range(len(data)):
                wire.send(side, data[at : at + 1], frame, frame)
        elif how == "joined":
            if waiting is not None and waiting[0] == side and waiting[1] == frame:
                waiting = (side, frame, waiting[2] + data)
                continue
            if waiting is not None:
                wire.send(waiting[0], waiting[2], waiting[1], waiting[1])
            waiting = (side, frame, data)
        else:
            wire.send(side, data, frame, frame)
    if waiting is not None:
        wire.send(waiting[0], waiting[2], waiting[1], waiting[1])
    wire.session.time_out_waiting(1 << 60)
    return wire.drain()


@pytest.mark.parametrize("name", small_captures()[::2])
def test_cutting_a_stream_anywhere_changes_nothing(name: str) -> None:
    for flow in flows(S7 / name):
        if sum(len(segment.data) for segment in flow.segments) > FLOW_BYTES:
            continue
        whole = fed(flow, "whole")
        assert fed(flow, "bytes") == whole
        assert fed(flow, "joined") == whole


def test_a_doubled_message_gives_the_facts_of_two(shapes: list[tuple[int, bytes]]) -> None:
    for side, data in shapes:
        joined, apart = Wire(), Wire()
        joined.send(side, data + data, 1, 1)
        apart.send(side, data, 1, 1)
        apart.send(side, data, 1, 1)
        assert joined.drain() == apart.drain()


def test_own_captures_are_recognised_by_their_first_payload() -> None:
    seen = 0
    for name in small_captures():
        for flow in flows(S7 / name):
            if not flow.started:
                continue
            data = b"".join(segment.data for segment in flow.segments if segment.side == 0)[:2000]
            if len(data) > 60:
                assert DISSECTOR.recognise(data, 0, len(data), True) == 2
                seen += 1
    assert seen >= 10


def test_no_other_capture_is_taken_for_s7() -> None:
    other = sorted((S7.parent / "modbus").iterdir())[:6] + sorted((S7.parent / "other").iterdir())[:12]
    looked = 0
    for path in other:
        if path.suffix == ".gz" or path.stat().st_size > 400_000:
            continue
        for port in (502, 80, 443, 44818):
            for flow in flows(path, port)[:5]:
                data = b"".join(segment.data for segment in flow.segments if segment.side == 0)[:2000]
                if data:
                    assert DISSECTOR.recognise(data, 0, len(data), False) < 2
                    looked += 1
    assert looked
