"""Names of program blocks and the transfers that carry them: which block, how many bytes, which digest.

A block name is a type of two characters, a number of five digits and the file system (P passive, A active, B both). Bounds:
MAX_TRANSFERS at once per connection. Compiled with mypyc.
"""

from __future__ import annotations

import hashlib
from typing import Final, final

from mypy_extensions import i64

from dissectors.facts import Target, Value
from dissectors.s7.table import BLOCKS

MAX_TRANSFERS: Final = 32
NAME_LENGTH: Final = 8
FILE_NAME_LENGTH: Final = 9


def text_of(data: bytes, start: i64, end: i64) -> str:
    """Return the printable ASCII text of ``data[start:end]``, other bytes as "?", without trailing blanks and zeros."""
    raw = data[start:end].rstrip(b"\x00 ")
    return "".join([chr(octet) if 32 <= octet < 127 else "?" for octet in raw])


def block_target(name: str) -> Target:
    """Return the block of "0A00001P" as Target("DB", 1, 1); a name of another form is a "file"."""
    number = name[2:7]
    if len(name) < NAME_LENGTH or not (number.isascii() and number.isdigit()):
        return Target(f"file {name}" if name else "file")
    kind = BLOCKS.get(name[:2].upper(), f"block_{name[:2]}")
    return Target(kind, int(number), int(number))


@final
class Transfer:
    """A block on its way."""

    def __init__(self, target: Target | None) -> None:
        self.target = target
        self.octets: i64 = 0
        self._digest = hashlib.blake2b(digest_size=16)

    def add(self, part: bytes) -> None:
        """Take the next part of the block."""
        self.octets += i64(len(part))
        self._digest.update(part)

    def detail(self) -> dict[str, Value]:
        """Return size and digest of what passed."""
        return {"octets": int(self.octets), "digest": self._digest.hexdigest()}


@final
class Transfers:
    """The running transfers of one connection: downloads by file name, uploads by their id."""

    def __init__(self) -> None:
        self.running: dict[str, Transfer] = {}
        self.forgotten: i64 = 0

    def begin(self, key: str, target: Target | None) -> Transfer:
        """Start a transfer anew; the oldest goes when there are too many."""
        self.running.pop(key, None)
        if i64(len(self.running)) >= MAX_TRANSFERS:
            for oldest in self.running:
                del self.running[oldest]
                self.forgotten += 1
                break
        transfer = Transfer(target)
        self.running[key] = transfer
        return transfer
