"""The page of what frames and packets may be wrapped in: what is read, what that means, and what is counted as not read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from dissectors.wire import numbers
from dissectors.wire.mirrors import KINDS, MIRRORING
from dissectors.wire.unread import ETHERTYPES, IP_PROTOCOLS, LINK_TYPES, MAX_NAMES, PORTS
from dissectors.wire.unwrap import MAX_DEPTH
from tools.docs.page import page, section, table


class Wrapping(NamedTuple):
    """One row: what it is, the numbers that announce it, where it is described."""

    name: str
    numbers: str
    described: str


def _ethertypes(*values: int) -> str:
    return "ethertype " + ", ".join(f"0x{value:04x}" for value in values)


LINKS: Final = (
    Wrapping("Ethernet", f"link type {numbers.LINK_ETHERNET}", "IEEE 802.3"),
    Wrapping("Linux cooked capture", f"link type {numbers.LINK_SLL}, {numbers.LINK_SLL2}", "tcpdump.org"),
    Wrapping(
        "raw IP",
        f"link type {numbers.LINK_RAW}, {numbers.LINK_RAW_OLD}, {numbers.LINK_RAW_BSD}, {numbers.LINK_IPV4}, "
        f"{numbers.LINK_IPV6}",
        "tcpdump.org",
    ),
    Wrapping("BSD loopback", f"link type {numbers.LINK_NULL}, {numbers.LINK_LOOP}", "tcpdump.org"),
    Wrapping(
        "PPP, in HDLC frames, over Ethernet, with direction",
        f"link type {numbers.LINK_PPP}, {numbers.LINK_PPP_SERIAL}, {numbers.LINK_PPP_ETHERNET}, "
        f"{numbers.LINK_PPP_WITH_DIRECTION}",
        "RFC 1661, 1662, 2516",
    ),
    Wrapping("Cisco HDLC", f"link type {numbers.LINK_CISCO_HDLC}", "tcpdump.org"),
    Wrapping("frame relay", f"link type {numbers.LINK_FRAME_RELAY}", "RFC 2427"),
    Wrapping("MPLS", f"link type {numbers.LINK_MPLS}", "RFC 3032"),
)
TAGS: Final = (
    Wrapping("VLAN, QinQ", _ethertypes(numbers.VLAN, numbers.QINQ, numbers.QINQ_OLD), "IEEE 802.1Q, 802.1ad"),
    Wrapping("HSR; the copy from the other side of the ring is dropped", _ethertypes(numbers.HSR), "IEC 62439-3"),
    Wrapping("PRP trailer; read as padding", "0x88fb at the end of the frame", "IEC 62439-3"),
    Wrapping("E-Tag", _ethertypes(numbers.E_TAG), "IEEE 802.1BR"),
    Wrapping("VN-Tag", _ethertypes(numbers.VN_TAG), "Cisco"),
    Wrapping("Cisco MetaData", _ethertypes(numbers.CISCO_METADATA), "Cisco"),
    Wrapping("Cisco time tag", _ethertypes(numbers.CISCO_TIME_TAG), "Cisco; in no public registry"),
    Wrapping("IP in LLC, in SNAP", "length instead of an ethertype", "IEEE 802.2, RFC 1042"),
    Wrapping("provider backbone", _ethertypes(numbers.PROVIDER_BACKBONE), "IEEE 802.1ah"),
    Wrapping("MPLS, pseudowires", _ethertypes(numbers.MPLS, numbers.MPLS_MULTICAST), "RFC 3032, 4448"),
    Wrapping("PPPoE", _ethertypes(numbers.PPPOE_SESSION), "RFC 2516"),
    Wrapping(
        "IPsec Authentication Header, in IPv4 and IPv6; its check value is not verified",
        f"IP protocol {numbers.AUTHENTICATION}",
        "RFC 4302",
    ),
    Wrapping("network service header", _ethertypes(numbers.SERVICE_HEADER), "RFC 8300"),
)
TUNNELS: Final = (
    Wrapping("erspan", "GRE with 0x88be, 0x22eb", "draft-foschiano-erspan; types I to III"),
    Wrapping("etherip", f"IP protocol {numbers.ETHERNET_IN_IP}", "RFC 3378"),
    Wrapping("geneve", f"UDP {numbers.GENEVE_PORT}", "RFC 8926"),
    Wrapping("gre", f"IP protocol {numbers.GRE}", "RFC 2784, 2890; not version 1 (PPTP)"),
    Wrapping("hp-erm", f"UDP {numbers.HP_ERM_PORT}", "HP; read as Wireshark does"),
    Wrapping("ip-in-ip", f"IP protocol {numbers.IP_IN_IP}", "RFC 2003"),
    Wrapping("mpls-in-ip", f"IP protocol {numbers.MPLS_IN_IP}", "RFC 4023"),
    Wrapping("mpls-in-udp", f"UDP {numbers.MPLS_PORT}", "RFC 7510"),
    Wrapping("nvgre", "GRE with 0x6558 and a key", "RFC 7637"),
    Wrapping("6in4", f"IP protocol {numbers.IP6_IN_IP}", "RFC 4213"),
    Wrapping("teredo", f"UDP {numbers.TEREDO_PORT}", "RFC 4380"),
    Wrapping("tzsp", f"UDP {numbers.TZSP_PORT}", "Tazmen; read as Wireshark does"),
    Wrapping("vxlan", f"UDP {numbers.VXLAN_PORT}, {numbers.VXLAN_OLD_PORT}", "RFC 7348"),
    Wrapping("vxlan-gpe", f"UDP {numbers.VXLAN_GPE_PORT}", "draft-ietf-nvo3-vxlan-gpe"),
)
HEAD: Final = ("wrapping", "announced by", "described in")

ABOUT: Final = f"""What a mirror port, a carrier or an attacker may put around the packets of a plant. Up to {MAX_DEPTH} wrappings in each
other are taken off."""

ABOUT_TUNNELS: Final = f"""The outer ends of a tunnel are a conversation of their own, with assets, a verdict of the policy and
counters, under the name of the first column. What comes in it is dissected, judged and reported with the tunnel
(`spanwatch.channel.tunnel`): kind, number, outer sender and receiver, as in `vxlan 7 10.0.0.5 > 10.0.0.6`. Its addresses are
whatever the sender wrote: they make no asset, prove no binding of MAC and IP, and never mix with the same addresses outside.
Alerts on it name the sender of the tunnel. A tunnel that carries industrial messages and that the policy does not allow is
NET-036.

A **mirror session** brings the traffic of the plant to the sensor; what comes in it counts as if it had been seen on the wire.
Mirror sessions are those that end at an address of a watched interface, and those of `mirror_sessions` in the configuration
([spanwatch.example.yaml](spanwatch.example.yaml)). As long as the configuration names none, those of {", ".join(MIRRORING)} are taken for
mirror sessions, because these kinds exist for nothing else; once it names one, only the named ones are. Anybody who can send
packets can send these kinds too, so name the sessions of the plant."""

ABOUT_UNREAD: Final = f"""Frames that lead no further are counted by the name of what stopped the reading: an ethertype or a link
type without a reader, a sealed or foreign wrapping, a header cut short, IP fragments that the capture cut or that never came to a
whole datagram (within 30 s, all with the same VLAN tags). The counts are in the notes of a replay, in
`spanwatch.sensor.capture.unread` and in `SEN-021`, which is raised above 1 % of the frames of a minute or 100 frames of one name. At most
{MAX_NAMES} names a minute; the others share one. A protocol that has a name and is only not dissected (PROFINET, for example) is a conversation
and not counted here.

These wrappings are known by name and not read:"""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the page."""
    assert {row.name for row in TUNNELS} == set(KINDS)
    unread = [
        *((name, f"ethertype 0x{number:04x}") for number, name in ETHERTYPES.items()),
        *((name, f"IP protocol {number}") for number, name in IP_PROTOCOLS.items()),
        *((name, f"UDP {number}") for number, name in PORTS.items()),
        *((name, f"link type {number}") for number, name in LINK_TYPES.items()),
    ]
    yield (
        "wrappings.md",
        page(
            "What packets may be wrapped in",
            ABOUT,
            section("Links", table(HEAD, LINKS)),
            section("Tags and carriers", table(HEAD, TAGS)),
            section("Tunnels and mirror sessions", table(HEAD, TUNNELS), ABOUT_TUNNELS),
            section("Not read", ABOUT_UNREAD, table(("wrapping", "announced by"), unread)),
        ),
    )
