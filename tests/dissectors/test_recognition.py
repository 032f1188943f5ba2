"""Each dissector recognises the captures of its protocol and refuses those of the others, whatever the port says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from dissectors.facts import ChannelOpened, Violation
from dissectors.registry import DISSECTORS
from tests.dissectors.captured import ABSENT, facts_of, files

NAMES = {dissector.name for dissector in DISSECTORS}
FOLDERS = {"modbus": {"modbus"}, "dnp3": {"dnp3"}, "s7comm": {"s7comm", "s7commplus", "iso", "s7"}}
DISSECTED = frozenset(name for names in FOLDERS.values() for name in names)
HOLD_MORE = {
    # a laboratory with Modbus gateways on ports 1, 3 and 502 to 505 beside its S7 controllers
    "AgentCarter1__": {"modbus", "s7comm", "s7commplus", "iso"},
    # DNP3 moved to another port on purpose
    "bro_dnp3__dnp3_read_p20001": {"dnp3"},
}
PORTS = {102: FOLDERS["s7comm"], 502: FOLDERS["modbus"], 20000: FOLDERS["dnp3"]}
LARGEST = 300_000
UNRECOGNISED: dict[str, list[str]] = {
    "modbus": [],
    "dnp3": [],
    "s7comm": [],
}
"""Captures of a folder in which its protocol is not found, and should not be."""


@cache
def shown(path: Path) -> tuple[frozenset[tuple[str, int, str]], frozenset[str]]:
    """The (protocol, server port, recognised by) of all channels, and the protocols of all violations."""
    facts = facts_of(path)
    opened = frozenset((f.protocol, f.server.port, f.recognised_by) for f in facts if isinstance(f, ChannelOpened))
    return opened, frozenset(fact.protocol for fact in facts if isinstance(fact, Violation))


def cases() -> list[object]:
    return [
        pytest.param(folder, path, id=f"{folder}/{path.name}")
        for folder in (*FOLDERS, "other")
        for path in files(folder, LARGEST)
    ]


@pytest.mark.skipif(not cases(), reason=ABSENT)
@pytest.mark.parametrize(("folder", "path"), cases())
def test_no_capture_is_taken_for_another_protocol(folder: str, path: Path) -> None:
    """By its bytes alone, off the usual ports, only the protocol of its folder may be found in a capture."""
    held = FOLDERS.get(folder, set()).union(*(more for name, more in HOLD_MORE.items() if path.name.startswith(name)))
    wrong = [
        (protocol, port)
        for protocol, port, by in shown(path)[0]
        if by == "bytes" and protocol in DISSECTED and protocol not in held and protocol not in PORTS.get(port, set())
    ]
    assert not wrong


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_each_dissector_recognises_the_captures_of_its_protocol(folder: str) -> None:
    paths = files(folder, LARGEST)
    if not paths:
        pytest.skip(ABSENT)
    if not FOLDERS[folder] & NAMES:
        pytest.skip(f"no dissector of {folder} is registered")
    missed = [
        path.name
        for path in paths
        if not FOLDERS[folder] & {protocol for protocol, _, _ in shown(path)[0]}
        and not FOLDERS[folder] & shown(path)[1]
    ]
    assert missed == UNRECOGNISED[folder]
