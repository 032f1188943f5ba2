"""The input of a target as parts (messages, frames, lines of a policy), and a small mutator that knows no more of them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from random import Random

EDGES = (0x00, 0x01, 0x02, 0x03, 0x7F, 0x80, 0xFE, 0xFF)
MAX_PARTS = 64
MAX_EDITS = 4


def pack(parts: Sequence[bytes]) -> bytes:
    """Return parts as one input: each behind its length in two bytes."""
    return b"".join(struct.pack("!H", len(part)) + part for part in parts)


def unpack(data: bytes) -> list[bytes]:
    """Return the parts of any input; the last may be shorter than it says."""
    parts, at = [], 0
    while at + 2 < len(data) and len(parts) < MAX_PARTS:
        (size,) = struct.unpack_from("!H", data, at)
        parts.append(data[at + 2 : at + 2 + size])
        at += 2 + size
    return parts


def mutated(parts: Sequence[bytes], others: Sequence[bytes], random: Random) -> list[bytes]:
    """Return the parts after a few edits; ``others`` is another input to take parts and bytes from."""
    found = list(parts)
    for _ in range(random.randint(1, MAX_EDITS)):
        random.choice(EDITS)(found, others, random)
    return found or [b""]


def _bytes(parts: list[bytes], others: Sequence[bytes], random: Random) -> None:
    at = random.randrange(len(parts)) if parts else -1
    if at >= 0 and parts[at]:
        data = bytearray(parts[at])
        for _ in range(random.randint(1, 3)):
            data[random.randrange(len(data))] = random.choice(EDGES) if random.random() < 0.5 else random.randrange(256)
        parts[at] = bytes(data)


def _length(parts: list[bytes], others: Sequence[bytes], random: Random) -> None:
    at = random.randrange(len(parts)) if parts else -1
    if at >= 0 and parts[at]:
        data = parts[at]
        low, high = sorted((random.randrange(len(data) + 1), random.randrange(len(data) + 1)))
        doubled = data[low:high] if random.random() < 0.5 else b""
        parts[at] = data[:low] + doubled * 2 + data[high:]


def _splice(parts: list[bytes], others: Sequence[bytes], random: Random) -> None:
    if parts and others:
        at, other = random.randrange(len(parts)), random.choice(others)
        parts[at] = parts[at][: random.randrange(len(parts[at]) + 1)] + other[random.randrange(len(other) + 1) :]


def _take(parts: list[bytes], others: Sequence[bytes], random: Random) -> None:
    if others and len(parts) < MAX_PARTS:
        parts.insert(random.randrange(len(parts) + 1), random.choice(others))


def _repeat(parts: list[bytes], others: Sequence[bytes], random: Random) -> None:
    if parts:
        at = random.randrange(len(parts))
        parts[at:at] = [parts[at]] * min(random.randint(1, 8), MAX_PARTS - len(parts))


def _drop(parts: list[bytes], others: Sequence[bytes], random: Random) -> None:
    if parts:
        del parts[random.randrange(len(parts))]


def _swap(parts: list[bytes], others: Sequence[bytes], random: Random) -> None:
    if parts:
        one, two = random.randrange(len(parts)), random.randrange(len(parts))
        parts[one], parts[two] = parts[two], parts[one]


Edit = Callable[[list[bytes], Sequence[bytes], Random], None]
EDITS: tuple[Edit, ...] = (_bytes, _bytes, _bytes, _length, _splice, _take, _repeat, _drop, _swap)
