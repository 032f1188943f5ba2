"""What two ends of IEC 60870-5-104 make of their messages together: pairs, numbers, values that change."""

from __future__ import annotations

from dissectors.facts import AnyFact, Exchange, ValueChange, Violation
from tests.dissectors.harness import Conversation, of, run
from tests.dissectors.iec104.build import START_ACT, START_CON, TEST_ACT, TEST_CON, apdu

LONG = 11_000_000_000
"""Longer than an answer may take."""


def talk(*said: tuple[int, bytes]) -> list[AnyFact]:
    conversation = Conversation(server_port=2404).handshake()
    for side, data in said:
        conversation.say(side, data)
    return run(conversation.pause(LONG).finish().packets())


def exchanges(facts: list[AnyFact]) -> list[tuple[str, str, str]]:
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


def test_the_send_number_begins_again_after_the_last_one() -> None:
    last = 0x7FFF
    facts = talk(*((1, apdu(11, 3, "010000", number=number, ioa=7)) for number in (last - 1, last, 0)))
    assert of(facts, Violation) == []


def test_after_a_lost_segment_any_send_number_is_the_next_one() -> None:
    conversation = Conversation(server_port=2404).handshake().say(0, START_ACT).say(1, START_CON)
    for number in range(6):
        conversation.say(1, apdu(11, 3, "010000", number=number, ioa=7))
    packets = conversation.finish().packets()
    del packets[3 + 2 + 2]
    assert [fact.name for fact in of(run(packets), Violation)] == []


def test_a_command_that_nobody_confirms_is_unanswered() -> None:
    assert exchanges(talk((0, apdu(45, 6, "01", ioa=4001))))[-1] == ("single_command", "unanswered", "")


def test_a_confirmation_is_that_of_its_own_object() -> None:
    facts = talk((0, apdu(45, 6, "01", ioa=1)), (0, apdu(45, 6, "01", number=1, ioa=2)), (1, apdu(45, 7, "01", ioa=2)))
    assert [(fact.targets[0].first, fact.outcome) for fact in of(facts, Exchange)] == [
        (2, "success"),
        (1, "unanswered"),
    ]


def test_the_same_object_of_two_stations_behind_one_address_is_two_values() -> None:
    said = [(1, 41, "010000"), (1, 42, "020000"), (1, 41, "010000"), (1, 42, "020000")]
    facts = talk(
        *(
            (side, apdu(11, 3, value, number=number, ioa=7, unit=unit))
            for number, (side, unit, value) in enumerate(said)
        )
    )
    assert of(facts, ValueChange) == []


def test_values_of_a_message_with_a_fault_are_not_believed() -> None:
    facts = talk(
        (1, apdu(11, 3, "010000", ioa=7)), (1, apdu(11, 14, "020000", number=1, ioa=7)),
        (1, apdu(11, 3, "010000", number=2, ioa=7)),
    )  # fmt: skip
    assert [fact.name for fact in of(facts, Violation)] == ["cause"]
    assert of(facts, ValueChange) == []


def test_garbage_between_messages_costs_only_itself() -> None:
    garbage = b"\x68\x02\xff" * 5
    facts = talk(
        (0, START_ACT), (1, START_CON), (0, garbage), (0, apdu(45, 6, "01", ioa=9)), (1, apdu(45, 7, "01", ioa=9))
    )
    assert exchanges(facts)[-1] == ("single_command", "success", "")
    assert [fact.name for fact in of(facts, Violation)] == ["not_iec104"]


def commands(*said: tuple[int, bytes] | int) -> list[tuple[str, tuple[object, ...], str, str]]:
    """Return the commands with value, outcome and error; a number is a pause in seconds."""
    conversation = Conversation(server_port=2404).handshake().say(0, START_ACT).say(1, START_CON)
    for one in said:
        if isinstance(one, int):
            conversation.pause(one * 1_000_000_000)
        else:
            conversation.say(*one)
    facts = run(conversation.pause(LONG).finish().packets())
    return [(fact.operation, fact.values, fact.outcome, fact.error) for fact in of(facts, Exchange)][1:]


def test_an_on_that_is_lost_and_an_off_that_is_confirmed_are_told_as_such() -> None:
    assert commands((0, apdu(45, 6, "01", ioa=1)), 2, (0, apdu(45, 6, "00", number=1, ioa=1)), (1, apdu(45, 7, "00", ioa=1))) == [
        ("single_command", (0,), "success", ""),
        ("single_command", (1,), "unanswered", ""),
    ]  # fmt: skip


def test_a_confirmed_set_point_is_the_one_with_its_value_whatever_time_it_carries() -> None:
    old, new = ("0000204100", "0000b44200")
    time, other = ("01020304050617", "02020304050617")
    facts = commands(
        (0, apdu(63, 6, old + time, ioa=1)), (0, apdu(63, 6, new + time, number=1, ioa=1)), (1, apdu(63, 7, new + other, ioa=1))
    )  # fmt: skip
    assert [(values, outcome) for _, values, outcome, _ in facts] == [((90.0,), "success"), ((10.0,), "unanswered")]


def test_an_execute_refused_is_no_success_though_its_select_is_confirmed_late() -> None:
    select, execute = ("81", "01")
    assert commands(
        (0, apdu(45, 6, select, ioa=1)), 12, (0, apdu(45, 6, execute, number=1, ioa=1)), (1, apdu(45, 7, select, ioa=1)),
        (1, apdu(45, 0x47, execute, number=1, ioa=1)),
    ) == [
        ("single_command_select", (1,), "unanswered", ""),
        ("single_command_select", (1,), "late", ""),
        ("single_command", (1,), "failure", "negative_confirmation"),
    ]  # fmt: skip


def test_a_refused_execute_is_not_the_answer_of_its_lost_select() -> None:
    facts = commands(
        (0, apdu(45, 6, "81", ioa=1)), 2, (0, apdu(45, 6, "01", number=1, ioa=1)), (1, apdu(45, 0x47, "01", ioa=1))
    )
    assert [(name, outcome) for name, _, outcome, _ in facts] == [
        ("single_command", "failure"), ("single_command_select", "unanswered"),
    ]  # fmt: skip


def test_a_confirmation_of_another_value_is_no_success() -> None:
    facts = commands((0, apdu(45, 6, "01", ioa=1)), (1, apdu(45, 7, "00", ioa=1)))
    assert [outcome for _, _, outcome, _ in facts] == ["unmatched", "unanswered"]


def test_a_command_that_ends_negatively_is_told() -> None:
    facts = commands(
        (0, apdu(45, 6, "01", ioa=1)), (1, apdu(45, 7, "01", ioa=1)), (1, apdu(45, 0x4A, "01", number=1, ioa=1))
    )
    assert [(name, outcome, error) for name, _, outcome, error in facts] == [
        ("single_command", "success", ""), ("single_command_terminated", "one_way", "negative_termination"),
    ]  # fmt: skip
