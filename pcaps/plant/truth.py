"""Ground truth: what a capture must make a sensor say, and which frames prove it.

Alert ids are those of the catalogue. `expect` fires with the sample policy loaded; `with_baseline` fires as well once
normal_long.pcap has been learned; `one_of` holds groups of which at least one fires; `may` are companions that are not
wrong.
"""

from __future__ import annotations

import struct
from pathlib import Path

import msgspec

from pcaps.plant.hosts import Host

GLOBAL_HEADER, RECORD_HEADER = 24, 16
ETHERNET, ARP, IPV4 = 14, 0x0806, 0x0800
TCP, SYN, SYN_ACK = 6, 0x02, 0x12


class Truth(msgspec.Struct, frozen=True):
    """What one attack must lead to: alert ids, stations and ATT&CK technique."""

    attacker: Host
    victims: tuple[Host, ...]
    technique: str
    expect: tuple[str, ...]
    with_baseline: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    may: tuple[str, ...] = ()


class Frame(msgspec.Struct, frozen=True):
    """One captured frame: its number (from 1), its time in seconds since 1970, its bytes."""

    number: int
    seconds: float
    byte_count: bytes


def frames(capture: Path) -> list[Frame]:
    """Read a little-endian microsecond pcap file as tcpdump writes it; raise ValueError on anything else."""
    content = capture.read_bytes()
    if content[:4] != b"\xd4\xc3\xb2\xa1":
        raise ValueError(f"{capture}: not a microsecond little-endian pcap file")
    found: list[Frame] = []
    offset = GLOBAL_HEADER
    while offset < len(content):
        seconds, micros, kept, length = struct.unpack_from("<IIII", content, offset)
        byte_count = content[offset + RECORD_HEADER : offset + RECORD_HEADER + kept]
        if kept != length or len(byte_count) != kept:
            raise ValueError(f"{capture}: frame {len(found) + 1} is cut")
        found.append(Frame(len(found) + 1, seconds + micros / 1e6, byte_count))
        offset += RECORD_HEADER + kept
    return found


def _opened_port(byte_count: bytes) -> int | None:
    """Return the source port of a TCP SYN, None for every other frame."""
    if len(byte_count) < ETHERNET + 40 or int.from_bytes(byte_count[12:14], "big") != IPV4 or byte_count[23] != TCP:
        return None
    start = ETHERNET + (byte_count[ETHERNET] & 0x0F) * 4
    return int.from_bytes(byte_count[start : start + 2], "big") if byte_count[start + 13] & SYN_ACK == SYN else None


def _ports(byte_count: bytes) -> set[int]:
    start = ETHERNET + (byte_count[ETHERNET] & 0x0F) * 4
    return {
        int.from_bytes(byte_count[start : start + 2], "big"),
        int.from_bytes(byte_count[start + 2 : start + 4], "big"),
    }


def attack_frames(recorded: list[Frame], attacker: Host, begin: float, end: float) -> tuple[int, int]:
    """Return the first and last frame of an attack between two times.

    A frame belongs to it when the attacker's MAC sent or received it and it is ARP, or TCP of a connection the attacker
    opened in that time, or forwarded. Raise ValueError when there is none.
    """
    mac = bytes.fromhex(attacker.mac.replace(":", ""))
    near = [frame for frame in recorded if begin <= frame.seconds <= end and mac in frame.byte_count[:12]]
    opened = {port for frame in near if frame.byte_count[6:12] == mac and (port := _opened_port(frame.byte_count))}
    numbers = [
        frame.number
        for frame in near
        if int.from_bytes(frame.byte_count[12:14], "big") != IPV4
        or frame.byte_count[23] != TCP
        or not opened
        or _ports(frame.byte_count) & opened
    ]
    if not numbers:
        raise ValueError(f"no frame of {attacker.name} between {begin} and {end}")
    return numbers[0], numbers[-1]
