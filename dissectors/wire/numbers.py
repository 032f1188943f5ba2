"""The assigned numbers of links, networks and transports, each once. Compiled with mypyc.

Link types after the registry of tcpdump.org, ethertypes after IEEE 802, IP protocols after IANA. Names of IT protocols and
their ports stand in ``service``; numbers of a protocol that is dissected stand in its declaration.
"""

from __future__ import annotations

from typing import Final

# Link types.
LINK_NULL: Final = 0
LINK_ETHERNET: Final = 1
LINK_RAW_OLD: Final = 12
LINK_RAW_BSD: Final = 14
LINK_RAW: Final = 101
LINK_LOOP: Final = 108
LINK_SLL: Final = 113
LINK_IPV4: Final = 228
LINK_IPV6: Final = 229
LINK_SLL2: Final = 276

# Ethertypes; a smaller number is the length of an IEEE 802.3 frame.
MIN_ETHERTYPE: Final = 1536
IPV4: Final = 0x0800
ARP: Final = 0x0806
TRANSPARENT_ETHERNET: Final = 0x6558
VLAN: Final = 0x8100
IPV6: Final = 0x86DD
MPLS: Final = 0x8847
MPLS_MULTICAST: Final = 0x8848
PPPOE_SESSION: Final = 0x8864
QINQ: Final = 0x88A8
ERSPAN: Final = 0x88BE
ERSPAN_III: Final = 0x22EB
QINQ_OLD: Final = 0x9100

# LLC (IEEE 802.2).
SNAP: Final = 0xAA
LLC_UNNUMBERED: Final = 3

# PPP protocols behind PPPoE.
PPP_IPV4: Final = 0x0021
PPP_IPV6: Final = 0x0057

# IP protocols and IPv6 extension headers.
HOP_BY_HOP: Final = 0
ICMP: Final = 1
IP_IN_IP: Final = 4
TCP: Final = 6
UDP: Final = 17
IP6_IN_IP: Final = 41
ROUTING: Final = 43
FRAGMENT: Final = 44
GRE: Final = 47
AUTHENTICATION: Final = 51
ICMP6: Final = 58
DESTINATION_OPTIONS: Final = 60
MOBILITY: Final = 135
HOST_IDENTITY: Final = 139
SHIM6: Final = 140

IP_PROTOCOLS: Final[dict[str, int]] = {"icmp": ICMP, "tcp": TCP, "udp": UDP, "icmp6": ICMP6}
"""The transports that have a name, by which Community ID knows them."""

# UDP ports that are tunnels.
VXLAN_PORT: Final = 4789


def transport_name(number: int) -> str:
    """Return the name of an IP protocol."""
    for name, known in IP_PROTOCOLS.items():
        if known == number:
            return name
    return f"ip-{number}"
