"""The interval arithmetic behind coverage. A span is (first, last), both inclusive."""

from __future__ import annotations

from collections.abc import Iterable

from dissectors.span import ALL, LAST, Span, parse_range

__all__ = [
    "ALL",
    "LAST",
    "Span",
    "check_index_range",
    "check_port_range",
    "merge",
    "overlap",
    "parse_range",
    "subtract",
    "written",
]

PORT_LAST = 65_535


def written(span: Span) -> str:
    """Return a span of plain numbers as the policy writes it."""
    first, last = span
    return str(first) if first == last else f"{first}-{last}"


def check_port_range(text: str) -> str:
    """Return a range of ports unchanged."""
    parse_range(text, PORT_LAST)
    return text


def check_index_range(text: str) -> str:
    """Return a range of indexes unchanged."""
    parse_range(text, LAST)
    return text


def merge(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the same numbers as sorted spans that neither overlap nor touch."""
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], last))
        else:
            merged.append((first, last))
    return tuple(merged)


def subtract(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """Return what is left of ``spans`` without the numbers in ``taken``."""
    left = list(merge(spans))
    for first, last in taken:
        rest: list[Span] = []
        for start, end in left:
            if last < start or first > end:
                rest.append((start, end))
                continue
            if start < first:
                rest.append((start, first - 1))
            if end > last:
                rest.append((last + 1, end))
        left = rest
    return tuple(left)


def overlap(span: Span, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the parts of ``span`` that are in ``spans``."""
    return tuple((max(span[0], a), min(span[1], b)) for a, b in spans if a <= span[1] and b >= span[0])
