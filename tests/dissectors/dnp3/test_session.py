"""What a session reports of whole conversations."""

from __future__ import annotations

from typing import Any

import pytest

from dissectors.base.message import MAYBE, NO, YES
from dissectors.dnp3.dissector import DISSECTOR
from dissectors.dnp3.objects import MAX_TARGETS
from dissectors.dnp3.points import MAX_POINTS
from dissectors.dnp3.transport import MAX_FRAGMENT
from dissectors.facts import (
    FURTHER,
    ChannelOpened,
    ChannelWindow,
    Exchange,
    OperationFirst,
    Sighting,
    Target,
    ValueChange,
    Violation,
)
from tests.dissectors.dnp3.wire import MASTER, OUTSTATION, SECOND, Driver, answer, ask, frame, parts

POLL = "01 3C 02 06 3C 03 06 3C 04 06"


def polled(driver: Driver, times: int, reply: str = "81 00 00") -> None:
    """Poll the classes with changing sequence numbers."""
    for number in range(times):
        byte = 0xC0 | number & 15
        driver.feed(MASTER, ask(f"{byte:02X} {POLL}", transport=byte))
        driver.feed(OUTSTATION, answer(f"{byte:02X} {reply}", transport=byte))


def window(driver: Driver) -> ChannelWindow:
    """Close the window and return its only channel's fact."""
    driver.close_window()
    (fact,) = driver.reported(ChannelWindow)
    assert isinstance(fact, ChannelWindow)
    return fact


def test_repeated_polls_are_only_counted() -> None:
    driver = Driver()
    polled(driver, 2)
    reported = len(driver.recorder.facts)
    polled(driver, 100)
    assert len(driver.recorder.facts) == reported
    fact = window(driver)
    assert (fact.requests, fact.responses, fact.unanswered, fact.unmatched) == (102, 102, 0, 0)
    assert [(count.label, count.requests) for count in fact.operations] == [("read g60v2 g60v3 g60v4", 102)]
    assert fact.latency_count == 102


def test_the_first_answer_reports_the_indications_and_then_only_their_changes() -> None:
    driver = Driver()
    for reply in ("81 80 00", "81 80 00", "81 02 00", "81 12 08", "81 12 08"):
        polled(driver, 1, reply)
    reported = [
        (fact.detail.get("iin_set", ""), fact.detail.get("iin_cleared", "")) for fact in driver.reported(Exchange)
    ]
    assert reported == [("device_restart", ""), ("", "device_restart"), ("need_time,event_buffer_overflow", "")]
    assert driver.reported(Exchange)[2].detail["iin"] == 0x0812


def test_a_refused_read_is_a_failure_by_name() -> None:
    driver = Driver()
    polled(driver, 1)
    polled(driver, 1, "81 00 02")
    fact = driver.reported(Exchange)[-1]
    assert (fact.outcome, fact.error, fact.error_code) == ("failure", "object_unknown", 0x200)
    assert window(driver).failures == 1


def test_a_control_reports_points_codes_and_statuses() -> None:
    driver = Driver()
    block = "41 01 64 00 00 00 C8 00 00 00"
    driver.feed(MASTER, ask(f"C3 05 0C 01 17 02 04 {block} 00 05 {block} 00"))
    driver.feed(OUTSTATION, answer(f"C3 81 00 00 0C 01 17 02 04 {block} 00 05 {block} 07"))
    (fact,) = driver.reported(Exchange)
    assert (fact.verb, fact.operation, fact.label) == ("control", "direct_operate", "direct_operate g12v1:4 g12v1:5")
    assert fact.values == ("close_pulse_on", "close_pulse_on")
    assert fact.answers == ("success", "local")
    assert (fact.outcome, fact.error, fact.detail["status"]) == ("failure", "local", "local")
    assert fact.latency == 1_000_000


def test_direct_operate_without_response_is_reported_one_way() -> None:
    driver = Driver()
    driver.feed(MASTER, ask("C6 06 0C 01 17 01 01 04 01 00 00 00 00 00 00 00 00 00"))
    (fact,) = driver.reported(Exchange)
    assert (fact.outcome, fact.operation, fact.values) == ("one_way", "direct_operate_no_response", ("latch_off",))
    assert window(driver).unanswered == 0


def test_requests_to_several_outstations_are_paired_by_address_and_sequence() -> None:
    driver = Driver()
    driver.feed(MASTER, ask(f"C0 {POLL}", destination=10))
    driver.feed(MASTER, ask(f"C0 {POLL}", destination=11))
    driver.feed(OUTSTATION, answer("C0 81 00 00", source=11))
    driver.feed(OUTSTATION, answer("C0 81 00 00", source=10))
    assert [fact.unit for fact in driver.reported(ChannelOpened)] == ["1>10", "1>11"]
    assert [fact.outcome for fact in driver.reported(Exchange)] == ["success", "success"]


def test_a_response_to_another_sequence_is_unmatched() -> None:
    driver = Driver()
    driver.feed(MASTER, ask(f"C0 {POLL}"))
    driver.feed(OUTSTATION, answer("C5 81 00 00"))
    assert [fact.outcome for fact in driver.reported(Exchange)] == ["unmatched"]


def test_a_request_without_answer_is_reported_when_its_time_is_up() -> None:
    driver = Driver()
    driver.feed(MASTER, ask("C0 0D"))
    driver.session.time_out_waiting(driver.recorder.now + 11 * SECOND)
    assert [(fact.operation, fact.outcome) for fact in driver.reported(Exchange)] == [("cold_restart", "unanswered")]


def test_unsolicited_reports_have_their_own_sequence_and_are_confirmed_in_silence() -> None:
    driver = Driver()
    driver.feed(MASTER, ask(f"C1 {POLL}"))
    for number in range(5):
        driver.feed(OUTSTATION, answer(f"F{number} 82 00 00 02 01 17 01 03 {0x81 if number % 2 else 1:02X}"))
        driver.feed(MASTER, ask(f"D{number} 00"))
    driver.feed(OUTSTATION, answer("C1 81 00 00"))
    fact = window(driver)
    assert (fact.reports, fact.responses, fact.unmatched) == (5, 1, 0)
    assert {count.label: count.requests for count in fact.operations} == {
        "read g60v2 g60v3 g60v4": 1,
        "confirm": 5,
        "unsolicited_response g2v1": 5,
    }
    assert [exchange.outcome for exchange in driver.reported(Exchange)] == ["one_way"], "only the first indications"
    assert [
        (change.kind, change.points, change.values, change.previous) for change in driver.reported(ValueChange)
    ] == [
        ("g1", (3,), (1,), (0,)),
        ("g1", (3,), (0,), (1,)),
        ("g1", (3,), (1,), (0,)),
        ("g1", (3,), (0,), (1,)),
    ]


def test_static_values_and_events_change_the_same_point() -> None:
    driver = Driver()
    polled(driver, 2)
    polled(driver, 1, "81 00 00 1E 02 00 05 06 01 0A 00 01 14 00")
    polled(driver, 1, "81 00 00 20 02 17 01 06 01 1E 00")
    polled(driver, 1, "81 00 00 1E 02 00 05 06 01 0A 00 01 14 00")
    reported = [(fact.kind, fact.points, fact.values, fact.previous) for fact in driver.reported(ValueChange)]
    assert reported == [("g30", (6,), (30,), (20,)), ("g30", (6,), (20,), (30,))]


def test_a_response_in_several_frames_gives_the_values_of_one() -> None:
    # g30v1 (32-bit with flags) of points 0-59 in parts of 100 bytes, then point 59 changes from 59 to 60.
    def reply(sequence: int, last: int) -> str:
        values = "".join(f"01 {number:02X} 00 00 00" for number in [*range(59), last])
        return f"{0xC0 | sequence:02X} 81 00 00 1E 01 00 00 3B {values}"

    driver = Driver()
    for sequence, last in enumerate((59, 59, 60, 60)):
        driver.feed(MASTER, ask(f"{0xC0 | sequence:02X} 01 3C 01 06"))
        for part in parts(reply(sequence, last), False, 100):
            driver.feed(OUTSTATION, part)
    assert [(fact.points, fact.values, fact.previous) for fact in driver.reported(ValueChange)] == [
        ((59,), (60,), (59,))
    ]
    fact = window(driver)
    assert (fact.requests, fact.responses, fact.unmatched) == (4, 4, 0)


def test_a_response_in_several_fragments_keeps_its_request_open() -> None:
    driver = Driver()
    driver.feed(MASTER, ask("C3 01 00 FE 00 00 00"))
    driver.feed(OUTSTATION, answer("A3 81 00 00 00 F7 00 00 00 01 02 41 42"))
    driver.feed(MASTER, ask("C3 00"))
    driver.feed(OUTSTATION, answer("64 81 00 00 00 F8 00 00 00 01 02 43 44"))
    (fact,) = driver.reported(Exchange)
    assert (fact.outcome, fact.operation, fact.answers) == ("success", "read", ("AB", "CD"))
    assert [(identify.attribute, identify.value) for identify in driver.reported(Sighting)] == [
        ("name", "AB"),
        ("serial_number", "CD"),
    ]
    assert window(driver).unmatched == 0


def test_a_challenge_keeps_the_request_open_and_its_reply_is_no_request() -> None:
    driver = Driver()
    control = "0C 01 17 01 04 03 01 00 00 00 00 00 00 00 00"
    driver.feed(MASTER, ask(f"C3 05 {control} 00"))
    driver.feed(OUTSTATION, answer("C3 83 00 00 78 01 5B 01 0C 00 01 00 00 00 05 00 03 01 AA BB CC DD"))
    driver.feed(MASTER, ask("C3 20 78 02 5B 01 0A 00 01 00 00 00 05 00 AA BB CC DD"))
    driver.feed(OUTSTATION, answer(f"C3 81 00 00 {control} 00"))
    reported = [(fact.operation, fact.outcome) for fact in driver.reported(Exchange)]
    assert reported == [("authentication_request", "one_way"), ("direct_operate", "success")]
    assert driver.reported(Exchange)[0].detail["user"] == 5


def test_link_functions_are_reported_once_and_counted() -> None:
    driver = Driver()
    for _ in range(3):
        driver.feed(MASTER, frame(b"", 0xC9, 10, 1))
        driver.feed(OUTSTATION, frame(b"", 0x0B, 1, 10))
    driver.feed(MASTER, frame(b"", 0xC1, 10, 1))
    reported = [(fact.verb, fact.operation) for fact in driver.reported(OperationFirst)]
    assert reported == [("diagnostic", "request_link_status"), ("session", "reset_user_process")]
    fact = window(driver)
    assert {count.label: count.requests for count in fact.operations} == {
        "request_link_status": 3,
        "reset_user_process": 1,
    }
    assert (fact.responses, fact.unanswered) == (3, 0)


def violations(driver: Driver) -> list[str]:
    """Return the names of the violations reported."""
    return [fact.name for fact in driver.reported(Violation)]


def test_a_block_with_a_bad_crc_is_skipped_and_never_interpreted() -> None:
    driver = Driver()
    polled(driver, 2)
    good = ask("C2 0D")
    driver.feed(MASTER, good[:-1] + bytes((good[-1] ^ 1,)))
    assert violations(driver) == ["block_crc"]
    assert "cold_restart" not in {fact.operation for fact in driver.reported(OperationFirst)}
    broken = ask(f"C2 {POLL}")
    driver.feed(MASTER, broken[:12] + bytes((broken[12] ^ 4,)) + broken[13:])
    driver.feed(MASTER, broken[:-1] + bytes((broken[-1] ^ 4,)))
    assert window(driver).requests == 2


def test_a_repeated_poll_with_a_bad_crc_is_not_counted_as_one() -> None:
    driver = Driver()
    polled(driver, 3)
    broken = ask(f"C3 {POLL}")
    driver.feed(MASTER, broken[:-1] + bytes((broken[-1] ^ 4,)))
    assert violations(driver) == ["block_crc"]
    assert window(driver).requests == 3


@pytest.mark.parametrize(
    ("noise", "name"),
    [
        (b"\x00\x05\x05\x64", "start"),
        (b"\x05\x64\x04\xc4\x0a\x00\x01\x00\x00\x00", "length"),
        (b"\x05\x64\x05\xc4\x0a\x00\x01\x00\x00\x00", "header_crc"),
    ],
)
@pytest.mark.parametrize("cut", range(14))
def test_the_session_finds_the_next_frame_behind_foreign_bytes(noise: bytes, name: str, cut: int) -> None:
    driver = Driver()
    stream = noise + ask("C2 0D")
    driver.feed(MASTER, stream[:cut])
    driver.feed(MASTER, stream[cut:])
    assert violations(driver) == [name]
    assert [fact.operation for fact in driver.reported(OperationFirst)] == ["cold_restart"]


def test_a_gap_forgets_the_parts_and_blames_nobody() -> None:
    driver = Driver()
    frames = parts("C0 81 00 00 " + "1E 02 00 00 00 01 00 00 " * 20, False, 60)
    driver.feed(OUTSTATION, frames[0])
    driver.session.gap(OUTSTATION, 0)
    driver.feed(OUTSTATION, b"\x01\x02\x03" + frames[2])
    assert violations(driver) == []
    driver.feed(MASTER, ask("C2 0E"))
    assert driver.reported(OperationFirst)[-1].operation == "warm_restart"


def test_parts_out_of_sequence_are_a_violation_and_give_no_message() -> None:
    driver = Driver()
    frames = parts("C0 02 " + "50 01 00 07 07 00 " * 20, True, 40)
    for part in (frames[0], frames[2], frames[1], ask("C1 0D")):
        driver.feed(MASTER, part)
    assert violations(driver) == ["transport_sequence"]
    assert [fact.operation for fact in driver.reported(OperationFirst)] == ["cold_restart"]


def test_a_part_sent_twice_counts_once() -> None:
    driver = Driver()
    frames = parts("C0 02 " + "50 01 00 07 07 00 " * 20, True, 60)
    for part in (frames[0], frames[1], frames[1], frames[2]):
        driver.feed(MASTER, part)
    assert violations(driver) == []
    assert [fact.operation for fact in driver.reported(OperationFirst)] == ["write"]


def test_a_new_fragment_inside_another_is_a_violation() -> None:
    driver = Driver()
    driver.feed(MASTER, parts("C0 02 " + "50 01 00 07 07 00 " * 20, True, 60)[0])
    driver.feed(MASTER, ask("C1 0D"))
    assert violations(driver) == ["transport_sequence"]
    assert [fact.operation for fact in driver.reported(OperationFirst)] == ["cold_restart"]


def test_a_fragment_without_end_is_given_up_at_its_bound() -> None:
    driver = Driver()
    for number in range(MAX_FRAGMENT // 200 + 20):
        byte = number & 0x3F | (0x40 if number == 0 else 0)
        driver.feed(MASTER, frame(bytes((byte,)) + bytes(200), 0xC4, 10, 1))
    pair: Any = driver.session.application.pair
    assert pair.from_master.byte_count == 0
    assert pair.from_master.given_up == 1


def test_points_beyond_the_bound_are_counted_and_not_kept() -> None:
    driver = Driver()
    for block in range(MAX_POINTS // 1000 + 1):
        first, last = block * 1000, block * 1000 + 999
        head = f"C0 82 00 00 01 01 01 {first.to_bytes(2, 'little').hex()} {last.to_bytes(2, 'little').hex()} "
        driver.feed(OUTSTATION, answer(head + "00 " * 125))
    points: Any = driver.session.application.pair.points
    assert len(points.known) == MAX_POINTS
    assert driver.channel_table.evicted_protocol_state == 1000


def test_numbers_that_are_no_numbers_have_names() -> None:
    driver = Driver()
    polled(driver, 2)
    polled(driver, 1, "81 00 00 1E 05 00 00 00 01 00 00 C0 7F")
    polled(driver, 1, "81 00 00 1E 05 00 00 00 01 00 00 80 FF")
    assert [(fact.values, fact.previous) for fact in driver.reported(ValueChange)] == [(("-inf",), ("nan",))]


def test_the_protocol_is_recognised_by_its_bytes() -> None:
    whole = ask("C0 0D")
    assert DISSECTOR.recognise(whole, 0, len(whole), False) == YES
    assert [DISSECTOR.recognise(whole, 0, end, True) for end in range(10)] == [MAYBE] * 10
    for other in (b"GET / HTTP/1.1\r\n", b"\x05\x65", whole[:9] + b"\x00", b"\x05\x64\x04", b"\x00\x01\x00\x00"):
        assert DISSECTOR.recognise(other, 0, len(other), True) == NO


def test_the_direction_bit_reports_the_master() -> None:
    assert DISSECTOR.from_client(ask("C0 0D"), 0, len(ask("C0 0D"))) == 1
    assert DISSECTOR.from_client(answer("C0 81 00 00"), 0, len(answer("C0 81 00 00"))) == 0
    assert DISSECTOR.from_client(b"\x05", 0, 1) == -1


def test_selects_under_one_sequence_are_answered_by_the_points_they_name() -> None:
    driver = Driver()
    crob = "0C 01 28 01 00 {point:02X} 00 03 01 64 00 00 00 64 00 00 00 {status:02X}"
    for point in (1, 2, 3):
        driver.feed(MASTER, ask("C7 03 " + crob.format(point=point, status=0)))
    for point in (1, 3, 9, 2):
        driver.feed(OUTSTATION, answer("C7 81 00 00 " + crob.format(point=point, status=0)))
    assert [(fact.targets[0].first, fact.operation, fact.outcome) for fact in driver.reported(Exchange)] == [
        (1, "select", "success"),
        (3, "select", "success"),
        (9, "response", "unmatched"),
        (2, "select", "success"),
    ]


def controls(count: int) -> str:
    """Return g12v1 with one octet of index each."""
    return f"0C 01 17 {count:02X} " + "".join(
        f"{number:02X} 03 01 00 00 00 00 00 00 00 00 00 " for number in range(count)
    )


@pytest.mark.parametrize("count", [MAX_TARGETS, MAX_TARGETS + 1, 120])
def test_a_command_of_more_points_than_are_kept_says_so_in_its_last_target(count: int) -> None:
    driver = Driver()
    for way, message in ((MASTER, "C1 05 "), (OUTSTATION, "C1 81 00 00 ")):
        for part in parts(message + controls(count), way == MASTER, 240):
            driver.feed(way, part)
    (exchange,) = [fact for fact in driver.reported(Exchange) if isinstance(fact, Exchange)]
    assert (exchange.operation, exchange.outcome) == ("direct_operate", "success")
    assert exchange.targets == (
        *(Target("g12v1", number, number) for number in range(MAX_TARGETS)),
        *([Target(FURTHER)] if count > MAX_TARGETS else []),
    )
    assert exchange.detail.get("targets_left_out", 0) == count - MAX_TARGETS
    assert driver.channel_table.targets_left_out == count - MAX_TARGETS


def test_a_command_whose_rest_cannot_be_read_says_so_too() -> None:
    driver = Driver()
    driver.feed(MASTER, ask("C1 05 " + controls(1) + "0C 01 FF 01"))
    (first,) = [fact for fact in driver.reported(OperationFirst) if isinstance(fact, OperationFirst)]
    assert first.targets == (Target("g12v1", 0, 0), Target(FURTHER))


CROB = "0C 01 28 01 00 {point:02X} 00 {code:02X} 01 64 00 00 00 64 00 00 00 {status:02X}"
ON, OFF = 0x03, 0x04


def control(point: int, code: int = ON, status: int = 0) -> str:
    return CROB.format(point=point, code=code, status=status)


def told(driver: Driver) -> list[tuple[str, str, tuple[object, ...]]]:
    return [(fact.operation, fact.outcome, fact.answers) for fact in driver.reported(Exchange)]


@pytest.mark.parametrize(
    "echo",
    [
        control(1, OFF),
        control(2),
        control(1).replace("64 00 00 00 64", "65 00 00 00 64"),
        control(1).replace("03 01", "03 02"),
    ],
)
def test_an_echo_of_another_control_is_no_success(echo: str) -> None:
    driver = Driver()
    driver.feed(MASTER, ask("C7 05 " + control(1)))
    driver.feed(OUTSTATION, answer("C7 81 00 00 " + echo))
    driver.session.pairing.time_out_all()
    assert [(name, outcome) for name, outcome, _ in told(driver)] == [
        ("response", "unmatched"),
        ("direct_operate", "unanswered"),
    ]


def test_an_analog_output_is_answered_by_its_own_value_and_status() -> None:
    driver = Driver()
    driver.feed(MASTER, ask("C7 05 29 02 28 01 00 01 00 0A 00 00"))
    driver.feed(OUTSTATION, answer("C7 81 00 00 29 02 28 01 00 01 00 0B 00 00"))
    driver.feed(OUTSTATION, answer("C7 81 00 00 29 02 28 01 00 01 00 0A 00 04"))
    assert [(fact.operation, fact.outcome, fact.error) for fact in driver.reported(Exchange)] == [
        ("response", "unmatched", ""),
        ("direct_operate", "failure", "not_supported"),
    ]


def test_the_late_answer_to_a_read_is_none_to_a_control_with_its_sequence() -> None:
    driver = Driver()
    polled(driver, 1)
    driver.feed(MASTER, ask(f"C7 {POLL}"))
    driver.recorder.now += 11 * SECOND
    driver.feed(MASTER, ask("C7 05 " + control(1)))
    driver.feed(OUTSTATION, answer("C7 81 00 00 1E 02 00 00 00 01 05 00"))
    driver.feed(OUTSTATION, answer("C7 81 00 00 " + control(1)))
    assert ("direct_operate", "success", ("success",)) in told(driver)
    assert [outcome for name, outcome, _ in told(driver) if name == "direct_operate"] == ["success"]


def test_a_control_sent_twice_and_answered_once_is_not_answered_by_a_read_of_its_sequence() -> None:
    driver = Driver()
    polled(driver, 1)
    driver.feed(MASTER, ask("C1 05 " + control(1)))
    driver.feed(MASTER, ask("C1 05 " + control(1)))
    driver.feed(OUTSTATION, answer("C1 81 00 00 " + control(1)))
    polled(driver, 4)
    assert [(name, outcome) for name, outcome, _ in told(driver) if name == "direct_operate"] == [
        ("direct_operate", "success"),
        ("direct_operate", "unanswered"),
    ]


def test_values_of_a_read_that_was_cut_are_not_those_of_a_control_with_its_sequence() -> None:
    driver = Driver()
    driver.feed(MASTER, ask(f"C3 {POLL}"))
    driver.feed(OUTSTATION, answer("A3 81 00 00 1E 02 00 00 00 01 05 00"))
    driver.feed(MASTER, ask("C4 05 " + control(1)))
    driver.feed(OUTSTATION, answer("C4 81 00 00 " + control(1)))
    driver.session.pairing.time_out_all()
    assert told(driver) == [("direct_operate", "success", ("success",)), ("read", "unanswered", ())]
