"""Promises about the anomaly block of an alert document: complete, typed, bounded, and only where a model spoke."""

from __future__ import annotations

from typing import Any

from dissectors.finding import Contribution, Finding
from rules.detections.subject.finding import score_of
from sensor.documents.alert import alert_document
from sensor.documents.fields import properties
from tests.sensor.documents.contexts import HOSTILE, ORIGIN, alarm
from tests.sensor.documents.ecs_check import problems

FOUND = Finding(
    alert="MDL-005", reason="M3.silent", model="rhythm", time=1, source="a.pcap", expected="e", observed="o",
    support="learned from 10 periods of 60 s", score=4.5, p_value=0.0125, window_seconds=60, baseline="613b0dfb62b63c9b",
    contributions=(Contribution("silence", 0.75, "45 s", "at most 1.07 s"), Contribution("rate", 0.25, "0 a minute")),
)  # fmt: skip


def reported(anomaly: Finding = FOUND) -> dict[str, Any]:
    return alert_document(ORIGIN, alarm(id="MDL-005", why_kind="score", why=score_of(anomaly), verdict=None))


def test_the_block_holds_the_score_and_its_reasons_typed() -> None:
    document = reported()
    assert problems(document, "alert") == []
    assert document["spanwatch"]["anomaly"] == {
        "model": "rhythm",
        "reason": "M3.silent",
        "score": 4.5,
        "p_value": 0.0125,
        "window_s": 60,
        "support": "learned from 10 periods of 60 s",
        "baseline": "613b0dfb62b63c9b",
        "weak": False,
        "features": ["silence", "rate"],
        "contributions": ["silence (0.75): 45 s, usually at most 1.07 s", "rate (0.25): 0 a minute"],
    }
    assert document["spanwatch"]["alert"]["detector"] == "score"


def test_every_key_of_the_block_is_a_declared_field() -> None:
    declared = properties("alert")["properties"]["anomaly"]["properties"]
    assert set(reported()["spanwatch"]["anomaly"]) == set(declared)
    assert declared["p_value"] == {"type": "double"}


def test_an_alert_that_no_model_led_to_has_no_block() -> None:
    assert "anomaly" not in alert_document(ORIGIN, alarm())["spanwatch"]


def test_what_was_not_calibrated_has_no_p_value_and_hostile_text_stays_text() -> None:
    bare = Finding(
        alert="MDL-003", reason="M1.T4.read", model="novelty", time=1, source="a.pcap", expected="e", observed="o",
        support="s", contributions=(Contribution("object", 1.0, HOSTILE, HOSTILE),),
    )  # fmt: skip
    document = reported(bare)
    assert problems(document, "alert") == []
    assert set(document["spanwatch"]["anomaly"]) == {"model", "reason", "support", "weak", "features", "contributions"}
    (line,) = document["spanwatch"]["anomaly"]["contributions"]
    assert len(line) <= 1024
