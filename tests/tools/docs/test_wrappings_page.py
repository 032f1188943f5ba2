"""The page of wrappings names every tunnel that is read and everything that is known and not read."""

from __future__ import annotations

from dissectors.wire.mirrors import KINDS
from dissectors.wire.unread import ETHERTYPES, PORTS
from tools.docs.wrappings_page import pages


def test_everything_has_a_row() -> None:
    ((path, text),) = pages()
    assert path == "wrappings.md"
    for kind in KINDS:
        assert f"\n| {kind} |" in text
    for name in (*ETHERTYPES.values(), *PORTS.values()):
        assert f"\n| {name} |" in text
