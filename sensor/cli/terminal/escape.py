"""Text from packets on its way to a terminal: visible, bounded, without any power over the screen.

Control characters, escape sequences and characters that turn or hide text are shown as escapes. Everything is printed
as ``rich.text.Text``, which does not read markup.
"""

from __future__ import annotations

import json
import unicodedata
from typing import Final

from rich.text import Text

MAX_CELL: Final = 200
"""Characters of one text in a table."""
MAX_PARAGRAPH: Final = 2_000
"""Characters of one text on a page of its own."""
MORE: Final = "..."

DELETE: Final = 0x7F
HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that control, hide or turn text."""


def _shown(char: str) -> str:
    if unicodedata.category(char) not in HIDDEN:
        return char
    if char in "\n\r\t":
        return {"\n": "\\n", "\r": "\\r", "\t": "\\t"}[char]
    return char.encode("ascii", "backslashreplace").decode("ascii") if ord(char) > DELETE else f"\\x{ord(char):02x}"


def plain(value: object, limit: int = MAX_CELL) -> str:
    """Return ``value`` as one line of printable text of at most ``limit`` characters and an ellipsis."""
    text = str(value)
    head = text[:limit]
    if not (head.isascii() and head.isprintable()):
        head = "".join(map(_shown, head))
    return head[:limit] + MORE if len(text) > limit or len(head) > limit else head


def cell(value: object, style: str = "", limit: int = MAX_CELL) -> Text:
    """Return ``value`` for a table or a line, printed as it is."""
    return Text(plain(value, limit), style=style)


def json_line(record: object) -> str:
    """Return JSON types as one line of ASCII, so that a terminal shows what a program reads."""
    return json.dumps(record, sort_keys=True, separators=(",", ":")) + "\n"
