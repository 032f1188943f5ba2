"""Test session: the repository root is importable last, and the kind of build under test is the one that was asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = str(Path(__file__).resolve().parent)
sys.path[:] = [*(place for place in sys.path if place not in {"", ROOT}), ROOT]
"""At the end: where an installed (compiled) Spanwatch is to be tested, it wins over the sources."""

EXPECT = "SPANWATCH_EXPECT"
pytest_plugins = ["tests.servers.fixtures"]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse to test another kind of build than the one asked for."""
    expected = os.environ.get(EXPECT, "")
    if not expected:
        return
    from dissectors.wire import wire  # noqa: PLC0415  (only importable once the root is on the path)

    found = "interpreted" if str(wire.__file__).endswith(".py") else "compiled"
    if found != expected:
        pytest.exit(f"{EXPECT} is {expected}, but dissectors.wire.wire is {found}: {wire.__file__}", returncode=4)
