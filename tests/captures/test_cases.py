"""What people in this field meet: small captures, each with what a user must find, kept beside the project.

Those that fall short stand in ``cases_that_fall_short.txt`` with the reason; the list may only shrink.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repository import ROOT

FOLDER = ROOT.parent / "shared" / "cases"
SHORT = dict(
    line.split(": ", 1)
    for line in (Path(__file__).parent / "cases_that_fall_short.txt").read_text(encoding="utf-8").splitlines()
    if line
)
PROGRAM = Path(sys.executable).parent / "spanwatch"


def cases() -> list[Any]:
    """Every case, or one that says why there is none."""
    listed = FOLDER / "cases.yaml"
    if not listed.is_file():
        return [pytest.param({}, marks=pytest.mark.skip(reason=f"{FOLDER} is not there"), id="cases")]
    return [pytest.param(case, id=case["id"]) for case in yaml.safe_load(listed.read_text(encoding="utf-8"))]


def shortcomings(case: dict[str, Any]) -> list[str]:
    """What the check of the cases finds wrong with one."""
    spec = importlib.util.spec_from_file_location("check", FOLDER / "check.py")
    assert spec is not None and spec.loader is not None
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    found: list[str] = check.run(str(PROGRAM), case, FOLDER, ROOT)
    return found


@pytest.mark.parametrize("case", cases())
def test_a_user_finds_what_is_in_the_capture(case: dict[str, Any]) -> None:
    found = shortcomings(case)
    if case["id"] in SHORT:
        assert found, f"{case['id']} holds: take it out of cases_that_fall_short.txt"
        pytest.xfail(f"{SHORT[case['id']]}: {'; '.join(found)}")
    assert found == [], case["shows"]


def test_the_list_of_what_falls_short_names_cases() -> None:
    if not FOLDER.is_dir():
        pytest.skip(f"{FOLDER} is not there")
    assert SHORT.keys() <= {case.id for case in cases()}
