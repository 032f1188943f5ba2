"""Headers that wrap other packets, as mirror sessions and carriers use them: where does the inner packet begin? Compiled with mypyc.

MPLS (RFC 3032, pseudowires RFC 4385 and 4448), PPPoE (RFC 2516), PPP (RFC 1661), frame relay (RFC 2427), the service function
chaining header (RFC 8300). Tunnels over UDP stand in ``udp_tunnel``, those with an IP protocol of their own in ``ip_tunnel``.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.wire.address import short
from dissectors.wire.numbers import (
    ARP,
    IPV4,
    IPV6,
    MPLS,
    NLPID_IPV4,
    NLPID_IPV6,
    NLPID_SNAP,
    PPP_IPV4,
    PPP_IPV6,
    PPP_MPLS,
    TRANSPARENT_ETHERNET,
)
from dissectors.wire.tags import is_vlan

NOTHING: Final = -1
ANY_IP: Final = 0
"""In place of an ethertype: the packet begins with an IP header, whose version says which."""
CONTROL_WORD: Final = 4
PPP_ADDRESS: Final = 0xFF03


@final
class Wrapping:
    """What was read last of the header of a tunnel.

    ``name`` is the kind of tunnel, ``number`` its network, session or key (NOTHING without one). The inner packet begins at ``at``
    and is what the ethertype ``carries`` says. ``unread`` says what stopped the reading, "" when nothing did.
    """

    def __init__(self) -> None:
        self.name: str = ""
        self.number: i64 = NOTHING
        self.at: i64 = NOTHING
        self.carries: i64 = ANY_IP
        self.unread: str = ""

    def begin(self, name: str) -> None:
        """Begin to read a header."""
        self.name = name
        self.number = NOTHING
        self.at = NOTHING
        self.carries = ANY_IP
        self.unread = ""


def behind_mpls(block: bytes, start: i64, end: i64) -> i64:
    """Return where the payload of an MPLS label stack begins, NOTHING when there is none."""
    at: i64 = start
    while end - at >= 4:
        bottom = (i64(block[at + 2]) & 1) == 1
        at += 4
        if bottom:
            return at if at < end else NOTHING
    return NOTHING


def behind_control_word(block: bytes, at: i64, end: i64) -> i64:
    """Return where the frame of a pseudowire begins: behind its control word, where it has one.

    Nothing says whether there is one. A frame is taken to begin where an ethertype stands in its place.
    """
    if (i64(block[at]) >> 4) != 0 or end - at <= CONTROL_WORD + 14:
        return at
    if not is_frame(block, at + CONTROL_WORD, end) and is_frame(block, at, end):
        return at
    return at + CONTROL_WORD


def is_frame(block: bytes, at: i64, end: i64) -> bool:
    """Return whether there is an ethertype where that of a frame stands."""
    if end - at < 14:
        return False
    kind: i64 = short(block, at + 12)
    return kind == IPV4 or kind == IPV6 or kind == ARP or kind == MPLS or is_vlan(kind)


def read_ppp(wrapping: Wrapping, block: bytes, start: i64, end: i64) -> None:
    """Read a PPP header, with or without address and control; the protocol may be of one byte."""
    wrapping.begin("PPP")
    at: i64 = start
    if end - at >= 2 and short(block, at) == PPP_ADDRESS:
        at += 2
    if end - at < 3:
        wrapping.unread = "PPP cut short"
        return
    kind: i64 = i64(block[at])
    if kind & 1:
        at += 1
    else:
        kind = short(block, at)
        at += 2
    if kind == PPP_IPV4 or kind == PPP_IPV6:
        wrapping.at = at
    elif kind == PPP_MPLS:
        wrapping.at = at
        wrapping.carries = MPLS
    elif kind < 0x8000:
        wrapping.unread = f"PPP protocol 0x{int(kind):04x}"


def read_frame_relay(wrapping: Wrapping, block: bytes, start: i64, end: i64) -> None:
    """Read a Q.922 address of two to four bytes and what RFC 2427, or Cisco with an ethertype, puts behind it."""
    wrapping.begin("frame relay")
    at: i64 = start
    while at < end and at - start < 4 and (i64(block[at]) & 1) == 0:
        at += 1
    at += 1
    if end - at < 4:
        wrapping.unread = "frame relay cut short"
        return
    kind: i64 = short(block, at)
    if kind == IPV4 or kind == IPV6:
        wrapping.at = at + 2
        return
    if block[at] != 3:
        wrapping.unread = "frame relay"
        return
    at += 1 if block[at + 1] != 0 else 2
    if block[at] == NLPID_IPV4 or block[at] == NLPID_IPV6:
        wrapping.at = at + 1
    elif block[at] == NLPID_SNAP and end - at >= 6 and short(block, at + 1) == 0 and block[at + 3] == 0:
        wrapping.at = at + 6
        wrapping.carries = short(block, at + 4)
    else:
        wrapping.unread = "frame relay"


def read_service_header(wrapping: Wrapping, block: bytes, start: i64, end: i64) -> None:
    """Read a network service header: its length in words, and the protocol behind it."""
    size: i64 = (i64(block[start + 1]) & 0x3F) * 4 if end - start >= 8 else 0
    if size < 8 or end - start <= size:
        wrapping.unread = "network service header cut short"
        return
    wrapping.at = start + size
    wrapping.carries = next_protocol(i64(block[start + 3]))
    if wrapping.carries < 0:
        wrapping.unread = f"network service header with protocol {int(block[start + 3])}"


def next_protocol(number: i64) -> i64:
    """Return the ethertype of a "next protocol" as VXLAN-GPE and the service header number them, NOTHING for others."""
    if number == 1:
        return IPV4
    if number == 2:
        return IPV6
    if number == 3:
        return TRANSPARENT_ETHERNET
    if number == 5:
        return MPLS
    return NOTHING


def udp_end(block: bytes, start: i64, end: i64) -> i64:
    """Return where the UDP datagram at ``start`` ends: as its header says, at most at ``end``."""
    said: i64 = i64(read_i16_be(block, start + 4)) & 0xFFFF
    return start + said if said >= 8 and start + said < end else end
