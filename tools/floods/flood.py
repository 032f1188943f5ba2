"""The floods, each with what it fills. ``scale`` makes all of them smaller: 1.0 is what the goals are about.

Packets come 10 µs apart unless a flood says otherwise, so that a window of a minute holds all of most floods.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from tools.floods.packet import (
    CLIENT_MACS,
    CLIENTS,
    PUSH,
    RST,
    SERVER,
    SYN,
    announcement,
    arp,
    dnp3,
    line,
    modbus,
    opened,
    tpkt,
    udp,
)

MILLION: Final = 1_000_000
STEP: Final = 10_000
UNITS: Final = 250
TRICKS: Final = 16
PAIRS: Final = 1_024
POINTS: Final = 10_000
POINTS_OF_FRAME: Final = 1_000
PORTS: Final = 50_000
SETUP: Final = bytes.fromhex("32010000000000080000f0000001000101e0")
SETUP_ANSWER: Final = bytes.fromhex("320300000000000800000000f0000001000100f0")
STOP: Final = bytes.fromhex("3201000001000010000029000000000009505f50524f4752414d")
STOPPED: Final = bytes.fromhex("32030000010000010000000029")
CONNECT: Final = bytes.fromhex("11e00000000100c1020100c2020102c0010a")
CONFIRM: Final = bytes.fromhex("11d00001000100c0010ac1020100c2020102")
DATA: Final = b"\x02\xf0\x80"
PART: Final = b"\x02\xf0\x00"


class Flood(NamedTuple):
    """One flood: its name, what it is, how many at full size, and its packets for a number of them."""

    name: str
    title: str
    size: int
    packets: Callable[[int], Iterator[bytes]]
    step: int = STEP


def _syn(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield line(number, 1024 + number % PORTS, 0, 502)[0].packet(b"", SYN)


def _udp(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield udp(number, 1024 + number % PORTS, 1024 + number % 31_000, b"\0\0\0\0")


def _arp(count: int) -> Iterator[bytes]:
    for number in range(count):
        yield arp(CLIENT_MACS + number, CLIENTS + number, SERVER + number % 65_536)


def _modbus(count: int) -> Iterator[bytes]:
    for number in range(count):
        ask, answer = line(number % 1_000, 1024 + number // 1_000 % PORTS, number % 100, 502)
        yield from opened(ask, answer)
        yield ask.packet(modbus(number, 1, b"\x03\x00\x00\x00\x01"))
        yield answer.packet(modbus(number, 1, b"\x03\x02\x00\x00"))


def _pairs(count: int) -> Iterator[bytes]:
    ask, answer = line(0, 1024, 0, 20_000)
    yield from opened(ask, answer)
    for number in range(count):
        yield ask.packet(dnp3(0xC9, number & 0xFFEF, number * 7 & 0xFFEF))


def _units(count: int) -> Iterator[bytes]:
    lines = [line(number, 1024, number, 502) for number in range(max(1, count // UNITS))]
    for ask, answer in lines:
        yield from opened(ask, answer)
    for unit in range(min(UNITS, count)):
        for number, (ask, answer) in enumerate(lines):
            yield ask.packet(modbus(number + unit, unit, b"\x03\x00\x00\x00\x01"))
            yield answer.packet(modbus(number + unit, unit, b"\x03\x02\x00\x00"))


def _numbers(count: int) -> Iterator[bytes]:
    lines = [line(number, 1024, number, 502) for number in range(max(1, count // TRICKS))]
    for ask, answer in lines:
        yield from opened(ask, answer)
        yield ask.packet(modbus(0, 1, b"\x03\x00\x00\x00\x01"))
        yield answer.packet(modbus(0, 1, b"\x03\x02\x00\x00"))
    for trick in range(1, TRICKS + 1):
        for ask, _ in lines:
            ahead = ask.sender.sequence + trick * 1_000
            yield ask.packet(b"", RST, ahead)
            yield ask.packet(b"", SYN, ahead + 333)
            yield ask.packet(modbus(trick, 1, b"\x03\x00\x00\x00\x01"), sequence=ahead + 50)


def _identities(count: int) -> Iterator[bytes]:
    for number in range(count):
        text = b"%d" % number
        yield announcement(CLIENT_MACS + number % 2_000, (b"p" + text, b"name-" + text, b"d" * 200 + text))


def _stops(count: int) -> Iterator[bytes]:
    for number in range(count):
        ask, answer = line(number, 1024 + number % PORTS, number % 60_000, 102)
        yield from opened(ask, answer)
        yield ask.packet(tpkt(CONNECT))
        yield answer.packet(tpkt(CONFIRM))
        yield ask.packet(tpkt(DATA + SETUP))
        yield answer.packet(tpkt(DATA + SETUP_ANSWER))
        yield ask.packet(tpkt(DATA + STOP))
        yield answer.packet(tpkt(DATA + STOPPED))


def _points(count: int) -> Iterator[bytes]:
    """Unsolicited reports of packed binary inputs, 1,000 points each, ten for each link pair."""
    reports = POINTS // POINTS_OF_FRAME
    ask, answer = line(0, 1024, 0, 20_000)
    for number in range(count):
        pair = number // reports
        if number % (PAIRS * reports) == 0:
            ask, answer = line(number, 1024, 0, 20_000)
            yield from opened(ask, answer)
        first = number % reports * POINTS_OF_FRAME
        head = b"\xc0\x82\x00\x00\x01\x01\x01" + struct.pack("<HH", first, first + POINTS_OF_FRAME - 1)
        yield answer.packet(dnp3(0x44, 1, 2 + pair % PAIRS, b"\xc0" + head + b"\xaa" * (POINTS_OF_FRAME // 8)))


def _fragments(count: int) -> Iterator[bytes]:
    """Parts of messages of ISO transport that never end, of many connections."""
    each = 40
    for number in range(max(1, count // each)):
        ask, answer = line(number, 1024, 0, 102)
        yield from opened(ask, answer)
        yield ask.packet(tpkt(CONNECT))
        yield answer.packet(tpkt(CONFIRM))
        for _ in range(each):
            yield ask.packet(tpkt(PART + b"\x32" + bytes(1_400)), PUSH)


def _violations(count: int) -> Iterator[bytes]:
    """Links that say what no DNP3 link may, of one connection."""
    ask, answer = line(0, 1024, 0, 20_000)
    yield from opened(ask, answer)
    for number in range(count):
        yield ask.packet(dnp3(0xC0 | 5, number & 0x3FFF, 1))


def _clock(count: int) -> Iterator[bytes]:
    """One poller; the capture's clock goes back and forth."""
    ask, answer = line(0, 1024, 0, 502)
    yield from opened(ask, answer)
    for number in range(count // 2):
        yield ask.packet(modbus(number, 1, b"\x03\x00\x00\x00\x01"))
        yield answer.packet(modbus(number, 1, b"\x03\x02\x00\x00"))


BACK_AND_FORTH: Final = -1
"""A step that is none: the time of every packet is an hour from that of the one before, forth and back."""

FLOODS: Final = (
    Flood("syn", "SYNs of as many sources", MILLION, _syn),
    Flood("udp", "datagrams of as many sources", MILLION, _udp),
    Flood("arp", "ARP questions of as many MACs", MILLION, _arp),
    Flood("modbus", "Modbus connections with a poll", 100_000, _modbus),
    Flood("dnp3-pairs", "DNP3 link pairs on one connection", 65_000, _pairs),
    Flood("units", "Modbus units, 250 behind each of the connections", 500_000, _units),
    Flood("identities", "announcements of 2,000 devices with new names", 500_000, _identities),
    Flood("plc-stops", "S7 stops of as many pairs", 50_000, _stops),
    Flood("dnp3-points", "DNP3 reports of 1,000 points of 1,024 pairs of each flow", 40_960, _points),
    Flood("fragments", "parts of ISO messages that never end", 120_000, _fragments),
    Flood("numbers", "RST, SYN and segments ahead, 16 on each connection", 160_000, _numbers),
    Flood("violations", "DNP3 links with a wrong function on one connection", 65_000, _violations),
    Flood("clock", "polls under a clock that goes back and forth", 50_000, _clock, BACK_AND_FORTH),
)
