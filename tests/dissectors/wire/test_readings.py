"""What becomes of two versions of the same bytes. Each kind of evasion is tested in ``tests/evasion``."""

from __future__ import annotations

from dissectors.facts import Exchange, OperationFirst, Violation
from sensor.worker import Worker
from tests.dissectors.dnp3.wire import answer, ask
from tests.dissectors.harness import FIN, Conversation, Segment, feed, of, read, registers, run, write
from tests.evasion.talker import ATTACK, HARMLESS, OPERATION, Talker

RESTART = ask("C00D")


def test_both_operations_and_both_frames_are_named() -> None:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    it.attack()
    (found,) = of(run(it.packets), Violation)
    assert found.text == (
        "the same bytes are read_holding_registers holding_register:0-1 in frame 6 and "
        "write_single_register holding_register:5 in frame 7, time to live 2 and 64"
    )


def test_a_stream_goes_on_behind_a_decoy_as_if_it_had_not_been() -> None:
    it = Talker()
    it.segment(0, HARMLESS + read(9, 0, 9), wrong=True)
    it.attack()
    it.say(0, read(8, 40, 2))
    it.say(1, registers(8, 1, 2))
    facts = run(it.packets)
    labels = [fact.label for fact in of(facts, OperationFirst)]
    assert labels[-2:] == ["write_single_register holding_register:5", "read_holding_registers holding_register:40-41"]
    assert [fact.name for fact in of(facts, Violation)] == ["decoy"]


def test_a_decoy_long_before_is_found_when_its_block_is_gone() -> None:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    worker = Worker()
    facts = feed(worker, it.packets)
    for _ in range(100):
        worker.wire.end_of_block()
    sent = len(it.packets)
    it.attack()
    facts += feed(worker, it.packets[sent:])
    assert OPERATION in {fact.operation for fact in of(facts, OperationFirst)}


def test_a_conflict_in_a_connection_of_no_protocol_is_reported() -> None:
    it = Talker(port=9999, opened=False)
    it.open()
    it.say(0, b"hello, this is something else")
    it.segment(0, b"one thing more", ttl=2)
    it.say(0, b"another thing!")
    assert [fact.name for fact in of(run(it.packets), Violation)] == ["two_readings"]


def test_repeats_that_differ_without_end_are_bounded() -> None:
    it = Talker()
    for number in range(300):
        it.segment(0, ATTACK[:-1] + bytes((number & 0xFF,)), ttl=2)
    facts = run(it.packets)
    assert len([fact for fact in of(facts, Violation) if fact.protocol == "tcp"]) < 20


def test_a_decoy_that_ends_within_a_message_does_not_hide_the_segment_behind_it() -> None:
    for far in (1, 5, 7):
        it = Conversation().handshake().say(0, read(1, 0, 1)).say(1, registers(1, 3))
        it.segments.append(Segment(0, it.sent[0] + far, read(77, 0, 2), FIN, it.time, it.sent[1]))
        it.say(0, read(2, 0, 1)).say(1, registers(2, 3)).say(0, write(3, 5, 99)).say(1, write(3, 5, 99))
        facts = run(it.packets())
        assert (99,) in {fact.values for fact in of(facts, Exchange)}, far
        assert "two_readings" in {fact.name for fact in of(facts, Violation)}


def test_a_decoy_that_begins_in_front_of_all_that_is_remembered_raises_nothing() -> None:
    it = Conversation().handshake()
    it.segments.append(Segment(1, it.sent[1] - 1, bytes(13), FIN, it.time, it.sent[0]))
    it.say(0, write(3, 5, 99)).say(1, write(3, 5, 99)).say(0, read(4, 0, 1)).say(1, registers(4, 3))
    worker = Worker()
    run(it.packets(), worker)
    assert worker.wire.failures.count == 0


def test_more_versions_than_are_remembered_do_not_end_a_session() -> None:
    it = Talker(port=20000, opened=False)
    it.open()
    it.say(0, ask("C001"))
    it.say(1, answer("C081 0000"))
    for number in range(64):
        it.segment(0, bytes((number,)), sequence=it.sent[0] + number, ttl=2)
    it.segment(0, RESTART, sequence=it.sent[0] + 10, ttl=2)
    it.segment(0, RESTART, sequence=it.sent[0] + 30, ttl=2)
    worker = Worker()
    run(it.packets, worker)
    assert worker.wire.failures.count == 0
