"""What is compiled is hardened: no table of addresses stays writable, and an overflow on the stack ends the process."""

from __future__ import annotations

import shutil
import subprocess
from importlib.metadata import distribution
from pathlib import Path

import pytest

from sensor.build import is_compiled

pytestmark = [
    pytest.mark.skipif(not is_compiled(), reason="the packet path is interpreted here: nothing is compiled"),
    pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf (binutils) is not installed"),
]


def libraries() -> list[Path]:
    """Every shared object of ours; other packages beside it are compiled by others."""
    ours = distribution("spanwatch")
    return [Path(str(ours.locate_file(file))) for file in ours.files or () if file.suffix == ".so"]


def readelf(option: str, path: Path) -> str:
    return subprocess.run(["readelf", option, path], capture_output=True, text=True, check=True).stdout


def test_every_library_is_bound_at_once_and_its_table_is_read_only_then() -> None:
    assert len(libraries()) > 50
    for path in libraries():
        dynamic = readelf("-dW", path)
        assert "BIND_NOW" in dynamic or "NOW" in dynamic, path
        assert "GNU_RELRO" in readelf("-lW", path), path


def test_the_code_checks_its_stack() -> None:
    large = max(libraries(), key=lambda path: path.stat().st_size)
    assert "__stack_chk_fail" in readelf("-sW", large)


def test_the_flags_of_python_itself_are_kept() -> None:
    """Some versions of setuptools drop them when CFLAGS is set, and then numbers that wrap are undefined to the compiler."""
    large = max(libraries(), key=lambda path: path.stat().st_size)
    assert "__assert_fail" not in readelf("-sW", large)
    made_by = readelf("--debug-dump=info", large).partition("DW_AT_producer")[2][:500]
    assert "-fwrapv" in made_by or "GNU C" not in made_by  # only GCC says with which flags
