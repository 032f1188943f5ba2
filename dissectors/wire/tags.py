"""Tags between the addresses of an Ethernet frame and its ethertype: how long they are. Compiled with mypyc.

A tag begins behind its own ethertype and ends with the ethertype of what follows. VLAN (IEEE 802.1Q, 802.1ad), HSR
(IEC 62439-3 5.2), E-Tag (IEEE 802.1BR 7.5), VN-Tag (Cisco), Cisco MetaData (CMD, one or more options behind a header) and Cisco's
time tag (six bytes of time; its ethertype stands in no public registry, 0x8988 is what Nexus switches use).

A PRP trailer (IEC 62439-3 4.2.7: sequence, LAN and size, 0x88FB) follows the message and is read as padding.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.wire.numbers import CISCO_METADATA, CISCO_TIME_TAG, E_TAG, HSR, QINQ, QINQ_OLD, VLAN, VN_TAG

VLAN_BYTES: Final = 4
HSR_BYTES: Final = 6
E_TAG_BYTES: Final = 8
VN_TAG_BYTES: Final = 6
TIME_TAG_BYTES: Final = 8
CMD_HEADER: Final = 2
CMD_WORD: Final = 4
NO_TAG: Final = 0


def is_vlan(kind: i64) -> bool:
    """Return whether an ethertype announces a VLAN tag."""
    return kind == VLAN or kind == QINQ or kind == QINQ_OLD


def tag_bytes(kind: i64, block: bytes, at: i64, end: i64) -> i64:
    """Return how long the tag of this ethertype is with the ethertype behind it, NO_TAG when it is none."""
    if is_vlan(kind):
        return VLAN_BYTES
    if kind == HSR:
        return HSR_BYTES
    if kind == VN_TAG:
        return VN_TAG_BYTES
    if kind == E_TAG:
        return E_TAG_BYTES
    if kind == CISCO_TIME_TAG:
        return TIME_TAG_BYTES
    if kind == CISCO_METADATA:
        words: i64 = i64(block[at + 1]) if end - at > 1 else 1
        return CMD_HEADER + (words if words > 0 else 1) * CMD_WORD + 2
    return NO_TAG
