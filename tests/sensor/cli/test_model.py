"""``spanwatch model`` and ``replay --baseline``: what a person trains, reads, approves, and what a damaged file does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sensor.cli import main
from tests.repository import ROOT

CAPTURES = ROOT / "pcaps" / "captures"
POLICY = ROOT / "pcaps" / "policy.yaml"
NORMAL = CAPTURES / "plant" / "normal_long.pcap"
SHORT = CAPTURES / "s7" / "plc_stop.pcap"
SWEEP = CAPTURES / "modbus" / "register_sweep.pcap"


def spanwatch(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(one) for one in arguments], env={"COLUMNS": "160"}, prog_name="spanwatch")


@pytest.fixture(scope="module")
def baseline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained") / "baseline-1"
    made = spanwatch("model", "train", NORMAL, "--policy", POLICY, "--period", "1m", "--output", folder)
    assert made.exit_code == 0, made.output
    return folder


def trained(tmp_path: Path, *more: object) -> Result:
    return spanwatch("model", "train", NORMAL, "--period", "60", "--output", tmp_path / "new", *more)


def alerts(output: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (output / "alerts.ndjson").read_text(encoding="utf-8").splitlines()]


def test_training_says_what_was_learned_from_what_and_who_stands_for_it(tmp_path: Path) -> None:
    made = trained(tmp_path, "--policy", POLICY)
    assert made.exit_code == 0
    for word in ("normal_long.pcap", "10.20.1.10>10.20.1.21/modbus/1", "rule R-010", "10 of 60 s", "no guarantee"):
        assert word in made.stdout
    assert "Everything that was seen is part of the baseline" in made.stdout
    assert "Not learned" not in made.stdout


def test_without_a_policy_or_a_person_writes_and_commands_are_named_as_not_learned(tmp_path: Path) -> None:
    made = trained(tmp_path)
    assert made.exit_code == 0
    for word in ("Not learned: ", "write_multiple_registers", "nobody approved it", "--approved-by NAME --ticket T"):
        assert word in " ".join(made.stdout.split())


def test_a_person_with_a_ticket_approves_writes_and_stands_in_the_card(tmp_path: Path) -> None:
    made = trained(tmp_path, "--approved-by", "shift engineer", "--ticket", "CHG-7", "--rare")
    assert made.exit_code == 0
    assert "Everything that was seen is part of the baseline" in made.stdout
    card = json.loads(spanwatch("model", "show", tmp_path / "new", "--json").stdout)
    assert card["approval"] == {"by": "shift engineer", "role": "", "ticket": "CHG-7"}
    assert card["not_approved"] == []


def test_the_card_is_shown_again_for_people_and_for_programs(baseline: Path) -> None:
    shown = spanwatch("model", "show", baseline)
    assert shown.exit_code == 0
    assert "10.20.1.11>10.20.1.21/modbus/1" in shown.stdout
    lines = spanwatch("model", "show", baseline, "--json").stdout.splitlines()
    assert len(lines) == 1
    card = json.loads(lines[0])
    assert card["baseline"] in shown.stdout
    assert len(card["channels"]) == 7


def test_a_baseline_can_be_learned_from_a_store(tmp_path: Path) -> None:
    store = tmp_path / "plant.db"
    assert spanwatch("replay", NORMAL, "--policy", POLICY, "--store", store, "--quiet").exit_code == 0
    made = spanwatch(
        "model", "train", "--store", store, "--policy", POLICY, "--period", "1m", "--output", tmp_path / "new"
    )
    assert made.exit_code == 0
    assert "normal_long.pcap" in made.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "Give either captures or --store"),
        ((NORMAL, "--store", "x.db"), "Give either captures or --store"),
        (("--store", "nowhere.db"), "does not exist"),
        ((NORMAL, "--period", "soon"), "whole minutes"),
        ((NORMAL, "--period", "30"), "whole minutes"),
        ((NORMAL, "--period", "90s"), "whole minutes"),
        ((NORMAL, "--approved-by", "somebody"), "needs both"),
        ((NORMAL, "--ticket", "CHG-1"), "needs both"),
        ((NORMAL, "--rare"), "needs a person"),
        ((NORMAL,), "Give more traffic, or a shorter one: --period 2m"),
        ((SHORT, "--period", "1m"), "too short to learn from"),
        ((NORMAL, "--policy", "nowhere.yaml"), "nowhere.yaml"),
    ],
)
def test_wrong_use_is_reported_in_one_sentence_and_writes_nothing(
    arguments: tuple[object, ...], says: str, tmp_path: Path
) -> None:
    made = spanwatch("model", "train", *arguments, "--output", tmp_path / "new")
    assert made.exit_code == 2
    assert says in made.stderr
    assert "Traceback" not in made.output
    assert not (tmp_path / "new").exists()


def test_an_empty_store_and_an_empty_capture_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.pcap"
    empty.write_bytes(NORMAL.read_bytes()[:24])
    store = tmp_path / "empty.db"
    assert spanwatch("replay", empty, "--store", store, "--quiet").exit_code == 0
    for source in ((empty,), ("--store", store)):
        made = spanwatch("model", "train", *source, "--period", "1m", "--output", tmp_path / "new")
        assert made.exit_code == 2
        assert "normal traffic" in made.stderr


def test_a_capture_that_is_cut_teaches_nothing(tmp_path: Path) -> None:
    cut = tmp_path / "cut.pcap"
    cut.write_bytes(NORMAL.read_bytes()[:-7])
    made = spanwatch("model", "train", cut, "--period", "1m", "--output", tmp_path / "new")
    assert made.exit_code == 3
    assert not (tmp_path / "new").exists()


def test_a_baseline_is_never_changed(baseline: Path) -> None:
    before = {path.name: path.read_bytes() for path in baseline.iterdir()}
    made = spanwatch("model", "train", NORMAL, "--policy", POLICY, "--period", "1m", "--output", baseline)
    assert made.exit_code == 2
    assert "never changed" in made.stderr
    assert {path.name: path.read_bytes() for path in baseline.iterdir()} == before


def test_replay_finds_with_a_baseline_what_it_does_not_find_without(baseline: Path, tmp_path: Path) -> None:
    raised = {}
    for name, more in (("without", ()), ("with", ("--baseline", baseline))):
        done = spanwatch("replay", SWEEP, "--policy", POLICY, "--output", tmp_path / name, *more)
        assert done.exit_code == 0
        assert (" facts judged, " in done.stdout) == (name == "with")
        raised[name] = {str(row["rule"]["id"]) for row in alerts(tmp_path / name)}  # type: ignore[index]
    assert not {identifier for identifier in raised["without"] if identifier.startswith("MDL-")}
    assert raised["with"] >= {"MDL-003"} | raised["without"]


def test_an_alert_of_a_model_is_shown_with_its_reasons(baseline: Path, tmp_path: Path) -> None:
    store = tmp_path / "plant.db"
    spanwatch("replay", SWEEP, "--policy", POLICY, "--baseline", baseline, "--store", store, "--quiet")
    listed = [json.loads(line) for line in spanwatch("alerts", "list", "--store", store, "--json").stdout.splitlines()]
    (incident,) = (row["incident"] for row in listed if row["id"] == "MDL-003")
    text = " ".join(spanwatch("alerts", "show", incident, "--store", store).stdout.split())
    for word in ("model novelty", "because objects", "usually holding_register 100-101", "baseline"):
        assert word in text


def test_a_wrong_path_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    done = spanwatch("replay", SWEEP, "--baseline", tmp_path / "nowhere", "--output", tmp_path / "out")
    assert done.exit_code == 2
    assert "no such baseline folder" in done.stderr
    assert not (tmp_path / "out").exists()
    assert spanwatch("model", "show", tmp_path / "nowhere").exit_code == 2


@pytest.mark.parametrize("harm", ["changed", "missing", "foreign", "not json"])
def test_a_damaged_baseline_is_refused_with_its_reason_and_detection_goes_on_and_says_so(
    harm: str, baseline: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "baseline-1"
    shutil.copytree(baseline, damaged)
    if harm == "changed":
        body = (damaged / "novelty.json").read_text(encoding="utf-8")
        (damaged / "novelty.json").write_text(
            body.replace('"unapproved"', '"approved"').replace("10.20.1.66", "10.20.1.67") + " "
        )
    elif harm == "missing":
        (damaged / "rhythm.json").unlink()
    elif harm == "foreign":
        (damaged / "extra.pkl").write_bytes(b"\x80\x04.")
    else:
        (damaged / "manifest.json").write_text("[1]")
    done = spanwatch("replay", SHORT, "--policy", POLICY, "--baseline", damaged, "--output", tmp_path / "out")
    assert done.exit_code == 2
    assert f"the baseline is refused: {damaged}" in done.stderr, "whoever runs it is told where"
    assert "Detection goes on without it" in done.stderr
    raised = {str(row["rule"]["id"]): row for row in alerts(tmp_path / "out")}  # type: ignore[index]
    assert {"SEN-014", "S7-001"} <= set(raised)
    reported = json.dumps(raised["SEN-014"])
    assert "Detection goes on without it" in reported
    assert str(tmp_path) not in reported, "where a file lies is no part of a document"
    shown = spanwatch("model", "show", damaged)
    assert shown.exit_code == 2
    assert "Traceback" not in shown.output


def test_the_card_says_in_plain_words_what_was_learned_and_what_not(tmp_path: Path) -> None:
    done = spanwatch("model", "train", NORMAL, "--policy", POLICY, "--period", "1m", "--output", tmp_path / "base")
    told = " ".join(done.stdout.split())
    assert "10.20.1.10>10.20.3.20/tcp/5450 that they talk; the operations are not read" in told
    assert "Everything that was seen is part of the baseline." in told
    assert "odd rhythm a score above" in told and "10 blocks of time are too few to measure it" in told
    assert "seen too little: 12 windows are needed" in told
    for unclear in ("nothing learned", "signed", "no forest", "of its distance;"):
        assert unclear not in told
