"""IEC 60870-5-104 byte by byte: what one APDU says."""

from __future__ import annotations

import pytest

from dissectors.base.message import NEED_MORE, NOT_MINE, ONE_WAY, REQUEST, RESPONSE
from dissectors.facts import Target
from dissectors.iec104.parse import MAX_LENGTH, measure, parse, sender
from tests.dissectors.iec104.build import START_ACT, START_CON, TEST_ACT, apdu


def test_a_sequence_of_objects_is_one_range_and_single_ones_are_joined_where_they_follow() -> None:
    sequence = bytes.fromhex("6813 0000 0000 01 86 14 00 2900 e90300 01 00 01 00 01 01")
    message = parse(sequence, 0, len(sequence))
    assert message is not None
    assert message.targets == [Target("ioa", 1001, 1006)]
    assert message.values == [1, 0, 1, 0, 1, 1]
    apart = bytes.fromhex("6816 0000 0000 01 03 14 00 2900 e90300 01 ea0300 00 f20300 01")
    message = parse(apart, 0, len(apart))
    assert message is not None
    assert message.targets == [Target("ioa", 1001, 1002), Target("ioa", 1010, 1010)]


def test_select_and_execute_are_two_operations_and_a_refusal_is_an_error() -> None:
    select, execute = apdu(45, 6, "81", ioa=4001), apdu(45, 6, "01", ioa=4001)
    names = [parse(data, 0, len(data)).operation for data in (select, execute)]
    assert names == ["single_command_select", "single_command"]
    for cause, error in ((0x47, "negative_confirmation"), (0x6F, "unknown_object_address"), (44, "unknown_type")):
        answer = apdu(45, cause, "01", ioa=4001)
        message = parse(answer, 0, len(answer))
        assert message is not None
        assert (message.kind, message.error) == (RESPONSE, error)


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (bytes.fromhex("680e 0000 0000 2c 01 03 00 2900 e90300 01"), "unknown_type"),
        (bytes.fromhex("680e 0000 0000 01 01 0e 00 2900 e90300 01"), "cause"),
        (bytes.fromhex("680e 0000 0000 01 01 03 00 0000 e90300 01"), "common_address"),
        (bytes.fromhex("680e 0000 0000 01 02 03 00 2900 e90300 01"), "object_length"),
        (bytes.fromhex("6804 07 01 00 00"), "control_field"),
    ],
)
def test_what_the_standard_does_not_allow_is_named(damage: bytes, fault: str) -> None:
    message = parse(damage, 0, len(damage))
    assert message is not None
    assert fault in [found.name for found in message.violations]


def test_who_speaks_is_in_the_message() -> None:
    assert sender(START_ACT, 0, 6) == 1
    assert sender(START_CON, 0, 6) == 0
    assert sender(TEST_ACT, 0, 6) == -1
    for code, cause, side in ((1, 3, 0), (45, 6, 1), (45, 7, 0), (122, 13, -1)):
        data = apdu(code, cause, "01" if code != 122 else "01000001", ioa=1)
        assert sender(data, 0, len(data)) == side


def test_a_file_says_its_name_and_length_and_keeps_no_content() -> None:
    data = apdu(125, 13, "0100 01 04 deadbeef")
    message = parse(data, 0, len(data))
    assert message is not None
    assert (message.kind, message.verb, message.values) == (ONE_WAY, "file", [])
    assert message.detail == {"cause": "file_transfer", "file": 1, "section": 1, "bytes": 4}


def test_an_interrogation_is_a_request() -> None:
    data = apdu(100, 6, "14")
    message = parse(data, 0, len(data))
    assert message is not None
    assert (message.kind, message.operation, message.routine) == (REQUEST, "interrogation", True)


@pytest.mark.parametrize(
    ("data", "length"),
    [
        ("68", NEED_MORE),
        ("680e 0000 00", NEED_MORE),
        ("6804 0700 0000", 6),
        ("680e 0000 0000 2d01", 16),  # as long as it says, though the rest has not come yet
        ("6904 0700 0000", NOT_MINE),  # another start
        ("6803 0700 0000", NOT_MINE),  # shorter than a control field
        ("68fe 0000 0000", NOT_MINE),  # longer than an APDU may be
        ("6804 0500 0000", NOT_MINE),  # no function of the unnumbered form
        ("6806 0100 0000", NOT_MINE),  # an acknowledgement carries nothing
        ("6804 0000 0000", NOT_MINE),  # a numbered one carries a data unit
    ],
)
def test_the_length_of_an_apdu_is_known_from_its_head(data: str, length: int) -> None:
    head = bytes.fromhex(data)
    assert measure(head, 0, len(head)) == length


def test_the_longest_apdu_is_read_whole_and_one_byte_more_is_none() -> None:
    head = bytes((0, 0, 0, 0, 1, 0x80 | 127, 3, 0, 41, 0)) + bytes.fromhex("e90300")  # 127 single points
    longest = head + bytes(MAX_LENGTH - len(head))
    data = bytes((0x68, MAX_LENGTH)) + longest
    message = parse(data, 0, len(data))
    assert message is not None
    assert [found.name for found in message.violations] == ["object_length"]  # a count has seven bits
    assert message.targets == [Target("ioa", 1001, 1127)] and len(message.values) == 127
    more = bytes((0x68, MAX_LENGTH + 1)) + longest + b"\0"
    assert parse(more, 0, len(more)) is None


def test_who_asked_and_whether_it_is_a_test_is_kept() -> None:
    data = bytes.fromhex("680e 0000 0000 64 01 86 07 2900 000000 14")
    message = parse(data, 0, len(data))
    assert message is not None
    assert message.detail == {"cause": "activation", "originator": 7, "test": 1}


@pytest.mark.parametrize(
    ("cause", "name", "verb"),
    [
        (8, "single_command_cancelled", "control"),
        (9, "single_command_cancelled", "control"),
        (10, "single_command_terminated", "report"),
    ],
)
def test_a_command_that_is_cancelled_or_has_ended_is_another_operation(cause: int, name: str, verb: str) -> None:
    data = apdu(45, cause, "01", ioa=4001)
    message = parse(data, 0, len(data))
    assert message is not None
    assert (message.operation, message.verb) == (name, verb)


def test_a_private_type_keeps_its_number() -> None:
    data = apdu(200, 3, "01", ioa=1)
    message = parse(data, 0, len(data))
    assert message is not None
    assert (message.operation, message.verb, message.targets) == ("type_200", "unknown", [])
