"""Values from the wire on their way into a document: bounded, valid Unicode, otherwise untouched.

What a device says stays what it said: the JSON encoder escapes it, nothing here gives it a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from dissectors.facts import Value

MAX_TEXT: Final = 1024
"""Characters of one text; longer keywords would not be indexed."""
MAX_VALUES: Final = 64
"""Values of one list, entries of one mapping."""
CUT: Final = "..."
MIN_LONG: Final = -(1 << 63)
MAX_LONG: Final = (1 << 63) - 1

Document = dict[str, Any]

_NO_WORD: Final = re.compile(r"[^a-z0-9]+")


def text(value: object) -> str:
    """Return ``value`` as text of at most MAX_TEXT characters that UTF-8 can hold."""
    whole = str(value)
    if len(whole) > MAX_TEXT:
        whole = whole[: MAX_TEXT - len(CUT)] + CUT
    return whole if whole.isascii() else whole.encode("utf-8", "replace").decode("utf-8")


def keywords(values: Iterable[object]) -> list[str]:
    """Return the values as text; of more than MAX_VALUES the first, and how many more there are."""
    every = list(values)
    if len(every) <= MAX_VALUES:
        return [text(value) for value in every]
    return [*(text(value) for value in every[: MAX_VALUES - 1]), f"and {len(every) - MAX_VALUES + 1} more"]


def longs(values: Iterable[Value]) -> list[int]:
    """Return the first MAX_VALUES whole numbers that 64 bits can hold; anything else is left out."""
    found: list[int] = []
    for value in values:
        if isinstance(value, int) and MIN_LONG <= value <= MAX_LONG:
            found.append(int(value))
            if len(found) >= MAX_VALUES:
                break
    return found


def flat(values: Mapping[str, Value]) -> Document:
    """Return a mapping as text, in the order of its keys, for a flattened field."""
    return {text(name): text(values[name]) for name in sorted(values)[:MAX_VALUES]}


def kebab(*words: str) -> str:
    """Return the words in lower case joined by hyphens: "file", "delete_file" to "file-delete-file"."""
    return _NO_WORD.sub("-", " ".join(words).lower()).strip("-")[:MAX_TEXT]


def pruned(document: Document) -> Document:
    """Return ``document`` without what is empty (None, "", [], {}), at every depth; numbers and False stay."""
    kept: Document = {}
    for name, given in document.items():
        value = pruned(given) if isinstance(given, dict) else given
        if value is None or (isinstance(value, str | list | dict) and not value):
            continue
        kept[name] = value
    return kept
