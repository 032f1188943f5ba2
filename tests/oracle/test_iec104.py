"""IEC 60870-5-104 against tshark, on every capture that holds it: message by message, and the counts of the facts.

tshark gives the payload of each segment and what it reads in it; what it calls malformed is left out. The same payload, joined per direction, is cut and parsed
here: types, causes, addresses, objects, flags and values must be the same. Then the whole sensor counts each type.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest

from dissectors.base.message import Message
from dissectors.facts import ChannelOpened, ChannelWindow, OperationFirst
from dissectors.iec104.parse import START, measure, parse
from tests.dissectors.captured import facts_of
from tests.oracle import tshark

CAPTURES = [
    *tshark.captures("iec104"),
    *(path for path in tshark.captures("other") if "104" in path.name or "IEC_" in path.name),
]
FIELDS = (
    "tcp.stream",
    "tcp.srcport",
    "tcp.seq_raw",
    "tcp.payload",
    "iec60870_asdu.typeid",
    "iec60870_asdu.causetx",
    "iec60870_asdu.addr",
    "iec60870_asdu.oa",
    "iec60870_asdu.nega",
    "iec60870_asdu.test",
    "iec60870_asdu.ioa",
    "iec60870_104.utype",
    "iec60870_asdu.float",
)
CAUSE, UNIT, ORIGINATOR, TYPE = 8, 10, 9, 6
"""Where the fields of an APDU stand."""


@cache
def rows(path: Path) -> list[list[list[str]]]:
    tshark.require()
    return tshark.fields(path, FIELDS, "iec60870_104 and not _ws.malformed")


@cache
def messages(path: Path) -> list[tuple[bytes, Message]]:
    """Every message in the segments that tshark looked at, cut out of the joined payload of its direction."""
    streams: dict[tuple[str, str], bytes] = defaultdict(bytes)
    seen: set[tuple[str, str, str]] = set()
    for stream, port, sequence, payload, *_ in rows(path):
        key = (stream[0], port[0], sequence[0])
        if key not in seen:
            seen.add(key)
            streams[stream[0], port[0]] += b"".join(bytes.fromhex(part) for part in payload)
    found = []
    for data in streams.values():
        at = 0
        while at < len(data):
            size = measure(data, at, len(data)) if data[at] == START else -1
            if size <= 0 or at + size > len(data):
                at += 1
                continue
            message = parse(data, at, at + size)
            assert message is not None, data[at : at + size].hex()
            found.append((data[at : at + size], message))
            at += size
    return found


def units(path: Path) -> list[tuple[bytes, Message]]:
    """The messages with a data unit."""
    return [(data, message) for data, message in messages(path) if not data[2] & 1]


def theirs(path: Path, name: str) -> Counter[str]:
    """How often tshark shows each value of a field; a segment that was sent again is shown once."""
    seen: set[tuple[str, str, str]] = set()
    count: Counter[str] = Counter()
    for row in rows(path):
        key = (row[0][0], row[1][0], row[2][0])
        if key not in seen:
            seen.add(key)
            count.update(row[FIELDS.index(name)])
    return count


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_every_field_of_every_message_is_what_tshark_reads(path: Path) -> None:
    ours = units(path)
    assert Counter(message.code for _, message in ours) == theirs(path, "iec60870_asdu.typeid")
    assert Counter(str(data[CAUSE] & 0x3F) for data, _ in ours) == theirs(path, "iec60870_asdu.causetx")
    assert Counter(message.unit for _, message in ours) == theirs(path, "iec60870_asdu.addr")
    assert Counter(str(message.detail.get("originator", 0)) for _, message in ours) == theirs(path, "iec60870_asdu.oa")
    assert Counter(str(data[CAUSE] >> 6 & 1) for data, _ in ours) == theirs(path, "iec60870_asdu.nega")
    assert Counter(str(message.detail.get("test", 0)) for _, message in ours) == theirs(path, "iec60870_asdu.test")
    objects: Counter[str] = Counter()
    for _, message in ours:
        for target in message.targets:
            objects.update(str(number) for number in range(target.first, target.last + 1))
    assert objects == theirs(path, "iec60870_asdu.ioa")


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_floating_point_values_are_what_tshark_reads(path: Path) -> None:
    ours = Counter(
        f"{float(value):.6g}"
        for _, message in units(path)
        if message.code in {"13", "14", "36", "50", "63", "112"}
        for value in message.values
    )
    their_floats: Counter[str] = Counter()
    for text, count in theirs(path, "iec60870_asdu.float").items():
        their_floats[f"{float(text):.6g}"] += count
    assert ours == their_floats


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_nothing_that_tshark_reads_whole_is_called_wrong(path: Path) -> None:
    wrong = [(found.name, data.hex()) for data, message in messages(path) for found in message.violations]
    assert wrong == []


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_the_sensor_counts_what_tshark_counts(path: Path) -> None:
    """Commands and reports by type; answers are counted with what they answer."""
    tshark.require()
    facts = facts_of(path)
    mine = {fact.channel for fact in facts if isinstance(fact, ChannelOpened) and fact.protocol == "iec104"}
    codes = {
        (fact.channel, fact.label): fact.code
        for fact in facts
        if isinstance(fact, OperationFirst) and fact.channel in mine
    }
    counted: Counter[str] = Counter()
    answers = 0
    for fact in facts:
        if isinstance(fact, ChannelWindow) and fact.channel in mine:
            answers += fact.responses
            for row in fact.operations:
                code = codes.get((fact.channel, row.label), "")
                if code.isdigit():
                    counted[code] += row.requests
    asked = Counter(message.code for _, message in units(path) if message.kind != 1)
    assert counted == asked
    assert answers == sum(message.kind == 1 for _, message in messages(path))
