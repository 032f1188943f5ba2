"""What this installation is: its version, and whether its packet path is compiled."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from dissectors.wire import wire

VERSION: Final = version("spanwatch")
"""As pyproject.toml says it: what is installed carries it along."""


def is_compiled() -> bool:
    """Return whether the packet path runs as compiled code."""
    return not wire.__file__.endswith(".py")


def version_text() -> str:
    """Return the version with what runs the packet path."""
    if is_compiled():
        return f"{VERSION} (packet path compiled)"
    return f"{VERSION} (packet path interpreted: about 30 times slower; install the wheel with a C compiler at hand)"
