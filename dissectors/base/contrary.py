"""What speaks against the roles of a connection: the server's questions and the client's answers to them. Compiled with mypyc.

Each is kept, so that it can be read again the right way round when the roles turn. A pair is a question with its answer of which one
fits one direction only. Bounds: MAX_CONTRARY messages of at most MAX_CONTRARY_BYTES each, the oldest make way; all within the budget
that protocols share (``ChannelTable.parts``). What there is no room for is counted as ``evicted_protocol_state`` and cannot be read again.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable

MAX_CONTRARY: Final = 16
"""Messages of one connection that speak against its roles and are kept to be read again."""
MAX_CONTRARY_BYTES: Final = 1_024
"""Bytes of such a message."""


@final
class Kept:
    """One such message; ``is_sure`` that its form fits no other direction."""

    def __init__(self, side: i64, tag: i64, is_sure: bool, data: bytes, frame: i64) -> None:
        self.side: i64 = side
        self.tag: i64 = tag
        self.is_sure: bool = is_sure
        self.data: bytes = data
        self.frame: i64 = frame
        self.is_answered: bool = False


@final
class Contrary:
    """The messages against the roles, and how many ``pairs`` of them there were."""

    def __init__(self, table: ChannelTable) -> None:
        self.table = table
        self.kept: list[Kept] = []
        self.pairs: i64 = 0

    def question(self, side: i64, tag: i64, is_sure: bool, data: bytes, frame: i64) -> None:
        """Keep a question of the server."""
        self._keep(Kept(side, tag, is_sure, data, frame))

    def asked(self, tag: i64) -> Kept | None:
        """Return the question of the server that an answer with ``tag`` belongs to."""
        for one in self.kept:
            if one.tag == tag and not one.is_answered:
                return one
        return None

    def count(self, asked: Kept, is_sure: bool) -> None:
        """Count a question as answered: a pair, where the form of one of the two leaves no doubt."""
        asked.is_answered = True
        if asked.is_sure or is_sure:
            self.pairs += 1

    def answer(self, asked: Kept, is_sure: bool, data: bytes, frame: i64) -> None:
        """Keep the client's answer to a question."""
        answer = Kept(1 - asked.side, asked.tag, is_sure, data, frame)
        answer.is_answered = True
        self._keep(answer)

    def forget(self, asked: Kept) -> None:
        """Give up a question that needs no second reading."""
        self.table.parts -= i64(len(asked.data))
        asked.data = b""

    def _keep(self, one: Kept) -> None:
        table = self.table
        if len(self.kept) >= MAX_CONTRARY:
            table.parts -= i64(len(self.kept[0].data))
            del self.kept[0]
        size: i64 = i64(len(one.data))
        if size > MAX_CONTRARY_BYTES or table.parts + size > table.part_limit:
            one.data = b""
            table.evicted_protocol_state += 1
        table.parts += i64(len(one.data))
        self.kept.append(one)

    def release(self) -> None:
        """Give the bytes back: the roles were turned, or the connection is over."""
        for one in self.kept:
            self.table.parts -= i64(len(one.data))
        self.kept = []
