"""The IP addresses of the interfaces that are watched: a tunnel that ends at one of them is a mirror session.

IPv4 by ioctl (netdevice(7)), the interface's first address; IPv6 from ``/proc/net/if_inet6``. Nothing is changed. Limit: an address
that the interface gets later is not known before the next start.
"""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

SIOCGIFADDR: Final = 0x8915
REQUEST: Final = struct.Struct("16s24x")
ADDRESS_AT: Final = 20
IF_INET6: Final = Path("/proc/net/if_inet6")


def own_addresses(interfaces: Iterable[str]) -> list[str]:
    """Return the addresses of interfaces in the order of their names; one without an address has none."""
    six = _six()
    found: list[str] = []
    for name in sorted(set(interfaces)):
        four = _four(name)
        found += [address for address in (four, *six.get(name, ())) if address]
    return found


def _four(name: str) -> str:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            answer = fcntl.ioctl(asking, SIOCGIFADDR, REQUEST.pack(name.encode()))
    except OSError:
        return ""
    return socket.inet_ntoa(answer[ADDRESS_AT : ADDRESS_AT + 4])


def _six() -> dict[str, list[str]]:
    """Return the IPv6 addresses of all interfaces; a line is address, index, prefix, scope, flags, name."""
    try:
        lines = IF_INET6.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return {}
    found: dict[str, list[str]] = {}
    for line in lines:
        words = line.split()
        if len(words) == 6:
            found.setdefault(words[5], []).append(str(ipaddress.IPv6Address(int(words[0], 16))))
    return found
