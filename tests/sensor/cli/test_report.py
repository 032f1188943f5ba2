"""What an auditor relies on at the command line: exports that are whole, clear sentences, nothing overwritten."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sensor.cli import main
from tests.sensor.reports.plant import POLICY, make_store


def spanwatch(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], prog_name="spanwatch")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("reports") / "plant.db")


def test_the_map_goes_to_standard_output_or_to_a_file_and_is_the_same(store: Path, tmp_path: Path) -> None:
    for form in ("csv", "json", "html"):
        reported = spanwatch("assets", "export", "--store", store, "--format", form)
        path = tmp_path / f"assets.{form}"
        written = spanwatch("assets", "export", "--store", store, "--format", form, "--output", path)
        assert (reported.exit_code, written.exit_code) == (0, 0)
        assert reported.stdout_bytes == path.read_bytes()
    assert {row["policy_name"] for row in csv.DictReader(io.StringIO((tmp_path / "assets.csv").read_text()))} >= {
        "plc-filt"
    }
    assert json.loads((tmp_path / "assets.json").read_text())["schema"] == "spanwatch-assets/1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assets.csv", "assets.html", "assets.json"]


def test_the_report_names_its_files_and_is_never_written_over(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "report"
    first = spanwatch("report", "--store", store, "--policy", POLICY, "--output", folder)
    assert first.exit_code == 0, first.output
    for name in ("assets.html", "assets.csv", "conversations.csv", "changes.csv", "alerts.csv", "manifest.json"):
        assert str(folder / name) in first.output
    again = spanwatch("report", "--store", store, "--output", folder)
    assert (again.exit_code, "is not empty" in again.output) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("assets", "export"), "which store?"),
        (("assets", "export", "--store", "none.db"), "does not exist"),
        (("report", "--store", "none.db", "--output", "out"), "does not exist"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(arguments: tuple[str, ...], sentence: str) -> None:
    reported = spanwatch(*arguments)
    assert reported.exit_code == 2
    assert sentence in reported.output
    assert "Traceback" not in reported.output


def test_a_place_that_cannot_be_written_is_named(store: Path, tmp_path: Path) -> None:
    reported = spanwatch("assets", "export", "--store", store, "--output", tmp_path / "no" / "such" / "folder.csv")
    assert (reported.exit_code, "cannot be written" in reported.output) == (2, True)
    reported = spanwatch("report", "--store", store, "--policy", tmp_path / "none.yaml", "--output", tmp_path / "r")
    assert (reported.exit_code, "the policy cannot be read" in reported.output) == (2, True)


def test_a_report_says_which_policy_its_verdicts_are_of(store: Path, tmp_path: Path) -> None:
    def manifest(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((tmp_path / name / "manifest.json").read_text())
        return found

    same = spanwatch("report", "--store", store, "--policy", POLICY, "--output", tmp_path / "same")
    assert "note:" not in same.stderr and manifest("same")["policy"]["note"] == ""
    other = tmp_path / "policy.yaml"
    other.write_text(POLICY.read_text(encoding="utf-8").replace("version: 1", "version: 2", 1), encoding="utf-8")
    done = spanwatch("report", "--store", store, "--policy", other, "--output", tmp_path / "other")
    assert done.exit_code == 0
    assert "note: the verdicts are of sample-water-works version 1, not of the policy given" in done.stderr
    told = manifest("other")["policy"]
    assert (told["version"], told["verdicts_of"]) == (2, [{"id": "sample-water-works", "version": 1}])
    assert told["note"] in (tmp_path / "other" / "assets.html").read_text()
    assert spanwatch("report", "--store", store, "--output", tmp_path / "none").exit_code == 0
    none = manifest("none")
    assert (none["policy"]["id"], none["policy"]["version"]) == ("sample-water-works", 1)
    assert none["coverage"]["in_policy"] is None


def test_the_devices_that_the_policy_names_are_counted_and_shown_alike(store: Path, tmp_path: Path) -> None:
    spanwatch("report", "--store", store, "--policy", POLICY, "--output", tmp_path / "r")
    cover = json.loads((tmp_path / "r" / "manifest.json").read_text())["coverage"]
    seen = cover["assets"] - len(cover["not_in_policy"])
    assert seen + len(cover["never_seen"]) == cover["in_policy"]
    assert (
        ">not in the policy<"
        not in (tmp_path / "r" / "assets.html").read_text().partition("<tbody>")[2].partition("</tbody>")[0]
    )
