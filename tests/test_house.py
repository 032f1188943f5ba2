"""The law of the house: a protocol is named in its own folder only.

What the other modules must know of a protocol they take from its declaration (``dissectors.spec.Protocol``). Whole words count, in
code, comments and docstrings alike, whatever the case; a word with underscores is several.
"""

from __future__ import annotations

import re

from dissectors.registry import PROTOCOLS
from tests.dissectors.vectors import package_of
from tests.repository import modules

WORDS = {word for protocol in PROTOCOLS for word in (protocol.name, protocol.family) if word}
NAMED = re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(sorted(map(re.escape, WORDS)))})(?![A-Za-z0-9])", re.IGNORECASE)
CAPTURE = re.compile(r'"\w+/\w+\.pcap"')
"""The path of a sample capture, which lies in the folder of its protocol."""
HELD = ("dissectors/", "rules/", "models/", "sensor/")
OWN = (
    *(f"dissectors/{package_of(protocol.dissector)}/" for protocol in PROTOCOLS),
    *(f"rules/detections/catalogue/{word}" for word in WORDS),
)
"""Where a protocol may be named: its folder, and its files of the alert catalogue."""

STILL_NAMED = {
    "dissectors/registry.py",
    "rules/detections/catalogue/__init__.py",
}
"""The two lists: of protocols, and of the special alerts that stand in a file per subject."""


def lines(name: str, text: str) -> list[str]:
    """The lines of a module that name a protocol, with where they are."""
    return [
        f"{name}:{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if NAMED.search(CAPTURE.sub("", line))
    ]


FOUND = {
    name: named
    for name, text in modules().items()
    if name.startswith(HELD) and not name.startswith(OWN) and (named := lines(name, text))
}


def test_the_words_are_those_of_the_registry() -> None:
    assert len(WORDS) >= len(PROTOCOLS)
    assert NAMED.search("a Modbus register") and NAMED.search("dnp3_address") and not NAMED.search("isolation")


def test_no_module_outside_its_folder_names_a_protocol() -> None:
    wrong = [line for name in sorted(set(FOUND) - STILL_NAMED) for line in FOUND[name]]
    assert wrong == [], "take it from the declaration in the protocol's __init__.py"


def test_a_place_that_names_no_protocol_any_more_leaves_the_list() -> None:
    assert sorted(STILL_NAMED - set(FOUND)) == []
