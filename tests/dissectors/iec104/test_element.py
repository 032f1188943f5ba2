"""Information elements of IEC 60870-5-104: values, their quality, their time, and what files say of themselves."""

from __future__ import annotations

import pytest

from dissectors.base.message import REPORT, Message
from dissectors.facts import Target
from dissectors.iec104.parse import parse
from tests.dissectors.iec104.build import apdu

TAG = "60ea0c0c1b0b1a"
"""27 November 2026, 12:12 and 60 s."""

VALUES = [
    (1, "01", 1),  # single point: on
    (3, "02", 2),  # double point: on
    (5, "7f00", -1),  # step position: -1, no transient | quality
    (7, "ffffffff00", 0xFFFFFFFF),  # 32 bits | quality
    (9, "00c000", -0.5),  # half of full scale, negative | quality
    (11, "9cff00", -100),  # scaled | quality
    (13, "0000c84200", 100.0),  # short float | quality
    (15, "0700000001", 7),  # counter reading | sequence
    (15, "f9ffffff01", -7),
    (20, "0500030000", 5),  # states of 16 points | changes | quality
    (21, "0040", 0.5),  # a fraction without quality
    (17, "0a 0000 60ea0c", 2),  # event: on, elapsed time invalid | elapsed time
    (18, "05 00 0000 60ea0c", 5),  # start of two phases | quality
    (19, "09 00 0000 60ea0c", 9),  # general trip and one phase | quality
    (70, "02", 2),  # initialised by remote reset
]


def monitored(code: int, element: str, cause: int = 3) -> Message:
    data = apdu(code, cause, element, ioa=1001)
    message = parse(data, 0, len(data))
    assert message is not None
    return message


@pytest.mark.parametrize(("code", "element", "value"), VALUES)
def test_a_monitored_value_is_read(code: int, element: str, value: object) -> None:
    message = monitored(code, element)
    assert (message.kind, message.verb, message.unit) == (REPORT, "report", "41")
    assert message.targets == [Target("ioa", 1001, 1001)]
    assert message.values == [value]
    assert "invalid" not in message.detail
    assert message.routine and not message.violations


@pytest.mark.parametrize(
    ("code", "element"),
    [
        (1, "81"),  # invalid
        (3, "42"),  # not topical
        (5, "0180"),
        (7, "0000000040"),
        (9, "000080"),
        (11, "000040"),
        (13, "0000c84280"),
        (15, "0700000080"),
        (17, "82 0000 60ea0c"),
        (18, "01 80 0000 60ea0c"),
        (19, "01 40 0000 60ea0c"),
        (20, "0500030080"),
    ],
)
def test_a_value_that_its_station_does_not_trust_is_counted_as_invalid(code: int, element: str) -> None:
    assert monitored(code, element).detail["invalid"] == 1


def test_the_carry_of_a_counter_is_no_fault_of_it() -> None:
    assert "invalid" not in monitored(15, "0700000060").detail  # carried over and adjusted


@pytest.mark.parametrize(
    ("element", "text"),
    [("0000807f", "inf"), ("000080ff", "-inf"), ("0000c07f", "nan")],
)
def test_what_is_no_finite_number_becomes_its_name(element: str, text: str) -> None:
    assert monitored(13, element + "00").values == [text]


@pytest.mark.parametrize(
    ("code", "tag", "text"),
    [
        (30, TAG, "2026-11-27T12:12:60.000"),
        (30, "d2048c0c1b0b1a", "2026-11-27T12:12:01.234?"),  # the station doubts its clock
        (30, "d2040c8c5b0b1a", "2026-11-27T12:12:01.234"),  # summer time and a day of the week
        (2, "d2040c", "xx:12:01.234"),
        (2, "d2048c", "xx:12:01.234?"),
    ],
)
def test_a_time_tag_is_told_as_the_station_wrote_it(code: int, tag: str, text: str) -> None:
    assert monitored(code, "01" + tag).detail["time"] == text


@pytest.mark.parametrize(
    ("code", "element", "detail"),
    [
        (120, "0100 100001 80", {"file": 1, "length": 65552, "qualifier": 0x80}),
        (121, "0100 02 100000 00", {"file": 1, "section": 2, "length": 16, "qualifier": 0}),
        (122, "0100 02 01", {"file": 1, "section": 2, "qualifier": 1}),
        (123, "0100 02 03 7f", {"file": 1, "section": 2, "qualifier": 3, "checksum": 0x7F}),
        (124, "ffff 02 04", {"file": 0xFFFF, "section": 2, "qualifier": 4}),
        (125, "0100 02 02 cafe", {"file": 1, "section": 2, "bytes": 2}),
    ],
)
def test_a_file_is_told_by_name_section_and_length_and_its_content_is_not_kept(
    code: int, element: str, detail: dict[str, object]
) -> None:
    message = monitored(code, element, cause=13)
    assert message.detail == {"cause": "file_transfer", **detail}
    assert message.values == [] and message.targets == [Target("ioa", 1001, 1001)]
