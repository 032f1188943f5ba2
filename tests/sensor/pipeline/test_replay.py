"""Promises about how a replay gives its facts to the pipeline."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.policy import load
from sensor.pipeline import replay
from sensor.pipeline.options import Options
from sensor.pipeline.pipeline import Pipeline
from sensor.pipeline.replay import Replay
from tests.repository import ROOT

PLANT = ROOT / "pcaps" / "captures" / "plant" / "normal.pcap"


def documents(folder: Path) -> dict[str, bytes]:
    """Replay a sample into ``folder``; return its files of documents."""
    folder.mkdir()
    policy = load(ROOT / "pcaps" / "policy.yaml")
    Replay(Options(captures=(str(PLANT),), policy=policy, store=folder / "store.db", output=folder)).run()
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.ndjson"))}


def test_the_parts_that_facts_are_taken_in_are_bounded_and_change_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = documents(tmp_path / "whole")
    assert whole["alerts.ndjson"] and whole["operations.ndjson"]
    sizes: list[int] = []
    take = Pipeline.take

    def counted(self: Pipeline, facts: list[object]) -> None:
        sizes.append(len(facts))
        take(self, facts)  # type: ignore[arg-type]  # facts of the replay

    monkeypatch.setattr(Pipeline, "take", counted)
    monkeypatch.setattr(replay, "BATCH_FACTS", 7)
    assert documents(tmp_path / "parts") == whole
    assert max(sizes) == 7 and len(sizes) > 2
