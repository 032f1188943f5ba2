"""The messages of readings beside the first: each is taken once, when it is whole, and however the first goes on."""

from __future__ import annotations

from dissectors.facts import Exchange, Violation
from sensor.worker import Worker
from tests.dissectors.harness import ACK, PSH, Packet, of, read, registers, run
from tests.evasion.talker import ATTACK, HARMLESS, OPERATION, Talker

URG = 32


def writes(packets: list[Packet]) -> int:
    return len([fact for fact in of(run(packets), Exchange) if fact.operation == OPERATION])


def test_a_message_in_single_bytes_is_taken_once() -> None:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    for byte in ATTACK:
        it.say(0, bytes((byte,)))
    it.say(1, ATTACK)
    it.say(0, read(8, 0, 2))
    it.say(1, registers(8, 1, 2))
    assert writes(it.packets) == 1


def test_a_message_behind_a_decoy_that_claims_to_be_long_is_taken() -> None:
    it = Talker()
    it.segment(0, b"\x00\x07\x00\x00\x00\xf0\x01\x10" + bytes(4), ttl=2)
    it.say(0, HARMLESS)
    it.say(0, ATTACK[:5])
    it.say(0, ATTACK[5:])
    it.say(1, registers(7, 1, 2))
    it.say(1, ATTACK)
    assert writes(it.packets) == 1


def test_a_repeat_goes_on_with_another_reading() -> None:
    it = Talker()
    it.segment(0, ATTACK[:2] + b"\x55" + ATTACK[3:], ttl=2)
    it.segment(0, ATTACK[:3])
    it.segment(0, ATTACK[3:], sequence=it.sent[0] + 3)
    it.sent[0] += 12
    it.say(1, ATTACK)
    assert writes(it.packets) == 1


def test_an_ordinary_stream_goes_on_quickly_behind_a_conflict() -> None:
    it = Talker()
    it.segment(0, HARMLESS, ttl=2)
    it.attack()
    for number in range(10, 20):
        it.say(0, read(number, 0, 2))
        it.say(1, registers(number, 1, 2))
    worker = Worker()
    facts = run(it.packets, worker)
    (flow,) = worker.wire.flows.table.all()
    assert flow.opener.unread < 0
    assert flow.opener.kept == 1
    assert len(of(facts, Violation)) == 1


def test_an_urgent_byte_that_never_comes_is_given_up() -> None:
    it = Talker()
    it.segment(0, b"", flags=ACK | PSH | URG, urgent=40)
    for number in range(10, 20):
        it.say(0, read(number, 0, 2))
        it.say(1, registers(number, 1, 2))
    worker = Worker()
    facts = run(it.packets, worker)
    (flow,) = worker.wire.flows.table.all()
    assert flow.opener.unread < 0
    assert not flow.opener.urgent
    assert len([fact for fact in of(facts, Exchange) if fact.detail.get("reading")]) <= 1
