"""Promises about the files that a configuration names: they are read before a command needs them."""

from __future__ import annotations

from pathlib import Path

from tests.sensor.cli.command import POLICY, spanwatch


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
