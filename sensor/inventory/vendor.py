"""Who made the network card: the IEEE registry that netaddr ships, offline. Always weak evidence.

Its index and its text are read as files: loading netaddr itself costs a tenth of a second and a table of 40,000 rows in memory
to answer a few dozen questions. The index is read at the first question, and answers are kept. Limits: 24-bit blocks; smaller
blocks, private and locally administered addresses have no vendor here.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_NOBODY: Final = frozenset({"IEEE Registration Authority", "Private"})
_MARK: Final = "(hex)"
"""Stands in the line of a record that names the organisation, before the name."""


@cache
def _registry() -> tuple[Path, bytes]:
    """Return the text of the registry, and its index: a line with block, offset and size for each record."""
    package = find_spec("netaddr")
    if package is None or package.origin is None:
        return Path(), b""
    folder = Path(package.origin).parent / "eui"
    try:
        return folder / "oui.txt", b"\n" + (folder / "oui.idx").read_bytes()
    except OSError:
        # A user who may not read the registry gets no names, not an end.
        return Path(), b""


@lru_cache(maxsize=4_096)
def _organisation(block: int) -> str:
    text, index = _registry()
    at = index.find(b"\n%d," % block)
    if at < 0:
        return ""
    _, offset, size = map(int, index[at + 1 : index.find(b"\n", at + 1)].split(b","))
    try:
        with text.open("rb") as file:
            file.seek(offset)
            record = file.read(size).decode("utf-8", "replace")
    except OSError:
        return ""
    name = next((line.partition(_MARK)[2].strip() for line in record.split("\n") if _MARK in line), "")
    return "" if name in _NOBODY else name.rstrip(", ")


@lru_cache(maxsize=4_096)
def vendor_of(mac: str) -> str:
    """Return the organisation that owns the block of ``mac``; "" when unknown or locally administered."""
    if len(mac) != 17 or int(mac[:2], 16) & 3:
        return ""
    return _organisation(int(mac[:8].replace(":", ""), 16))
