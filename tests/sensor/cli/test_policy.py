"""``spanwatch policy check``: a policy is fine, or every mistake is told with its line; no capture is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sensor.cli.command import POLICY, spanwatch


def test_a_sound_policy_is_called_fine_with_what_it_holds() -> None:
    done = spanwatch("policy", "check", POLICY)
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{POLICY}: fine, sample-water-works version 1 (")
    assert done.stdout.endswith("5 zones, 9 assets, 4 conduits, 14 rules\n")


@pytest.mark.parametrize(
    ("changed", "to", "said"),
    [
        ("conduits:", "conduit:", "key 'conduit' is not known; did you mean 'conduits'?"),
        ("rules:", "ruls:", "key 'ruls' is not known; did you mean 'rules'?"),
        ("rules:", "polices:", "key 'polices' is not known; use one of apiVersion, assets, "),
    ],
)
def test_a_key_of_the_document_that_is_not_known_is_told_with_its_line_and_those_it_has(
    changed: str, to: str, said: str, tmp_path: Path
) -> None:
    lines = POLICY.read_text(encoding="utf-8").splitlines()
    number = lines.index(changed) + 1
    lines[number - 1] = to
    file = tmp_path / "policy.yaml"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = spanwatch("policy", "check", file)
    assert done.exit_code == 2
    assert f"{file}:{number}: {said}" in done.stderr


def test_a_policy_that_is_not_there_is_named_and_no_option_is_spoken_of(tmp_path: Path) -> None:
    done = spanwatch("policy", "check", tmp_path / "none.yaml")
    assert done.exit_code == 2
    assert f"{tmp_path / 'none.yaml'}: the policy cannot be read" in done.stderr and "--policy" not in done.stderr
