"""Who is the client, what state a connection is in, and which protocol it speaks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dissectors.facts import ChannelOpened, Exchange, OperationFirst, Violation
from tests.dissectors.harness import (
    CLIENT,
    SERVER,
    Conversation,
    Packet,
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
