"""Modbus over every message of the captures by others, and its fast path against its general one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import dpkt
import pytest

from dissectors.facts import AnyFact
from dissectors.modbus.dissector import DISSECTOR
from dissectors.modbus.parse import measure, parse
from tests.dissectors.captured import ABSENT, bare, files, only_channel
from tests.dissectors.harness import modbus, read, refused, registers, reported, write

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
            session.units.channel = None
            session.units.key = -1
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
