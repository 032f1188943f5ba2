"""What a person or a script relies on when a capture is replayed: exit codes, clear sentences, the same documents."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.sensor.cli.command import FILES, NORMAL, POLICY, STOP, cut_capture, process, spanwatch, times_of


def test_a_replay_that_went_well_exits_0_whatever_alerts_there_are(tmp_path: Path) -> None:
    done = spanwatch("replay", STOP, "--policy", POLICY, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "Controller stopped" in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    alerts = [json.loads(line) for line in (tmp_path / "out" / "alerts.ndjson").read_text().splitlines()]
    assert "S7-001" in {alert["rule"]["id"] for alert in alerts}


@pytest.mark.parametrize(("severity", "code"), [("low", 1), ("medium", 0), ("high", 0), ("critical", 0)])
def test_fail_on_exits_1_at_or_above_its_severity_and_not_below(severity: str, code: int) -> None:
    # The normal day has one alert, of severity low.
    assert spanwatch("replay", NORMAL, "--policy", POLICY, "--fail-on", severity, "--quiet").exit_code == code


def test_fail_on_exits_1_for_a_stopped_controller() -> None:
    assert spanwatch("replay", STOP, "--policy", POLICY, "--fail-on", "critical", "--quiet").exit_code == 1


def test_a_missing_capture_exits_3_and_is_named(tmp_path: Path) -> None:
    done = spanwatch("replay", tmp_path / "none.pcap", "--quiet")
    assert done.exit_code == 3
    assert f"{tmp_path / 'none.pcap'}: No such file" in done.stderr


def test_without_a_capture_that_could_be_read_there_are_no_empty_tables(tmp_path: Path) -> None:
    done = spanwatch("replay", tmp_path / "none.pcap")
    assert done.stdout == "No capture could be read.\n"
    assert done.stderr.endswith(f"spanwatch: {tmp_path / 'none.pcap'}: No such file or directory; check the name\n")


def test_a_file_that_is_no_capture_exits_3_and_says_what_to_do(tmp_path: Path) -> None:
    text = tmp_path / "notes.pcap"
    text.write_text("hello\n", encoding="utf-8")
    done = spanwatch("replay", text, "--quiet")
    assert done.exit_code == 3
    assert "not a capture" in done.stderr
    assert "editcap" in done.stderr


def test_a_cut_capture_exits_3_and_what_was_readable_is_still_reported(tmp_path: Path) -> None:
    cut = cut_capture(tmp_path)
    done = spanwatch("replay", cut, "--policy", POLICY, "--output", tmp_path / "out")
    assert done.exit_code == 3
    assert "the file ends" in done.stderr
    assert "1 capture could not be read to the end" in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES
    counters = json.loads((tmp_path / "out" / "sensor.ndjson").read_text().splitlines()[-1])
    packets = counters["spanwatch"]["sensor"]["capture"]["packets"]
    assert 0 < packets < len(times_of(STOP))
    assert f"after frame {packets})" in done.stderr


def test_a_cut_capture_counts_more_than_its_alerts(tmp_path: Path) -> None:
    assert spanwatch("replay", cut_capture(tmp_path), "--fail-on", "low", "--quiet").exit_code == 3


def test_one_bad_capture_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    done = spanwatch("replay", tmp_path / "none.pcap", STOP, "--policy", POLICY)
    assert done.exit_code == 3
    assert "Controller stopped" in done.stdout


@pytest.mark.parametrize("option", ["--output", "--store"])
def test_a_place_that_cannot_be_written_exits_2_with_one_clear_sentence(option: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    place = tmp_path / "file" / "place"
    done = spanwatch("replay", STOP, option, place, "--quiet")
    assert done.exit_code == 2
    sentences = [line for line in done.stderr.splitlines() if line.startswith("spanwatch: ")]
    assert len(sentences) == 1
    assert str(place) in sentences[0]
    assert "cannot be" in sentences[0]
    assert "Traceback" not in done.output


def test_standard_input_gives_the_same_documents_as_the_file(tmp_path: Path) -> None:
    assert spanwatch("replay", STOP, "--output", tmp_path / "file", "--quiet").exit_code == 0
    done = process("replay", "-", "--output", tmp_path / "pipe", "--quiet", given=STOP.read_bytes())
    assert done.returncode == 0, done.stderr
    for name in FILES:
        file = (tmp_path / "file" / name).read_text(encoding="utf-8")
        assert (tmp_path / "pipe" / name).read_text(encoding="utf-8") == file.replace('"plc_stop.pcap"', '"-"')


def test_empty_standard_input_exits_3_and_says_so() -> None:
    done = process("replay", "-", "--quiet")
    assert done.returncode == 3
    assert b"empty" in done.stderr


def test_a_directory_is_read_in_order_of_time_and_what_is_no_capture_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "captures"
    folder.mkdir()
    earlier, later = sorted([STOP, NORMAL], key=lambda capture: times_of(capture)[0])
    shutil.copy(later, folder / "a.pcap")
    shutil.copy(earlier, folder / "z.pcap")
    (folder / "README.txt").write_text("no capture", encoding="utf-8")
    done = spanwatch("replay", folder, "--policy", POLICY)
    assert done.exit_code == 0, done.output
    packets = f"{len(times_of(STOP)) + len(times_of(NORMAL)):,}".replace(",", " ")
    assert f"2 captures, {packets} packets" in done.stdout
    assert done.stdout.index("z.pcap") < done.stdout.index("a.pcap"), "time goes before name"


def test_quiet_prints_nothing_but_problems() -> None:
    assert spanwatch("replay", STOP, "--quiet").stdout == ""
