"""Writing one file that the user named: complete or not at all, and never in place of what is no regular file.

A regular file is made beside the old one and takes its place in one step, with the rights of the old one. A link keeps
pointing where it did: what it points to is written. A device or FIFO is written into.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final

from sensor.cli.exit import refuse

MODE: Final = 0o644
"""Who may read a new file: everybody; it is what the user asked for, in a folder of the user's choice."""


def write_file(path: Path, body: bytes, option: str) -> None:
    """Write ``body`` to ``path``; ends with exit code 2 and a sentence about ``option`` when that fails."""
    try:
        try:
            found = path.stat()
        except FileNotFoundError:
            found = None
        if found is None or stat.S_ISREG(found.st_mode):
            _replace(Path(os.path.realpath(path)), body, MODE if found is None else stat.S_IMODE(found.st_mode))
        else:
            _write_into(path, body)
    except OSError as error:
        refuse(
            f"{path}: cannot be written ({error.strerror or error}). Make room, or choose another file with {option}"
        )


def _replace(path: Path, body: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}-", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise


def _write_into(path: Path, body: bytes) -> None:
    """Write into a device or FIFO: it is never made, nor put in place of something."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CLOEXEC), "wb") as file:
        file.write(body)
