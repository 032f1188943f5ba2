"""However TCP cuts, doubles, reorders or repeats the bytes, the same is understood."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from dissectors.facts import Exchange, OperationFirst, ValueChange, Violation, Visibility
from sensor.worker import Worker
from tests.dissectors.harness import (
    ACK,
    START,
    Conversation,
    Segment,
    counted,
    cut,
    feed,
    health,
    modbus,
    of,
    read,
    registers,
    reported,
    retimed,
    run,
    states,
    talk,
    write,
)

TALK = talk()
TRUTH = reported(run(TALK.packets()))
DATA = [number for number, segment in enumerate(TALK.segments) if segment.data]


def understood(segments: list[Segment], conversation: Conversation = TALK) -> list[tuple[object, ...]]:
    return reported(run(conversation.packets(retimed(segments))))


def spread(*parts: list[Segment]) -> list[Segment]:
    return [segment for part in parts for segment in part]


def test_the_conversation_itself_is_understood_whole() -> None:
    kinds = Counter(str(row[0]) for row in TRUTH)
    assert kinds == {"first": 7, "transition": 8, "exchange": 4, "change": 4}


@pytest.mark.parametrize("number", DATA)
def test_a_message_cut_at_any_byte_is_understood(number: int) -> None:
    before, segment, after = TALK.segments[:number], TALK.segments[number], TALK.segments[number + 1 :]
    for place in range(1, len(segment.data)):
        assert understood(spread(before, cut(segment, place), after)) == TRUTH, place


def test_a_connection_that_sends_byte_by_byte_is_understood() -> None:
    pieces = [cut(segment, *range(1, len(segment.data))) if segment.data else [segment] for segment in TALK.segments]
    assert understood(spread(*pieces)) == TRUTH


@pytest.mark.parametrize("port", [502, 5020])
def test_a_first_message_in_single_bytes_is_recognised_on_any_port(port: int) -> None:
    whole = talk(Conversation(server_port=port))
    pieces = [cut(segment, *range(1, len(segment.data))) if segment.data else [segment] for segment in whole.segments]
    assert understood(spread(*pieces), whole) == reported(run(whole.packets()))


@pytest.mark.parametrize("number", DATA)
def test_a_segment_that_comes_twice_is_understood_once(number: int) -> None:
    doubled = [*TALK.segments[: number + 1], *TALK.segments[number:]]
    facts = run(TALK.packets(retimed(doubled)))
    assert reported(facts) == TRUTH
    assert sum(row["copies"] for row in counted(facts).values()) == 1


@pytest.mark.parametrize("number", DATA)
def test_a_repeat_with_other_bytes_is_reported(number: int) -> None:
    segment = TALK.segments[number]
    other = replace(segment, data=segment.data[:-1] + bytes((segment.data[-1] ^ 1,)))
    facts = run(TALK.packets(retimed([*TALK.segments[: number + 1], other, *TALK.segments[number + 1 :]])))
    conflicts = [fact for fact in of(facts, Violation) if fact.protocol == "tcp"]
    assert [(fact.name, fact.at) for fact in conflicts] == [("two_readings", len(segment.data) - 1)]
    assert health(facts)["overlap_conflicts"] == 1
    assert not Counter(row[4] for row in TRUTH if row[0] == "first") - Counter(
        row[4] for row in reported(facts) if row[0] == "first"
    )


def test_a_repeat_with_other_bytes_of_what_was_acknowledged_is_an_injection() -> None:
    """The receiver has the first version: there is one reading, and somebody who sends another."""
    it = Conversation().handshake()
    it.say(0, read(6, 0, 2)).say(1, registers(6, 1, 2))
    forged = Segment(0, 1, read(6, 0, 3), time=it.time, acked=1)
    facts = run(it.packets([*it.segments, forged]))
    assert [fact.name for fact in of(facts, Violation) if fact.protocol == "tcp"] == ["overlap_conflict"]


@pytest.mark.parametrize("shift", [0, 3])
def test_other_bytes_among_segments_ahead_of_their_turn_are_reported(shift: int) -> None:
    """An attacker sends the end of a write twice, with two values, before its begin."""
    message = write(7, 5, 1)
    at = 6
    it = Conversation().handshake()
    whole = Segment(0, 1, message)
    evil = message[at - shift : -1] + b"\x09"
    segments = [
        *it.segments,
        replace(whole, sequence=1 + at, data=message[at:]),
        replace(whole, sequence=1 + at - shift, data=evil),
        replace(whole, sequence=1, data=message[:at]),
    ]
    facts = run(it.packets(retimed(segments)))
    assert [fact.name for fact in of(facts, Violation)] == ["two_readings"]


@pytest.mark.parametrize("number", DATA)
def test_a_lost_segment_costs_only_what_it_touches(number: int) -> None:
    lost = TALK.segments[number]
    facts = run(TALK.packets(retimed([*TALK.segments[:number], *TALK.segments[number + 1 :]])))
    truth = Counter(row[:-1] for row in TRUTH if row[0] not in {"transition", "change"})
    rows = Counter(row[:-1] for row in reported(facts) if row[0] not in {"transition", "change"})
    stranger = [row for row in rows - truth if row[0] != "exchange" or row[6] not in {"unmatched", "unseen"}]
    assert not stranger, stranger
    assert not of(facts, Violation)
    assert states(facts) == ["gaps"]
    gap = of(facts, Visibility)[0]
    assert gap.missing_bytes == len(lost.data)
    after = [fact for fact in of(facts, Exchange) if fact.time > gap.time]
    assert all(fact.visibility == "gaps" for fact in after)
    lonely = [fact for fact in of(facts, Exchange) if fact.outcome in {"unmatched", "unseen"}]
    assert all(fact.visibility == "gaps" for fact in lonely)
    assert len(lonely) <= 1
    missing = sum((truth - rows).values())
    assert missing <= 3, truth - rows


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_lost_answer_costs_only_its_own_exchange(turn: int) -> None:
    it = Conversation().handshake()
    for number in range(6):
        it.say(0, write(number, 5, number)).say(1, write(number, 5, number))
    lost = next(n for n, s in enumerate(it.segments) if s.data == write(turn, 5, turn) and s.side == 1)
    facts = run(it.packets([*it.segments[:lost], *it.segments[lost + 1 :]]))
    answered = [fact.values for fact in of(facts, Exchange) if fact.outcome == "success"]
    assert answered == [(number,) for number in range(6) if number != turn]
    assert [fact.values for fact in of(facts, Exchange) if fact.outcome != "success"] == [(turn,)]
    assert of(facts, Exchange)[-1].outcome == "unseen", "the answer may have been in the bytes that were lost"


@pytest.mark.parametrize("begin", range(1, len(TALK.segments)))
def test_a_capture_may_begin_at_any_packet(begin: int) -> None:
    facts = run(TALK.packets(TALK.segments[begin:]))
    rows = Counter(row[:-1] for row in reported(facts) if row[0] == "exchange" and row[6] != "unmatched")
    truth = Counter(row[:-1] for row in TRUTH if row[0] == "exchange")
    assert not rows - truth
    later = sum(1 for segment in TALK.segments[begin:] if segment.side == 0 and segment.data)
    assert sum(row["requests"] for row in counted(facts).values()) == later
    clients = {fact.client_port for fact in of(facts, OperationFirst)}
    assert clients <= {40000}
    assert not of(facts, Violation)
    if begin > 2 and later:
        assert "midstream" in states(facts)


@pytest.mark.parametrize("probe", [b"", b"\0"])
def test_a_capture_may_begin_with_a_keep_alive(probe: bytes) -> None:
    it = talk()
    later = it.segments[5:]
    keep = Segment(0, later[0].sequence - 1, probe, ACK, START, later[0].acked)
    facts = run(it.packets([keep, *later]))
    assert states(facts) == ["midstream"]
    assert not of(facts, Violation)
    assert {fact.outcome for fact in of(facts, Exchange)} == {"success", "failure"}


@pytest.mark.parametrize("first", [(2**32 - 30, 2**32 - 9), (2**32 - 1, 2**32 - 1), (2**31 - 20, 2**31 - 20), (0, 0)])
def test_sequence_numbers_may_wrap(first: tuple[int, int]) -> None:
    wrapped = talk(Conversation(first=first))
    assert reported(run(wrapped.packets())) == TRUTH
    halves = [cut(segment, 5)[::-1] if len(segment.data) > 5 else [segment] for segment in wrapped.segments]
    assert understood(spread(*halves), wrapped) == TRUTH


def test_bytes_are_compared_with_the_last_segment_long_after_its_block_is_gone() -> None:
    it = Conversation().handshake()
    it.say(0, write(1, 5, 1))
    worker = Worker()
    facts = feed(worker, it.packets())
    for _ in range(40):
        worker.wire.end_of_block()
    other = Segment(0, 1, write(1, 5, 2), time=START + 1_000_000_000)
    facts += feed(worker, it.packets([other]))
    assert [fact.name for fact in of(facts, Violation)] == ["two_readings"]


def test_values_are_read_from_the_right_bytes_when_messages_share_a_segment() -> None:
    it = Conversation().handshake()
    it.say(0, b"".join(read(number, 0, 2) for number in range(5)))
    it.say(1, b"".join(registers(number, 7, 10 + number) for number in range(5)))
    facts = run(it.packets())
    assert [fact.values for fact in of(facts, ValueChange)] == [(11,), (12,), (13,), (14,)]
    assert sum(row["responses"] for row in counted(facts).values()) == 5


def test_two_segments_of_several_messages_give_the_same_as_one_each() -> None:
    joined: list[Segment] = []
    for side in (0, 1):
        data = [segment for segment in TALK.segments if segment.data and segment.side == side]
        joined.append(Segment(side, 1, b"".join(segment.data for segment in data)))
    facts = run(TALK.packets(retimed([*TALK.segments[:3], *joined])))
    row = counted(facts)[of(facts, OperationFirst)[0].channel]
    assert (row["requests"], row["responses"], row["unmatched"], row["failures"]) == (12, 12, 0, 1)
    assert Counter(fact.outcome for fact in of(facts, Exchange)) == {"success": 3, "failure": 1}


def test_garbage_between_messages_costs_only_itself() -> None:
    it = Conversation().handshake()
    it.say(0, write(1, 5, 1)).say(1, write(1, 5, 1))
    it.say(0, b"\xde\xad\xbe\xef\xca\xfe" + write(2, 5, 2)).say(1, write(2, 5, 2))
    it.say(0, write(3, 5, 3)).say(1, write(3, 5, 3))
    facts = run(it.packets())
    assert [fact.values for fact in of(facts, Exchange)] == [(1,), (2,), (3,)]
    assert [fact.name for fact in of(facts, Violation)] == ["not_modbus"]


def test_a_message_longer_than_modbus_allows_is_reported_and_passed_over() -> None:
    it = Conversation().handshake()
    it.say(0, write(1, 5, 1)).say(1, write(1, 5, 1))
    it.say(0, b"\x00\x02\x00\x00\x01\x50\x01\x03" + bytes(330)).say(0, write(3, 5, 3)).say(1, write(3, 5, 3))
    facts = run(it.packets())
    assert [fact.values for fact in of(facts, Exchange) if fact.outcome == "success"] == [(1,), (3,)]
    assert of(facts, Violation)[0].name == "not_modbus"


def test_the_longest_message_is_taken_and_one_byte_more_is_not() -> None:
    longest = modbus(1, 1, b"\x41" + bytes(252))
    over = modbus(1, 1, b"\x41" + bytes(253))
    assert len(longest) == 260
    for message, names in ((longest, []), (over, ["not_modbus"])):
        it = Conversation().handshake().say(0, write(9, 1, 1)).say(1, write(9, 1, 1)).say(0, message)
        assert [fact.name for fact in of(run(it.packets()), Violation)] == names


def test_messages_of_schneider_may_be_longer_than_modbus_allows() -> None:
    it = Conversation().handshake()
    it.say(0, modbus(1, 0, b"\x5a\x01\x34" + bytes(1000))).say(1, modbus(1, 0, b"\x5a\x01\xfe"))
    it.say(0, write(2, 5, 2)).say(1, write(2, 5, 2))
    halves = [cut(segment, 600) if len(segment.data) > 600 else [segment] for segment in it.segments]
    for segments in (it.segments, spread(*halves)):
        facts = run(it.packets(segments))
        assert [fact.operation for fact in of(facts, Exchange)] == ["umas_download_block", "write_single_register"]
        assert not of(facts, Violation)
