"""The messages of ``vectors.txt`` beside the tests of each dissector: whole messages as a stream carries them.

A line is ``client`` or ``server`` (who sends it), the bytes in hex with blanks anywhere, and a comment behind ``#``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from dissectors.base.dissector import Dissector

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Vector:
    """One message with its direction and what it is."""

    from_client: bool
    data: bytes
    comment: str

    @property
    def side(self) -> int:
        """0 for the client, 1 for the server."""
        return 0 if self.from_client else 1


def package_of(dissector: Dissector) -> str:
    """Return the folder of a dissector below ``dissectors`` and of its tests."""
    return type(dissector).__module__.split(".")[1]


@cache
def vectors_of(package: str) -> tuple[Vector, ...]:
    """Return the vectors of one dissector's package."""
    path = FOLDER / package / "vectors.txt"
    assert path.is_file(), f"write {path}: whole messages in hex, one a line, with direction and comment"
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        body, _, comment = line.partition("#")
        if not body.strip():
            continue
        side, _, text = body.strip().partition(" ")
        assert side in {"client", "server"} and comment.strip(), f"{path}:{number}: direction, hex, # comment"
        found.append(Vector(side == "client", bytes.fromhex(text), comment.strip()))
    return tuple(found)
