"""Techniques of ATT&CK for ICS in documents."""

from __future__ import annotations

from sensor.documents.alert import alert_document
from tests.sensor.documents.contexts import (
    ORIGIN,
    alarm,
)
from tests.sensor.documents.ecs_check import problems


def test_each_tactic_and_technique_stands_once_and_sub_techniques_below_their_parent() -> None:
    threat = alert_document(ORIGIN, alarm(techniques=("T0836", "T1692.001", "T1692.002")))["threat"]
    assert sorted(threat["technique"]["id"]) == ["T0836", "T1692"]
    assert threat["technique"]["subtechnique"]["id"] == ["T1692.001", "T1692.002"]
    assert len(threat["tactic"]["id"]) == len(set(threat["tactic"]["id"])) == len(threat["tactic"]["name"])
    threat = alert_document(ORIGIN, alarm())["threat"]
    assert threat["technique"]["subtechnique"]["id"] == ["T1692.001"]
    assert threat["technique"]["subtechnique"]["reference"] == ["https://attack.mitre.org/techniques/T1692/001/"]
    assert not any("/tactics/" in link for link in threat["technique"]["reference"])


def test_a_technique_that_the_pin_does_not_know_does_not_lose_the_alert() -> None:
    document = alert_document(ORIGIN, alarm(techniques=("T9999",)))
    assert document["threat"]["technique"]["id"] == ["T9999"]
    assert problems(document, "alert") == []
