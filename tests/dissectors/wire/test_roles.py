"""Whoever forges a handshake makes nobody a client: what is asked and answered decides, in Modbus and S7 too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dissectors.facts import AnyFact, ChannelOpened, Exchange, Violation
from tests.dissectors.harness import (
    ACK,
    CLIENT,
    RST,
    SECOND,
    SERVER,
    SYN,
    Conversation,
    Segment,
    channels,
    modbus,
    of,
    read,
    refused,
    registers,
    run,
    total,
    write,
)

Talk = Callable[[Conversation, int], None]


def tpkt(body: bytes) -> bytes:
    return bytes((3, 0, 0, len(body) + 4)) + body


def s7(rosctr: int, reference: int, parameters: bytes, data: bytes = b"") -> bytes:
    head = bytes((0x32, rosctr, 0, 0, 0, reference, 0, len(parameters), 0, len(data)))
    return tpkt(b"\x02\xf0\x80" + head + (b"\0\0" if rosctr == 3 else b"") + parameters + data)


CONNECT = tpkt(bytes.fromhex("11e00000000100c0010ac1020100c2020102"))
CONFIRM = tpkt(bytes.fromhex("11d00001000100c0010ac1020100c2020102"))
SETUP = bytes.fromhex("f0000001000101e0")
STOP = s7(1, 5, b"\x29\0\0\0\0\0\x09P_PROGRAM")
STOPPED = s7(3, 5, b"\x29")


def stop(it: Conversation, asks: int) -> None:
    """Connect, set up, stop: ``asks`` is the side that does."""
    it.say(asks, CONNECT).say(1 - asks, CONFIRM)
    it.say(asks, s7(1, 1, SETUP)).say(1 - asks, s7(3, 1, SETUP))
    it.say(asks, STOP).say(1 - asks, STOPPED)


def only_stop(it: Conversation, asks: int) -> None:
    it.say(asks, STOP).say(1 - asks, STOPPED)


def poll(it: Conversation, asks: int) -> None:
    """Three reads, then a write."""
    for number in range(3):
        it.say(asks, read(number, 0, 2)).say(1 - asks, registers(number, 1, 2))
    only_write(it, asks)


def only_write(it: Conversation, asks: int) -> None:
    for number in (9, 10):
        it.say(asks, write(number, 7, 99)).say(1 - asks, write(number, 7, 99))


def exception(it: Conversation, asks: int) -> None:
    """A write that is refused: the exception alone tells who is the server."""
    it.say(asks, write(9, 7, 99)).say(1 - asks, refused(9, 6, 2))


TALKS = [
    pytest.param(stop, 102, id="s7"),
    pytest.param(only_stop, 102, id="s7-stop-alone"),
    pytest.param(poll, 502, id="modbus"),
    pytest.param(only_write, 502, id="modbus-writes-alone"),
    pytest.param(exception, 502, id="modbus-exception"),
]


# How the handshake comes to say the wrong thing. In each, side 0 is the client.


def split(it: Conversation) -> None:
    """The server answers the SYN with a SYN of its own, and the client with SYN and ACK."""
    it.segments = [
        Segment(0, 0, b"", SYN, it.time),
        Segment(1, 0, b"", SYN, it.time + 1000),
        Segment(0, 0, b"", SYN | ACK, it.time + 2000, 1),
        Segment(1, 1, b"", ACK, it.time + 3000, 1),
    ]
    it.sent = [1, 1]


def answer_from_client(it: Conversation) -> None:
    """The capture begins with a SYN and ACK in the name of the client."""
    it.segments = [Segment(0, 777, b"", SYN | ACK, it.time, 1)]
    it.sent = [778, 1]


def syn_from_server(it: Conversation) -> None:
    """The capture begins with a SYN in the name of the server."""
    it.segments = [Segment(1, 0, b"", SYN, it.time)]
    it.sent = [1, 1]


def injected(it: Conversation) -> None:
    """A SYN in the name of the server and its answer in that of the client, between the real SYN and its answer."""
    it.segments = [
        Segment(0, 0, b"", SYN, it.time),
        Segment(1, 0, b"", SYN, it.time + 1000),
        Segment(0, 0, b"", SYN | ACK, it.time + 2000, 1),
        Segment(1, 0, b"", SYN | ACK, it.time + 3000, 1),
        Segment(0, 1, b"", ACK, it.time + 4000, 1),
    ]
    it.sent = [1, 1]


FORGERIES = [split, answer_from_client, syn_from_server, injected]


def named(facts: list[AnyFact]) -> set[tuple[str, str]]:
    """Client and server of every channel that carries messages."""
    return {(one.client.ip, one.server.ip) for one in of(facts, ChannelOpened) if one.protocol in {"modbus", "s7comm"}}


def outcomes(facts: list[AnyFact]) -> set[str]:
    return {fact.outcome for fact in of(facts, Exchange)}


@pytest.mark.parametrize("forge", FORGERIES)
@pytest.mark.parametrize(("say", "port"), TALKS)
def test_a_forged_handshake_makes_no_client(say: Talk, port: int, forge: Callable[[Conversation], None]) -> None:
    it = Conversation(server_port=port)
    forge(it)
    it.time += SECOND // 10
    say(it, 0)
    facts = run(it.packets())
    assert named(facts) == {(CLIENT, SERVER)}
    assert not of(facts, Violation)
    assert outcomes(facts) == ({"failure"} if say is exception else {"success"})
    assert total(facts, "unmatched") == 0


@pytest.mark.parametrize(("say", "port"), TALKS)
def test_a_device_that_connects_by_itself_is_the_server(say: Talk, port: int) -> None:
    """The device is side 0 of the handshake, with a high port, and is asked from the usual one."""
    it = Conversation(client_port=45000, server_port=port).handshake()
    say(it, 1)
    facts = run(it.packets())
    assert named(facts) == {(SERVER, CLIENT)}
    assert {one.decided_by for one in of(facts, ChannelOpened)} == {"messages"}
    assert {one.against_handshake for one in of(facts, ChannelOpened)} == {True}
    assert not of(facts, Violation)
    assert outcomes(facts) == ({"failure"} if say is exception else {"success"})


@pytest.mark.parametrize(("say", "port"), TALKS)
def test_a_reset_and_a_syn_in_the_name_of_the_server_turn_nobody_round(say: Talk, port: int) -> None:
    it = Conversation(server_port=port).handshake()
    say(it, 0)
    it.segments.append(Segment(0, it.sent[0], b"", RST, it.time))
    it.segments.append(Segment(1, it.sent[1] + 777, b"", SYN, it.time + 1000))
    it.time += SECOND // 10
    say(it, 0)
    assert named(run(it.packets())) == {(CLIENT, SERVER)}


@pytest.mark.parametrize(("say", "port"), TALKS[:4])
def test_the_usual_connection_waits_for_nothing(say: Talk, port: int) -> None:
    it = Conversation(server_port=port).handshake()
    say(it, 0)
    (first, *_) = of(run(it.packets()[:4]), ChannelOpened)
    assert (first.client.ip, first.decided_by, first.against_handshake) == (CLIENT, "handshake", False)


# What is forged besides handshakes.


@pytest.mark.parametrize(("say", "port"), TALKS)
@pytest.mark.parametrize("forged", ["request", "answer"])
def test_one_forged_message_does_not_outweigh_handshake_and_port(say: Talk, port: int, forged: str) -> None:
    """In the name of the server somebody asks, or in that of the client somebody answers, before anything else."""
    if forged == "request":
        side, data = 1, read(77, 0, 2) if port == 502 else CONNECT
    else:
        side, data = 0, registers(77, 1, 2) if port == 502 else CONFIRM
    it = Conversation(server_port=port).handshake().say(side, data)
    say(it, 0)
    facts = run(it.packets())
    assert named(facts) == {(CLIENT, SERVER)}
    asked = [fact for fact in of(facts, Exchange) if fact.outcome in {"success", "failure"}]
    assert [fact.operation for fact in asked if fact.verb in {"write", "start_stop"}]


def test_a_request_in_the_name_of_the_server_turns_nothing_once_the_client_has_asked() -> None:
    it = Conversation().handshake()
    poll(it, 0)
    it.say(1, read(77, 0, 2))
    poll(it, 0)
    facts = run(it.packets())
    assert named(facts) == {(CLIENT, SERVER)}
    assert "unanswered" not in outcomes(facts)


def test_two_forged_messages_do_not_hide_a_write() -> None:
    """A read in the name of the server, answered in that of the client: then the client really writes."""
    it = Conversation().handshake().say(1, read(77, 0, 2)).say(0, registers(77, 1, 2))
    only_write(it, 0)
    facts = run(it.packets())
    by_channel = {one.channel: one.client.ip for one in of(facts, ChannelOpened)}
    writes = [fact for fact in of(facts, Exchange) if fact.operation == "write_single_register"]
    assert {(by_channel[fact.channel], fact.outcome) for fact in writes} == {(CLIENT, "success")}


# What waits is not lost.


@pytest.mark.parametrize("end", ["capture", "close", "gap", "silence"])
@pytest.mark.parametrize(("data", "port"), [(STOP, 102), (read(1, 0, 2), 502)], ids=["s7", "modbus"])
def test_a_command_that_waits_for_the_other_end_is_reported_when_none_comes(data: bytes, port: int, end: str) -> None:
    """Once or twice it is what nobody asked for, in the name of the server: handshake and port outweigh it."""
    it = Conversation(client_port=45000, server_port=port).handshake().say(1, data)
    if end == "close":
        it.finish()
    elif end == "gap":
        it.sent[1] += 50
        it.say(1, data).pause(5 * SECOND).say(1, data)
    elif end == "silence":
        it.pause(300 * SECOND).say(1, data)
    facts = run(it.packets())
    assert named(facts) == {(CLIENT, SERVER)}
    assert "unmatched" in outcomes(facts)
    assert {one.operation for one in of(facts, Exchange)} == {"plc_stop" if port == 102 else "read_holding_registers"}


def test_a_command_said_again_and_again_makes_a_client_of_an_end_that_never_hears_others() -> None:
    """One direction of a device that connected by itself: nothing speaks against its master."""
    it = Conversation(client_port=45000, server_port=102).handshake().say(1, STOP).say(1, STOP).say(1, STOP)
    facts = run(it.packets())
    assert named(facts) == {(SERVER, CLIENT)}
    assert total(facts, "requests") == 3


def test_what_waits_is_bounded() -> None:
    it = Conversation(client_port=45000).handshake()
    for number in range(200):
        it.say(1, read(number, 0, 2))
    facts = run(it.packets())
    assert named(facts) == {(SERVER, CLIENT)}
    assert total(facts, "requests") == 200


def test_an_echo_tells_the_client_of_an_old_connection_whatever_the_port() -> None:
    it = Conversation(client_port=502, server_port=50200).say(0, write(9, 7, 99)).say(1, write(9, 7, 99))
    (channel,) = {one.channel: one for one in channels(run(it.packets()), "modbus")}.values()
    assert (channel.client.ip, channel.decided_by) == (CLIENT, "messages")


def test_an_unknown_function_turns_nobody_whom_messages_and_port_call_the_server() -> None:
    """A device that connects from the port of its protocol refuses what nobody asked, then says what fits both directions."""
    it = Conversation(client_port=502, server_port=4446).handshake()
    it.say(0, refused(1, 1, 6)).say(0, refused(1, 1, 6)).say(0, modbus(1, 1, bytes.fromhex("2a0e0401010123")))
    assert named(run(it.packets())) == {(SERVER, CLIENT)}
