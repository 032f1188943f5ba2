"""A policy changes between two facts, everywhere at once, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.policy import load
from sensor.inventory import Inventory
from sensor.live.policy_in_use import PolicyInUse, PolicyRefused, read_policy
from sensor.pipeline.policy_assets import known_assets
from tests.sensor.build import sighting

POLICY = Path(__file__).parents[3] / "pcaps" / "policy.yaml"


def changed(tmp_path: Path, before: str, after: str) -> Path:
    text = POLICY.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "policy.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


def test_a_refused_policy_names_file_line_and_fix(tmp_path: Path) -> None:
    path = changed(tmp_path, "zones:", "zoness:")
    with pytest.raises(PolicyRefused, match=rf"{path}:\d+"):
        read_policy(path)
    with pytest.raises(PolicyRefused, match="Check --policy"):
        read_policy(tmp_path / "none.yaml")


def test_the_day_of_review_is_reported_when_it_is_over(tmp_path: Path) -> None:
    text = POLICY.read_text(encoding="utf-8")
    path = tmp_path / "policy.yaml"
    if "review_by" in text:
        import re

        text = re.sub(r"review_by: .*", "review_by: 2026-01-31", text)
    else:
        text = text.replace("  effective:", "  review_by: 2026-01-31\n  effective:", 1)
    path.write_text(text, encoding="utf-8")
    in_use = PolicyInUse(load(path))
    last_moment = 1_769_903_999  # 2026-01-31T23:59:59Z
    assert not in_use.review_is_over(last_moment * 1_000_000_000)
    assert in_use.review_is_over((last_moment + 1) * 1_000_000_000)


def test_assets_take_the_names_of_another_policy_and_nobody_becomes_new() -> None:
    inventory = Inventory(known=None)
    device = ("00:80:f4:01:02:21", "10.20.1.21")
    inventory.sighted(sighting(device))
    before = inventory.records()[0]
    inventory.take_events()
    inventory.adopt(known_assets(load(POLICY)))
    after = inventory.records()[0]
    assert (before.known, after.known) == (False, True)
    assert after.name == "plc-chem" and after.zone and after.id == before.id
    assert inventory.take_events() == []
    inventory.adopt(None)
    assert inventory.records()[0].name == before.name
