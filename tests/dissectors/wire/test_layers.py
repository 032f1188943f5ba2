"""Whatever wraps the packets, the same is understood; no length field in any header breaks the sensor."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest

from dissectors.facts import AnyFact, ChannelOpened, Exchange, OperationFirst, Violation
from sensor.worker import Worker
from tests.dissectors.harness import (
    ARP,
    CLIENT,
    CLIENT_MAC,
    IP4,
    IP6,
    LOOP,
    NULL,
    RAW,
    SERVER,
    SERVER_MAC,
    SLL,
    SLL2,
    START,
    Conversation,
    Packet,
    arp,
    channels,
    counted,
    ethernet,
    feed,
    health,
    ip4,
    ip6,
    mac,
    of,
    read,
    reported,
    run,
    talk,
    tcp,
    udp,
    vlan,
)

TALK = talk()
TRUTH = reported(run(TALK.packets()))
PLAIN = [TALK.frame(segment) for segment in TALK.segments]
BARE = [TALK.network(segment) for segment in TALK.segments]
SIX = talk(Conversation(client="fd00::5", server="fd00::9"))


def over_udp(header: bytes, frame: bytes, port: int) -> bytes:
    return ethernet(ip4(udp(header + frame, 5, port), 17, "192.0.2.1", "192.0.2.2"))


def tagged(frame: bytes, kind: int, tag: bytes) -> bytes:
    return frame[:12] + struct.pack("!H", kind) + tag + frame[12:]


def gre(payload: bytes, kind: int, flags: int = 0, extra: bytes = b"") -> bytes:
    return ethernet(ip4(struct.pack("!HH", flags, kind) + extra + payload, 47, "192.0.2.1", "192.0.2.2"))


def mpls(frame: bytes) -> bytes:
    return ethernet(bytes.fromhex("00010040 00020140") + frame[14:], 0x8847)


TUNNELS: dict[str, Callable[[bytes], bytes]] = {
    "gre": lambda frame: gre(frame[14:], IP4),
    "gre with checksum, key and sequence": lambda frame: gre(frame[14:], IP4, 0xB000, bytes(12)),
    "gre bridge": lambda frame: gre(frame, 0x6558),
    "nvgre": lambda frame: gre(frame, 0x6558, 0x2000, b"\0\1\2\3"),
    "vxlan": lambda frame: over_udp(b"\x08" + bytes(7), frame, 4789),
    "vxlan on the port of Linux": lambda frame: over_udp(b"\x08" + bytes(7), frame, 8472),
    "vxlan-gpe": lambda frame: over_udp(b"\x0c\0\0\3" + bytes(4), frame, 4790),
    "vxlan-gpe with IP": lambda frame: over_udp(b"\x0c\0\0\1" + bytes(4), frame[14:], 4790),
    "vxlan-gpe with a service header": lambda frame: over_udp(
        b"\x0c\0\0\4" + bytes(4) + bytes.fromhex("0fc20203000001ff"), frame, 4790
    ),
    "geneve": lambda frame: over_udp(b"\0\0\x65\x58\0\0\1\0", frame, 6081),
    "geneve with options": lambda frame: over_udp(b"\2\0\x65\x58\0\0\1\0" + bytes(8), frame, 6081),
    "geneve with IP": lambda frame: over_udp(b"\0\0\x08\0\0\0\1\0", frame[14:], 6081),
    "mpls in udp": lambda frame: over_udp(bytes.fromhex("00020140"), frame[14:], 6635),
    "mpls in ip": lambda frame: ethernet(ip4(bytes.fromhex("00020140") + frame[14:], 137, "192.0.2.1", "192.0.2.2")),
    "etherip": lambda frame: ethernet(ip4(b"\x30\0" + frame, 97, "192.0.2.1", "192.0.2.2")),
    "ip in ip": lambda frame: ethernet(ip4(frame[14:], 4, "192.0.2.1", "192.0.2.2")),
    "ip in ipv6": lambda frame: ethernet(ip6(frame[14:], 4), IP6),
}
WRAPPED: dict[str, Callable[[bytes], bytes]] = {
    "pppoe": lambda frame: ethernet(struct.pack("!BBHHH", 0x11, 0, 1, len(frame) - 12, 0x21) + frame[14:], 0x8864),
    "mpls": mpls,
    "mpls pseudowire": lambda frame: ethernet(bytes.fromhex("00020140 00000000") + frame, 0x8847),
    "provider backbone": lambda frame: ethernet(b"\0\0\0\5" + frame, 0x88E7),
    "hsr": lambda frame: tagged(frame, 0x892F, struct.pack("!HH", 60, PLAIN.index(frame))),
    "prp": lambda frame: frame + bytes.fromhex("0001a03488fb"),
    "e-tag": lambda frame: tagged(frame, 0x893F, bytes(6)),
    "vn-tag": lambda frame: tagged(frame, 0x8926, bytes(4)),
    "cisco metadata": lambda frame: tagged(frame, 0x8909, bytes.fromhex("010100010007")),
    "cisco time tag": lambda frame: tagged(frame, 0x8988, bytes(6)),
    "vn-tag and time tag": lambda frame: tagged(tagged(frame, 0x8988, bytes(6)), 0x8926, bytes(4)),
    "snap": lambda frame: ethernet(bytes.fromhex("aaaa03000000") + frame[12:], len(frame) - 6) + bytes(9),
    "llc": lambda frame: ethernet(bytes.fromhex("060603") + frame[14:], len(frame) - 11) + bytes(9),
    "mpls pseudowire without control word": lambda frame: ethernet(bytes.fromhex("00020140") + frame, 0x8847),
    "tzsp": lambda frame: over_udp(b"\1\0\0\1\x29\2\0\x40\0\1", frame, 37008),
    "hp erm": lambda frame: over_udp(bytes(12), frame, 7932),
    "erspan I": lambda frame: gre(frame, 0x88BE),
    "erspan II": lambda frame: gre(frame, 0x88BE, 0x1000, bytes(4) + b"\x10\x00" + bytes(6)),
    "erspan III": lambda frame: gre(frame, 0x22EB, 0x1000, bytes(4) + b"\x20\x00" + bytes(10)),
    "erspan III with subheader": lambda frame: gre(
        frame, 0x22EB, 0x1000, bytes(4) + b"\x20\x00" + bytes(9) + b"\x01" + bytes(8)
    ),
    "padded": lambda frame: frame + bytes(40),
    "ip options": lambda frame: ethernet(ip4(frame[34:], 6, *ends(frame), options=b"\x01" * 8)),
    "length zero (offload)": lambda frame: frame[:16] + b"\0\0" + frame[18:],
}


def ends(frame: bytes) -> tuple[str, str]:
    return (CLIENT, SERVER) if frame[26:30] == bytes((10, 0, 0, 5)) else (SERVER, CLIENT)


@pytest.mark.parametrize("name", WRAPPED)
def test_a_mirror_session_may_wrap_its_packets(name: str) -> None:
    facts = run(
        [Packet(WRAPPED[name](frame), segment.time) for frame, segment in zip(PLAIN, TALK.segments, strict=True)]
    )
    assert reported(facts) == TRUTH
    assert health(facts)["not_decoded"] == 0


def understood(facts: Iterable[AnyFact]) -> list[tuple[object, ...]]:
    """What was understood, whatever the channel is called."""
    rows = reported(facts)
    return [(row[0], *row[2:]) for row in rows if row[0] != "violation" or row[3] != "industrial_inside"]


@pytest.mark.parametrize("name", TUNNELS)
def test_what_a_tunnel_carries_is_understood_and_says_so(name: str) -> None:
    packets = [Packet(TUNNELS[name](frame), segment.time) for frame, segment in zip(PLAIN, TALK.segments, strict=True)]
    facts = run(packets)
    assert understood(facts) == [(row[0], *row[2:]) for row in TRUTH]
    (inner,) = channels(facts, "modbus")
    outer = [fact for fact in of(facts, ChannelOpened) if not fact.tunnel]
    assert inner.tunnel.startswith(f"{outer[0].protocol} ") or inner.tunnel.split()[0] == outer[0].protocol
    assert inner.tunnel.endswith(f"{outer[0].client.ip} > {outer[0].server.ip}")
    assert {fact.channel for fact in outer} == {outer[0].channel}
    assert counted(facts)[outer[0].channel]["packets_client"] == len(packets)
    assert health(facts)["not_decoded"] == 0


LINKS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "raw": (RAW, lambda packet: packet),
    "raw of OpenBSD": (14, lambda packet: packet),
    "raw, old": (12, lambda packet: packet),
    "ipv4": (228, lambda packet: packet),
    "null": (NULL, lambda packet: b"\x02\0\0\0" + packet),
    "loop": (LOOP, lambda packet: b"\0\0\0\x02" + packet),
    "sll": (SLL, lambda packet: struct.pack("!HHH8sH", 0, 1, 6, mac(CLIENT_MAC), IP4) + packet),
    "sll with a tag": (
        SLL,
        lambda packet: struct.pack("!HHH8sHHH", 0, 1, 6, mac(CLIENT_MAC), 0x8100, 0, IP4) + packet,
    ),
    "sll with LLC": (
        SLL,
        lambda packet: struct.pack("!HHH8sH", 0, 1, 6, mac(CLIENT_MAC), 4) + bytes.fromhex("aaaa030000000800") + packet,
    ),
    "ppp": (9, lambda packet: b"\xff\x03\x00\x21" + packet),
    "ppp without address": (9, lambda packet: b"\x21" + packet),
    "ppp in HDLC": (50, lambda packet: b"\xff\x03\x00\x21" + packet),
    "Cisco HDLC in the place of PPP": (50, lambda packet: b"\x0f\x00\x08\x00" + packet),
    "pppoe": (51, lambda packet: struct.pack("!BBHHH", 0x11, 0, 1, len(packet) + 2, 0x21) + packet),
    "ppp with direction": (204, lambda packet: b"\x01\xff\x03\x00\x21" + packet),
    "Cisco HDLC": (104, lambda packet: b"\x0f\x00\x08\x00" + packet),
    "frame relay": (107, lambda packet: b"\x18\x41\x03\xcc" + packet),
    "mpls": (219, lambda packet: bytes.fromhex("00020140") + packet),
    "sll2": (SLL2, lambda packet: struct.pack("!HHIHBB8s", IP4, 0, 1, 1, 0, 6, mac(CLIENT_MAC)) + packet),
}


@pytest.mark.parametrize("name", LINKS)
def test_any_link_layer_gives_the_same(name: str) -> None:
    link, wrap = LINKS[name]
    packets = [Packet(wrap(packet), segment.time, link) for packet, segment in zip(BARE, TALK.segments, strict=True)]
    assert reported(run(packets)) == TRUTH


def test_the_same_addresses_on_two_vlans_are_two_conversations() -> None:
    packets = [
        Packet(ethernet(vlan(frame[14:], IP4, number), 0x8100, *pair[:: 1 - 2 * segment.side]), segment.time)
        for frame, segment in zip(PLAIN, TALK.segments, strict=True)
        for number, pair in ((1, (CLIENT_MAC, SERVER_MAC)), (2, ("02:00:00:00:01:05", "02:00:00:00:01:09")))
    ]
    facts = run(packets)
    assert len({channel.channel for channel in channels(facts, "modbus")}) == 2
    assert not of(facts, Violation)
    assert {fact.outcome for fact in of(facts, Exchange)} == {"success", "failure"}


def with_extensions(packet: bytes) -> bytes:
    """Hop-by-hop, destination options, routing, authentication header, then TCP."""
    extensions = b"\x3c\x00" + bytes(6) + b"\x2b\x01" + bytes(14) + b"\x33\x00" + bytes(6) + b"\x06\x01" + bytes(10)
    return (
        packet[:4] + struct.pack("!HB", len(packet) - 40 + len(extensions), 0) + packet[7:40] + extensions + packet[40:]
    )


def pieces4(packet: bytes, number: int, size: int = 16) -> list[bytes]:
    body = packet[20:]
    result = []
    for at in range(0, len(body), size):
        more = 0x2000 if at + size < len(body) else 0
        header = bytearray(packet[:20])
        part = body[at : at + size]
        struct.pack_into("!HHH", header, 2, 20 + len(part), number, more | at // 8)
        result.append(bytes(header) + part)
    return result


def pieces6(packet: bytes, number: int, size: int = 16) -> list[bytes]:
    body = packet[40:]
    result = []
    for at in range(0, len(body), size):
        part = body[at : at + size]
        more = 1 if at + size < len(body) else 0
        head = packet[:4] + struct.pack("!HB", 8 + len(part), 44) + packet[7:40]
        result.append(head + struct.pack("!BBHI", 6, 0, at | more, number) + part)
    return result


def test_overlapping_fragments_are_read_both_ways_and_counted() -> None:
    """The classic evasion: the second fragment covers the first with other bytes."""
    packet = TALK.network(TALK.segments[3])
    first, second, *_ = pieces4(packet, 7, 24)
    other = bytearray(first)
    other[-1] ^= 0xFF
    before = [Packet(PLAIN[number], START) for number in range(3)]
    facts = run([*before, *[Packet(ethernet(bytes(part)), START) for part in (first, other, second)]])
    assert "read_holding_registers holding_register:0-3" in {fact.label for fact in of(facts, OperationFirst)}
    assert "two_readings_of_fragments" in {fact.name for fact in of(facts, Violation)}
    assert health(facts)["overlapping_fragments"] == 1


TEMPLATES = {
    "tcp": PLAIN[3],
    "vlan": ethernet(vlan(vlan(PLAIN[3][14:], IP4, 3), 0x8100, 4), 0x88A8),
    "ipv6": ethernet(with_extensions(SIX.network(SIX.segments[3])), IP6),
    "fragment": ethernet(pieces4(BARE[3], 9)[0]),
    "fragment6": ethernet(pieces6(SIX.network(SIX.segments[3]), 9)[0], IP6),
    "arp": ethernet(arp(1, CLIENT_MAC, CLIENT, "00:00:00:00:00:00", SERVER), ARP),
    "udp": ethernet(ip4(udp(b"hello there"), 17)),
    "icmp": ethernet(ip4(b"\x08\0\0\0\0\0\0\0", 1)),
    "lldp": ethernet(bytes(20), 0x88CC),
    "sack": ethernet(ip4(tcp(read(1, 0, 1), options=bytes.fromhex("0101080a0000000100000002")))),
    **{name: wrap(PLAIN[3]) for name, wrap in (WRAPPED | TUNNELS).items()},
}
EDGES = (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x7F, 0x80, 0xFE, 0xFF)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_byte_of_any_header_breaks_the_sensor(name: str) -> None:
    """Every byte set to every edge value, whole and cut off behind it: each packet is counted, none raises."""
    template = TEMPLATES[name]
    worker = Worker()
    fed = 0
    for at in range(len(template)):
        for edge in EDGES:
            changed = template[:at] + bytes((edge,)) + template[at + 1 :]
            for data in (changed, changed[: at + 1]):
                feed(worker, [Packet(data, START + fed * 1000)])
                fed += 1
    facts = worker.finish()
    assert worker.wire.packets == fed
    assert health([*facts])["packets"] <= fed
    after = feed(worker, TALK.packets([replace(segment, time=START + 10**11) for segment in TALK.segments]))
    assert [fact.values for fact in of(after, Exchange) if fact.outcome == "success"][:1] == [(1234,)]


@pytest.mark.parametrize(
    "link", [0, 1, 9, 12, 14, 50, 51, 101, 104, 105, 107, 108, 113, 127, 204, 219, 228, 229, 276, 9999]
)
def test_no_link_type_breaks_on_short_or_strange_bytes(link: int) -> None:
    packets = [Packet(bytes((value,)) * size, START, link) for size in range(64) for value in EDGES]
    facts = run(packets)
    assert health(facts)["packets"] == len(packets)


def test_wrappings_without_end_are_given_up() -> None:
    frame = PLAIN[3]
    for _ in range(20):
        frame = gre(frame, 0x6558)
    facts = run([Packet(frame)])
    assert not of(facts, OperationFirst)
    assert health(facts)["not_decoded"] == 1
