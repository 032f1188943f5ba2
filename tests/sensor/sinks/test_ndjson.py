"""Promises about the five files: the same bytes every time, all or nothing, and a clear word when the disk is full."""

from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from sensor.sinks.ndjson import FILES, NdjsonSink, OutputError
from tests.sensor.documents.contexts import ORIGIN, alarm, reported, written
from tests.sensor.documents.ecs_check import problems
from tools.bench.mix import write

ROOT = Path(__file__).parents[3]
NAMES = sorted(FILES.values())

FULL_DISK = """
import sys
from pathlib import Path
from sensor.sinks.ndjson import NdjsonSink, OutputError
from tests.sensor.documents.contexts import ORIGIN, alarm
folder = Path(sys.argv[1])
output = None
try:
    output = NdjsonSink(folder / "out")
    output.begin(ORIGIN)
    for number in range(5000):
        output.alert(alarm(revision=number))
    output.finish()
except OutputError as error:
    print(error)
print(sorted(path.name for path in (folder / "out").iterdir()))
"""

KILLED = """
import os, signal, sys
from sensor.sinks.ndjson import NdjsonSink
from tests.sensor.documents.contexts import ORIGIN, alarm
output = NdjsonSink(sys.argv[1])
output.begin(ORIGIN)
for number in range(2000):
    output.alert(alarm(revision=number))
os.kill(os.getpid(), signal.SIGKILL)
"""


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def run(folder: Path) -> dict[str, bytes]:
    output = NdjsonSink(folder)
    output.begin(ORIGIN)
    reported(output)
    return files(folder)


def replayed(folder: Path, *captures: Path) -> dict[str, bytes]:
    Replay(Options(captures=tuple(map(str, captures)), output=folder, site="plant1", sensor="s1")).run()
    return files(folder)


def cut(capture: Path, folder: Path) -> list[Path]:
    """Write the packets of a capture into two captures, cut in the middle."""
    data = capture.read_bytes()
    places, at = [], 24
    while at < len(data):
        places.append(at)
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    middle = places[len(places) // 2]
    parts = [folder / "part-1.pcap", folder / "part-2.pcap"]
    parts[0].write_bytes(data[:middle])
    parts[1].write_bytes(data[:24] + data[middle:])
    return parts


def test_two_runs_give_the_same_bytes_in_exactly_five_files(tmp_path: Path) -> None:
    first, second = run(tmp_path / "a"), run(tmp_path / "b")
    assert sorted(first) == NAMES
    assert first == second
    assert all(first.values())


def test_each_line_is_one_document_as_elasticsearch_receives_it(tmp_path: Path) -> None:
    found = run(tmp_path)
    for word, name in FILES.items():
        lines = found[name].splitlines()
        documents = [msgspec.json.decode(line) for line in lines]
        assert documents == [document for stream, document in written() if stream == word]
        assert lines == [msgspec.json.encode(document) for document in documents]


def test_older_files_are_replaced_and_files_of_others_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "alerts.ndjson").write_text("old")
    found = run(tmp_path)
    assert found["notes.txt"] == b"mine"
    assert b"old" not in found["alerts.ndjson"][:3]
    assert sorted(found) == sorted([*NAMES, "notes.txt"])


def test_nothing_has_its_final_name_before_everything_is_written(tmp_path: Path) -> None:
    (tmp_path / "alerts.ndjson").write_text("old")
    output = NdjsonSink(tmp_path)
    output.begin(ORIGIN)
    output.alert(alarm())
    assert (tmp_path / "alerts.ndjson").read_text() == "old"
    assert not (tmp_path / "assets.ndjson").exists()
    output.abandon()
    assert [path.name for path in tmp_path.iterdir()] == ["alerts.ndjson"]


def test_a_killed_run_leaves_older_files_whole_and_the_next_run_cleans_up(tmp_path: Path) -> None:
    (tmp_path / "alerts.ndjson").write_text("old")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    visible = {path.name: path.read_text() for path in tmp_path.iterdir() if not path.name.startswith(".")}
    assert visible == {"alerts.ndjson": "old"}
    assert sorted(run(tmp_path)) == NAMES


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system takes root")
def test_a_full_disk_is_reported_with_the_file_and_leaves_no_half_file(tmp_path: Path) -> None:
    script = f'mount -t tmpfs -o size=256k none {tmp_path} && exec {sys.executable} -c "$0" {tmp_path}'
    ended = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script, FULL_DISK], cwd=ROOT, check=False, capture_output=True, text=True
    )
    if "unshare" in ended.stderr or "mount" in ended.stderr:
        pytest.skip(f"no private mount namespace here: {ended.stderr.strip()}")
    message, left = ended.stdout.splitlines()
    assert "alerts.ndjson: cannot be written (No space left on device)" in message
    assert "--output" in message
    assert left == "[]"


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file/out: cannot be a folder"):
        NdjsonSink(tmp_path / "file" / "out")


def test_the_documents_of_a_replay_are_valid_and_byte_identical_from_run_to_run(tmp_path: Path) -> None:
    capture = tmp_path / "mix.pcap"
    write(capture, 3_000, 60)
    first, second = replayed(tmp_path / "a", capture), replayed(tmp_path / "b", capture)
    assert first == second
    assert sum(data.count(b"\n") for data in first.values()) > 100
    for word, name in FILES.items():
        found = [problems(msgspec.json.decode(line), word) for line in first[name].splitlines()]
        assert [problem for problem in found if problem] == []


def test_cutting_a_capture_into_files_changes_no_id(tmp_path: Path) -> None:
    capture = tmp_path / "mix.pcap"
    write(capture, 3_000, 60)
    whole, parts = replayed(tmp_path / "a", capture), replayed(tmp_path / "b", *cut(capture, tmp_path))
    for word, name in FILES.items():
        if word != "sensor":
            ids = [
                [msgspec.json.decode(line)["event"]["id"] for line in found[name].splitlines()]
                for found in (whole, parts)
            ]
            assert ids[0] == ids[1]
            assert len(set(ids[0])) == len(ids[0])
