"""One is no plural in any sentence on what is wrong, whichever of its numbers is one; what is many stays."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from dissectors.base.singular import singular
from dissectors.health import COUNTERS
from tests.repository import ROOT

PLURAL = re.compile(r"(?<![\w.,:/+'-])1 (?:[a-z]+ ){0,1}?(?!is\b|as\b|was\b|has\b|does\b)[a-z]{3,}s\b")
VERB = re.compile(r"(?<![\w.,:/+'-])1 (?:[a-z]+ ){0,2}(?:are|were|belong|follow|need|wait|have|do|leave)\b")
RIGHT = re.compile(
    r"1 (?:[a-z]+ )?(?:follows|belongs|needs|waits|passes|answers|reaches|leaves|does|is|was|has)\b|1 (?:link )?address\b|1 (?:name )?(?:begins|carries|claims|ends)\b|1' begins|1 and ends"
)


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("1 bytes follow the function, 1 belong", "1 byte follows the function, 1 belongs"),
        ("1 bytes follow the function, at least 2 belong", "1 byte follows the function, at least 2 belong"),
        ("header, parameters and data are 1 bytes, 1 are there", "header, parameters and data are 1 byte, 1 is there"),
        ("reads 126 registers, 1 to 125 are allowed", "reads 126 registers, 1 to 125 are allowed"),
        ("1 data items are announced, 11 are there", "1 data item is announced, 11 are there"),
        ("1 documents (1 bytes) wait", "1 document (1 byte) waits"),
        ("1 return codes are there", "1 return code is there"),
        ("g1v1 objects and 0.1 bytes, 2/1 items, 21 bytes", "g1v1 objects and 0.1 bytes, 2/1 items, 21 bytes"),
        ("1 entries", "1 entry"),
        ("11 bytes follow", "11 bytes follow"),
    ],
)
def test_what_is_one_is_singular(text: str, one: str) -> None:
    assert singular(text) == one


def sentences() -> Iterator[tuple[str, str]]:
    """Yield each f-string of the dissectors with 1 for every value, and the file it is in."""
    for path in sorted((ROOT / "dissectors").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [one.value if isinstance(one, ast.Constant) else "1" for one in node.values]
                yield str(path.relative_to(ROOT)), "".join(map(str, parts))


@pytest.mark.parametrize("path", sorted({path for path, _ in sentences()}))
def test_no_sentence_of_a_dissector_counts_one_in_the_plural(path: str) -> None:
    for of, text in sentences():
        if of == path:
            told = RIGHT.sub("", singular(text))
            assert not PLURAL.search(told) and not VERB.search(told), singular(text)


@pytest.mark.parametrize("counter", [one for one in COUNTERS if not one.gauge], ids=lambda one: one.name)
def test_a_counter_of_one_reads_well(counter: object) -> None:
    meaning = getattr(counter, "meaning", "")
    told = singular(f"1 {meaning}")
    if meaning.split()[0].endswith("s"):
        assert not re.match(r"1 (?:[A-Za-z]+ )?[a-z]+s\b", told) or RIGHT.match(told), told
        assert not VERB.match(told), told
