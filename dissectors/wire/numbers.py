"""The assigned numbers of links, networks and transports, each once. Compiled with mypyc.

Link types after the registry of tcpdump.org, ethertypes after IEEE 802, IP protocols after IANA. Names of IT protocols and
their ports stand in ``service``; numbers of a protocol that is dissected stand in its declaration.
"""

from __future__ import annotations

from typing import Final

# Link types.
LINK_NULL: Final = 0
LINK_ETHERNET: Final = 1
LINK_PPP: Final = 9
LINK_RAW_OLD: Final = 12
LINK_RAW_BSD: Final = 14
LINK_PPP_SERIAL: Final = 50
LINK_PPP_ETHERNET: Final = 51
LINK_RAW: Final = 101
LINK_CISCO_HDLC: Final = 104
LINK_FRAME_RELAY: Final = 107
LINK_LOOP: Final = 108
LINK_SLL: Final = 113
LINK_PPP_WITH_DIRECTION: Final = 204
LINK_MPLS: Final = 219
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
PROVIDER_BACKBONE: Final = 0x88E7
ERSPAN_III: Final = 0x22EB
CISCO_METADATA: Final = 0x8909
VN_TAG: Final = 0x8926
HSR: Final = 0x892F
E_TAG: Final = 0x893F
SERVICE_HEADER: Final = 0x894F
CISCO_TIME_TAG: Final = 0x8988
QINQ_OLD: Final = 0x9100
PPTP: Final = 0x880B

# LLC (IEEE 802.2), and what stands for it in Linux cooked captures.
SNAP: Final = 0xAA
LLC_IP: Final = 0x06
LLC_UNNUMBERED: Final = 3
COOKED_LLC: Final = 0x0004

# PPP protocols.
PPP_IPV4: Final = 0x0021
PPP_IPV6: Final = 0x0057
PPP_MPLS: Final = 0x0281

# Network layer protocol identifiers of frame relay (RFC 2427).
NLPID_SNAP: Final = 0x80
NLPID_IPV6: Final = 0x8E
NLPID_IPV4: Final = 0xCC

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
VRRP: Final = 112
ESP: Final = 50
AUTHENTICATION: Final = 51
ICMP6: Final = 58
DESTINATION_OPTIONS: Final = 60
ETHERNET_IN_IP: Final = 97
COMPRESSED: Final = 108
L2TP: Final = 115
MOBILITY: Final = 135
MPLS_IN_IP: Final = 137
HOST_IDENTITY: Final = 139
SHIM6: Final = 140

IP_PROTOCOLS: Final[dict[str, int]] = {"icmp": ICMP, "tcp": TCP, "udp": UDP, "icmp6": ICMP6}
"""The transports that have a name, by which Community ID knows them."""

# UDP ports that are tunnels.
TEREDO_PORT: Final = 3544
VXLAN_PORT: Final = 4789
VXLAN_GPE_PORT: Final = 4790
GENEVE_PORT: Final = 6081
MPLS_PORT: Final = 6635
HP_ERM_PORT: Final = 7932
VXLAN_OLD_PORT: Final = 8472
TZSP_PORT: Final = 37008


def transport_name(number: int) -> str:
    """Return the name of an IP protocol."""
    for name, known in IP_PROTOCOLS.items():
        if known == number:
            return name
    return f"ip-{number}"
