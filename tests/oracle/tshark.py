"""Wireshark's opinion: tshark run once per capture and set of fields, for the tests that compare with it."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "captures"
LIMIT_SECONDS = 120


def captures(kind: str) -> list[Path]:
    """The captures of one folder, in order; an empty list where they are absent."""
    folder = CAPTURES / kind
    return sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []


def require() -> None:
    """Skip the test, saying why, where tshark or the captures are absent."""
    if not CAPTURES.is_dir():
        pytest.skip("the captures by others are not at ../shared/captures")
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")


@cache
def fields(path: Path, names: tuple[str, ...], show: str, options: tuple[str, ...] = ()) -> list[list[list[str]]]:
    """One row per frame that ``show`` (a display filter) lets through: for each field the list of its values.

    ``options`` are further arguments, e.g. ("-d", "tcp.port==5020,mbtcp").
    """
    command = ["tshark", "-n", "-r", str(path), "-Y", show, "-T", "fields", "-E", "separator=/t", "-E", "aggregator=;"]
    for name in names:
        command += ["-e", name]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, timeout=LIMIT_SECONDS, errors="replace"
    )
    if done.returncode not in {0, 2}:
        raise AssertionError(f"tshark failed on {path.name}: {done.stderr}")
    rows = []
    for line in done.stdout.splitlines():
        cells = line.split("\t")
        cells += [""] * (len(names) - len(cells))
        rows.append([cell.split(";") if cell else [] for cell in cells])
    return rows
