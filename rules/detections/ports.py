"""Port numbers and addresses that network alerts speak of."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from dissectors.context import AssetView

OT_PORTS: Final = frozenset({102, 502, 2404, 4840, 20000, 44818, 47808})
PORTS_OF: Final = {
    "modbus": frozenset({502, 802}),
    "dnp3": frozenset({20000, 19999}),
    "s7comm": frozenset({102}),
    "s7": frozenset({102}),
    "s7commplus": frozenset({102}),
}
"""Ports that belong to the protocols we dissect."""
EXPECTED_ON: Final = {
    502: frozenset({"modbus"}),
    20000: frozenset({"dnp3"}),
    102: frozenset({"s7comm", "s7", "s7commplus", "cotp", "iso", "tpkt", "mms"}),
}
REMOTE_ACCESS: Final = {
    22: "SSH",
    23: "Telnet",
    445: "SMB",
    3389: "RDP",
    5900: "VNC",
    5901: "VNC",
    5938: "TeamViewer",
    5985: "WinRM",
    5986: "WinRM",
    7070: "AnyDesk",
}
CONTROL_LEVELS: Final = frozenset({"0", "1", "2"})
CONTROL_ROLES: Final = frozenset(
    {"plc", "rtu", "hmi", "ied", "control_server", "engineering_workstation", "safety_controller", "gateway"}
)


@lru_cache(maxsize=4096)
def is_public(address: str) -> bool:
    """Whether an address is routed on the internet; False for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return parsed.is_global and not parsed.is_multicast


@lru_cache(maxsize=4096)
def is_one_host(address: str) -> bool:
    """Whether an address is one host: neither multicast nor broadcast nor empty."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return not (parsed.is_multicast or parsed.is_unspecified or address.endswith(".255"))


@lru_cache(maxsize=4096)
def neighbourhood(address: str) -> str:
    """Return the /16 of an IPv4 address, the /48 of an IPv6 one, "" for what is no address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    return parsed.packed[: 2 if parsed.version == 4 else 6].hex()


def in_control(asset: AssetView | None) -> bool:
    """Whether an asset belongs to level 2 or below, by its level or, where that is unknown, by its role."""
    if asset is None:
        return False
    return asset.level in CONTROL_LEVELS if asset.level else asset.role in CONTROL_ROLES
