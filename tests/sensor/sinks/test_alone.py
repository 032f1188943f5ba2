"""Promises about two runs at once: the second is refused with the reason and the way on, and the first loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensor.documents.origin import Origin
from sensor.sinks.alone import Alone, InUseError
from sensor.sinks.ndjson import FILES, NdjsonSink, OutputError
from sensor.sinks.ndjson_live import LiveNdjsonSink
from tests.sensor.build import alert
from tests.sensor.cli.command import NORMAL, spanwatch

ORIGIN = Origin(site="plant1", sensor="sensor1", version="1", epoch="20260101T000000.000000000Z")


def test_a_place_is_held_by_one_until_it_is_released(tmp_path: Path) -> None:
    first = Alone(tmp_path)
    with pytest.raises(InUseError):
        Alone(tmp_path)
    first.release()
    Alone(tmp_path).release()


@pytest.mark.parametrize("first", [NdjsonSink, LiveNdjsonSink])
@pytest.mark.parametrize("second", [NdjsonSink, LiveNdjsonSink])
def test_a_folder_that_a_run_writes_into_is_refused_to_another(
    tmp_path: Path, first: type[NdjsonSink | LiveNdjsonSink], second: type[NdjsonSink | LiveNdjsonSink]
) -> None:
    held = first(tmp_path)
    held.begin(ORIGIN)
    held.alert(alert("i-one"))
    with pytest.raises(OutputError, match=r"another run writes into this folder now. Wait for its end"):
        second(tmp_path)
    held.finish()
    held.commit()
    held.abandon()
    assert len((tmp_path / FILES["alert"]).read_text().splitlines()) == 1
    second(tmp_path).abandon()


def test_a_replay_says_which_place_is_in_use_and_changes_nothing_there(tmp_path: Path) -> None:
    for option, place, says in (
        ("--output", tmp_path / "out", "another run writes into this folder now"),
        ("--store", tmp_path / "s.db", "is in use by another sensor"),
    ):
        assert spanwatch("replay", NORMAL, "--quiet", option, place).exit_code == 0
        held = Alone(place)
        told = spanwatch("replay", NORMAL, "--quiet", option, place)
        held.release()
        assert told.exit_code == 2
        assert f"{place}: {says}" in told.stderr


@pytest.mark.parametrize("sink", [NdjsonSink, LiveNdjsonSink])
def test_a_file_in_the_place_of_a_folder_is_called_so_and_no_space_is_asked_for(
    tmp_path: Path, sink: type[NdjsonSink | LiveNdjsonSink]
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"file: cannot be a folder: a file is in the way\. Choose another one"):
        sink(tmp_path / "file")
