"""The repository as a set of files, for tests that hold laws over all of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("dissectors", "models", "rules", "sensor", "tools", "pcaps")
LEFT_OUT = {"build", "dist", "out", "__pycache__"}
PROGRAM = f"import sys; sys.path.append({str(ROOT)!r}); from sensor.cli import main; main(prog_name='spanwatch')"
"""Starts the command line of the build under test: the sources come last, an installed wheel wins."""


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or would be committed; where git cannot report, every file but what is built."""
    git = shutil.which("git")
    if git is not None:
        reported = subprocess.run(
            [git, "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        if reported.returncode == 0 and reported.stdout:
            listed = {name.decode() for name in reported.stdout.split(b"\0") if name}
            return tuple(sorted(path for path in (ROOT / name for name in listed) if path.is_file()))
    found: list[Path] = []
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in LEFT_OUT and not name.startswith(".")]
        found += [Path(folder) / name for name in names]
    return tuple(sorted(found))


def texts() -> dict[str, str]:
    """Every text file by its path in the repository."""
    found: dict[str, str] = {}
    for path in files():
        data = path.read_bytes()
        if b"\0" in data:
            continue
        found[str(path.relative_to(ROOT))] = data.decode("utf-8")
    return found


def modules() -> dict[str, str]:
    """Every Python file of the packages (no tests) with its text."""
    return {name: text for name, text in texts().items() if name.endswith(".py") and name.split("/")[0] in PACKAGES}


def program(*arguments: str) -> Sequence[str]:
    """The command that runs ``spanwatch`` in a process of its own."""
    return [sys.executable, "-P", "-c", PROGRAM, *arguments]
