"""Where captured packets go: the one call between reading a capture and understanding it.

The readers of ``sensor/capture`` call ``packet`` once per packet with a block of bytes and offsets into it,
so that nothing is copied. Compiled with mypyc; subclasses are native classes.
"""

from __future__ import annotations

from mypy_extensions import i64, mypyc_attr


@mypyc_attr(allow_interpreted_subclasses=True)
class PacketSink:
    """Takes packets in capture order. The base class only counts them (reading alone, for the bench)."""

    def __init__(self) -> None:
        self.packets: i64 = 0
        self.byte_count: i64 = 0

    def packet(self, block: bytes, start: i64, captured: i64, original: i64, time: i64, link: i64) -> None:
        """Take one packet.

        ``block[start:start + captured]`` are its bytes, ``original`` its length on the wire, ``time`` in
        nanoseconds since 1970 UTC and ``link`` the LINKTYPE number of its interface.
        """
        self.packets += 1
        self.byte_count += captured

    def source(self, name: str, interface: str) -> None:
        """Name the capture file or interface that the following packets come from."""

    def resume(self, frame: i64) -> None:
        """Say that the next packet is the frame after ``frame``, where files are read together."""

    def end_of_block(self) -> None:
        """Let go of the current block: what must be kept of it is copied now."""
