"""The sample captures against their ground truth: each attack raises its alerts once, the normal day raises nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from rules.detections.alert import SEVERITIES, Alert
from rules.policy import load
from sensor.pipeline.expect import Expectation
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay

ROOT = Path(__file__).resolve().parents[2]
PCAPS = ROOT / "pcaps"
MANIFEST: list[dict[str, Any]] = yaml.safe_load((PCAPS / "MANIFEST").read_text(encoding="utf-8"))["captures"]
ATTACKS = [row for row in MANIFEST if row["truth"]]
QUIET = [row for row in MANIFEST if not row["truth"]]


def alerts_of(row: dict[str, Any]) -> list[Alert]:
    expectation = Expectation()
    policy = load(PCAPS / "policy.yaml")
    Replay(Options(captures=(str(PCAPS / row["file"]),), policy=policy), [expectation]).run()
    return list(expectation.alerts.values())


def name(row: dict[str, Any]) -> str:
    return str(Path(row["file"]).stem)


@pytest.mark.parametrize("row", ATTACKS, ids=name)
def test_an_attack_raises_its_alerts_and_nothing_unexplained(row: dict[str, Any]) -> None:
    alerts = alerts_of(row)
    raised = {alert.id for alert in alerts}
    explained: set[str] = set()
    for truth in row["truth"]:
        assert set(truth["expect"]) <= raised, f"missing {set(truth['expect']) - raised}"
        for group in truth.get("one_of") or []:
            assert raised & set(group), f"none of {group}"
            explained |= set(group)
        explained |= set(truth["expect"]) | set(truth.get("with_baseline") or []) | set(truth.get("may") or [])
    assert raised <= explained, f"unexplained: {raised - explained}"


@pytest.mark.parametrize("row", ATTACKS, ids=name)
def test_an_attack_raises_each_of_its_alerts_once_per_pair_and_unit(row: dict[str, Any]) -> None:
    keys = Counter(
        (
            alert.id,
            alert.client.id if alert.client else "",
            alert.server.id if alert.server else "",
            alert.unit,
        )
        for alert in alerts_of(row)
    )
    assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize("row", QUIET, ids=name)
def test_a_normal_day_raises_nothing_at_medium_or_above(row: dict[str, Any]) -> None:
    loud = [alert.id for alert in alerts_of(row) if SEVERITIES.index(alert.severity) >= SEVERITIES.index("medium")]
    assert loud == []


def test_there_is_a_normal_day_and_a_scenario_of_each_kind() -> None:
    assert [name(row) for row in QUIET] == ["normal", "normal_long", "normal_later", "normal", "neighbours"]
    kinds = {name(row) for row in ATTACKS}
    assert {
        "port_scan",
        "unauthorised_write",
        "plc_stop",
        "program_download",
        "cold_restart",
        "new_master",
        "time_change",
        "function_scan",
        "arp_spoof",
        "connection_flood",
    } <= kinds
