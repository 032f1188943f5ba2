"""IEC 60870-5-104 byte by byte: what one APDU says, and what two ends make of it together."""

from __future__ import annotations

import pytest

from dissectors.base.message import ONE_WAY, REPORT, REQUEST, RESPONSE
from dissectors.facts import Exchange, Target, ValueChange, Violation
from dissectors.iec104.parse import parse, sender
from tests.dissectors.harness import Conversation, of, run
from tests.dissectors.iec104.build import START_ACT, START_CON, TEST_ACT, TEST_CON, apdu

VALUES = [
    (1, "01", 1),  # single point: on
    (3, "02", 2),  # double point: on
    (5, "7f00", -1),  # step position: -1, no transient | quality
    (7, "ffffffff00", 0xFFFFFFFF),  # 32 bits | quality
    (9, "00c000", -0.5),  # half of full scale, negative | quality
    (11, "9cff00", -100),  # scaled | quality
    (13, "0000c84200", 100.0),  # short float | quality
    (15, "0700000001", 7),  # counter reading | sequence
]


@pytest.mark.parametrize(("code", "element", "value"), VALUES)
def test_a_monitored_value_is_read(code: int, element: str, value: object) -> None:
    data = apdu(code, 3, element, ioa=1001)
    message = parse(data, 0, len(data))
    assert message is not None
    assert (message.kind, message.verb, message.unit) == (REPORT, "report", "41")
    assert message.targets == [Target("ioa", 1001, 1001)]
    assert message.values == [value]
    assert message.detail == {"cause": "spontaneous"}
    assert message.routine and not message.violations


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


def test_an_invalid_value_and_a_long_time_tag_are_said() -> None:
    data = apdu(36, 3, "0000c842 80 60ea0c0c1b0b1a", ioa=1)
    message = parse(data, 0, len(data))
    assert message is not None
    assert message.detail == {"cause": "spontaneous", "invalid": 1, "time": "2026-11-27T12:12:60.000"}


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


def talk(*said: tuple[int, bytes], port: int = 2404) -> list[object]:
    conversation = Conversation(server_port=port).handshake()
    for side, data in said:
        conversation.say(side, data)
    return run(conversation.finish().packets())


def exchanges(facts: list[object]) -> list[tuple[str, str, str]]:
    return [(fact.operation, fact.outcome, fact.error) for fact in of(facts, Exchange)]


def test_a_command_is_paired_with_its_confirmation_and_its_end_is_a_report() -> None:
    order = {"ioa": 4001}
    facts = talk(
        (0, START_ACT), (1, START_CON), (0, apdu(45, 6, "01", **order)), (1, apdu(45, 7, "01", **order)),
        (1, apdu(45, 10, "01", number=1, **order)),
    )  # fmt: skip
    assert exchanges(facts) == [("start_transfer", "success", ""), ("single_command", "success", "")]


def test_both_ends_may_test_at_the_same_time() -> None:
    facts = talk((0, START_ACT), (1, START_CON), (0, TEST_ACT), (1, TEST_ACT), (0, TEST_CON), (1, TEST_CON))
    assert exchanges(facts) == [("start_transfer", "success", "")]


def test_a_read_that_is_confirmed_first_and_a_refusal_that_comes_twice_are_understood() -> None:
    facts = talk(
        (0, START_ACT), (1, START_CON),
        (0, apdu(102, 5, "", ioa=1001)), (1, apdu(102, 7, "", ioa=1001)), (1, apdu(13, 5, "0000c84200", number=1, ioa=1001)),
        (0, apdu(45, 6, "01", number=1, ioa=9)), (1, apdu(45, 0x47, "01", number=2, ioa=9)), (1, apdu(45, 0x6F, "01", number=3, ioa=9)),
    )  # fmt: skip
    assert exchanges(facts)[1:] == [
        ("single_command", "failure", "negative_confirmation"),
        ("single_command", "one_way", "unknown_object_address"),
    ]


def test_a_send_number_out_of_order_is_told_and_a_changed_value_is_followed() -> None:
    facts = talk(
        (0, START_ACT), (1, START_CON), (1, apdu(11, 3, "010000", ioa=7)), (1, apdu(11, 3, "020000", number=1, ioa=7)),
        (1, apdu(11, 3, "030000", number=5, ioa=7)),
    )  # fmt: skip
    assert [(fact.points, fact.values, fact.previous) for fact in of(facts, ValueChange)] == [((7,), (2,), (1,))]
    assert [(fact.name, fact.text) for fact in of(facts, Violation)] == [
        ("sequence_number", "send number 5 follows, 2 is next")
    ]


def test_it_is_found_on_another_port_by_a_whole_message() -> None:
    facts = talk((0, apdu(100, 6, "14")), (1, apdu(100, 7, "14")), port=12404)
    assert {getattr(fact, "protocol", "") for fact in facts} & {"iec104"}


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
