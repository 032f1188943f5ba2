"""Answers find their requests: pipelined, late, never, on two units, over a connection that closes or is replaced."""

from __future__ import annotations

from collections import Counter

import pytest

from dissectors.base.pairing import MAX_WAITING
from dissectors.facts import ChannelWindow, Exchange, OperationFirst, TransitionFirst, ValueChange, Violation
from tests.dissectors.harness import (
    MILLISECOND,
    SECOND,
    Conversation,
    channels,
    counted,
    health,
    modbus,
    of,
    read,
    refused,
    registers,
    run,
    talk,
    total,
    write,
)


def outcomes(conversation: Conversation) -> list[tuple[str, tuple[object, ...]]]:
    return [(fact.outcome, fact.values) for fact in of(run(conversation.packets()), Exchange)]


def test_pipelined_requests_are_paired_by_transaction() -> None:
    it = Conversation().handshake()
    for number in range(20):
        it.say(0, write(number, number, 500 + number))
    for number in reversed(range(20)):
        it.say(1, write(number, number, 500 + number))
    facts = run(it.packets())
    assert sorted(fact.values for fact in of(facts, Exchange)) == [(500 + number,) for number in range(20)]
    assert {fact.outcome for fact in of(facts, Exchange)} == {"success"}
    assert all(fact.request_frame < fact.response_frame for fact in of(facts, Exchange))


def test_pipelined_reads_compare_each_answer_with_its_own_last_one() -> None:
    it = Conversation().handshake()
    for turn in range(2):
        it.say(0, read(1, 0, 1)).say(0, read(2, 50, 1)).say(0, read(3, 90, 1))
        it.say(1, registers(3, 9)).say(1, registers(1, 1)).say(1, registers(2, 5 + turn))
    facts = run(it.packets())
    assert [(fact.points, fact.values, fact.previous) for fact in of(facts, ValueChange)] == [((50,), (6,), (5,))]


@pytest.mark.parametrize(("wait", "outcome"), [(9_900 * MILLISECOND, "success"), (10_100 * MILLISECOND, "unanswered")])
def test_an_answer_is_due_within_ten_seconds(wait: int, outcome: str) -> None:
    it = Conversation(step=0).handshake().say(0, write(1, 5, 7)).pause(wait).say(1, write(1, 5, 7))
    facts = of(run(it.packets()), Exchange)
    assert facts[0].outcome == outcome
    assert [fact.outcome for fact in facts[1:]] == (["late"] if outcome == "unanswered" else [])


@pytest.mark.parametrize("start", range(5))
def test_a_late_answer_to_a_read_is_late_whenever_the_sweep_comes(start: int) -> None:
    it = Conversation(step=0).pause(start * SECOND).handshake()
    it.say(0, read(1, 0, 1)).pause(10_001 * MILLISECOND).say(1, registers(1, 5))
    facts = run(it.packets())
    assert [fact.outcome for fact in of(facts, Exchange)] == ["unanswered", "late"]
    assert [total(facts, name) for name in ("unanswered", "late", "unmatched")] == [1, 1, 0]


def test_one_transaction_number_on_two_units_makes_two_exchanges() -> None:
    it = Conversation().handshake()
    it.say(0, write(7, 5, 1, unit=1)).say(0, write(7, 5, 2, unit=2))
    it.say(1, write(7, 5, 2, unit=2)).say(1, write(7, 5, 1, unit=1))
    facts = run(it.packets())
    reported = {channel.channel: channel.unit for channel in channels(facts, "modbus")}
    assert [(reported[fact.channel], fact.values, fact.outcome) for fact in of(facts, Exchange)] == [
        ("2", (2,), "success"),
        ("1", (1,), "success"),
    ]


def test_of_two_requests_with_one_transaction_number_the_one_is_answered_that_the_answer_repeats() -> None:
    it = Conversation().handshake().say(0, write(7, 5, 1)).say(0, write(7, 6, 2)).say(1, write(7, 6, 2))
    assert outcomes(it) == [("success", (2,)), ("unseen", (1,))]


def test_an_answer_with_another_function_is_a_mismatch() -> None:
    it = Conversation().handshake().say(0, read(7, 0, 1)).say(1, registers(7, 5, function=4))
    facts = run(it.packets())
    assert [fact.name for fact in of(facts, Violation)] == ["response_mismatch"]
    assert [fact.outcome for fact in of(facts, Exchange)] == ["unmatched"]


def test_an_answer_with_another_size_than_asked_is_a_mismatch() -> None:
    it = Conversation().handshake().say(0, read(7, 0, 2)).say(1, registers(7, 5))
    assert [fact.name for fact in of(run(it.packets()), Violation)] == ["response_mismatch"]


def test_an_echo_that_differs_is_a_mismatch() -> None:
    it = (
        Conversation()
        .handshake()
        .say(0, write(7, 5, 1))
        .say(1, write(7, 5, 2))
        .say(0, write(8, 5, 1))
        .say(1, write(8, 6, 1))
    )
    assert [fact.name for fact in of(run(it.packets()), Violation)] == ["response_mismatch"] * 2


def test_many_units_behind_one_connection_report_each_transition_once() -> None:
    """Two units with equal writes: what follows what is known after the first round."""
    it = Conversation().handshake()
    number = 0
    for _ in range(5):
        for unit in (1, 2, 3):
            number += 1
            it.say(0, write(number, 5, 1, unit)).say(1, write(number, 5, 1, unit))
    facts = run(it.packets())
    assert len(of(facts, OperationFirst)) == 3
    assert len(of(facts, TransitionFirst)) == 3


def test_closing_one_connection_touches_no_other() -> None:
    closed = Conversation().handshake().say(0, write(1, 5, 1)).say(1, write(1, 5, 1)).finish()
    open_ = Conversation(client_port=40001).handshake().say(0, write(1, 6, 2)).pause(5 * SECOND).say(1, write(1, 6, 2))
    reset = Conversation(client_port=40002).handshake().say(0, write(1, 7, 3)).reset(1)
    facts = run(sorted([*closed.packets(), *open_.packets(), *reset.packets()], key=lambda packet: packet.time))
    assert [(fact.values, fact.outcome) for fact in of(facts, Exchange)] == [
        ((1,), "success"),
        ((2,), "success"),
        ((3,), "unanswered"),
    ]


def test_a_request_cut_off_by_a_reset_is_unanswered() -> None:
    it = Conversation().handshake().say(0, write(1, 5, 7)).reset(1)
    later = talk(Conversation(client_port=41000, time=it.time + 14 * SECOND)).pause(2 * SECOND).say(0, read(9, 0, 4))
    facts = run([*it.packets(), *later.packets()])
    assert [fact.outcome for fact in of(facts, Exchange) if fact.client_port == 40000] == ["unanswered"]
    assert total(facts, "resets") == 1


def test_simultaneous_connections_of_one_channel_are_counted_together() -> None:
    talks = [talk(Conversation(client_port=40000 + number)) for number in range(4)]
    packets = sorted((packet for it in talks for packet in it.packets()), key=lambda packet: packet.time)
    facts = run(packets)
    assert {fact.channel for fact in channels(facts, "modbus")} == {channels(facts, "modbus")[0].channel}
    assert (total(facts, "requests"), total(facts, "responses"), total(facts, "connections")) == (48, 48, 4)
    assert not [fact for fact in of(facts, Exchange) if fact.outcome in {"unmatched", "unanswered"}]


def test_more_requests_at_once_than_are_kept_are_counted() -> None:
    it = Conversation(step=1000).handshake()
    more = MAX_WAITING + 100
    for number in range(more):
        it.say(0, write(number, 5, 7))
    for number in range(more):
        it.say(1, write(number, 5, 7))
    facts = run(it.packets())
    counters = counted(facts)[channels(facts, "modbus")[0].channel]
    assert [counters[name] for name in ("requests", "responses", "unmatched", "unanswered")] == [more, more, 0, 0]
    assert health(facts)["evicted_requests"] == 99
    sums = Counter[str]()
    for fact in of(facts, Exchange):
        sums[fact.outcome] += 1 + fact.repeats
    assert sums == {"success": more - 99, "unseen": 99}


def test_an_unchanged_repeat_is_counted_and_a_changing_one_is_reported_with_its_range() -> None:
    it = Conversation(step=MILLISECOND).handshake()
    for number in range(5):
        it.say(0, write(number, 5, 77)).say(1, write(number, 5, 77))
    for number in range(100):
        it.say(0, write(number, 6, 1000 + number)).say(1, write(number, 6, 1000 + number))
    facts = run(it.packets())
    same = [fact for fact in of(facts, Exchange) if fact.label.endswith(":5")]
    assert [fact.repeats for fact in same] == [0, 3]
    moving = [fact for fact in of(facts, Exchange) if fact.label.endswith(":6")]
    assert [fact.values[0] for fact in moving] == [*range(1000, 1060), 1099]
    assert (moving[-1].repeats, moving[-1].detail["min"], moving[-1].detail["max"]) == (39, 1060.0, 1099.0)
    counts = {row.label: row.requests for window in of(facts, ChannelWindow) for row in window.operations}
    assert sorted(counts.values()) == [5, 100]


def test_a_refused_read_is_reported_again_when_the_reason_changes() -> None:
    it = Conversation().handshake()
    for number, code in enumerate((2, 2, 4, 2)):
        it.say(0, read(number, 0, 1)).say(1, refused(number, 3, code))
    facts = list(of(run(it.packets()), Exchange))
    assert [(fact.error_code, fact.repeats) for fact in facts] == [(2, 0), (2, 0), (4, 0), (2, 0)]


def test_every_function_is_reported_whether_answered_or_refused() -> None:
    it = Conversation(step=MILLISECOND).handshake()
    for function in range(1, 128):
        it.say(0, modbus(function, 1, bytes((function, 0, 1, 0, 1)))).say(1, refused(function, function, 1))
    facts = run(it.packets())
    codes = Counter(fact.code.split("/")[0] for fact in of(facts, Exchange))
    assert codes == {str(function): 1 for function in range(1, 128)}
    assert {fact.error for fact in of(facts, Exchange)} == {"illegal_function"}


def test_a_listen_only_order_expects_no_answer() -> None:
    it = Conversation().handshake().say(0, modbus(1, 1, bytes.fromhex("0800040000"))).pause(20 * SECOND)
    it.say(0, read(2, 0, 1)).say(1, registers(2, 1))
    assert [(fact.code, fact.outcome) for fact in of(run(it.packets()), Exchange)] == [("8/4", "one_way")]


def test_a_listen_only_order_that_is_refused_is_a_failure_and_not_unmatched() -> None:
    it = Conversation().handshake().say(0, modbus(1, 1, bytes.fromhex("0800040000"))).say(1, refused(1, 8, 11))
    assert [(fact.code, fact.outcome, fact.error_code) for fact in of(run(it.packets()), Exchange)] == [
        ("8/4", "failure", 11),
    ]


def test_excerpt_and_offset_point_at_the_message_in_its_frame() -> None:
    it = Conversation().handshake().say(0, read(1, 0, 1) + write(2, 5, 7)).say(1, registers(1, 3) + write(2, 5, 7))
    packets = it.packets()
    fact = of(run(packets), Exchange)[0]
    frame = packets[fact.request_frame - 1].data
    assert frame[fact.offset : fact.offset + fact.length] == fact.excerpt == write(2, 5, 7)
    assert fact.latency == fact.time - fact.request_time == it.step


def test_late_answers_to_writes_belong_to_the_writes_that_they_repeat() -> None:
    it = (
        Conversation()
        .handshake()
        .say(0, write(9, 7, 5))
        .pause(12 * SECOND)
        .say(0, write(9, 8, 6))
        .say(1, write(9, 7, 5))
        .say(1, write(9, 8, 6))
    )
    facts = run(it.packets())
    assert [(fact.outcome, fact.values, fact.answers) for fact in of(facts, Exchange) if fact.values or fact.answers] == [
        ("unanswered", (5,), ()), ("late", (5,), (5,)), ("success", (6,), (6,)),
    ]  # fmt: skip
    assert of(facts, Violation) == []


def test_an_answer_that_repeats_another_write_is_a_mismatch_and_no_success() -> None:
    it = (
        Conversation()
        .handshake()
        .say(0, write(9, 7, 5))
        .say(1, write(9, 7, 6))
        .pause(11 * SECOND)
        .say(0, read(10, 0, 1))
        .finish()
    )
    facts = run(it.packets())
    assert [fact.outcome for fact in of(facts, Exchange) if 5 in fact.values or 6 in fact.answers] == [
        "unmatched",
        "unanswered",
    ]
    assert [fact.name for fact in of(facts, Violation)] == ["response_mismatch"]


def polls(lost: int, late: int = 0, turns: int = 40) -> Conversation:
    """Three reads by turns, all of transaction 0, of which one is not answered, or while the next one waits."""
    it = Conversation(step=0).handshake()
    for turn in range(turns):
        place = turn % 3
        it.say(0, read(0, place * 10, 2)).pause(10 * MILLISECOND)
        if turn == lost + 1 and late:
            it.say(1, registers(0, lost % 3, late)).pause(10 * MILLISECOND)
        if turn != lost:
            it.say(1, registers(0, place, 1000 if turn == 39 else 7))
        it.pause(490 * MILLISECOND)
    return it


def test_one_lost_answer_does_not_shift_the_reads_of_a_client_with_one_transaction_id() -> None:
    facts = run(polls(7).packets())
    assert [(fact.points, fact.values) for fact in of(facts, ValueChange)] == [((1,), (1000,))]
    assert [(fact.outcome, fact.label) for fact in of(facts, Exchange)] == [
        ("unanswered", "read_holding_registers holding_register:10-11")
    ]
    (window,) = [fact for fact in of(facts, ChannelWindow) if fact.requests]
    assert (window.unanswered, window.unmatched, window.latency_max) == (1, 0, 10_000)


def test_a_late_answer_of_equal_shape_is_stated_as_nobodys_change() -> None:
    facts = run(polls(7, late=7).packets())
    assert [(fact.points, fact.values) for fact in of(facts, ValueChange)] == [((1,), (1000,))]
    assert [fact.outcome for fact in of(facts, Exchange)] == ["unanswered"]
    assert of(facts, Violation) == []


def test_a_late_answer_of_another_length_is_that_of_the_read_it_fits() -> None:
    it = Conversation().handshake().say(0, read(9, 0, 2)).pause(12 * SECOND).say(0, read(9, 100, 3))
    facts = run(it.say(1, registers(9, 1, 2)).say(1, registers(9, 1, 2, 3)).packets())
    assert [(fact.outcome, fact.answers) for fact in of(facts, Exchange) if not fact.values] == [
        ("unanswered", ()),
        ("late", (1, 2)),
    ]
    assert of(facts, Violation) == []


def test_the_late_answer_of_one_unit_is_not_that_of_another_with_its_transaction() -> None:
    it = Conversation().handshake().say(0, write(9, 7, 5, unit=2)).pause(12 * SECOND).say(0, write(9, 7, 5, unit=3))
    facts = run(it.say(1, write(9, 7, 5, unit=2)).say(1, write(9, 7, 5, unit=3)).packets())
    assert [fact.outcome for fact in of(facts, Exchange) if fact.values == (5,)] == ["unanswered", "late", "success"]
    assert of(facts, Violation) == []
