"""Modbus against tshark, on every capture: requests and exceptions by function, answers in all, points and codes.

Our numbers are those of the facts that the sensor reports. What differs is listed in modbus_differences.yaml with its
cause and who is right; a difference that is not listed fails, and so does a listed one that is gone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
import yaml

from dissectors.facts import ChannelOpened, ChannelWindow, Exchange, OperationFirst
from tests.dissectors.captured import facts_of
from tests.oracle import tshark

CAPTURES = tshark.captures("modbus")
LISTED = Path(__file__).with_name("modbus_differences.yaml")
RIGHT = {"spanwatch", "tshark", "neither"}
FIELDS = (
    "ip.src",
    "tcp.srcport",
    "ip.dst",
    "tcp.dstport",
    "mbtcp.len",
    "modbus.func_code",
    "modbus.exception_code",
    "modbus.reference_num",
    "modbus.word_cnt",
    "modbus.bit_cnt",
)
EXCEPTION_LENGTH = "3"


@dataclass
class Count:
    """What one of the two found in one capture."""

    requests: Counter[int] = field(default_factory=Counter)
    exceptions: Counter[int] = field(default_factory=Counter)
    responses: int = 0
    spans: set[tuple[int, int, int]] = field(default_factory=set)
    """(function, first point, last point) of requests of functions 1 to 6, 15 and 16."""
    reasons: set[tuple[int, int]] = field(default_factory=set)
    """(function, exception code)."""
    several: bool = False
    """Whether a frame held several messages, so that fields cannot be put together by frame."""


@cache
def servers(path: Path) -> frozenset[tuple[str, int]]:
    return frozenset(
        (f.server.ip, f.server.port) for f in reported(path) if isinstance(f, ChannelOpened) and f.protocol == "modbus"
    )


@cache
def reported(path: Path) -> list[object]:
    facts = facts_of(path)
    mine = {fact.channel for fact in facts if isinstance(fact, ChannelOpened) and fact.protocol == "modbus"}
    return [fact for fact in facts if getattr(fact, "channel", "") in mine]


def function(code: str) -> int:
    return int(code.split("/", maxsplit=1)[0])


@cache
def ours(path: Path) -> Count:
    count = Count()
    facts = reported(path)
    codes = {(f.channel, f.label): function(f.code) for f in facts if isinstance(f, OperationFirst)}
    for fact in facts:
        if isinstance(fact, ChannelWindow):
            count.responses += fact.responses
            for row in fact.operations:
                if row.requests:
                    count.requests[codes[fact.channel, row.label]] += row.requests
                if row.failures:
                    count.exceptions[codes[fact.channel, row.label]] += row.failures
        elif isinstance(fact, OperationFirst):
            for target in fact.targets if function(fact.code) in {1, 2, 3, 4, 5, 6, 15, 16} else ():
                count.spans.add((function(fact.code), target.first, target.last))
        elif isinstance(fact, Exchange) and fact.error_code and fact.error != "umas_failure":
            count.reasons.add((function(fact.code), fact.error_code))
            if fact.outcome == "unmatched":
                count.exceptions[function(fact.code)] += 1 + fact.repeats
    return count


@cache
def theirs(path: Path) -> Count:
    count = Count()
    known = servers(path)
    options = [
        word for port in sorted({port for _, port in known} - {502}) for word in ("-d", f"tcp.port=={port},mbtcp")
    ]
    for source, source_port, target, target_port, lengths, codes, reasons, points, words, bits in tshark.fields(
        path, FIELDS, "modbus", tuple(options)
    ):
        asks = (target[-1], int(target_port[-1])) in known
        answers = (source[-1], int(source_port[-1])) in known
        functions = [int(code) for code in codes]
        count.several |= len(functions) > 1
        if asks or (not answers and int(target_port[-1]) == 502):
            count.requests.update(functions)
            if len(functions) == 1 and functions[0] in {1, 2, 3, 4, 5, 6, 15, 16} and len(points) == 1:
                many = int((words or bits or ["1"])[0])
                first = int(points[0])
                count.spans.add((functions[0], first, max(first, first + many - 1)))
            continue
        count.responses += len(functions)
        if not reasons:
            continue
        failed = functions
        if len(lengths) == len(functions) > len(reasons):
            failed = [one for one, length in zip(functions, lengths, strict=True) if length == EXCEPTION_LENGTH]
        for one, reason in zip(failed, reasons, strict=False):
            count.exceptions[one] += 1
            count.reasons.add((one, int(reason)))
    return count


def differences(path: Path) -> dict[tuple[str, str, int], tuple[int, int]]:
    """(file, what, function) to (ours, theirs); function 0 stands for all."""
    mine, other = ours(path), theirs(path)
    found: dict[tuple[str, str, int], tuple[int, int]] = {}
    for what, one, two in (
        ("requests", mine.requests, other.requests),
        ("exceptions", mine.exceptions, other.exceptions),
    ):
        for code in sorted(set(one) | set(two)):
            if one[code] != two[code]:
                found[path.name, what, code] = (one[code], two[code])
    if mine.responses != other.responses:
        found[path.name, "responses", 0] = (mine.responses, other.responses)
    return found


def listed() -> list[dict[str, object]]:
    rows: list[dict[str, object]] = yaml.safe_load(LISTED.read_text(encoding="utf-8"))
    return rows


def test_every_listed_difference_says_its_cause_and_who_is_right() -> None:
    for row in listed():
        assert set(row) == {"file", "what", "function", "ours", "tshark", "cause", "right"}
        assert row["right"] in RIGHT
        assert len(str(row["cause"])) > 20


@pytest.mark.skipif(not CAPTURES, reason="the captures by others are not at ../shared/captures")
@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.name)
def test_messages_are_counted_as_tshark_does_or_the_difference_is_listed(path: Path) -> None:
    tshark.require()
    expected = {
        (str(row["file"]), str(row["what"]), int(str(row["function"]))): (row["ours"], row["tshark"])
        for row in listed()
        if row["file"] == path.name
    }
    assert differences(path) == expected


@pytest.mark.skipif(not CAPTURES, reason="the captures by others are not at ../shared/captures")
def test_no_listed_difference_names_a_capture_that_is_not_there() -> None:
    assert {str(row["file"]) for row in listed()} <= {path.name for path in CAPTURES}


@pytest.mark.skipif(not CAPTURES, reason="the captures by others are not at ../shared/captures")
@pytest.mark.parametrize("path", [path for path in CAPTURES if "fuzz" not in path.name], ids=lambda path: path.name)
def test_points_and_exception_codes_are_those_that_tshark_reads(path: Path) -> None:
    tshark.require()
    mine, other = ours(path), theirs(path)
    own = differences(path)
    if not own:
        assert other.spans <= mine.spans
        assert other.reasons <= mine.reasons
    if not own and not other.several:
        assert mine.spans == other.spans
        assert mine.reasons == other.reasons


@pytest.mark.skipif(not CAPTURES, reason="the captures by others are not at ../shared/captures")
def test_the_comparison_is_about_something() -> None:
    tshark.require()
    functions: Counter[int] = Counter()
    for path in CAPTURES:
        functions += theirs(path).requests
    assert sum(functions.values()) > 30_000
    assert {1, 2, 3, 4, 5, 6, 15, 16, 43, 90} <= set(functions)
