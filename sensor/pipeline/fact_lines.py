"""Facts as lines that a person can review: one fact a line, as JSON with its kind and the names of its fields.

The order is that of the facts, the order of the fields that of ``dissectors.facts``, so two runs give the same bytes and a
difference shows which fact changed and in which field. A field that is empty ("", 0, false, no points, no detail) is left
out: most are, and the kind says which fields there are. ``source`` is left out as well, because a capture may be renamed.
Bytes are hexadecimal, a float that is no number is text, times are nanoseconds since 1970 as everywhere.

Every fact is kept, the windows too: all sample captures together give less than 5 MB of lines, which pack well, and a
change of a counter is as much a change as one of a value.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, Final

import msgspec

from dissectors.facts import AnyFact

SUFFIX: Final = ".facts.jsonl"
EXPECTED: Final = ".expected.yaml"
SHOWN: Final = 20
"""Lines of each side that a difference shows, from the first that differs."""

_encoder = msgspec.json.Encoder()


def beside(expected: Path) -> Path:
    """Return where the facts of an expected file lie: NAME.facts.jsonl for NAME.expected.yaml."""
    if expected.name.endswith(EXPECTED):
        return expected.with_name(expected.name.removesuffix(EXPECTED) + SUFFIX)
    return expected.with_suffix(SUFFIX)


def line(fact: AnyFact) -> str:
    """Return one fact as a line."""
    fields = {name: value for name, value in named(fact).items() if name != "source" and value not in ("", 0, [], {})}
    return _encoder.encode({"fact": type(fact).__name__, **fields}).decode()


def text(lines: Sequence[str]) -> str:
    """Return the lines as the text of a file."""
    return "".join(f"{line}\n" for line in lines)


def difference(expected: Sequence[str], found: Sequence[str], name: str) -> Iterator[str]:
    """Yield the unified difference from the first line that differs on; nothing when all are equal.

    Only a stretch of SHOWN lines is compared, so that one new fact early in a long day is no difference of thousands.
    """
    pairs = enumerate(zip_longest(expected, found))
    first = next((number for number, (one, other) in pairs if one != other), None)
    if first is None:
        return
    yield f"{name}: line {first + 1} of {len(expected)} is the first of the facts that differs; this run gave {len(found)}"
    yield from islice(
        difflib.unified_diff(
            expected[first : first + SHOWN], found[first : first + SHOWN], name, "this run", lineterm="", n=0
        ),
        2 * SHOWN,
    )


def named(record: msgspec.Struct) -> dict[str, Any]:
    """Return the fields of a record by their names, as JSON can carry them."""
    return {name: _plain(getattr(record, name)) for name in record.__struct_fields__}


def _plain(value: Any) -> Any:
    match value:
        case msgspec.Struct():
            return named(value)
        case tuple():
            return [_plain(one) for one in value]
        case bytes():
            return value.hex()
        case float() if not math.isfinite(value):
            return str(value)
        case dict():
            return dict(sorted(value.items()))
        case _:
            return value
