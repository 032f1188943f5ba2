"""Properties over the messages of real captures: own bytes, cuts, doubling, and every byte at its edges.

One message per shape (operation, objects, violations) is taken from the captures, so that each kind is tried once.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from dissectors.dnp3.link import measure, user_data
from dissectors.dnp3.parse import parse_fragment, parse_frame
from dissectors.facts import Violation
from tests.dissectors.dnp3.wire import GAP, Driver, Flow, ask, captures, flows, frame, recognised

EDGES = (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x7F, 0x80, 0xFE, 0xFF)
BEHIND = bytes((0x05, 0x64, 0x0A, 0xC4)) + bytes(range(255, 0, -7))
LONGEST_SWEPT = 120
NAMED = {
    "start", "length", "header_crc", "block_crc", "transport_sequence", "direction", "reserved_address",
    "unknown_function", "unknown_object", "qualifier", "object_length",
}  # fmt: skip
"""Every violation that DNP3 has."""
SMALL_CAPTURE = 8_000
MAX_FLOWS = 60

needs_captures = pytest.mark.skipif(not captures(), reason="the captures of others are not on this machine")


@cache
def small_flows() -> list[Flow]:
    """Return conversations of the small captures."""
    found: list[Flow] = []
    for path in captures():
        if path.stat().st_size < SMALL_CAPTURE:
            found.extend(flows(path))
    return found


@cache
def frames() -> list[bytes]:
    """Return one frame of each shape."""
    shapes: dict[object, bytes] = {}
    for flow in small_flows():
        for _, data in flow.segments:
            at = 0
            while at < len(data) and recognised(data[at:]):
                size = measure(data, at, len(data))
                raw = data[at : at + size]
                message = parse_frame(raw, 0, len(raw)) if len(raw) == size else None
                if message is not None:
                    kinds = tuple(dict.fromkeys(target.kind for target in message.targets))
                    faults = tuple(found.name for found in message.violations)
                    shapes.setdefault((raw[3], message.operation, kinds, faults, message.error), raw)
                at += size
    return list(shapes.values())


def facts_of(pieces: list[tuple[int, bytes]], clock: list[int]) -> list[Any]:
    """Feed pieces of sides, each at its time, into a new session and return the facts."""
    driver = Driver()
    rest = [b"", b""]
    for (side, data), time in zip(pieces, clock, strict=True):
        driver.recorder.now, driver.recorder.frame = time * 1_000_000, time
        whole = rest[side] + data
        rest[side] = whole[driver.session.feed(side, whole, 0, len(whole)) :]
    driver.close_window()
    return list(driver.recorder.facts)


@needs_captures
def test_the_captures_show_many_kinds_of_message() -> None:
    operations = {message.operation for raw in frames() if (message := parse_frame(raw, 0, len(raw))) is not None}
    assert len(frames()) > 120
    assert {"read", "response", "unsolicited_response", "select", "operate", "open_file", "confirm"} <= operations


@needs_captures
def test_a_message_is_decided_by_its_own_bytes() -> None:
    for raw in frames():
        alone = parse_frame(raw, 0, len(raw))
        among = parse_frame(BEHIND + raw + BEHIND, len(BEHIND), len(BEHIND) + len(raw))
        assert alone is not None
        assert among is not None
        assert alone.as_tuple() == among.as_tuple()


@needs_captures
def test_a_frame_with_any_octet_at_an_edge_is_a_message_or_nothing() -> None:
    for raw in frames():
        for at in range(min(len(raw), LONGEST_SWEPT)):
            for edge in EDGES:
                changed = raw[:at] + bytes((edge,)) + raw[at + 1 :]
                message = parse_frame(changed, 0, len(changed))
                if changed != raw and message is not None:
                    assert [found.name for found in message.violations] == ["block_crc"]


@needs_captures
def test_a_fragment_with_any_octet_at_an_edge_is_decided_by_its_own_bytes() -> None:
    """The CRC would hide what the application layer does with wrong bytes, so the sweep goes below it."""
    for raw in frames():
        user = user_data(raw, 0, len(raw))
        for at in range(1, min(len(user), LONGEST_SWEPT)):
            for edge in EDGES:
                changed = user[:at] + bytes((edge,)) + user[at + 1 :]
                alone = parse_fragment(changed, 1, len(changed), raw[3], 1, 10)
                among = parse_fragment(changed + BEHIND, 1, len(changed), raw[3], 1, 10)
                assert alone.as_tuple() == among.as_tuple()


@needs_captures
def test_a_session_survives_any_octet_at_an_edge() -> None:
    """Sealed again, so that the session interprets it, before and after the message it was made from."""
    for raw in frames():
        user = user_data(raw, 0, len(raw))
        ends = raw[4] | raw[5] << 8, raw[6] | raw[7] << 8
        for at in range(min(len(user), 24)):
            driver = Driver()
            for edge in EDGES:
                changed = frame(user[:at] + bytes((edge,)) + user[at + 1 :], raw[3], *ends)
                for data in (changed, raw):
                    driver.feed(0, data)
                    driver.feed(1, data)
            assert driver.rest == [b"", b""]


@needs_captures
def test_cutting_a_message_anywhere_changes_nothing() -> None:
    for raw in frames():
        after = ask("C7 0D")
        whole = facts_of([(0, raw), (0, after)], [1, 1])
        for cut in range(1, len(raw)):
            assert facts_of([(0, raw[:cut]), (0, raw[cut:] + after)], [1, 1]) == whole
        single = [(0, bytes((byte,))) for byte in raw + after]
        assert facts_of(single, [1] * len(single)) == whole


@needs_captures
def test_a_doubled_message_is_the_message_twice() -> None:
    for raw in frames():
        assert facts_of([(0, raw + raw)], [1]) == facts_of([(0, raw), (0, raw)], [1, 1])


@needs_captures
def test_a_conversation_octet_by_octet_reports_the_same() -> None:
    tried = 0
    for flow in small_flows():
        if GAP in [data for _, data in flow.segments] or flow.transport == "udp":
            continue
        times = list(range(1, len(flow.segments) + 1))
        pieces: list[tuple[int, bytes]] = []
        clock: list[int] = []
        for (side, data), time in zip(flow.segments, times, strict=True):
            pieces.extend((side, bytes((byte,))) for byte in data)
            clock.extend([time] * len(data))
        assert facts_of(pieces, clock) == facts_of(flow.segments, times)
        tried += 1
        if tried == MAX_FLOWS:
            break
    assert tried == MAX_FLOWS


@needs_captures
def test_a_conversation_from_its_middle_and_without_any_segment_is_survived() -> None:
    for flow in small_flows()[:40]:
        for lost in range(min(len(flow.segments), 20)):
            driver = Driver(flow.transport)
            for number, (side, data) in enumerate(flow.segments):
                if number == lost:
                    driver.session.gap(side, 0)
                    driver.rest[side] = b""
                elif data != GAP:
                    driver.feed(side, data)
            assert {fact.name for fact in driver.reported(Violation)} <= NAMED
