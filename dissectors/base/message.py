"""One message as its own bytes decide it: the result of every dissector's ``parse``.

``parse(data, start, end)`` reads only ``data[start:end]``. Three outcomes exist: a message; NEED_MORE bytes; NOT_MINE.
Wrong but readable is a message with named violations. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from librt.strings import read_i64_le
from mypy_extensions import i64

from dissectors.facts import Target, Value

NEED_MORE: Final = 0
NOT_MINE: Final = -1
LONGEST_MESSAGE: Final = 65_535
"""What a length of two bytes can say."""

NO: Final = 0
MAYBE: Final = 1
YES: Final = 2

REQUEST: Final = 0
RESPONSE: Final = 1
REPORT: Final = 2
"""A device speaks by itself: unsolicited response, alarm, cyclic data."""
ONE_WAY: Final = 3
"""A client speaks and no answer is due: confirm, direct operate without response, broadcast."""

CLAIMS: Final = "claims"
"""The key in the detail of a message whose sender says of itself that it is the other station: which one it claims to be."""

LEFT_OUT: Final = "targets_left_out"
"""The key in the detail of a message that names more targets than are kept: how many more."""
ANYTHING: Final = 0
"""The mirror of a message that does not say what was asked."""
PLAIN_READ: Final = 1
"""The mirror of a routine read, and of an answer that brings nothing but values. Those of other messages are greater."""

SERVER: Final = 0
"""An identity is the server's, whoever sent the message."""
SENDER: Final = 1
"""An identity is that of whoever sent the message: a publisher says who it is."""


class Message:
    """A dissected message: one operation, or the first of several that it carries.

    ``unit`` names the device behind the address, ``tag`` pairs answer with request.
    """

    def __init__(self, kind: i64, operation: str, verb: str, code: str) -> None:
        self.kind: i64 = kind
        self.operation: str = operation
        self.verb: str = verb
        self.code: str = code
        self.unit: str = ""
        self.unit_key: i64 = 0
        self.tag: i64 = 0
        self.targets: list[Target] = []
        self.values: list[Value] = []
        self.error: str = ""
        self.error_code: i64 = 0
        self.detail: dict[str, Value] = {}
        self.violations: list[ProtocolViolation] = []
        self.identity: list[Identity] = []
        self.routine: bool = False
        self.final: bool = True
        self.optional: bool = False
        """A request that says it needs no answer; some devices give one."""
        self.mirror: i64 = ANYTHING
        """What a request and its answer both say, of function, points or values: it differs in an answer to something else."""
        self.more: list[Message] = []
        """The further operations of the same message, in order; requests among them need tags of their own."""

    def label(self) -> str:
        """Return the operation with its targets: the name of this symbol on its channel."""
        return label_of(self.operation, self.targets)

    def name(self) -> str:
        """Return the operation with all its targets: labels of many targets are cut and may be equal."""
        if len(self.targets) <= LABEL_TARGETS:
            return self.label()
        return self.operation + "".join([f" {one.kind}:{one.first}-{one.last}" for one in self.targets])

    def as_tuple(self) -> tuple[object, ...]:
        """Return everything that the bytes decided, for comparison."""
        return (
            self.kind,
            self.operation,
            self.verb,
            self.code,
            self.unit,
            self.unit_key,
            self.tag,
            tuple(self.targets),
            tuple(self.values),
            self.error,
            self.error_code,
            tuple(self.detail.items()),
            tuple((found.name, found.at, found.text) for found in self.violations),
            tuple((found.attribute, found.value, found.method, found.about) for found in self.identity),
            self.routine,
            self.final,
            self.mirror,
            tuple([part.as_tuple() for part in self.more]),
        )


class ProtocolViolation:
    """A named violation at an offset of the message."""

    def __init__(self, name: str, at: i64, clause: str, text: str) -> None:
        self.name: str = name
        self.at: i64 = at
        self.clause: str = clause
        self.text: str = text


class Identity:
    """Something a device says of itself: attribute, value, the method that read it, and whether SERVER or SENDER it is."""

    def __init__(self, attribute: str, value: str, method: str, about: i64 = SERVER) -> None:
        self.attribute: str = attribute
        self.value: str = value
        self.method: str = method
        self.about: i64 = about


LABEL_TARGETS: Final = 4


def label_of(operation: str, targets: list[Target]) -> str:
    """Return ``operation`` with at most LABEL_TARGETS targets, e.g. "read_coils coil:0-9"."""
    parts = [operation]
    for target in targets[:LABEL_TARGETS]:
        if target.first < 0:
            parts.append(target.kind)
        elif target.first == target.last:
            parts.append(f"{target.kind}:{target.first}")
        else:
            parts.append(f"{target.kind}:{target.first}-{target.last}")
    if len(targets) > LABEL_TARGETS:
        parts.append(f"+{len(targets) - LABEL_TARGETS}")
    return " ".join(parts)


def fold(data: bytes, start: i64, end: i64) -> i64:
    """Return a 60-bit FNV-1a style hash of ``data[start:end]``, the same in every run."""
    one: i64 = 0x811C9DC5
    two: i64 = 0x050C5D1F
    at: i64 = start
    while at < end:
        byte: i64 = i64(data[at])
        one = ((one ^ byte) * 0x01000193) & 0xFFFFFFFF
        two = ((two ^ byte) * 0x01000193 + 0x9E37) & 0xFFFFFFFF
        at += 1
    return ((one << 28) ^ two) & 0xFFFFFFFFFFFFFFF


def joined(mirror: i64, number: i64, content: i64) -> i64:
    """Return the mirror of a message that goes on with point ``number`` and ``content``, the fold of what is done with it."""
    mixed: i64 = ((mirror & 0xFFFFFFFFFF) * 0x1003F + number * 0x9E37 + content) & 0xFFFFFFFFFFFFFFF
    return mixed | 1 << 60


LONG_BYTES: Final = 32
"""More than this is compared in one piece."""


def same(one: bytes, start: i64, end: i64, other: bytes) -> bool:
    """Return whether ``one[start:end]`` equals ``other``. What is long is copied: the C library compares it faster than a loop."""
    size: i64 = end - start
    if i64(len(other)) != size:
        return False
    if size > LONG_BYTES:
        return one[start:end] == other
    at: i64 = 0
    while at + 8 <= size:
        if read_i64_le(one, start + at) != read_i64_le(other, at):
            return False
        at += 8
    if size >= 8:
        return read_i64_le(one, end - 8) == read_i64_le(other, size - 8)
    while at < size:
        if one[start + at] != other[at]:
            return False
        at += 1
    return True
