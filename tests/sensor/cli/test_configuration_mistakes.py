"""A mistake in the configuration file is told with its line, the nearest word and the fix."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.sensor.cli.command import refused


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("replay:\n  fail_on: hihg\n", 2, "'hihg' is not possible; write 'low', 'medium', 'high' or 'critical'"),
        ("replay:\n  quiet: 1\n", 2, "replay.quiet: must be true or false"),
        ("common:\n  site: x\nwatch:\n  workrs: 2\n", 4, "key 'workrs' is not known; did you mean 'workers'?"),
        ("watch:\n  workers: 0\n", 2, "watch.workers: 0: write a number that is greater than or equal to 1"),
        ("watch:\n  workers: two\n", 2, "must be a whole number"),
        ("watch:\n  interface: eth1\n", 2, "must be a list; write it in [ ]"),
        ("comon: {}\n", 1, "key 'comon' is not known; did you mean 'common'?"),
        ("setings: {}\n", 1, "did you mean 'settings'?"),
        ("common:\n  site: 12\n", 2, "must be text; put it in quotes"),
        ("common:\n  site:\n", 2, "must be text"),
        ("replay: 7\n", 1, "must be a mapping"),
        ("common:\n  elastic:\n    pasword_file: x\n", 3, "did you mean 'password_file'?"),
        ("common:\n  site: a\n  site: b\n", 3, "key 'site' is already in line 2"),
        ("common: &a\n  site: x\n", 1, "anchor"),
        ("settings:\n  MB-4: {}\n", 2, "did you mean 'MB-004'?"),
        ("settings:\n  S7-034: {seconds: 0}\n", 2, "0 is no length of time; write a number above 0"),
        ("settings:\n  MB-999: {}\n", 2, "there is no alert 'MB-999'; did you mean"),
        ("settings:\n  MB-004:\n    writes_per_secon: 3\n", 3, "did you mean 'writes_per_second'?"),
        ("settings:\n  MB-004:\n    writes_per_second: -1\n", 3, "0 or more"),
        ("settings:\n  MB-004:\n    writes_per_second: true\n", 3, "must be a number"),
        ("settings:\n  MB-004:\n    enabled: 0\n", 3, "must be true or false"),
        ("settings:\n  MB-004: off\n", 2, "several readings"),
        ("settings:\n  MB-020: {except: plc-1}\n", 2, "must be a list of names or addresses"),
        ("settings: [MB-004]\n", 1, "must be a mapping"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_and_fix(tmp_path: Path, text: str, line: int, says: str) -> None:
    (told,) = refused(tmp_path / "spanwatch.yaml", text)
    assert re.match(rf"{re.escape(str(tmp_path / 'spanwatch.yaml'))}:{line}: ", told), told
    assert says in told


def test_every_mistake_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    told = refused(tmp_path / "spanwatch.yaml", "watch:\n  workrs: 2\n  quiet: x\nsettings:\n  MB-1: {}\n")
    assert [one.split(":")[1] for one in told] == ["2", "3", "5"]
