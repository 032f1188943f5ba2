"""Names of program blocks: a type of two characters, a number of five digits, the file system.

The file system is P (passive), A (active) or B (both). Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.facts import Target
from dissectors.s7.table import BLOCKS

NAME_LENGTH: Final = 8
FILE_NAME_LENGTH: Final = 9


def text_of(data: bytes, start: i64, end: i64) -> str:
    """Return the printable ASCII text of ``data[start:end]``, other bytes as "?", without trailing blanks and zeros."""
    raw = data[start:end].rstrip(b"\x00 ")
    return "".join([chr(byte) if 32 <= byte < 127 else "?" for byte in raw])


def block_target(name: str) -> Target:
    """Return the block of "0A00001P" as Target("DB", 1, 1); a name of another form is a "file"."""
    number = name[2:7]
    if len(name) < NAME_LENGTH or not (number.isascii() and number.isdigit()):
        return Target(f"file {name}" if name else "file")
    kind = BLOCKS.get(name[:2].upper(), f"block_{name[:2]}")
    return Target(kind, int(number), int(number))
