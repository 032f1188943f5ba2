"""Promises about the addresses that routers share: read from their advertisements, whatever follows or is missing."""

from __future__ import annotations

import pytest

from dissectors.facts import Sighting
from dissectors.wire.flow_table import SIX
from dissectors.wire.numbers import UDP, VRRP
from dissectors.wire.shared_router import is_advertisement, shared_addresses
from tests.dissectors.harness import Packet, of, run

VRRP_2 = bytes.fromhex("210a640200010000") + bytes((10, 0, 0, 1, 10, 0, 0, 2)) + bytes(8)
VRRP_3_SIX = bytes.fromhex("310b640100640000") + bytes.fromhex("fe80" + "00" * 13 + "01")
HSRP_1 = bytes.fromhex("000010030a7807006369736300000000") + bytes((10, 0, 0, 3))
HSRP_2 = bytes.fromhex("0128020006040123020000000001") + bytes(12) + bytes((10, 0, 0, 4)) + bytes(12)
PORTS = 1985 << 16 | 1985


@pytest.mark.parametrize(
    ("message", "tag", "expected"),
    [
        (VRRP_2, VRRP, [("10.0.0.1", 0x00005E00010A), ("10.0.0.2", 0x00005E00010A)]),
        (VRRP_3_SIX, VRRP | SIX, [("fe80::1", 0x00005E00020B)]),
        (HSRP_1, UDP, [("10.0.0.3", 0x00000C07AC07)]),
        (HSRP_2, UDP, [("10.0.0.4", 0x00000C9FF123)]),
    ],
)
def test_the_shared_address_and_its_mac_are_read(message: bytes, tag: int, expected: list[tuple[str, int]]) -> None:
    assert shared_addresses(message, 0, len(message), tag) == expected
    assert shared_addresses(b"?" + message, 1, len(message) + 1, tag) == expected
    for end in range(len(message)):
        assert shared_addresses(message[:end], 0, end, tag) in ([], expected[:1], expected)


@pytest.mark.parametrize("message", [b"", b"\xff" * 60, bytes(60), bytes.fromhex("22") + VRRP_2[1:]])
def test_what_is_no_advertisement_shares_nothing(message: bytes) -> None:
    assert shared_addresses(message, 0, len(message), VRRP) == []


def test_only_their_ports_are_looked_at() -> None:
    assert is_advertisement(UDP, PORTS)
    assert is_advertisement(VRRP, 0)
    assert not is_advertisement(UDP, 1985 << 16 | 53)
    assert not is_advertisement(6, PORTS)


def frame(protocol: int, payload: bytes, mac: str = "00005e00010a") -> bytes:
    header = bytes.fromhex("4500") + (20 + len(payload)).to_bytes(2, "big") + bytes.fromhex("00010000ff")
    header += bytes((protocol, 0, 0, 10, 0, 0, 7)) + bytes.fromhex("e0000012")
    return bytes.fromhex("01005e000012" + mac + "0800") + header + payload


@pytest.mark.parametrize(
    ("protocol", "payload", "said"),
    [
        (112, VRRP_2, {"10.0.0.1 00:00:5e:00:01:0a", "10.0.0.2 00:00:5e:00:01:0a"}),
        (17, bytes.fromhex("07c107c1001c0000") + HSRP_1, {"10.0.0.3 00:00:0c:07:ac:07"}),
    ],
)
def test_who_advertises_what_is_told_once(protocol: int, payload: bytes, said: set[str]) -> None:
    packets = [Packet(frame(protocol, payload), 1_000_000_000 * (number + 1)) for number in range(5)]
    told = [fact for fact in of(run(packets), Sighting) if fact.attribute == "shared_address"]
    assert {fact.value for fact in told} == said
    assert len(told) == len(said)
    assert {(fact.mac, fact.ip) for fact in told} == {("00:00:5e:00:01:0a", "10.0.0.7")}
