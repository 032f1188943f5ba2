"""Toy protocols, registered only here: what the doors, groups and several operations in a message promise to real ones.

A toy message is the byte 0x54, its kind, a tag and a count of operations; each operation is a letter and a value byte.
"""

from __future__ import annotations

from dissectors.base.dissector import Dissector
from dissectors.base.message import (
    NEED_MORE,
    NO,
    NOT_MINE,
    REPORT,
    REQUEST,
    RESPONSE,
    SENDER,
    YES,
    Identity,
    Message,
)
from dissectors.base.session import Session
from dissectors.facts import Target
from dissectors.registry import PROTOCOLS, doors_of
from dissectors.spec import Door, Protocol
from sensor.worker import Worker

MAGIC = 0x54


def toy(kind: int, tag: int, *operations: tuple[str, int]) -> bytes:
    """A message of these operations."""
    return bytes((MAGIC, kind, tag, len(operations))) + b"".join(
        bytes((ord(name), value)) for name, value in operations
    )


def measure(data: bytes, start: int, end: int) -> int:
    if start < end and data[start] != MAGIC:
        return NOT_MINE
    if end - start < 4:
        return NEED_MORE
    return 4 + 2 * data[start + 3]


def parse(data: bytes, start: int, end: int) -> Message | None:
    if measure(data, start, end) != end - start:
        return None
    parts = []
    for number in range(data[start + 3]):
        name, value = chr(data[start + 4 + 2 * number]), data[start + 5 + 2 * number]
        part = Message(data[start + 1], f"toy_{name}", "write" if name.isupper() else "read", name)
        part.tag = data[start + 2] | number << 8
        part.targets = [Target(name, number, number)]
        part.values = [value]
        if part.kind == REPORT:
            part.identity = [Identity("name", f"station-{value}", "toy.name", SENDER)]
        parts.append(part)
    first, *first.more = parts
    return first


class ToySession(Session):
    def measure(self, side: int, data: bytes, start: int, end: int) -> int:
        return measure(data, start, end)

    def message(self, side: int, data: bytes, start: int, end: int) -> None:
        message = parse(data, start, end)
        assert message is not None
        self.conversation.take(side, message, -1, data, start, end)


class ToyDissector(Dissector):
    def __init__(self, name: str = "toy") -> None:
        super().__init__(name, bytes((MAGIC,)))

    def recognise(self, data: bytes, start: int, end: int, proposed: bool) -> int:
        return YES if proposed and measure(data, start, end) > 0 else NO

    def from_client(self, data: bytes, start: int, end: int) -> int:
        return {REQUEST: 1, RESPONSE: 0}.get(data[start + 1], -1)

    def session(self, connection, recorder, channel_table):
        return ToySession(self.name, connection, recorder, channel_table)


def worker_with(*doors: Door) -> Worker:
    """A worker that knows the toy protocol behind these doors, beside the real ones."""
    protocol = Protocol(name="toy", title="Toy", industrial=False, dissector=ToyDissector(), doors=doors)
    return Worker(doors_of((*PROTOCOLS, protocol)))
