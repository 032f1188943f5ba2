"""Ranges of numbered process objects: what a span is, and how a range is read from text.

A span is (first, last), both inclusive. The grammars that protocols declare for their objects are made of these; the
arithmetic on spans is in ``rules.policy.extent``. This module stays interpreted.
"""

from __future__ import annotations

import re
from typing import Final

Span = tuple[int, int]

LAST: Final = (1 << 63) - 1
"""Stands for the last object of a table whose size is not known: the end of "all"."""
ALL: Final[Span] = (0, LAST)

_RANGE: Final = re.compile(r"(\d{1,10})(?:-(\d{1,10}))?", re.ASCII)


def parse_range(text: str, last: int) -> Span:
    """Return the span of ``7`` or ``0-39``; ``last`` is the largest number allowed. Raises ``ValueError``."""
    match = _RANGE.fullmatch(text)
    if not match:
        raise ValueError(f"'{text}' is not a range; write it in quotes like \"0-39\"")
    return ordered((int(match[1]), int(match[2] or match[1])), text, last)


def ordered(span: Span, text: str, last: int) -> Span:
    """Return a span that ``text`` wrote. Raises ``ValueError`` when it runs backwards or past ``last``."""
    if span[0] > span[1]:
        raise ValueError(f"'{text}' runs backwards; write the smaller number first")
    if span[1] > last:
        raise ValueError(f"'{text}' is out of range; the last possible number is {last}")
    return span


def decimal(kind: str, number: int) -> str:
    """Return a number of a table as text."""
    return str(number)
