"""Every sample capture gives exactly its expected file and, line by line, its facts; ``make golden`` rewrites both."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.policy import load
from sensor.pipeline import fact_lines
from sensor.pipeline.expect import Expectation
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = sorted((ROOT / "pcaps" / "captures").rglob("*.pcap"))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_a_capture_gives_exactly_its_expected_file_and_its_facts(capture: Path) -> None:
    expectation = Expectation([])
    options = Options(captures=(str(capture),), policy=load(ROOT / "pcaps" / "policy.yaml"))
    reading = Replay(options, [expectation]).run()
    assert not reading.problems
    expected = capture.with_suffix(".expected.yaml")
    assert expectation.text() == expected.read_text(encoding="utf-8")
    facts = fact_lines.beside(expected)
    reviewed = facts.read_text(encoding="utf-8").splitlines()
    assert expectation.lines is not None
    different = list(fact_lines.difference(reviewed, expectation.lines, str(facts.relative_to(ROOT))))
    assert not different, "\n".join(different)


@pytest.mark.parametrize("suffix", [".expected.yaml", ".facts.jsonl"])
def test_no_expected_file_is_left_over(suffix: str) -> None:
    left = sorted((ROOT / "pcaps" / "captures").rglob(f"*{suffix}"))
    assert [path.name.removesuffix(suffix) for path in left] == [path.stem for path in CAPTURES]
