"""Promises about reading a store where nothing may be written: the same answers, nothing left behind, and a true reason if not."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensor.store import Store, StoreError
from tests.sensor.build import alert

NOBODY = 65_534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anybody may enter, unlike those of pytest."""
    made = Path(tempfile.mkdtemp(dir="/tmp"))
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


def made(folder: Path) -> Path:
    path = folder / "s.db"
    with Store(path) as store:
        store.writer.alert(alert())
        store.writer.commit()
    path.chmod(0o644)
    return path


def as_an_auditor(path: Path) -> str:
    """Count the alerts as a user who may only read, and return the count or what was said: root would pass every check."""
    if os.geteuid():
        path.chmod(0o444)
        path.parent.chmod(0o555)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            if not os.geteuid():
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            with Store(path, read_only=True) as store:
                told = str(len(store.alerts()))
        except StoreError as error:
            told = str(error)
        finally:
            os.write(writing, told.encode())
            os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as file:
        return file.read()


def test_whoever_may_only_read_reads_all_and_leaves_nothing(folder: Path) -> None:
    path = made(folder)
    before = path.read_bytes()
    assert as_an_auditor(path) == "1"
    assert path.read_bytes() == before
    assert [one.name for one in folder.iterdir()] == ["s.db"]


def test_the_store_of_a_sensor_that_runs_is_read_with_its_newest_rows(folder: Path) -> None:
    path = made(folder)
    with Store(path) as store:
        store.writer.alert(alert(incident="i-2"))
        store.writer.commit()
        assert as_an_auditor(path) == "2"


def test_rows_that_wait_beside_a_file_nobody_can_write_are_not_left_out_in_silence(folder: Path) -> None:
    path = made(folder)
    copied = folder / "copy"
    copied.mkdir()
    with Store(path) as store:
        store.writer.alert(alert(incident="i-2"))
        store.writer.commit()
        for name in ("s.db", "s.db-wal"):
            shutil.copy(folder / name, copied / name)
    assert "its newest rows are still in s.db-wal. Copy both files" in as_an_auditor(copied / "s.db")


def test_an_empty_file_is_not_made_a_store_by_reading_it(tmp_path: Path) -> None:
    (tmp_path / "s.db").touch()
    with pytest.raises(StoreError, match=r"s\.db: is empty: nothing was written to it yet"):
        Store(tmp_path / "s.db", read_only=True)
    assert (tmp_path / "s.db").read_bytes() == b""
