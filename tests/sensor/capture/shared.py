"""The captures by others that lie beside the repository, for tests that can do without them."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "captures"
KINDS = ("dnp3", "modbus", "other", "s7comm")


def captures(largest: int = 1 << 40) -> list[Path]:
    """All captures of at most ``largest`` bytes; skips the test where the folder is absent."""
    if not FOLDER.is_dir():
        pytest.skip("the captures by others are not at ../shared/captures")
    found = (file for kind in KINDS for file in sorted((FOLDER / kind).iterdir()))
    return [file for file in found if file.is_file() and file.stat().st_size <= largest]
