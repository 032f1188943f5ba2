"""Memory shared by a descriptor: what one writes the other reads, and no second descriptor stays open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sensor.live.mapping import Mapping

SIZE = 8192


def opened() -> set[str]:
    return set(os.listdir("/proc/self/fd"))  # noqa: PTH208  # names alone


def test_what_is_written_is_in_the_file_and_no_other_descriptor_is_open(tmp_path: Path) -> None:
    path = tmp_path / "memory"
    path.write_bytes(bytes(SIZE))
    with path.open("r+b") as file:
        before = opened()
        mapping = Mapping(file.fileno(), SIZE)
        assert opened() == before
        mapping.view[4096:4100] = b"word"
        assert path.read_bytes()[4096:4100] == b"word"
        file.write(b"file")
        file.flush()
        assert bytes(mapping.view[:4]) == b"file"
        mapping.close()
        mapping.close()
        with pytest.raises(ValueError, match="released"):
            bytes(mapping.view[:4])


def test_what_cannot_be_mapped_is_an_error_of_the_system(tmp_path: Path) -> None:
    with (tmp_path / "none").open("wb") as file, pytest.raises(OSError, match="Permission denied"):
        Mapping(file.fileno(), SIZE)
