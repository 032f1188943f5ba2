"""What may be an asset's address, and what a device may say about itself. Limits: IPv4 and IPv6, EUI-48."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from dissectors.registry import PROTOCOLS

MAX_TEXT: Final = 256
"""Characters kept of a text that a device said about itself."""

CONFIRMING: Final = frozenset({"arp", "nd", *(protocol.name for protocol in PROTOCOLS if protocol.announces)})
"""Methods (their first word) in which the MAC itself claims the IP; an IP header alone confirms nothing."""

VIRTUAL_MACS: Final = (
    ("00:00:5e:00:01:", "VRRP over IPv4, CARP"),  # RFC 9568 7.3
    ("00:00:5e:00:02:", "VRRP over IPv6"),  # RFC 9568 7.3
    ("00:00:0c:07:ac:", "HSRP"),  # RFC 2281 5.2
    ("00:00:0c:9f:f", "HSRP version 2"),
    ("00:05:73:a0:0", "HSRP over IPv6"),
    ("00:07:b4:0", "GLBP"),
)
"""First digits of MAC addresses that routers share, and the protocol that moves them between the routers."""

_VIRTUAL_PREFIXES: Final = tuple(prefix for prefix, _ in VIRTUAL_MACS)


@lru_cache(maxsize=4_096)
def asset_ip(ip: str) -> str:
    """Return ``ip`` when one device can own it; "" for groups, broadcast, unspecified and non-addresses."""
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    if address.is_multicast or address.is_unspecified or ip == "255.255.255.255":
        return ""
    return ip


@lru_cache(maxsize=4_096)
def asset_mac(mac: str) -> str:
    """Return ``mac`` in lower case when one device can own it; "" for groups, broadcast and all zeros."""
    lowered = mac.lower()
    if len(lowered) != 17 or lowered == "00:00:00:00:00:00":
        return ""
    try:
        first = int(lowered[:2], 16)
    except ValueError:
        return ""
    return "" if first & 1 else lowered


def is_group_mac(mac: str) -> bool:
    """Whether ``mac`` is multicast or broadcast, so that the IP beside it is no device either."""
    return mac != "" and asset_mac(mac) == "" and mac != "00:00:00:00:00:00"


def is_link_local(ip: str) -> bool:
    """Whether ``ip`` cannot have crossed a router, so that the MAC beside it is its own."""
    return ip.startswith(("fe80:", "169.254."))


def is_made_of(ip: str, mac: str) -> bool:
    """Whether ``ip`` is an IPv6 address that was made of ``mac`` (RFC 4291, appendix A)."""
    if ":" not in ip or not mac:
        return False
    octets = bytes.fromhex(mac.replace(":", ""))
    made = bytes((octets[0] ^ 2,)) + octets[1:3] + b"\xff\xfe" + octets[3:]
    return ip_address(ip).packed[8:] == made


def same_prefix(one: str, other: str) -> bool:
    """Whether two IPv6 addresses are of one link: the first 64 bits are equal."""
    return ":" in one and ":" in other and ip_address(one).packed[:8] == ip_address(other).packed[:8]


def is_loopback(ip: str) -> bool:
    """Whether every host has ``ip`` for itself, so that two MACs with it contradict nothing."""
    return ip.startswith("127.") or ip == "::1"


def is_redundancy_mac(mac: str) -> bool:
    """Whether ``mac`` is a virtual address that routers share, and that moves between them by design."""
    return mac.startswith(_VIRTUAL_PREFIXES)


def confirms(method: str) -> bool:
    """Whether a sighting by ``method`` proves that the MAC itself has the IP."""
    return method.partition(".")[0] in CONFIRMING


def clean(text: str) -> str:
    """Return ``text`` without control, format and lone surrogate characters, at most ``MAX_TEXT`` long."""
    head = text[: MAX_TEXT * 2]
    if head.isascii() and head.isprintable():
        return head[:MAX_TEXT].strip()
    kept = (char for char in head if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    return "".join(kept)[:MAX_TEXT].strip()


def other_end(unit: str) -> str:
    """Return the server's part of a unit: "10" of the pair "1>10", a single number as it is."""
    return unit.rpartition(">")[2]
