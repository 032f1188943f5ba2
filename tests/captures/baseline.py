"""The baseline of the sample plant: what the tests of this folder and ``model train`` learn from its long normal day."""

from __future__ import annotations

from pathlib import Path

from models.baseline import Baseline
from models.persistence import save
from models.settings import Settings
from models.training import Training
from rules.policy import Judge, load
from sensor.pipeline.train import Course, allowed_by

PCAPS = Path(__file__).resolve().parents[2] / "pcaps"
POLICY = PCAPS / "policy.yaml"
NORMAL = PCAPS / "captures" / "plant" / "normal_long.pcap"
MINUTE = Settings(period_seconds=60, block_seconds=60, calibration_gap_seconds=60)


def trained(policy: Path | None = POLICY, capture: Path = NORMAL) -> Baseline:
    """Return the baseline of a capture, learned in periods of a minute."""
    rules = load(policy) if policy is not None else None
    judge = Judge([rules], early=True) if rules is not None else None
    training = Training(MINUTE, allowed_by(judge, rules) if judge is not None and rules is not None else None)
    course = Course(training, rules, judge)
    assert not course.captures([str(capture)]).problems
    course.end()
    return training.finish()


def learned(folder: Path) -> Path:
    """Return the folder of the saved baseline of the sample plant."""
    return save(trained(), folder)
