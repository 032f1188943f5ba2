"""Roles that were decided wrongly are turned by what is answered the other way round, and what was read is read again."""

from __future__ import annotations

import pytest

from dissectors.base.contrary import MAX_CONTRARY, MAX_CONTRARY_BYTES, Contrary
from dissectors.facts import AnyFact, ChannelOpened, Exchange
from sensor.worker import Worker
from tests.dissectors.harness import CLIENT, SECOND, SERVER, Conversation, of, run
from tests.dissectors.wire.test_evidence import SPEECHES, Speech, clients, commands, speech

__all__ = ["speech"]


def exchanged(it: Conversation, speech: Speech, asks: int, count: int, first: int) -> None:
    for number in range(count):
        asked, answered = speech.poll(first + number)
        it.say(asks, asked).say(1 - asks, answered)


def last_client(facts: list[AnyFact]) -> str:
    return of(facts, ChannelOpened)[-1].client.ip


def test_many_forged_exchanges_are_outweighed_before_the_command(speech: Speech) -> None:
    """Somebody forges whole exchanges of the server, which nobody tells from real ones; then the client goes on."""
    it = Conversation(server_port=speech.port).handshake()
    exchanged(it, speech, 1, 4, 1)
    it.pause(SECOND)
    exchanged(it, speech, 0, 5, 8)
    asked, answered = speech.command
    it.say(0, asked).say(1, answered)
    facts = run(it.packets())
    assert last_client(facts) == CLIENT
    assert commands(facts, speech) == {(CLIENT, "success")}


def test_a_command_read_the_wrong_way_round_is_read_again() -> None:
    """The write fits both directions; the reads behind it turn the roles, and it is the client's."""
    speech = SPEECHES["modbus"]
    it = Conversation(server_port=speech.port).handshake()
    exchanged(it, speech, 1, 3, 1)
    it.pause(SECOND)
    asked, answered = speech.command
    it.say(0, asked).say(1, answered)
    exchanged(it, speech, 0, 3, 8)
    facts = run(it.packets())
    assert (CLIENT, "success") in commands(facts, speech)
    assert SERVER not in {client for client, _ in commands(facts, speech) if _ not in {"unmatched", "unseen"}}


def test_exchanges_of_the_server_turn_nobody_whom_it_has_answered(speech: Speech) -> None:
    it = Conversation(server_port=speech.port).handshake()
    exchanged(it, speech, 0, 1, 1)
    exchanged(it, speech, 1, 6, 2)
    exchanged(it, speech, 0, 2, 9)
    assert clients(run(it.packets())) == {CLIENT}


def test_a_question_that_the_server_asks_in_between_is_nobodys_command(speech: Speech) -> None:
    it = Conversation(server_port=speech.port).handshake()
    exchanged(it, speech, 0, 3, 1)
    it.say(1, speech.command[0])
    exchanged(it, speech, 0, 2, 5)
    facts = run(it.packets())
    assert clients(facts) == {CLIENT}
    assert commands(facts, speech) == {(CLIENT, "unmatched")}
    assert {one.outcome for one in of(facts, Exchange)} <= {"success", "unmatched"}


@pytest.mark.parametrize("size", [MAX_CONTRARY_BYTES, MAX_CONTRARY_BYTES + 1])
def test_what_is_kept_is_bounded_and_counted(size: int) -> None:
    table = Worker().wire.channel_table
    contrary = Contrary(table)
    for tag in range(5 * MAX_CONTRARY):
        contrary.question(1, tag, True, bytes(size), tag)
    is_kept = size <= MAX_CONTRARY_BYTES
    assert [len(one.data) for one in contrary.kept] == [size if is_kept else 0] * MAX_CONTRARY
    assert contrary.asked(0) is None
    assert table.parts == (MAX_CONTRARY * size if is_kept else 0)
    assert (table.evicted_protocol_state == 0) == is_kept
    contrary.release()
    assert table.parts == 0


def test_a_pair_needs_one_message_that_fits_one_direction_only() -> None:
    contrary = Contrary(Worker().wire.channel_table)
    for tag, question, answer, pairs in ((1, False, False, 0), (2, True, False, 1), (3, False, True, 2)):
        contrary.question(1, tag, question, b"?", tag)
        asked = contrary.asked(tag)
        assert asked is not None
        contrary.count(asked, answer)
        contrary.answer(asked, answer, b"!", tag)
        assert contrary.pairs == pairs
        assert contrary.asked(tag) is None
