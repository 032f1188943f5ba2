"""What was not read, by name: wrappings, link types and headers that lead no further. Compiled with mypyc.

A frame is counted once, under the name of what stopped the reading. Frames of a protocol that has a name and is only not
dissected are conversations, and not counted here; neither are those that a bound of the sensor forgot.

Bound: MAX_NAMES names, those that came later share ``OTHER``: an ethertype is a number that anybody can write.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

MAX_NAMES: Final = 64
OTHER: Final = "other names"
LINK_TYPES: Final = {
    6: "Token Ring",
    105: "IEEE 802.11",
    119: "IEEE 802.11 with Prism header",
    127: "IEEE 802.11 with radiotap",
    163: "IEEE 802.11 with AVS header",
    187: "Bluetooth HCI",
    189: "USB",
    195: "IEEE 802.15.4",
    220: "USB",
    227: "CAN",
    230: "IEEE 802.15.4",
    239: "netfilter log",
}
"""Link types that are met and not read, after the registry of tcpdump.org."""
ETHERTYPES: Final = {
    0x22F3: "TRILL",
    0x4305: "B.A.T.M.A.N.",
    0x8874: "Broadcom tag",
    0x88E5: "MACsec",
    0x8903: "FabricPath",
    0xD28B: "Arista time stamp",
    0xDADA: "DSA switch tag",
}
"""Ethertypes that wrap frames and are not read: sealed, or of one maker."""
PORTS: Final = {
    1701: "L2TP",
    2152: "GTP-U",
    4341: "LISP",
    4500: "IPsec in UDP",
    4754: "GRE in UDP",
    5246: "CAPWAP",
    5247: "CAPWAP",
    6080: "GUE",
}
"""UDP ports of wrappings that are not read."""
IP_PROTOCOLS: Final = {50: "IPsec ESP", 94: "IP encapsulation (KA9Q)", 108: "IP compression", 115: "L2TPv3"}
"""IP protocols that wrap packets and are not read."""


@final
class Unread:
    """Frames of each name, in all and since the last report."""

    def __init__(self) -> None:
        self.total: i64 = 0
        self.names: dict[str, i64] = {}

    def count(self, name: str) -> None:
        """Count one frame."""
        self.count_many(name, 1)

    def count_many(self, name: str, frames: i64) -> None:
        """Count frames of one name."""
        self.total += frames
        known = self.names.get(name)
        if known is None:
            if len(self.names) >= MAX_NAMES:
                name = OTHER
            known = self.names.get(name, 0)
        self.names[name] = known + frames

    def count_link(self, link_type: i64) -> None:
        """Count a packet of a link type that is not read."""
        number = int(link_type)
        name = LINK_TYPES.get(number, "")
        self.count(f"link type {number} ({name})" if name else f"link type {number}")

    def drain(self) -> dict[str, int]:
        """Return what was counted since the last call, by name; names begin anew."""
        counts = {name: int(self.names[name]) for name in sorted(self.names)}
        self.names = {}
        return counts


def ethertype_text(number: i64) -> str:
    """Return what an ethertype that is not read is called."""
    name = ETHERTYPES.get(int(number), "")
    return f"ethertype 0x{int(number):04x}" + (f" ({name})" if name else "")
