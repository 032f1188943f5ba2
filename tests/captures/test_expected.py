"""Every sample capture gives exactly its expected file; ``spanwatch expect --update`` rewrites it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.policy import load
from sensor.pipeline.expect import Expectation
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay

ROOT = Path(__file__).resolve().parents[2]
CAPTURES = sorted((ROOT / "pcaps" / "captures").rglob("*.pcap"))


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda path: path.stem)
def test_a_capture_gives_exactly_its_expected_file(capture: Path) -> None:
    expectation = Expectation()
    options = Options(captures=(str(capture),), policy=load(ROOT / "pcaps" / "policy.yaml"))
    reading = Replay(options, [expectation]).run()
    assert not reading.problems
    expected = capture.with_suffix(".expected.yaml").read_text(encoding="utf-8")
    assert expectation.text() == expected


def test_no_expected_file_is_left_over() -> None:
    left = sorted((ROOT / "pcaps" / "captures").rglob("*.expected.yaml"))
    assert [path.name.removesuffix(".expected.yaml") for path in left] == [path.stem for path in CAPTURES]
