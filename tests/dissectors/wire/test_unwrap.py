"""Frames made by scapy: Wireshark finds the same inner packet, and what a tunnel carries never passes for traffic outside it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest
from scapy.all import (
    GRE,
    IP,
    LLC,
    SNAP,
    UDP,
    Dot1Q,
    Dot3,
    Ether,
    Packet,
    Raw,
    wrpcap,
)
from scapy.contrib.erspan import ERSPAN_II
from scapy.contrib.geneve import GENEVE
from scapy.contrib.mpls import MPLS
from scapy.contrib.tzsp import TZSP, TZSPTagEnd
from scapy.layers.vxlan import VXLAN

from dissectors.facts import ChannelOpened, Exchange, Sighting
from dissectors.wire.mirrors import Mirrors, MirrorSession
from sensor.worker import Worker
from tests.dissectors import harness
from tests.dissectors.harness import CLIENT, SERVER, channels, of, reported, run, talk

TALK = talk()
OUTSIDE = [harness.Packet(TALK.frame(segment), segment.time) for segment in TALK.segments]
OUTER = ("192.0.2.9", "192.0.2.1")


def outer() -> Packet:
    return Ether(src="02:00:00:00:00:99", dst="02:00:00:00:00:98") / IP(src=OUTER[0], dst=OUTER[1])


def tagged(inner: Packet, kind: int, tag: bytes) -> Packet:
    """Put a tag with its ethertype behind the addresses."""
    whole = bytes(inner)
    return Ether(whole[:12] + kind.to_bytes(2, "big") + tag + whole[12:])


WRAPS: dict[str, Callable[[Packet], Packet]] = {
    "vxlan": lambda inner: outer() / UDP(sport=5, dport=4789) / VXLAN(vni=7, flags=8) / inner,
    "geneve": lambda inner: outer() / UDP(sport=5, dport=6081) / GENEVE(vni=7, proto=0x6558) / inner,
    "tzsp": lambda inner: outer() / UDP(sport=5, dport=37008) / TZSP(encapsulated_protocol=1) / TZSPTagEnd() / inner,
    "gre": lambda inner: outer() / GRE(proto=0x800) / inner[IP],
    "nvgre": lambda inner: outer() / GRE(proto=0x6558, key_present=1, key=0x701) / inner,
    "erspan II": lambda inner: outer() / GRE(proto=0x88BE, seqnum_present=1) / ERSPAN_II(session_id=7) / inner,
    "ip in ip": lambda inner: outer() / inner[IP],
    "vlan in vxlan": lambda inner: (
        outer()
        / UDP(sport=5, dport=4789)
        / VXLAN(vni=7, flags=8)
        / Ether(src=inner.src, dst=inner.dst)
        / Dot1Q(vlan=12)
        / inner[IP]
    ),
    "mpls": lambda inner: Ether(src=inner.src, dst=inner.dst, type=0x8847) / MPLS(label=16, s=1, ttl=9) / inner[IP],
    "snap": lambda inner: (
        Dot3(src=inner.src, dst=inner.dst) / LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(code=0x800) / inner[IP]
    ),
    "hsr": lambda inner: tagged(inner, 0x892F, b"\0\x3c" + crc32(bytes(inner)).to_bytes(4, "big")[:2]),
    "e-tag": lambda inner: tagged(inner, 0x893F, bytes.fromhex("000010010000")),
    "vn-tag": lambda inner: tagged(inner, 0x8926, bytes.fromhex("00010002")),
    "cisco metadata": lambda inner: tagged(inner, 0x8909, bytes.fromhex("010100010007")),
    "provider backbone": lambda inner: Ether(
        bytes(Ether(src="02:00:00:00:00:99", dst="02:00:00:00:00:98", type=0x88E7))
        + bytes.fromhex("00000007")
        + bytes(inner)
    ),
}


def wrapped(name: str, packets: list[harness.Packet]) -> list[harness.Packet]:
    return [harness.Packet(bytes(WRAPS[name](Ether(packet.data))), packet.time) for packet in packets]


@pytest.mark.parametrize("name", WRAPS)
def test_wireshark_finds_the_same_inner_packet(name: str, tmp_path: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    file = tmp_path / "wrapped.pcap"
    packets = wrapped(name, OUTSIDE)
    wrpcap(str(file), [Raw(packet.data) for packet in packets], linktype=1)
    command = [
        "tshark",
        "-n",
        "-r",
        str(file),
        "-T",
        "fields",
        "-e",
        "ip.src",
        "-e",
        "tcp.dstport",
        "-e",
        "mbtcp.trans_id",
    ]
    rows = [line.split("\t") for line in subprocess.check_output(command, text=True).splitlines()]
    theirs = {(row[0].split(",")[-1], row[1]) for row in rows}
    facts = run(packets)
    (channel,) = channels(facts, "modbus")
    assert theirs == {(channel.client.ip, "502"), (channel.server.ip, str(channel.client.port))}
    answered = [fact for fact in of(facts, Exchange) if fact.outcome != "unanswered"]
    assert len({row[2] for row in rows if row[2]}) >= len(answered) > 0


def sent(name: str, sessions: list[MirrorSession] | None = None) -> list[object]:
    """A conversation in a tunnel, and the same one outside of it at the same time."""
    packets = [packet for pair in zip(wrapped(name, OUTSIDE), OUTSIDE, strict=True) for packet in pair]
    return list(run(packets, Worker(mirrors=Mirrors(sessions))))


@pytest.mark.parametrize("name", ["vxlan", "geneve", "gre", "nvgre", "ip in ip", "vlan in vxlan"])
def test_the_same_addresses_inside_and_outside_are_two_conversations(name: str) -> None:
    facts = sent(name)
    inside, outside = sorted(channels(facts, "modbus"), key=lambda fact: not fact.tunnel)  # type: ignore[arg-type]
    assert inside.tunnel.endswith(f"{OUTER[0]} > {OUTER[1]}")
    assert outside.tunnel == ""
    rows = reported(facts)  # type: ignore[arg-type]
    assert [row for row in rows if row[1] == outside.channel] == reported(run(OUTSIDE))


@pytest.mark.parametrize("name", ["vxlan", "gre", "ip in ip"])
def test_addresses_inside_a_tunnel_prove_nothing(name: str) -> None:
    facts = run(wrapped(name, OUTSIDE))
    assert {fact.ip for fact in of(facts, Sighting)} == {OUTER[0]}
    (inside,) = channels(facts, "modbus")
    assert (inside.client.ip, inside.client.mac, inside.server.mac) == (CLIENT, "", "")


def test_arp_inside_a_tunnel_binds_nothing() -> None:
    claim = harness.ethernet(harness.arp(2, "02:00:00:00:00:66", SERVER, "02:00:00:00:00:05", CLIENT), harness.ARP)
    facts = run([harness.Packet(bytes(WRAPS["vxlan"](Ether(claim))))])
    assert {fact.ip for fact in of(facts, Sighting)} == {OUTER[0]}
    assert ("arp", "vxlan 7 192.0.2.9 > 192.0.2.1") in {
        (fact.protocol, fact.tunnel) for fact in of(facts, ChannelOpened)
    }


def test_both_directions_of_a_tunnel_are_one_conversation_inside() -> None:
    packets = [
        harness.Packet(
            bytes(
                Ether()
                / IP(src=OUTER[segment.side], dst=OUTER[1 - segment.side])
                / UDP(sport=5, dport=4789)
                / VXLAN(vni=7, flags=8)
                / Ether(TALK.frame(segment))
            ),
            segment.time,
        )
        for segment in TALK.segments
    ]
    facts = run(packets)
    (inside,) = channels(facts, "modbus")
    assert inside.visibility == "complete"
    assert {fact.outcome for fact in of(facts, Exchange)} == {fact.outcome for fact in of(run(OUTSIDE), Exchange)}


@pytest.mark.parametrize("name", ["vxlan", "geneve", "nvgre"])
def test_a_mirror_session_that_was_named_is_the_traffic_itself(name: str) -> None:
    worker = Worker(mirrors=Mirrors([MirrorSession(name, *OUTER, 7)]))
    facts = run(wrapped(name, OUTSIDE), worker)
    assert reported(facts) == reported(run(OUTSIDE))
    assert CLIENT in {fact.ip for fact in of(facts, Sighting)}
    assert name in {fact.protocol for fact in of(facts, ChannelOpened)}


@pytest.mark.parametrize("name", ["erspan II", "tzsp"])
def test_what_exists_for_mirroring_is_the_traffic_itself_until_sessions_are_named(name: str) -> None:
    assert reported(run(wrapped(name, OUTSIDE))) == reported(run(OUTSIDE))
    other = run(wrapped(name, OUTSIDE), Worker(mirrors=Mirrors([MirrorSession("erspan", "192.0.2.77")])))
    (inside,) = channels(other, "modbus")
    assert inside.tunnel


def test_the_next_packet_is_outside_again() -> None:
    facts = run([*wrapped("vxlan", OUTSIDE[:4]), *OUTSIDE])
    assert reported(run(OUTSIDE)) == [
        row for row in reported(facts) if row[1] == next(c.channel for c in channels(facts, "modbus") if not c.tunnel)
    ]
