"""System status lists that span several answers: joined by data unit reference, within bounds. Compiled with mypyc.

Bounds: MAX_JOINED lists at once, MAX_LIST bytes each; what passes them is dropped and counted.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.message import Message
from dissectors.iso.cotp import u16
from dissectors.s7.szl import read_list
from dissectors.s7.table import CPU
from dissectors.s7.userdata import LONG_HEAD

HEADER: Final = 10
MAX_JOINED: Final = 16
MAX_LIST: Final = 65_536
READ: Final = 1


@final
class Lists:
    """The half-read lists of one connection."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        self.dropped: i64 = 0

    def join(self, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Take a part of a list; when it is the last of several, read the whole into ``message``."""
        at: i64 = start + HEADER
        middle: i64 = at + u16(data, start + 6)
        if middle - at < LONG_HEAD or middle + 4 > end:
            return
        if (data[at + 5] & 15) != CPU or data[at + 6] != READ:
            return
        reference = data[at + 8]
        more = data[at + 9] != 0
        held = self.parts.pop(reference, b"")
        if not more and not held:
            return
        if message.error:
            return
        part = data[middle + 4 : min(end, middle + 4 + u16(data, middle + 2))]
        if len(held) + len(part) > MAX_LIST or (more and len(self.parts) >= MAX_JOINED):
            self.dropped += 1
            return
        whole = held + part
        if more:
            self.parts[reference] = whole
            if held:
                message.identity = []
                message.targets = []
                message.detail = {"sequence": message.detail.get("sequence", 0), "continued": 1}
            return
        message.identity = []
        message.targets = []
        message.detail = {"bytes": len(whole)}
        read_list(message, whole, 0, i64(len(whole)))
