"""Addresses as numbers and as text. Compiled with mypyc."""

from __future__ import annotations

import ipaddress
from typing import Final

from librt.strings import read_i16_be, read_i32_be
from mypy_extensions import i64

MAX_TEXTS: Final = 4_096
"""MAC addresses whose text is remembered; then the memory begins anew."""
TEXTS: Final[dict[i64, str]] = {}
OCTETS: Final[list[str]] = [f"{number:02x}" for number in range(256)]
NUMBERS: Final[list[str]] = [str(number) for number in range(256)]


def read_mac(data: bytes, at: i64) -> i64:
    """Return the MAC address at ``at`` as a number; the caller has checked the bounds."""
    return ((i64(read_i16_be(data, at)) & 0xFFFF) << 32) | (i64(read_i32_be(data, at + 2)) & 0xFFFFFFFF)


def short(block: bytes, at: i64) -> i64:
    """Return the 16-bit number at ``at``; the caller has checked the bounds."""
    return i64(read_i16_be(block, at)) & 0xFFFF


def ip4_text(address: i64) -> str:
    """Return an IPv4 address given as a number."""
    return (
        f"{NUMBERS[(address >> 24) & 255]}.{NUMBERS[(address >> 16) & 255]}."
        f"{NUMBERS[(address >> 8) & 255]}.{NUMBERS[address & 255]}"
    )


def ip6_text(high: i64, low: i64) -> str:
    """Return an IPv6 address given as two signed 64-bit halves."""
    number = ((int(high) & 0xFFFFFFFFFFFFFFFF) << 64) | (int(low) & 0xFFFFFFFFFFFFFFFF)
    return str(ipaddress.IPv6Address(number))


def mac_text(address: i64) -> str:
    """Return a MAC address given as a number, "" for -1 (not seen)."""
    if address < 0:
        return ""
    known = TEXTS.get(address)
    if known is not None:
        return known
    text = (
        f"{OCTETS[(address >> 40) & 255]}:{OCTETS[(address >> 32) & 255]}:{OCTETS[(address >> 24) & 255]}:"
        f"{OCTETS[(address >> 16) & 255]}:{OCTETS[(address >> 8) & 255]}:{OCTETS[address & 255]}"
    )
    if len(TEXTS) >= MAX_TEXTS:
        TEXTS.clear()
    TEXTS[address] = text
    return text


def is_group_ip4(address: i64) -> bool:
    """Return whether an IPv4 address is multicast, broadcast or unspecified."""
    return (address >> 28) == 0xE or address == 0xFFFFFFFF or address == 0


def is_group_mac(address: i64) -> bool:
    """Return whether a MAC address is multicast or broadcast."""
    return address >= 0 and ((address >> 40) & 1) == 1


def has_plan(high: i64, low: i64, six: bool) -> bool:
    """Return whether an IP address is given by a plan of a network: no group's, no link-local, loopback or missing one."""
    if six:
        first: i64 = (high >> 48) & 0xFFFF
        return high != 0 and (first & 0xFFC0) != 0xFE80 and (first >> 8) != 0xFF
    return not is_group_ip4(low) and (low >> 16) != 0xA9FE and (low >> 24) != 127
