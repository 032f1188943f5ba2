"""Exit codes and sentences that every command shares."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from sensor.build import is_compiled
from sensor.cli.exit import refuse
from sensor.pipeline.pipeline import Pipeline
from sensor.store import Store
from tests.sensor.cli.command import NORMAL, POLICY, STOP, spanwatch


@pytest.mark.parametrize(
    "arguments",
    [
        ("replay",),
        ("replay", STOP, "--no-such-option"),
        ("replay", STOP, "--fail-on", "grave"),
        ("replay", STOP, "--site", "Plant-1"),
        ("replay", STOP, "--sensor", "a b"),
        ("no-such-command",),
        ("alerts", "list"),
        ("alerts", "show"),
        ("bench", "--packets", "1"),
    ],
    ids=lambda arguments: " ".join(Path(str(one)).name for one in arguments),
)
def test_wrong_use_exits_2_and_says_something(arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPANWATCH_STORE", raising=False)
    done = spanwatch(*arguments)
    assert done.exit_code == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.output


def test_a_wrong_policy_exits_2_with_file_line_and_fix(tmp_path: Path) -> None:
    lines = POLICY.read_text(encoding="utf-8").splitlines()
    number = lines.index("  action: deny") + 1
    lines[number - 1] = "  action: denny"
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = spanwatch("replay", STOP, "--policy", wrong, "--output", tmp_path / "out")
    assert done.exit_code == 2
    assert f"{wrong}:{number}:" in done.stderr
    assert "'denny'" in done.stderr
    assert "write 'deny'" in done.stderr
    assert not (tmp_path / "out").exists(), "nothing is judged under a wrong policy"


def test_a_policy_that_is_not_there_exits_2_and_is_named(tmp_path: Path) -> None:
    done = spanwatch("replay", STOP, "--policy", tmp_path / "none.yaml")
    assert done.exit_code == 2, "exit code 1 would read as alerts"
    assert f"{tmp_path / 'none.yaml'}: the policy cannot be read" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("command", [("alerts", "list"), ("assets", "list")], ids=" ".join)
def test_a_store_that_is_not_there_exits_2_and_is_not_made(command: tuple[str, ...], tmp_path: Path) -> None:
    done = spanwatch(*command, "--store", tmp_path / "none.db")
    assert done.exit_code == 2
    assert "does not exist" in done.stderr
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("command", [("alerts", "list"), ("assets", "list")], ids=" ".join)
def test_a_file_that_is_no_store_exits_2(command: tuple[str, ...], tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE other (row)")
    connection.close()
    done = spanwatch(*command, "--store", other)
    assert done.exit_code == 2
    assert str(other) in done.stderr
    assert "Traceback" not in done.output


def test_the_store_may_come_from_the_environment(store: Path) -> None:
    done = spanwatch("assets", "list", SPANWATCH_STORE=str(store))
    assert done.exit_code == 0
    assert "8 assets" in done.stdout


def test_an_interpreted_packet_path_is_reported_at_every_start() -> None:
    done = spanwatch("replay", STOP, "--quiet")
    assert ("interpreted" in done.stderr) == (not is_compiled())


def test_what_an_error_quotes_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        refuse("policy 'a\x1b[31m\x07\x9b1m\u202eb' is wrong\nline 2")
    said = capsys.readouterr().err
    assert said == "spanwatch: policy 'a\\x1b[31m\\x07\\x9b1m\\u202eb' is wrong\nline 2\n"


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="the system has no /dev/full")
@pytest.mark.parametrize("arguments", [("--version",), ("replay", STOP), ("alerts", "explain", "S7-001")])
def test_output_that_cannot_be_written_is_one_sentence_and_exit_2(arguments: tuple[object, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-P", "-c", "from sensor.cli import main; main()", *map(str, arguments)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 2 and last.startswith("spanwatch: the output cannot be written")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("replay", STOP), ("alerts", "explain", "S7-001"), ("--help",), ("expect", STOP)],
    ids=lambda words: str(words[0]),
)
def test_a_reader_who_has_seen_enough_ends_the_program_without_a_word(
    arguments: tuple[object, ...], tmp_path: Path
) -> None:
    if arguments[0] == "expect":
        (tmp_path / "empty.yaml").touch()
        arguments = (*arguments, "--against", tmp_path / "empty.yaml")
    command = [sys.executable, "-P", "-c", "from sensor.cli import main; main()", *map(str, arguments)]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert done.returncode == 141, done.stderr
    assert not [line for line in done.stderr.splitlines() if "interpreted" not in line]


def interrupted(*_: object, **__: object) -> NoReturn:
    """What Ctrl-C does to whatever works."""
    raise KeyboardInterrupt


def test_ctrl_c_of_a_replay_says_what_is_kept_and_is_no_alert(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, kept = tmp_path / "out", tmp_path / "s.db"
    assert spanwatch("replay", STOP, "--quiet", "--output", out).exit_code == 0
    before = {file.name: file.read_bytes() for file in out.iterdir()}
    monkeypatch.setattr(Pipeline, "finish", interrupted)
    done = spanwatch("replay", NORMAL, "--quiet", "--output", out, "--store", kept, "--fail-on", "low")
    assert done.exit_code == 130
    assert f"interrupted before the end. {out} is as it was, nothing of this run is in it; {kept} holds" in done.stderr
    assert {file.name: file.read_bytes() for file in out.iterdir()} == before
    assert spanwatch("assets", "list", "--store", kept).exit_code == 0
    done = spanwatch("replay", NORMAL)
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        130,
        "spanwatch: interrupted before the end. Nothing was written",
    )


def test_ctrl_c_of_any_other_command_is_no_alert_either(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "alerts", interrupted)
    done = spanwatch("alerts", "list", "--store", store)
    assert (done.exit_code, done.stderr) == (130, "\nspanwatch: interrupted before the end\n")


def test_a_baseline_that_is_refused_is_named_and_no_success(tmp_path: Path) -> None:
    (tmp_path / "base").mkdir()
    done = spanwatch("replay", STOP, "--baseline", tmp_path / "base", "--output", tmp_path / "out", "--fail-on", "low")
    assert done.exit_code == 2
    assert f"the baseline is refused: {tmp_path / 'base'}" in done.stderr
    assert (tmp_path / "out" / "alerts.ndjson").stat().st_size, "what needs no baseline is reported all the same"
