"""Laws of the Modbus dissector, over every message of the captures by others and over hostile ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import dpkt
import pytest

from dissectors.base.message import NOT_MINE
from dissectors.facts import AnyFact
from dissectors.modbus.dissector import DISSECTOR
from dissectors.modbus.parse import measure, parse
from tests.dissectors.captured import ABSENT, bare, files, only_channel
from tests.dissectors.harness import modbus, read, refused, registers, reported, write

EDGES = (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x7F, 0x80, 0xFE, 0xFF)
CAPTURES = files("modbus", 3_000_000)


@cache
def messages(path: Path) -> list[tuple[bool, bytes]]:
    """The distinct messages in single segments of a capture (transaction 0), with their direction by port."""
    found: dict[tuple[bool, bytes], None] = {}
    with path.open("rb") as stream:
        try:
            for _, frame in dpkt.pcap.UniversalReader(stream):
                tcp = dpkt.ethernet.Ethernet(frame).data
                tcp = getattr(tcp, "data", None)
                if not isinstance(tcp, dpkt.tcp.TCP) or not tcp.data:
                    continue
                data, at = bytes(tcp.data), 0
                while at < len(data):
                    size = measure(data, at, len(data))
                    if size <= 0 or at + size > len(data):
                        break
                    found[tcp.dport == 502, b"\0\0" + data[at + 2 : at + size]] = None
                    at += size
        except (ValueError, dpkt.Error):
            return []
    return list(found)


@pytest.mark.skipif(not CAPTURES, reason=ABSENT)
def test_the_captures_hold_messages_of_many_functions() -> None:
    codes = {data[7] for path in CAPTURES for _, data in messages(path)}
    assert {1, 2, 3, 4, 5, 6, 15, 16, 43, 90} <= codes


@pytest.mark.skipif(not CAPTURES, reason=ABSENT)
def test_a_message_means_the_same_alone_and_among_other_bytes() -> None:
    checked = 0
    for path in CAPTURES:
        for _, data in messages(path):
            for from_client in (True, False):
                alone = parse(data, 0, len(data), from_client)
                assert alone is not None
                for before, after in ((b"", b"\xff" * 40), (b"\x00" * 3, b"\x00" * 40), (b"\x41" * 9, data)):
                    among = parse(before + data + after, len(before), len(before) + len(data), from_client)
                    assert among is not None
                    assert among.as_tuple() == alone.as_tuple()
            checked += 1
    assert checked > 1000


def test_a_violation_is_placed_in_its_message_wherever_that_stands_in_the_stream() -> None:
    data = modbus(1, 1, bytes.fromhex("2b0e01830000020003") + b"ABC" + bytes.fromhex("017f") + b"X")
    for before in (b"", b"\x03" * 7):
        found = parse(before + data, len(before), len(before) + len(data), False)
        assert found is not None
        assert [(one.name, one.at) for one in found.violations] == [("byte_count", 19)]


def forms() -> list[bytes]:
    """One message of each (function, length) of the captures, or of a few made by hand."""
    chosen: dict[tuple[int, int], bytes] = {}
    for path in CAPTURES:
        for _, data in messages(path):
            chosen.setdefault((data[7], min(len(data), 40)), data[:60] if len(data) <= 60 else b"")
    by_hand = [read(1, 0, 1), registers(1, 1, 2), write(1, 2, 3), refused(1, 3, 2)]
    by_hand.append(modbus(1, 1, bytes.fromhex("2b0e01810000010004") + b"Acme"))
    by_hand.append(modbus(1, 1, bytes.fromhex("140e0600040001000206000300090002")))
    by_hand.append(modbus(1, 1, bytes.fromhex("1700030006000e00030600ff00ff00ff")))
    return [data for data in chosen.values() if data] + by_hand


def test_no_byte_of_any_message_breaks_the_parser_or_changes_its_reach() -> None:
    for data in forms():
        for at in range(len(data)):
            for edge in EDGES:
                changed = data[:at] + bytes((edge,)) + data[at + 1 :]
                size = measure(changed, 0, len(changed))
                assert size == NOT_MINE or size >= 0
                for from_client in (True, False):
                    found = parse(changed, 0, len(changed), from_client)
                    assert (found is None) == (size != len(changed))
                    if found is not None:
                        assert len(found.values) <= 2040
                        assert len(found.targets) <= 40
                        behind = parse(changed + b"\xff" * 30, 0, len(changed), from_client)
                        assert behind is not None
                        assert behind.as_tuple() == found.as_tuple()
                DISSECTOR.recognise(changed, 0, len(changed), proposed=True)
                DISSECTOR.from_client(changed, 0, len(changed))


def test_no_byte_of_any_message_breaks_a_session() -> None:
    for data in forms():
        connection, recorder, channel_table = bare()
        session = DISSECTOR.session(connection, recorder, channel_table)
        for at in range(len(data)):
            for edge in EDGES:
                changed = data[:at] + bytes((edge,)) + data[at + 1 :]
                for side in (0, 1):
                    recorder.now += 1_000_000
                    used = session.feed(side, changed, 0, len(changed))
                    assert 0 <= used <= len(changed)


def test_a_message_cut_short_at_any_byte_is_waited_for() -> None:
    for data in forms():
        for size in range(len(data)):
            assert measure(data, 0, size) in {0, len(data)}
            assert parse(data, 0, size, True) is None


def conversation() -> list[tuple[int, bytes]]:
    """Reads whose values change now and then, on two units, pipelined and not, of bits and words."""
    result: list[tuple[int, bytes]] = []
    for number in range(40):
        unit = 1 + number % 2
        result += [(0, read(number, 0, 3, unit)), (1, registers(number, 1, number // 7, 3, unit=unit))]
        result += [(0, read(number, 8, 12, unit, 1)), (1, modbus(number, unit, bytes((1, 2, number // 9, 5))))]
        if number % 5 == 0:
            result += [(0, read(500, 0, 3, unit)), (0, read(501, 7, 1, unit, 4))]
            result += [(1, registers(501, number, unit=unit, function=4)), (1, registers(500, 1, 2, 3, unit=unit))]
        if number % 11 == 0:
            result += [(0, write(number, 9, number, unit)), (1, write(number, 9, number, unit))]
            result += [(0, read(number, 60_000, 9, unit)), (1, refused(number, 3, 2, unit))]
    return result


def facts_with(fast: bool) -> tuple[list[tuple[object, ...]], list[AnyFact], tuple[object, ...]]:
    connection, recorder, channel_table = bare()
    session = DISSECTOR.session(connection, recorder, channel_table)
    for side, data in conversation():
        recorder.now += 1_000_000
        recorder.frame += 1
        if not fast:
            session.channel = None
            session.unit_key = -1
        session.feed(side, data, 0, len(data))
    counters = tuple(
        (c.opened.unit, c.requests, c.responses, c.failures, c.unmatched, c.latency_count, c.latency_sum, c.value_changes,
         tuple((o.label, o.requests, o.gap_sum) for o in c.busy), tuple((t.previous.label, t.operation.label, t.count) for t in c.moved))
        for c in channel_table.channels.values()
    )  # fmt: skip
    return reported(recorder.facts), recorder.facts, counters


def test_the_fast_path_reports_and_counts_what_the_general_path_does() -> None:
    assert facts_with(fast=True)[0] == facts_with(fast=False)[0]
    assert facts_with(fast=True)[2] == facts_with(fast=False)[2]


def test_a_known_read_that_repeats_reports_nothing() -> None:
    connection, recorder, channel_table = bare()
    session = DISSECTOR.session(connection, recorder, channel_table)
    for number in range(50):
        recorder.now += 1_000_000
        for side, data in ((0, read(number, 0, 3)), (1, registers(number, 1, 2, 3))):
            session.feed(side, data, 0, len(data))
        if number == 1:
            recorder.drain()
    assert recorder.facts == []
    assert only_channel(channel_table).requests == only_channel(channel_table).responses == 50
