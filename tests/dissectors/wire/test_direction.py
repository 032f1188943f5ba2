"""Who is the client, what state a connection is in, and which protocol it speaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dissectors.facts import AnyFact, ChannelOpened, ChannelWindow, Exchange, OperationFirst, Violation
from tests.dissectors.dnp3.wire import frame
from tests.dissectors.harness import (
    CLIENT,
    MILLISECOND,
    SECOND,
    SERVER,
    START,
    SYN,
    Conversation,
    Packet,
    Segment,
    channels,
    ethernet,
    ip4,
    modbus,
    of,
    read,
    refused,
    registers,
    reported,
    run,
    states,
    talk,
    total,
    udp,
    write,
)


def only(facts: list[object], protocol: str = "modbus") -> ChannelOpened:
    (channel,) = {fact.channel: fact for fact in channels(facts, protocol)}.values()  # type: ignore[arg-type]
    return channel


@pytest.mark.parametrize("port", [502, 5020])
def test_messages_decide_when_the_capture_begins_with_an_answer(port: int) -> None:
    it = talk(Conversation(server_port=port))
    channel = only(run(it.packets(it.segments[4:])))
    assert (channel.client.ip, channel.server.ip, channel.decided_by) == (CLIENT, SERVER, "messages")


def test_the_port_decides_where_a_message_fits_both_directions() -> None:
    it = Conversation().handshake().say(0, write(1, 5, 7)).say(1, write(1, 5, 7))
    for begin in (3, 4):
        channel = only(run(it.packets(it.segments[begin:])))
        assert (channel.client.ip, channel.decided_by) == (CLIENT, "port")


def test_modbus_is_found_by_its_bytes_on_any_port() -> None:
    channel = only(run(talk(Conversation(server_port=5020)).packets()))
    assert (channel.protocol, channel.recognised_by, channel.server.port) == ("modbus", "bytes", 5020)


def test_an_exception_alone_shows_modbus_on_any_port() -> None:
    it = (
        Conversation(server_port=5020)
        .handshake()
        .say(0, modbus(1, 1, bytes.fromhex("0300000001")))
        .say(1, refused(1, 3, 2))
    )
    assert only(run(it.packets())).protocol == "modbus"


HTTP = b"GET / HTTP/1.1\r\nHost: plc\r\n\r\n"
TLS = bytes.fromhex("160301004a010000460303") + bytes(68)


def test_http_on_the_port_of_modbus_is_a_violation_and_named() -> None:
    it = Conversation().handshake().say(0, HTTP).say(1, b"HTTP/1.1 200 OK\r\n\r\n")
    facts = run(it.packets())
    assert of(facts, Violation)[0].name == "not_modbus"
    assert "http" in of(facts, Violation)[0].text
    assert only(facts, "http").server.port == 502
    assert not channels(facts, "modbus")


def test_tls_on_the_port_of_modbus_is_encrypted_and_no_violation() -> None:
    facts = run(Conversation().handshake().say(0, TLS).say(1, TLS).packets())
    assert states(facts) == ["encrypted"]
    assert not of(facts, Violation)
    assert only(facts, "tls")


def test_modbus_after_foreign_bytes_is_still_found_on_its_port() -> None:
    it = Conversation().handshake().say(0, HTTP).say(0, write(1, 5, 7)).say(1, write(1, 5, 7))
    facts = run(it.packets())
    assert [fact.values for fact in of(facts, Exchange)] == [(7,)]
    assert [fact.name for fact in of(facts, Violation)] == ["not_modbus"]


@pytest.mark.parametrize("payload", [bytes(40), b"\0" * 4 + b"\x06" * 40, b"\xff" * 40, bytes(range(64))])
def test_bytes_that_only_resemble_modbus_are_not_taken_for_it(payload: bytes) -> None:
    facts = run(Conversation(server_port=5555).handshake().say(0, payload).packets())
    assert not of(facts, OperationFirst)
    assert not of(facts, Violation)


# States.


def test_what_the_capture_file_is_called_changes_only_the_source() -> None:
    packets = talk().packets()
    whole = run(packets)
    assert [replace_source(fact) for fact in whole] == [replace_source(fact) for fact in in_files(packets, 3)]


def replace_source(fact: object) -> tuple[object, ...]:
    return tuple(getattr(fact, name) for name in fact.__struct_fields__ if name != "source")  # type: ignore[attr-defined]


def in_files(packets: list[Packet], every: int) -> list[object]:
    from sensor.worker import Worker
    from tests.dissectors.harness import feed

    worker = Worker()
    facts: list[object] = []
    for number in range(0, len(packets), every):
        worker.wire.source(f"part{number}", "")
        facts += feed(worker, packets[number : number + every], block_every=2)
    return [*facts, *worker.finish()]


def test_a_read_and_its_answer_decide_a_midstream_connection_of_two_high_ports() -> None:
    it = (
        Conversation(server_port=50_200)
        .handshake()
        .say(0, read(1, 0, 2))
        .say(1, registers(1, 7, 8))
        .say(0, read(2, 0, 2))
    )
    for begin in (3, 4):
        channel = only(run(it.packets(it.segments[begin:])))
        assert (channel.client.port, channel.decided_by) == (40000, "messages")


def test_midstream_facts_say_so() -> None:
    it = talk()
    facts = run(it.packets(it.segments[3:]))
    assert {row[-1] for row in reported(facts)} == {"midstream"}
    assert replace(it.segments[3]).data == read(0, 0, 4)


def test_a_datagram_is_named_by_its_port_though_its_bytes_look_like_http() -> None:
    answer = ethernet(ip4(udp(b"HTTP/1.1 200 OK\r\n\r\n", 1900, 50000), 17))
    assert only(run([Packet(answer)]), "ssdp").transport == "udp"


@pytest.mark.parametrize("gap", [MILLISECOND, SECOND // 2, 3 * SECOND])
def test_a_refused_attempt_tried_again_with_the_same_number_is_followed_in_both_directions(gap: int) -> None:
    it = Conversation()
    it.segments = [Segment(0, 0, b"", SYN, START), Segment(1, -9000, b"", 4 | 16, START + 1000, acked=1)]
    again = talk(Conversation(time=START + gap))
    facts = run([*it.packets(), *again.packets()])
    assert [fact.outcome for fact in of(facts, Exchange)].count("success") == 3
    assert total(facts, "unanswered") == 0
    assert total(facts, "refused") == 1


# What counts more than the handshake.

OUTSTATION_PORT = 20000


def dnp3(function: int, control: int, source: int, destination: int, application: int = 0xC0) -> bytes:
    """One frame that holds a whole fragment; an answer has its indications."""
    return frame(
        bytes((0xC0, application, function)) + (b"\0\0" if function > 128 else b""), control, destination, source
    )


REPORT = dnp3(130, 0x44, 10, 1, 0xF0)
CONFIRM = dnp3(0, 0xC4, 1, 10, 0xD0)
RESTART = dnp3(13, 0xC4, 1, 10)
RESTART_AS_OUTSTATION = dnp3(13, 0x44, 1, 10)
ANSWER = dnp3(129, 0x44, 10, 1)


def roles(facts: list[AnyFact]) -> set[tuple[str, str, str]]:
    return {
        (one.client.ip, one.server.ip, one.decided_by) for one in of(facts, ChannelOpened) if one.protocol == "dnp3"
    }


@pytest.mark.parametrize("first", [[], [(0, REPORT), (1, CONFIRM)], [(0, REPORT)]])
def test_a_device_that_opens_the_connection_is_the_server_of_who_asks_on_it(first: list[tuple[int, bytes]]) -> None:
    it = Conversation(server_port=OUTSTATION_PORT).handshake()
    for side, data in [*first, (1, RESTART), (0, ANSWER)]:
        it.say(side, data)
    facts = run(it.packets())
    assert roles(facts) == {(SERVER, CLIENT, "messages")}
    assert [fact.operation for fact in of(facts, Exchange)][-1] == "cold_restart"


def test_who_forges_an_answer_first_does_not_make_its_victim_the_one_that_asks() -> None:
    it = Conversation(server_port=OUTSTATION_PORT).handshake().say(0, ANSWER).say(0, RESTART).say(1, ANSWER)
    facts = run(it.packets())
    (restart,) = [fact for fact in of(facts, Exchange) if fact.operation == "cold_restart"]
    (channel,) = {one.channel: one for one in of(facts, ChannelOpened) if one.channel == restart.channel}.values()
    assert (channel.client.ip, channel.server.ip) == (CLIENT, SERVER)
    assert restart.outcome == "success"


@pytest.mark.parametrize("begin", [0, 3])
def test_the_direction_bit_of_the_sender_decides_nothing_that_its_function_tells(begin: int) -> None:
    it = Conversation(server_port=OUTSTATION_PORT).handshake().say(0, RESTART_AS_OUTSTATION).say(1, ANSWER)
    facts = run(it.packets(it.segments[begin:]))
    assert {row[:2] for row in roles(facts)} == {(CLIENT, SERVER)}
    assert {one.unit for one in of(facts, ChannelOpened) if one.protocol == "dnp3"} == {"1>10"}
    assert [fact.name for fact in of(facts, Violation)] == ["direction"]
    (restart,) = of(facts, Exchange)
    assert (restart.operation, restart.outcome, restart.detail["claims"]) == ("cold_restart", "success", "outstation")


def test_the_port_counts_more_than_the_direction_bit_where_no_function_tells() -> None:
    link_status = frame(b"", 0x49, 10, 1)
    it = Conversation(server_port=OUTSTATION_PORT).handshake().say(0, link_status)
    assert {row[0] for row in roles(run(it.packets(it.segments[3:])))} == {CLIENT}
    it = Conversation(server_port=5555).handshake().say(0, link_status)
    assert roles(run(it.packets(it.segments[3:]))) == {(SERVER, CLIENT, "direction_bit")}


def test_a_part_of_a_fragment_goes_to_who_began_it_whatever_its_direction_bit() -> None:
    first = frame(bytes((0x40, 0xC0, 13)), 0x44, 10, 1)
    last = frame(bytes((0x81, 60, 1, 6)), 0x44, 10, 1)
    it = Conversation(server_port=OUTSTATION_PORT).handshake().say(0, first).say(0, last).say(1, ANSWER)
    assert "cold_restart" in [fact.operation for fact in of(run(it.packets()), Exchange)]


def test_a_connection_that_begins_with_the_rest_of_a_message_is_named_when_whole_ones_come() -> None:
    it = Conversation(server_port=5020).handshake().say(1, bytes(range(89)))
    for number in range(4):
        it.say(0, read(number, 0, 4)).say(1, registers(number, 1, 2, 3, 4))
    channel = only(run(it.packets(it.segments[3:])))
    assert (channel.client.ip, channel.server.port) == (CLIENT, 5020)


def test_answers_alone_of_an_old_connection_are_one_sided_in_time() -> None:
    it = Conversation(step=4 * SECOND).handshake()
    for number in range(45):
        it.say(1, registers(number, 1, 2))
    facts = run(it.packets(it.segments[3:]))
    assert "one_sided" in states(facts)
    assert [window.visibility for window in of(facts, ChannelWindow)][-1] == "one_sided"
