"""IPv4 and IPv6: headers, extensions, lengths and what the capture cut off."""

from __future__ import annotations

import struct

import pytest

from dissectors.facts import ChannelWindow, Exchange, OperationFirst, Violation
from tests.dissectors.harness import (
    IP6,
    Conversation,
    Packet,
    channels,
    ethernet,
    health,
    ip4,
    of,
    read,
    reported,
    run,
    states,
    talk,
)

TALK = talk()


TRUTH = reported(run(TALK.packets()))


SIX = talk(Conversation(client="fd00::5", server="fd00::9"))


def test_ipv6_gives_the_same() -> None:
    facts = run(SIX.packets())
    assert [row[0] for row in reported(facts)] == [row[0] for row in TRUTH]
    assert channels(facts, "modbus")[0].client.ip == "fd00::5"


def with_extensions(packet: bytes) -> bytes:
    """Hop-by-hop, destination options, routing, authentication header, then TCP."""
    extensions = b"\x3c\x00" + bytes(6) + b"\x2b\x01" + bytes(14) + b"\x33\x00" + bytes(6) + b"\x06\x01" + bytes(10)
    return (
        packet[:4] + struct.pack("!HB", len(packet) - 40 + len(extensions), 0) + packet[7:40] + extensions + packet[40:]
    )


def test_ipv6_extension_headers_are_walked() -> None:
    routine = reported(run(SIX.packets()))
    packets = [Packet(ethernet(with_extensions(SIX.network(segment)), IP6), segment.time) for segment in SIX.segments]
    assert reported(run(packets)) == routine


def authenticated(packet: bytes, words: int = 1) -> bytes:
    """An IPv4 packet with an Authentication Header of ``words`` 32-bit words beyond two before its payload."""
    head = packet[:2] + struct.pack("!H", len(packet) + 8 + 4 * words) + packet[4:9] + b"\x33" + packet[10:20]
    return head + struct.pack("!BBHI", packet[9], words, 0, 77) + bytes(4 * words) + packet[20:]


@pytest.mark.parametrize("words", [1, 4, 5])
def test_the_authentication_header_of_ipv4_is_walked(words: int) -> None:
    packets = [Packet(ethernet(authenticated(TALK.network(segment), words)), segment.time) for segment in TALK.segments]
    assert reported(run(packets)) == TRUTH


def test_what_an_authentication_header_carries_may_be_a_tunnel_or_sealed_or_cut() -> None:
    inner = [Packet(ethernet(authenticated(ip4(TALK.network(segment), 4))), segment.time) for segment in TALK.segments]
    assert [fact.tunnel.split()[0] for fact in channels(run(inner), "modbus")] == ["ip-in-ip"]
    assert health(run([Packet(ethernet(authenticated(ip4(bytes(40), 50))))]))["not_decoded"] == 1
    short = ip4(b"\x06\x01\0\0\0\0\0", 51)
    assert health(run([Packet(ethernet(short))]))["not_decoded"] == 1
    long = ip4(b"\x06\xff" + bytes(30), 51)
    assert health(run([Packet(ethernet(long))]))["not_decoded"] == 1


def test_an_authentication_header_in_fragments_is_walked() -> None:
    packets = []
    for number, segment in enumerate(TALK.segments, 1):
        packet = authenticated(TALK.network(segment))
        body = packet[20:]
        for at in range(0, len(body), 16):
            field = at // 8 | (0x2000 if at + 16 < len(body) else 0)
            part = ip4(body[at : at + 16], 51, identification=number, fragment=field)
            packets.append(Packet(ethernet(part[:12] + packet[12:20] + part[20:]), segment.time))
    assert [fact.protocol for fact in channels(run(packets), "modbus")] == ["modbus"]


def test_a_snapshot_length_makes_a_gap_and_no_nonsense() -> None:
    whole = TALK.packets()
    short = [Packet(packet.data[:60], packet.time, original=len(packet.data)) for packet in whole]
    facts = run(short)
    assert not of(facts, Violation)
    assert "gaps" in states(facts)
    assert health(facts)["truncated"] == sum(1 for packet in whole if len(packet.data) > 60)
    assert {fact.visibility for fact in of(facts, Exchange)} <= {"gaps"}


@pytest.mark.parametrize("size", [0, 1, 13, 14, 20, 33, 34, 40, 53, 54, 55])
def test_packets_cut_off_anywhere_are_counted_and_not_invented(size: int) -> None:
    whole = TALK.packets()
    facts = run([Packet(packet.data[:size], packet.time, original=len(packet.data)) for packet in whole])
    assert not of(facts, OperationFirst)
    if size < 54:
        assert health(facts)["not_decoded"] == len(whole)


def test_an_udp_length_cuts_off_what_lies_behind_it() -> None:
    body = read(1, 0, 1) + b"trailing"
    header = struct.pack("!HHHH", 40000, 5555, 8 + 12, 0)
    facts = run([Packet(ethernet(ip4(header + body, 17)))])
    assert [fact.label for fact in of(facts, OperationFirst)] == ["read_holding_registers holding_register:0"]
    assert not of(facts, Violation)


def test_bytes_and_packets_are_those_of_the_wire() -> None:
    packets = [Packet(packet.data[:60], packet.time, original=1000) for packet in TALK.packets()]
    counters = health(run(packets))
    assert (counters["packets"], counters["bytes"]) == (len(packets), 1000 * len(packets))
    assert sum(window.packets_client + window.packets_server for window in of(run(packets), ChannelWindow)) == len(
        packets
    )
