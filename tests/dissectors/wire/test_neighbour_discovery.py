"""What a card says of its IPv6 addresses is proof: hosts with many stay hosts, and forged neighbours are found as by ARP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scapy.all import IP, Ether, Raw, wrpcap
from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
)
from scapy.packet import Packet

from dissectors.facts import Sighting
from sensor.cli import main
from tests.dissectors.captured import facts_of

HOST, PLC, OTHER = "02:00:00:00:01:0a", "02:00:00:00:01:05", "02:66:66:66:66:66"
ADDRESSES = ("fe80::1a2b:3c4d:5e6f:1", "2001:db8::71c3:1", "2001:db8::71c3:2", "2001:db8::71c3:3")
PLC_ADDRESS = "2001:db8::5"


def advertisement(mac: str, ip: str, hop_limit: int = 255) -> Packet:
    head = Ether(src=mac, dst="33:33:00:00:00:01") / IPv6(src=ip, dst="ff02::1", hlim=hop_limit)
    return head / ICMPv6ND_NA(tgt=ip, R=0, S=0, O=1) / ICMPv6NDOptDstLLAddr(lladdr=mac)


def solicitation(mac: str, ip: str, target: str) -> Packet:
    head = Ether(src=mac, dst="33:33:ff:00:00:05") / IPv6(src=ip, dst="ff02::1:ff00:5", hlim=255)
    return head / ICMPv6ND_NS(tgt=target) / ICMPv6NDOptSrcLLAddr(lladdr=mac)


def written(folder: Path, packets: list[Packet]) -> Path:
    for number, packet in enumerate(packets):
        packet.time = 1_700_000_000 + number
    wrpcap(str(folder / "nd.pcap"), packets)
    return folder / "nd.pcap"


def proven(folder: Path, *packets: Packet) -> set[tuple[str, str]]:
    facts = facts_of(written(folder, list(packets)))
    return {(fact.ip, fact.mac) for fact in facts if isinstance(fact, Sighting) and fact.method == "nd"}


def replayed(folder: Path, packets: list[Packet]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The assets as they were last told, and the alerts."""
    out = folder / "out"
    done = CliRunner().invoke(main, ["replay", str(written(folder, packets)), "--output", str(out), "--quiet"])
    assert done.exit_code == 0, done.output
    read = {
        name: [json.loads(line) for line in (out / f"{name}.ndjson").read_text(encoding="utf-8").splitlines()]
        if (out / f"{name}.ndjson").exists()
        else []
        for name in ("assets", "alerts")
    }
    return list({row["host"]["id"]: row for row in read["assets"]}.values()), read["alerts"]


def test_advertisements_solicitations_and_routers_name_the_card_of_an_address(tmp_path: Path) -> None:
    router = Ether(src=OTHER, dst="33:33:00:00:00:01") / IPv6(src="fe80::9", dst="ff02::1", hlim=255)
    router = router / ICMPv6ND_RA() / ICMPv6NDOptSrcLLAddr(lladdr=OTHER)
    said = proven(tmp_path, advertisement(PLC, PLC_ADDRESS), solicitation(HOST, ADDRESSES[1], PLC_ADDRESS), router)
    assert said == {(PLC_ADDRESS, PLC), (ADDRESSES[1], HOST), ("fe80::9", OTHER)}


def test_the_option_is_what_others_believe_and_not_the_source_of_the_frame(tmp_path: Path) -> None:
    forged = advertisement(OTHER, PLC_ADDRESS)
    forged[Ether].src = PLC
    assert proven(tmp_path, forged) == {(PLC_ADDRESS, OTHER)}


@pytest.mark.parametrize(
    "packet",
    [
        advertisement(PLC, PLC_ADDRESS, hop_limit=64),
        Ether(src=HOST, dst="33:33:ff:00:00:05") / IPv6(src="::", dst="ff02::1:ff00:5", hlim=255) / ICMPv6ND_NS(tgt="fe80::1"),
        Ether(src=PLC) / IPv6(src=PLC_ADDRESS, dst=ADDRESSES[1], hlim=255) / ICMPv6ND_NA(tgt=PLC_ADDRESS),
        Ether(src=PLC) / IPv6(src=PLC_ADDRESS, dst="fe80::2", hlim=255) / ICMPv6ND_NA(tgt=PLC_ADDRESS) / Raw(bytes(16)),
        Ether(src=PLC) / IPv6(src=PLC_ADDRESS, dst="fe80::2", hlim=255, nh=58) / Raw(b"\x88\x00\x00\x00\x20"),
        Ether(src=PLC) / IPv6(src=PLC_ADDRESS, dst="fe80::2", hlim=255, nh=58) / Raw(b"\x88"),
        Ether(src=PLC) / IPv6(src=PLC_ADDRESS, dst="fe80::2", hlim=255, nh=58),
        Ether(src=PLC) / IP(src="10.0.0.5", dst="10.0.0.6", proto=58, flags=0, frag=0, ttl=255) / advertisement(PLC, PLC_ADDRESS)[ICMPv6ND_NA],
    ],
    ids=["routed", "no address yet", "no option", "option of no length", "cut short", "one byte", "empty", "not IPv6"],
)  # fmt: skip
def test_what_proves_nothing_is_taken_for_nothing(tmp_path: Path, packet: Packet) -> None:
    assert proven(tmp_path, packet) == set()


def test_a_host_with_privacy_addresses_is_one_host_and_no_router(tmp_path: Path) -> None:
    assets, alerts = replayed(tmp_path, [advertisement(HOST, ip) for ip in ADDRESSES])
    (host,) = assets
    assert set(host["host"]["ip"]) == set(ADDRESSES) and host["host"]["mac"] == [HOST.upper().replace(":", "-")]
    assert host["spanwatch"]["asset"].get("role") != "router"
    assert alerts == []


def test_a_forged_neighbour_is_told_as_two_cards_for_one_address_whatever_it_said_before(tmp_path: Path) -> None:
    before = [advertisement(OTHER, f"2001:db8::{number:x}") for number in range(0x100, 0x104)]
    forged = [advertisement(OTHER, PLC_ADDRESS) for _ in range(3)]
    _, alerts = replayed(tmp_path, [advertisement(PLC, PLC_ADDRESS), *before, *forged])
    (alert, closed) = alerts
    assert closed["spanwatch"]["alert"]["status"] == "closed"
    assert (alert["rule"]["id"], alert["spanwatch"]["alert"]["severity"]) == ("NET-023", "high")
    assert alert["source"]["mac"] == OTHER.replace(":", "-")
    assert alert["destination"]["mac"] == PLC.replace(":", "-").upper()
