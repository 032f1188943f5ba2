"""Addresses as text. Compiled with mypyc."""

from __future__ import annotations

import ipaddress

from mypy_extensions import i64


def ip4_text(address: i64) -> str:
    """Return an IPv4 address given as a number."""
    return f"{int(address >> 24) & 255}.{int(address >> 16) & 255}.{int(address >> 8) & 255}.{int(address) & 255}"


def ip6_text(high: i64, low: i64) -> str:
    """Return an IPv6 address given as two signed 64-bit halves."""
    number = ((int(high) & 0xFFFFFFFFFFFFFFFF) << 64) | (int(low) & 0xFFFFFFFFFFFFFFFF)
    return str(ipaddress.IPv6Address(number))


def mac_text(address: i64) -> str:
    """Return a MAC address given as a number, "" for -1 (not seen)."""
    if address < 0:
        return ""
    text = f"{int(address):012x}"
    return ":".join([text[at : at + 2] for at in range(0, 12, 2)])


def is_group_ip4(address: i64) -> bool:
    """Return whether an IPv4 address is multicast, broadcast or unspecified."""
    return (address >> 28) == 0xE or address == 0xFFFFFFFF or address == 0


def is_group_mac(address: i64) -> bool:
    """Return whether a MAC address is multicast or broadcast."""
    return address >= 0 and ((address >> 40) & 1) == 1
