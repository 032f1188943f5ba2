"""The link layer of the frame under the needle. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

PLACE_SHIFT: Final = 9
"""Where in the tag of a flow its place begins: VLAN, inner VLAN, interface. Below are protocol and IP version."""
INNER_SHIFT: Final = 21
INTERFACE_SHIFT: Final = 33


@final
class Link:
    """Addresses and VLAN tags of the innermost Ethernet header; -1 for an address that was not seen.

    ``tunnel`` is the number of the tunnel around them, 0 outside of one; ``tunnel_text`` names it in the direction of the frame,
    ``tunnel_reverse`` in the other one.
    ``interface`` is the number of the interface as it stands in the tag of a flow. ``header`` is the offset of the innermost IP
    header in its block, -1 when the packet was put together from fragments. ``cut_frame`` is the last frame of which the
    capture holds only the beginning.
    """

    def __init__(self) -> None:
        self.vlan: i64 = 0
        self.inner_vlan: i64 = 0
        self.interface: i64 = 0
        self.mac_to: i64 = -1
        self.mac_from: i64 = -1
        self.header: i64 = -1
        self.tunnel: i64 = 0
        self.tunnel_text: str = ""
        self.tunnel_reverse: str = ""
        self.cut_frame: i64 = -1
