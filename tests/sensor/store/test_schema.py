"""A store that somebody changed is refused by name, nothing in it runs, and a new one is its owner's and group's alone."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sensor.store import Store, StoreError
from tests.repository import ROOT

FOREIGN = {
    "trigger": "CREATE TRIGGER added AFTER INSERT ON meta BEGIN DELETE FROM alerts; END",
    "view": "CREATE VIEW shown AS SELECT * FROM alerts",
    "table": "CREATE TABLE other (a)",
    "index": "CREATE INDEX other ON alerts (severity)",
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_object_in_a_store_is_refused_by_its_kind_and_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.db"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute(FOREIGN[kind])
    for read_only in (False, True):
        with pytest.raises(StoreError, match=rf"a\.db.*{kind} '(added|shown|other)'.*--store"):
            Store(path, read_only=read_only)


def test_a_table_with_other_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE captures")
        connection.execute("CREATE TABLE captures (name BLOB)")
    with pytest.raises(StoreError, match="table 'captures'"):
        Store(path)


def test_a_view_in_the_place_of_a_table_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    Store(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE meta")
        connection.execute("CREATE VIEW meta AS SELECT 'sensor' AS key, load_extension('x') AS value")
    with pytest.raises(StoreError, match="view 'meta'"):
        Store(path)


def test_a_new_store_and_what_lies_beside_it_are_not_readable_by_everybody(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        store.note("sensor", "s")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o007 for path in tmp_path.iterdir()}
    assert {"a.db", "a.db-wal"} <= set(modes)
    assert set(modes.values()) == {0}


def test_the_functions_of_a_schema_are_not_trusted(tmp_path: Path) -> None:
    with Store(tmp_path / "a.db") as store:
        assert store._connection.execute("PRAGMA trusted_schema").fetchone() == (0,)


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
from sensor.store import Store, StoreError
try:
    Store(sys.argv[1])
except StoreError as error:
    print(error)
"""


def test_a_new_store_on_a_full_disk_says_so_and_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.startswith(f"{path}: cannot be written")
    assert "disk may be full" in done.stdout and "Free space" in done.stdout
