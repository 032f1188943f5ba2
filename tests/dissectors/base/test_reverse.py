"""Partners that both ask on one connection: a command is its sender's once it is answered, and nobody's when it is not."""

from __future__ import annotations

import pytest

from dissectors.facts import AnyFact, ChannelOpened, Exchange, OperationFirst
from tests.dissectors.dnp3.wire import answer, ask
from tests.dissectors.harness import CLIENT, SECOND, SERVER, Conversation, of, run
from tests.dissectors.iec104.build import apdu
from tests.dissectors.wire.test_evidence import SPEECHES, Speech, commands
from tests.dissectors.wire.test_roles import CONFIRM, CONNECT, SETUP, s7

BOTH_ASK = ["s7comm", "dnp3", "iec104"]
"""Protocols whose messages say which end sends them."""


@pytest.fixture(params=BOTH_ASK)
def speech(request: pytest.FixtureRequest) -> Speech:
    return SPEECHES[request.param]


def polled(speech: Speech) -> Conversation:
    """The client asks and is answered."""
    it = Conversation(server_port=speech.port).handshake()
    for number in range(3):
        asked, answered = speech.poll(number + 1)
        it.say(0, asked).say(1, answered)
    return it


def askers(facts: list[AnyFact], operation: str) -> list[tuple[str, str]]:
    by_channel = {one.channel: one.client.ip for one in of(facts, ChannelOpened)}
    return [(by_channel[one.channel], one.outcome) for one in of(facts, Exchange) if one.operation == operation]


def test_an_answered_command_of_the_server_is_the_servers(speech: Speech) -> None:
    asked, answered = speech.command
    facts = run(polled(speech).say(1, asked).say(0, answered).packets())
    assert commands(facts, speech) == {(SERVER, "success")}
    (channel,) = {one.channel for one in of(facts, Exchange) if one.operation == speech.operation}
    first = [one for one in of(facts, OperationFirst) if one.operation == speech.operation]
    assert [one.channel for one in first] == [channel]
    opened = next(one for one in of(facts, ChannelOpened) if one.channel == channel)
    assert (opened.client.ip, opened.client.port, opened.server.ip) == (SERVER, speech.port, CLIENT)
    assert opened.against_handshake
    (exchange,) = [one for one in of(facts, Exchange) if one.channel == channel]
    assert exchange.client_port == speech.port


def test_an_unanswered_command_of_the_server_opens_no_channel(speech: Speech) -> None:
    facts = run(polled(speech).say(1, speech.command[0]).packets())
    assert commands(facts, speech) == {(CLIENT, "unmatched")}
    assert {one.client.ip for one in of(facts, ChannelOpened)} == {CLIENT}
    assert not [one for one in of(facts, OperationFirst) if one.operation == speech.operation]


def test_the_same_command_of_both_ends_at_once_is_told_of_each(speech: Speech) -> None:
    """Both ends number their questions alike: the answer is the other's, not the one's own."""
    asked, answered = speech.command
    it = polled(speech).say(0, asked).say(1, asked).say(0, answered).say(1, answered)
    assert sorted(askers(run(it.packets()), speech.operation)) == [(CLIENT, "success"), (SERVER, "success")]


def test_an_answer_in_the_name_of_the_client_answers_none_of_its_own_commands(speech: Speech) -> None:
    asked, answered = speech.command
    it = polled(speech).say(0, asked).say(0, answered)
    assert (CLIENT, "success") not in askers(run(it.packets()), speech.operation)


def test_an_answer_that_comes_late_is_told_of_the_server_too(speech: Speech) -> None:
    asked, answered = speech.command
    it = polled(speech).say(1, asked).pause(30 * SECOND)
    for number in range(3):
        question, reply = speech.poll(number + 7)
        it.say(0, question).say(1, reply)
    facts = run(it.say(0, answered).packets())
    assert askers(facts, speech.operation) == [(CLIENT, "unmatched"), (SERVER, "late")]


def test_commands_of_a_server_taken_for_the_client_later_are_told_once(speech: Speech) -> None:
    """Three exchanges the other way round turn the roles: what was told at once is not read again."""
    asked, answered = speech.command
    it = Conversation(client_port=45000, server_port=speech.port).handshake()
    for _ in range(4):
        it.say(1, asked).say(0, answered).pause(SECOND)
    facts = run(it.packets())
    told = [one for one in of(facts, Exchange) if one.operation == speech.operation]
    assert {one.request_frame for one in told if one.outcome == "success"} == {one.request_frame for one in told}
    assert sum(1 + one.repeats for one in told) == 4
    assert {one for one, _ in askers(facts, speech.operation)} == {SERVER}


def test_a_refusal_by_the_client_is_the_servers_failure() -> None:
    it = polled(SPEECHES["iec104"])
    it.say(1, apdu(105, 6, "01", number=90)).say(0, apdu(105, 0x47, "01", number=90))
    assert askers(run(it.packets()), "reset_process") == [(SERVER, "failure")]


def test_link_addresses_of_a_peer_that_is_master_too_are_its_own() -> None:
    """Each end is the master of one link pair: the channel of the command carries the server's."""
    speech = SPEECHES["dnp3"]
    it = polled(speech)
    it.say(1, ask("cd0d", 1, 10)).say(0, answer("cd81000034020701e803", 10, 1))
    facts = run(it.packets())
    assert {(one.client.ip, one.unit) for one in of(facts, ChannelOpened) if one.protocol == "dnp3"} == {
        (CLIENT, "1>10"), (SERVER, "10>1"),
    }  # fmt: skip


def test_a_command_without_an_answer_is_no_command_of_the_client() -> None:
    speech = SPEECHES["dnp3"]
    operate = ask("c6060c01170100" + "0301640000006400000000")
    facts = run(polled(speech).say(1, operate).packets())
    assert askers(facts, "direct_operate_no_response") == [(CLIENT, "unmatched")]


def test_the_rack_and_slot_that_the_client_called_are_not_its_own() -> None:
    it = Conversation(server_port=102).handshake()
    it.say(0, CONNECT).say(1, CONFIRM).say(0, s7(1, 1, SETUP)).say(1, s7(3, 1, SETUP))
    asked, answered = SPEECHES["s7comm"].command
    facts = run(it.say(1, asked).say(0, answered).packets())
    assert [one.unit for one in of(facts, ChannelOpened) if one.client.ip == SERVER] == [""]
