"""A network interface as the kernel describes it: index, link type, whether it is up. Read by ioctl, nothing is changed.

Link types (ARPHRD, see linux/if_arp.h): Ethernet and loopback are LINKTYPE_ETHERNET, tunnels that carry bare IP packets
are LINKTYPE_RAW. Everything else (802.11 monitor mode, serial lines, CAN) is refused: record it with a tool that knows it
and replay the capture.
"""

from __future__ import annotations

import fcntl
import socket
import struct
from pathlib import Path
from typing import Final

import msgspec

from sensor.live.error import LiveError

SIOCGIFFLAGS: Final = 0x8913
SIOCGIFHWADDR: Final = 0x8927
IFF_UP: Final = 0x1
IFF_NOARP: Final = 0x80
IPV6: Final = Path("/proc/sys/net/ipv6/conf")
IFREQ: Final = struct.Struct("16sH22x")
NAME_BYTES: Final = 15

ETHERNET: Final = 1
RAW: Final = 101
LOOPBACK: Final = 772
LINKS: Final = {1: ETHERNET, LOOPBACK: ETHERNET, 65534: RAW, 519: RAW}
"""ARPHRD number to LINKTYPE number."""


class Device(msgspec.Struct, frozen=True):
    """An interface: its name, the kernel's index, the LINKTYPE of its packets, whether it is the loopback."""

    name: str
    index: int
    link: int
    loopback: bool


def find(name: str) -> Device:
    """Describe the interface ``name``. Raises ``LiveError`` when there is none or it carries frames nobody here reads."""
    try:
        index = socket.if_nametoindex(name)
        kind = _ask(name, SIOCGIFHWADDR)
    except (OSError, ValueError):
        raise LiveError(f"there is no interface {name!r}; there are: {', '.join(names())}") from None
    link = LINKS.get(kind)
    if link is None:
        raise LiveError(
            f"interface {name} carries frames of link type ARPHRD {kind}; Spanwatch reads Ethernet and bare IP: "
            "record it with another tool and replay the capture"
        )
    return Device(name, index, link, kind == LOOPBACK)


def speaks(device: Device) -> str:
    """Return a sentence with the cure when the kernel itself may send on an interface, "" when it cannot.

    Linux announces itself by IPv6 (MLD, router solicitation) and answers ARP on any interface for the addresses of all, so
    a mirror port that shows a question for the sensor's own management address would get an answer.
    """
    if device.loopback or device.link != ETHERNET:
        return ""
    cures = []
    try:
        if (IPV6 / device.name / "disable_ipv6").read_text(encoding="ascii").strip() == "0":
            cures.append(f"sysctl -w net.ipv6.conf.{device.name}.disable_ipv6=1")
    except OSError:  # a kernel without IPv6 announces nothing
        pass
    if not _ask(device.name, SIOCGIFFLAGS) & IFF_NOARP:
        cures.append(f"ip link set dev {device.name} arp off multicast off")
    if not cures:
        return ""
    return f"the system itself may send on {device.name}; if it is there for watching only: {' && '.join(cures)}"


def names() -> list[str]:
    """Return the names of all interfaces, in the kernel's order."""
    return [name for _, name in socket.if_nameindex()]


def state(device: Device) -> str:
    """Return "up", "down" or "gone". A new interface of the same name is not the same: then the old one is gone."""
    try:
        if socket.if_nametoindex(device.name) != device.index:
            return "gone"
        return "up" if _ask(device.name, SIOCGIFFLAGS) & IFF_UP else "down"
    except OSError:
        return "gone"


def _ask(name: str, request: int) -> int:
    """Return the 16-bit answer of an interface ioctl."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        answer = fcntl.ioctl(asking, request, IFREQ.pack(name.encode(), 0))
    return int(IFREQ.unpack(answer)[1])
