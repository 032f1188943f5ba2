"""Finds the captures that paths stand for: a folder stands for those directly in it, in order of time."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dissectors.wire.sink import PacketSink
from sensor.capture.compression import CompressionError
from sensor.capture.file_type import MAGIC_BYTES, walker_for
from sensor.capture.record import NEVER_OPENED, CaptureProblem
from sensor.capture.source import STANDARD_INPUT, Source, shown, why_not_opened
from sensor.capture.walker import NEVER, Walker

PEEK: Final = 1_048_576
"""Bytes of a file that are searched for its first packet."""
NAMED: Final = 5
"""Files named of those that are left out of a folder."""


class FoundCapture:
    """The files to read, in order, and what there is to say about the others."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.problems: list[CaptureProblem] = []
        self.notes: list[str] = []


def find(paths: Sequence[Path | str]) -> FoundCapture:
    """List the files that ``paths`` stand for; files keep their order, a folder is replaced by its captures."""
    found = FoundCapture()
    for path in paths:
        if str(path) != STANDARD_INPUT and Path(path).is_dir():
            _find_in_folder(Path(path), found)
        else:
            found.files.append(str(path))
    _tell_repeated(found)
    return found


def _tell_repeated(found: FoundCapture) -> None:
    """Say which files were named twice, by whatever path: they are read twice, which is seldom meant."""
    seen: set[str] = set()
    for file in found.files:
        place = os.path.realpath(file)
        if place in seen and Path(place).is_file():
            found.notes.append(f"{shown(file)}: is named twice and read twice, so its packets count twice")
        seen.add(place)


def _find_in_folder(folder: Path, found: FoundCapture) -> None:
    try:
        files = sorted(file for file in folder.iterdir() if file.is_file())
    except OSError as error:
        found.problems.append(CaptureProblem(shown(str(folder)), NEVER_OPENED, why_not_opened(error), 0))
        return
    captures: list[tuple[int, str, str]] = []
    others: list[str] = []
    for file in files:
        try:
            time = first_time(str(file))
        except OSError as error:
            found.problems.append(CaptureProblem(shown(str(file)), NEVER_OPENED, why_not_opened(error), 0))
            continue
        if time is None:
            others.append(shown(file.name))
        else:
            captures.append((time, file.name, str(file)))
    found.files.extend(file for _, _, file in sorted(captures))
    if others:
        named = ", ".join(others[:NAMED]) + (f" and {len(others) - NAMED} more" if len(others) > NAMED else "")
        found.notes.append(f"{shown(str(folder))}: not captures and left out: {named}")
    if not captures:
        what = "no captures are in this folder; folders inside it are not searched"
        found.problems.append(CaptureProblem(shown(str(folder)), NEVER_OPENED, what, 0))


def first_time(path: str) -> int | None:
    """Give the time of a capture's first packet: ``NEVER`` if none is near its start, None if it is no capture."""
    waiting = b""
    unpacked = 0
    walker: Walker | None = None
    sink = PacketSink()
    with Source(path) as source:
        try:
            for block in source.blocks():
                waiting += block
                unpacked += len(block)
                if walker is None and len(waiting) >= MAGIC_BYTES:
                    walker = walker_for("", waiting)
                    if walker is None:
                        return None
                while walker is not None and not walker.stopped and walker.need <= len(waiting):
                    waiting = waiting[walker.walk(waiting[: walker.need], sink) :]
                    if walker.packets:
                        return walker.earliest
                if unpacked > PEEK or (walker is not None and walker.stopped):
                    break
        except CompressionError:
            pass
    return None if walker is None else NEVER
