"""``spanwatch expect``: what a capture gives, compared with what was expected of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sensor.cli.command import POLICY, STOP, cut_capture, full_disk, spanwatch


def test_expect_writes_compares_and_reports_the_difference(tmp_path: Path) -> None:
    against = tmp_path / "stop.expected.yaml"
    missing = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert missing.exit_code == 2
    assert "--update" in missing.stderr
    assert not against.exists()
    assert spanwatch("expect", STOP, "--policy", POLICY, "--against", against, "--update").exit_code == 0
    written = against.read_text(encoding="utf-8")
    assert "S7-001" in written
    same = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert (same.exit_code, same.stdout) == (0, "")
    against.write_text(written.replace("S7-001 ", "S7-999 "), encoding="utf-8")
    other = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert other.exit_code == 1
    assert any(line.startswith("-") and "S7-999" in line for line in other.stdout.splitlines())
    assert any(line.startswith("+") and "S7-001" in line for line in other.stdout.splitlines())
    assert "S7-999" in against.read_text(encoding="utf-8"), "comparing writes nothing"


def test_expect_compares_every_fact_where_a_file_of_facts_lies_beside(tmp_path: Path) -> None:
    against, facts = tmp_path / "stop.expected.yaml", tmp_path / "stop.facts.jsonl"
    facts.touch()
    assert spanwatch("expect", STOP, "--policy", POLICY, "--against", against, "--update").exit_code == 0
    lines = facts.read_text(encoding="utf-8").splitlines()
    same = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert (same.exit_code, same.stdout) == (0, "")
    number = next(number for number, line in enumerate(lines) if '"fact":"ChannelWindow"' in line)
    lines[number] = lines[number].replace('"requests":', '"requests":9')
    facts.write_text("\n".join(lines) + "\n", encoding="utf-8")
    other = spanwatch("expect", STOP, "--policy", POLICY, "--against", against)
    assert other.exit_code == 1
    assert f"line {number + 1} of {len(lines)}" in other.stdout
    assert any(line.startswith("-{") and '"requests":9' in line for line in other.stdout.splitlines())
    assert any(line.startswith("+{") for line in other.stdout.splitlines())


def test_expect_exits_3_for_a_cut_capture_that_gives_what_was_expected(tmp_path: Path) -> None:
    cut, against = cut_capture(tmp_path), tmp_path / "cut.expected.yaml"
    assert spanwatch("expect", cut, "--against", against, "--update").exit_code == 3
    assert spanwatch("expect", cut, "--against", against).exit_code == 3


def test_an_expected_file_that_cannot_be_written_exits_2_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    against = tmp_path / "file" / "stop.expected.yaml"
    done = spanwatch("expect", STOP, "--against", against, "--update")
    assert done.exit_code == 2, "exit code 1 would read as a difference"
    assert f"{against}: cannot be written" in done.stderr


def test_update_does_not_overwrite_a_file_of_another_kind(tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_bytes(POLICY.read_bytes())
    done = spanwatch("expect", STOP, "--policy", POLICY, "--against", policy, "--update")
    assert done.exit_code == 2
    assert f"{policy}: is no file of expected results" in done.stderr
    assert policy.read_bytes() == POLICY.read_bytes()


def test_an_update_that_fails_leaves_the_reviewed_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    against = tmp_path / "stop.expected.yaml"
    against.write_text("packets: 1\n", encoding="utf-8")
    monkeypatch.setattr("os.fsync", full_disk)
    done = spanwatch("expect", STOP, "--against", against, "--update")
    assert done.exit_code == 2
    assert f"{against}: cannot be written (No space left on device)" in done.stderr
    assert against.read_text(encoding="utf-8") == "packets: 1\n"
    assert list(tmp_path.iterdir()) == [against], "nothing is left beside it"
