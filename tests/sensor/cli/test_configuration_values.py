"""Promises about the values of a configuration: what a command would refuse is refused when the file is checked."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from sensor.cli import main
from sensor.cli.configuration import key_of, leaves, options_of
from sensor.cli.configuration_values import CHECKS
from tests.sensor.cli.command import NORMAL, POLICY, refused, spanwatch

FREE = {"interface", "user", "elastic.user", "approved_by", "ticket"}
"""Texts that may be anything, or that only the machine at hand can judge."""
WRITTEN = {"store", "output", "key_out"}
"""What commands write or make."""


def test_files_that_the_configuration_names_are_read_and_every_mistake_in_them_is_told(tmp_path: Path) -> None:
    file = tmp_path / "spanwatch.yaml"
    file.write_text("common:\n  policy: policy.yaml\n  baseline: base\n  store: none.db\n  elastic: {key_file: key}\n")
    told = spanwatch("config", "check", file)
    assert told.exit_code == 2
    said = told.stderr.removeprefix("spanwatch: ").splitlines()
    assert [line.partition(": ")[0] for line in said] == [f"{file}:2", f"{file}:3", f"{file}:5"]
    assert said[0].endswith(f"policy: {file.parent / 'policy.yaml'}: cannot be read (No such file or directory)")
    assert str(file.parent / "base") in said[1] and str(file.parent / "key") in said[2]
    (file.parent / "policy.yaml").write_text("kind: x\nruls: []\n")
    file.write_text("common:\n  policy: policy.yaml\n")
    told = spanwatch("config", "check", file)
    assert f"{file}:2: policy: {file.parent / 'policy.yaml'}:2: key 'ruls' is not known" in told.stderr


def test_what_a_command_makes_itself_need_not_be_there(tmp_path: Path) -> None:
    file = tmp_path / "spanwatch.yaml"
    file.write_text(
        f"common: {{policy: {POLICY}, store: none.db, output: out}}\nelastic: {{setup: {{key_out: new.key}}}}\n"
    )
    told = spanwatch("config", "check", file)
    assert (told.exit_code, told.stderr) == (0, "")


def test_what_a_command_refuses_is_not_called_fine(tmp_path: Path) -> None:
    file = tmp_path / "spanwatch.yaml"
    said = refused(
        file,
        "common:\n  site: Plant 1\n  sensor: s 1\n  elastic: {url: ['ftp://x'], fingerprint: zz}\n"
        "model: {train: {period: 2x}}\n",
    )
    assert [line.split(": ")[:2] for line in said] == [
        [f"{file}:2", "site"],
        [f"{file}:3", "sensor"],
        [f"{file}:4", "elastic.fingerprint"],
        [f"{file}:4", "elastic.url"],
        [f"{file}:5", "period"],
    ]
    for line, arguments in (
        (0, ("replay", NORMAL, "--site", "Plant 1")),
        (4, ("model", "train", NORMAL, "--output", tmp_path / "new", "--period", "2x")),
    ):
        told = spanwatch(*arguments)
        assert told.exit_code == 2
        assert said[line].endswith(told.stderr.removeprefix("spanwatch: ").strip())


@pytest.mark.parametrize(
    ("elastic", "says"),
    [
        ("{url: ['https://es'], user: spanwatch}", "the port is missing"),
        ("{url: ['https://es:9200'], user: spanwatch}", "--elastic-user needs --elastic-password-file"),
        ("{url: ['http://es:9200', 'https://es:9200']}", "some Elasticsearch addresses are https, some http"),
        ("{ca: ca.pem}", "holds no certificate"),
        ("{key_file: open.key}", "every user of this machine can read it"),
    ],
)
def test_how_a_cluster_is_reached_is_checked_as_a_whole(tmp_path: Path, elastic: str, says: str) -> None:
    (tmp_path / "ca.pem").write_text("no certificate\n")
    (tmp_path / "open.key").write_text("id:key\n")
    (tmp_path / "open.key").chmod(0o644)
    (said,) = refused(tmp_path / "spanwatch.yaml", f"common: {{store: s.db, elastic: {elastic}}}\n")
    assert says in said


def test_what_may_still_come_on_the_command_line_is_a_note(tmp_path: Path) -> None:
    file = tmp_path / "spanwatch.yaml"
    file.write_text("watch: {spool: true}\n")
    told = spanwatch("config", "check", file)
    assert told.exit_code == 0
    assert "note: watch: --spool needs --store FILE" in told.stderr


def test_no_text_of_any_command_is_forgotten() -> None:
    assert isinstance(main, click.Group)
    for command, leaf in leaves(main):
        if not command.startswith("config"):
            for option in options_of(leaf):
                if not option.is_flag and option.type.name in {"text", "path", "file"}:
                    assert key_of(option) in CHECKS.keys() | FREE | WRITTEN, (command, key_of(option))


def test_a_device_that_is_excepted_and_in_no_policy_is_noted_with_the_nearest_name(tmp_path: Path) -> None:
    file = tmp_path / "spanwatch.yaml"
    file.write_text(f"common: {{policy: {POLICY}}}\nsettings:\n  MB-020: {{except: [plc-filtt, plc-filt, 10.0.0.9]}}\n")
    told = spanwatch("config", "check", file)
    assert told.exit_code == 0
    notes = [line for line in told.stderr.splitlines() if line.startswith("note:")]
    assert notes == [
        f"note: {file}:3: settings.MB-020.except: 'plc-filtt' is not in the policy; did you mean 'plc-filt'?"
    ]


@pytest.mark.parametrize(
    "command", [("replay", NORMAL), ("elastic", "setup", "--print")], ids=lambda words: str(words[0])
)
def test_a_command_that_refuses_a_value_of_the_file_names_file_and_line(
    tmp_path: Path, command: tuple[object, ...]
) -> None:
    file = tmp_path / "spanwatch.yaml"
    file.write_text("common:\n  sensor: one\n  site: Plant 1\n")
    told = spanwatch("--config", file, *command)
    assert told.exit_code == 2
    assert told.stderr.startswith(f"spanwatch: {file}:3: site name 'Plant 1'")
    assert spanwatch("--config", file, *command, "--site", "B 2").stderr.startswith("spanwatch: site name 'B 2'")
