"""The link layer of the frame under the needle. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from mypy_extensions import i64


@final
class Link:
    """Addresses and VLAN tags of the innermost Ethernet header; -1 for an address that was not seen.

    ``tunnel`` is the number of the tunnel around them, 0 outside of one; ``tunnel_text`` names it in the direction of the frame,
    ``tunnel_reverse`` in the other one. ``cut_frame`` is the last frame of which the capture holds only the beginning.
    """

    def __init__(self) -> None:
        self.vlan: i64 = 0
        self.inner_vlan: i64 = 0
        self.mac_to: i64 = -1
        self.mac_from: i64 = -1
        self.tunnel: i64 = 0
        self.tunnel_text: str = ""
        self.tunnel_reverse: str = ""
        self.cut_frame: i64 = -1
