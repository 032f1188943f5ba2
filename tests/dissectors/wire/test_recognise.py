"""Foreign bytes on the port of a protocol are reported of a connection that began before the capture, too; the rest of a message is not."""

from __future__ import annotations

import random

import pytest

from dissectors.base.message import LONGEST_MESSAGE
from dissectors.dnp3.crc import crc16
from dissectors.facts import OperationFirst, Violation, Visibility
from dissectors.registry import PROTOCOLS
from dissectors.wire.recognise import MIDSTREAM_TRIES, message_among
from tests.dissectors.harness import START, Conversation, Packet, channels, ethernet, ip4, of, read, registers, run, udp

OWNERS = {502: "modbus", 20000: "dnp3", 102: "s7comm"}


def midstream(port: int) -> Conversation:
    it = Conversation(server_port=port)
    it.sent = [1, 1]
    return it


def foreign(facts: list[object]) -> list[Violation]:
    return [fact for fact in of(facts, Violation) if fact.name.startswith("not_")]


@pytest.mark.parametrize("size", [40, 1400])
@pytest.mark.parametrize("port", sorted(OWNERS))
def test_foreign_bytes_of_a_connection_older_than_the_capture_are_reported(port: int, size: int) -> None:
    noise = random.Random(port)
    it = midstream(port)
    for number in range(120_000 // size):
        it.say(number % 2, noise.randbytes(size))
    found = foreign(run(it.packets()))
    assert {fact.name for fact in found} == {"not_" + OWNERS[port]}
    assert {fact.visibility for fact in found} == {"midstream"}
    early = foreign(run(it.packets(it.segments[: MIDSTREAM_TRIES - 1])))
    assert early == []


@pytest.mark.parametrize("port", sorted(OWNERS))
def test_foreign_bytes_behind_a_gap_before_the_first_message_are_reported(port: int) -> None:
    noise = random.Random(port)
    it = Conversation(server_port=port).handshake()
    it.sent[0] += 15
    it.say(1, b"")
    for _ in range(30):
        it.say(0, noise.randbytes(300))
    found = foreign(run(it.packets()))
    assert {fact.name for fact in found} == {"not_" + OWNERS[port]}
    assert {fact.visibility for fact in found} == {"gaps"}


@pytest.mark.parametrize("port", sorted(OWNERS))
def test_the_rest_of_the_longest_message_is_no_foreign_payload(port: int) -> None:
    (longest,) = {int(one.dissector.longest) for one in PROTOCOLS if one.name == OWNERS[port]}
    assert longest <= LONGEST_MESSAGE
    it = midstream(port)
    step = max(1, longest // 50)
    for at in range(0, longest, step):
        it.say(1, b"\xee" * min(step, longest - at))
    assert foreign(run(it.packets())) == []


def test_a_stream_whose_messages_begin_within_segments_is_read_from_the_first_of_them() -> None:
    it = midstream(502)
    stream = b"".join(registers(number, *range(120)) for number in range(40))[100:]
    for at in range(0, len(stream), 400):
        it.say(1, stream[at : at + 400])
    for number in range(50, 54):
        it.say(0, read(number, 0, 2)).say(1, registers(number, 7, 8))
    facts = run(it.packets())
    assert foreign(facts) == []
    assert [fact.protocol for fact in channels(facts, "modbus")] == ["modbus"]
    assert "read_holding_registers holding_register:0-1" in {fact.label for fact in of(facts, OperationFirst)}


def test_bytes_with_a_name_are_reported_at_once_and_those_that_values_may_be_are_not() -> None:
    facts = run(midstream(502).say(0, b"GET / HTTP/1.1\r\n\r\n").packets())
    assert [fact.name for fact in foreign(facts)] == ["not_modbus"]
    assert foreign(run(midstream(502).say(0, b"\xff\xfb" * 20).packets())) == []
    sealed = run(midstream(502).say(0, bytes.fromhex("1703030040") + bytes(64)).packets())
    assert "encrypted" in {fact.state for fact in of(sealed, Visibility)}


def test_the_first_whole_message_among_bytes_is_found() -> None:
    (modbus,) = (one for one in PROTOCOLS if one.name == "modbus")
    data = b"\xee" * 7 + read(1, 0, 2)
    assert message_among(modbus.dissector, data, 0, len(data)) == 7
    assert message_among(modbus.dissector, data, 8, len(data)) == len(data)


def test_a_datagram_is_looked_at_whatever_came_before_it() -> None:
    """DNP3 on a UDP port of no protocol, behind datagrams that nobody knows."""
    reset = bytes.fromhex("056405c00100000c")
    reset += crc16(reset, 0, len(reset)).to_bytes(2, "little")
    payloads = [b"keep alive"] * 5 + [reset]
    packets = [
        Packet(ethernet(ip4(udp(data, 40000, 7001), 17)), START + number * 1_000_000)
        for number, data in enumerate(payloads)
    ]
    assert channels(run(packets), "dnp3")
