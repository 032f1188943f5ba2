"""What the two ends of a flow have said that tells who asks: questions, answers, and pairs of both. Compiled with mypyc.

A pair is a message of one end and a later one of the other with the same tag, of which one fits a client only or the other a
server only. It counts for the end that asked, in whichever order a tap delivered the two. An echo is the same bytes back, where both
directions allow them: it counts for the end that spoke first, and less than a pair. A message alone counts least: whoever can
send a packet can forge it, a pair needs what the other end said.

Bounds: as many bytes as the flow keeps while its client is in doubt, and MAX_OPEN messages of each end that wait for their
counterpart; the oldest are forgotten.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.dissector import Dissector
from dissectors.base.message import REQUEST

MAX_OPEN: Final = 64
"""Messages of one end that wait for their counterpart while it is in doubt who is the client."""


@final
class Said:
    """A message that waits for its counterpart: what its form says of the sender, 1 client, 0 server, -1 either; and its bytes."""

    def __init__(self, says: i64, data: bytes) -> None:
        self.says: i64 = says
        self.data: bytes = data


@final
class Voice:
    """What one end said: the rest of an unfinished message, and what counts for it as the client."""

    def __init__(self) -> None:
        self.rest: bytes = b""
        self.open: dict[int, Said] = {}
        self.pairs: i64 = 0
        self.echoes: i64 = 0
        self.alone: i64 = 0
        """Its own questions and the other end's answers, paired or not."""


@final
class Evidence:
    """The messages of a flow whose client is in doubt."""

    def __init__(self, dissector: Dissector) -> None:
        self.dissector = dissector
        self.opener = Voice()
        self.peer = Voice()

    def of(self, side: i64) -> Voice:
        """Return what counts for a side as the client."""
        return self.opener if side == 0 else self.peer

    def take(self, side: i64, data: bytes) -> None:
        """Count the messages that ``data`` completes in the direction of ``side``."""
        voice = self.of(side)
        joined = voice.rest + data
        at: i64 = 0
        end: i64 = i64(len(joined))
        while at < end:
            size: i64 = self.dissector.measure(joined, at, end)
            if size < 0:
                at = end
            elif size == 0 or at + size > end:
                break
            else:
                self._message(side, joined[at : at + size])
                at += size
        voice.rest = joined[at:]

    def _message(self, side: i64, data: bytes) -> None:
        says: i64 = self.dissector.from_client(data, 0, i64(len(data)))
        message = self.dissector.parse(data, 0, i64(len(data)), says != 0)
        mine = self.of(side)
        other = self.of(1 - side)
        if says == 1:
            mine.alone += 1
        elif says == 0:
            other.alone += 1
        if message is None or (says < 0 and message.kind != REQUEST):
            return
        tag = int(message.tag)
        before = other.open.get(tag)
        if before is not None and not (before.says == says and says >= 0):
            if before.says == 1 or says == 0:
                del other.open[tag]
                other.pairs += 1
                return
            if before.says == 0 or says == 1:
                del other.open[tag]
                mine.pairs += 1
                return
            if before.data == data:
                del other.open[tag]
                other.echoes += 1
                return
        if len(mine.open) >= MAX_OPEN:
            del mine.open[next(iter(mine.open))]
        mine.open[tag] = Said(says, data)
