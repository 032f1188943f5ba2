"""The protocols, port numbers and addresses that network alerts use."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import Final

from dissectors.context import AssetView
from dissectors.registry import PROTOCOLS

INDUSTRIAL: Final = tuple(protocol for protocol in PROTOCOLS if protocol.industrial and protocol.series)
OT: Final = tuple(protocol.name for protocol in INDUSTRIAL)
"""Protocols of controllers that are dissected, with alerts of their own."""
PORTS_OF: Final = {protocol.name: frozenset(door.number for door in protocol.doors) for protocol in INDUSTRIAL}
"""Ports that belong to them."""
OPEN_DOORS: Final = tuple(
    (door.number, protocol.name) for protocol in PROTOCOLS for door in protocol.doors if not door.encrypted
)
EXPECTED_ON: Final = {
    port: frozenset(name for number, name in OPEN_DOORS if number == port) for port in {port for port, _ in OPEN_DOORS}
}
OT_PORTS: Final = frozenset(EXPECTED_ON) | {2404, 4840, 44818, 47808}
"""Ports of controllers: of what is dissected, and of IEC 60870-5-104, OPC UA, EtherNet/IP and BACnet."""
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
