"""A question and its answer make a client, a message alone makes none: whoever forges packets in the server's name accuses nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from dissectors.facts import AnyFact, ChannelOpened, Exchange
from dissectors.registry import PROTOCOLS
from dissectors.wire.evidence import MAX_OPEN, Evidence
from tests.dissectors.dnp3.wire import answer, ask
from tests.dissectors.harness import (
    ACK,
    CLIENT,
    FIN,
    PSH,
    SECOND,
    SYN,
    Conversation,
    Segment,
    of,
    read,
    refused,
    registers,
    run,
    write,
)
from tests.dissectors.iec104.build import apdu
from tests.dissectors.wire.test_roles import CONFIRM, CONNECT, SETUP, s7

DISSECTORS = {one.name: one.dissector for one in PROTOCOLS}


@dataclass(frozen=True)
class Speech:
    """What a client and a server of one protocol say: question and answer of a poll, and of a command."""

    port: int
    poll: Callable[[int], tuple[bytes, bytes]]
    command: tuple[bytes, bytes]
    operation: str


def job(reference: int, code: int) -> tuple[bytes, bytes]:
    return s7(1, reference, bytes((code,)) + b"\0\0\0\0\0\x09P_PROGRAM"), s7(3, reference, bytes((code,)))


def read_job(reference: int) -> tuple[bytes, bytes]:
    item = bytes.fromhex("0401120a10020004000184000000")
    return s7(1, reference, item), s7(3, reference, b"\x04\x01", bytes.fromhex("ff0400200000000a"))


SPEECHES = {
    "modbus": Speech(502, lambda n: (read(n, 0, 2), registers(n, 1, 2)), (write(90, 7, 99), write(90, 7, 99)),
                     "write_single_register"),
    "s7comm": Speech(102, read_job, job(90, 0x29), "plc_stop"),
    "dnp3": Speech(20000, lambda n: (ask(f"c{n % 16:x}013c0206"), answer(f"c{n % 16:x}810000")),
                   (ask("cd0d"), answer("cd81000034020701e803")), "cold_restart"),
    "iec104": Speech(2404, lambda n: (apdu(100, 6, "14", number=n), apdu(100, 7, "14", number=n)),
                     (apdu(105, 6, "01", number=90), apdu(105, 7, "01", number=90)), "reset_process"),
}  # fmt: skip


@pytest.fixture(params=list(SPEECHES))
def speech(request: pytest.FixtureRequest) -> Speech:
    return SPEECHES[request.param]


def begun(speech: Speech, *, handshake: bool = True) -> Conversation:
    it = Conversation(server_port=speech.port)
    return it.handshake() if handshake else it


def goes_on(it: Conversation, speech: Speech, polls: int = 3) -> list[AnyFact]:
    """The client polls, commands, and polls again."""
    it.pause(SECOND // 10)
    for number in range(polls):
        asked, answered = speech.poll(40 + number)
        it.say(0, asked).say(1, answered)
    asked, answered = speech.command
    it.say(0, asked).say(1, answered)
    for number in range(2):
        asked, answered = speech.poll(60 + number)
        it.say(0, asked).say(1, answered)
    return run(it.packets())


def forge(it: Conversation, side: int, data: bytes, *, ahead: int = 0, flags: int = ACK | PSH) -> None:
    """Send in the name of ``side`` what the other end never gets: what is really sent next has the same numbers."""
    it.segments.append(Segment(side, it.sent[side] + ahead, data, flags, it.time, it.sent[1 - side]))
    it.time += it.step


def clients(facts: list[AnyFact]) -> set[str]:
    return {one.client.ip for one in of(facts, ChannelOpened)}


def commands(facts: list[AnyFact], speech: Speech) -> set[tuple[str, str]]:
    by_channel = {one.channel: one.client.ip for one in of(facts, ChannelOpened)}
    return {(by_channel[one.channel], one.outcome) for one in of(facts, Exchange) if one.operation == speech.operation}


def holds(facts: list[AnyFact], speech: Speech) -> None:
    assert clients(facts) == {CLIENT}
    assert (CLIENT, "success") in commands(facts, speech)


# One message in the server's name.


@pytest.mark.parametrize(("handshake", "ahead"), [(True, 0), (True, 900), (False, 0)])
def test_one_question_in_the_name_of_the_server_makes_it_no_client(speech: Speech, handshake: bool, ahead: int) -> None:
    it = begun(speech, handshake=handshake)
    forge(it, 1, speech.poll(20)[0], ahead=ahead)
    holds(goes_on(it, speech), speech)


@pytest.mark.parametrize("handshake", [True, False], ids=["handshake", "midstream"])
def test_one_answer_in_the_name_of_the_client_makes_it_no_server(speech: Speech, handshake: bool) -> None:
    it = begun(speech, handshake=handshake)
    forge(it, 0, speech.poll(20)[1])
    holds(goes_on(it, speech), speech)


@pytest.mark.parametrize("handshake", [True, False], ids=["handshake", "midstream"])
def test_a_lone_command_in_the_name_of_the_server_accuses_neither(speech: Speech, handshake: bool) -> None:
    it = begun(speech, handshake=handshake).say(1, speech.command[0])
    facts = run(it.packets())
    assert clients(facts) == {CLIENT}
    assert commands(facts, speech) == {(CLIENT, "unmatched")}


# A question and its answer, both forged.


@pytest.mark.parametrize(("handshake", "ahead"), [(True, 0), (True, 900), (False, 0)])
def test_a_forged_question_with_its_forged_answer_is_outweighed(speech: Speech, handshake: bool, ahead: int) -> None:
    it = begun(speech, handshake=handshake)
    asked, answered = speech.poll(20)
    forge(it, 1, asked, ahead=ahead)
    forge(it, 0, answered, ahead=ahead)
    holds(goes_on(it, speech), speech)


# What is said while the client is in doubt is read as carefully as anything.


@pytest.mark.parametrize("handshake", [True, False], ids=["handshake", "midstream"])
@pytest.mark.parametrize("decoy", ["poll", "nothing"])
def test_a_command_behind_a_decoy_is_read_while_the_client_is_in_doubt(
    speech: Speech, handshake: bool, decoy: str
) -> None:
    it = begun(speech, handshake=handshake)
    forge(it, 1, speech.poll(20)[0])
    asked, answered = speech.command
    forge(it, 0, speech.poll(1)[0] if decoy == "poll" else bytes(len(asked)))
    it.say(0, asked).say(1, answered)
    holds(run(it.packets()), speech)


@pytest.mark.parametrize("answers", [True, False], ids=["answered", "decoy"])
def test_a_client_that_asks_from_the_port_of_the_protocol_is_not_hidden_by_it(speech: Speech, answers: bool) -> None:
    """The port says the other one is the client; the handshake and what is answered say who is."""
    it = Conversation(client_port=speech.port, server_port=15020).handshake()
    if not answers:
        forge(it, 0, speech.poll(1)[0])
    it.say(0, speech.command[0]).say(1, speech.command[1])
    facts = run(it.packets())
    assert commands(facts, speech) == {(CLIENT, "success")}


# A connection that is forged on the ends of another.


@pytest.mark.parametrize("part", [0, 1], ids=["question", "answer"])
def test_a_forged_connection_does_not_forget_who_asks(speech: Speech, part: int) -> None:
    """SYN in the name of the server, SYN/ACK in that of the client, then a message; the real command goes on behind them."""
    it = begun(speech)
    for number in range(3):
        asked, answered = speech.poll(number)
        it.say(0, asked).say(1, answered)
    forge(it, 1, b"", ahead=9000, flags=SYN)
    it.segments.append(Segment(0, it.sent[0] + 9000, b"", SYN | ACK, it.time, it.sent[1] + 9001))
    it.pause(it.step)
    forge(it, 1 - part, speech.poll(30)[part], ahead=9001)
    holds(goes_on(it, speech, polls=0), speech)


def test_an_end_and_a_syn_in_the_name_of_the_server_do_not_forget_who_asks(speech: Speech) -> None:
    it = begun(speech)
    for number in range(3):
        asked, answered = speech.poll(number)
        it.say(0, asked).say(1, answered)
    forge(it, 1, b"", ahead=500, flags=FIN | ACK)
    forge(it, 0, b"", ahead=500, flags=FIN | ACK)
    forge(it, 1, b"", ahead=9000, flags=SYN)
    forge(it, 1, speech.poll(30)[0], ahead=9001)
    holds(goes_on(it, speech, polls=0), speech)


# What decides, message by message.


def weighed(name: str, *said: tuple[int, bytes]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """Pairs, echoes and lone messages of both sides."""
    evidence = Evidence(DISSECTORS[name])
    for side, data in said:
        evidence.take(side, data)
    one, two = evidence.of(0), evidence.of(1)
    return (one.pairs, one.echoes, one.alone), (two.pairs, two.echoes, two.alone)


@pytest.mark.parametrize("name", list(SPEECHES))
def test_a_question_and_its_answer_are_a_pair_of_the_one_who_asked(name: str) -> None:
    asked, answered = SPEECHES[name].poll(5)
    assert weighed(name, (0, asked), (1, answered)) == ((1, 0, 2), (0, 0, 0))
    assert weighed(name, (1, asked), (0, answered)) == ((0, 0, 0), (1, 0, 2))


@pytest.mark.parametrize("name", list(SPEECHES))
def test_a_tap_that_delivers_the_answer_first_changes_nothing(name: str) -> None:
    asked, answered = SPEECHES[name].poll(5)
    assert weighed(name, (1, answered), (0, asked))[0][0] == 1


@pytest.mark.parametrize("name", list(SPEECHES))
def test_a_message_cut_anywhere_counts_once(name: str) -> None:
    asked, answered = SPEECHES[name].poll(5)
    for place in range(1, len(asked)):
        said = ((0, asked[:place]), (0, asked[place:]), (1, answered))
        assert weighed(name, *said) == ((1, 0, 2), (0, 0, 0))


def test_two_questions_with_one_number_are_no_pair() -> None:
    assert weighed("modbus", (0, read(5, 0, 2)), (1, read(5, 0, 2))) == ((0, 0, 1), (0, 0, 1))


def test_the_same_bytes_back_are_an_echo_and_a_refusal_is_a_pair() -> None:
    assert weighed("modbus", (1, write(5, 7, 9)), (0, write(5, 7, 9)))[1] == (0, 1, 0)
    assert weighed("modbus", (0, write(5, 7, 9)), (1, refused(5, 6, 2)))[0] == (1, 0, 1)


def test_the_connect_of_the_transport_is_a_pair() -> None:
    assert weighed("s7comm", (0, CONNECT), (1, CONFIRM), (0, s7(1, 1, SETUP)), (1, s7(3, 1, SETUP)))[0] == (2, 0, 4)


def test_what_waits_for_its_answer_is_bounded() -> None:
    evidence = Evidence(DISSECTORS["modbus"])
    for number in range(5 * MAX_OPEN):
        evidence.take(0, read(number, 0, 2))
    assert len(evidence.of(0).open) == MAX_OPEN


def test_an_echo_before_its_write_charges_nobody_with_it() -> None:
    """A tap whose legs are recorded the wrong way round, in the middle of a connection."""
    it = Conversation()
    for number, (asked, answered) in enumerate(
        [(write(1, 7, 99), write(1, 7, 99)), (read(2, 0, 2), registers(2, 1, 2)), (read(3, 0, 2), registers(3, 1, 2))]
    ):
        it.time += SECOND * number
        it.say(1, answered).say(0, asked)
    assert clients(run(it.packets())) == {CLIENT}
