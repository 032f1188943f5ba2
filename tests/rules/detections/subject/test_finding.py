"""What a model found becomes an alert: one incident per channel and reason, explained, never louder than it may be."""

from __future__ import annotations

import pytest

from dissectors.context import Context, Verdict
from dissectors.facts import Target
from dissectors.finding import Contribution
from rules.detections.engine import Detections
from tests.rules.detections.build import MB, asset, at, odd, run

CRITICAL = asset(MB.server, criticality="high")


def context() -> Context:
    return MB.opened()


def test_a_sweep_over_many_registers_is_one_incident_whatever_the_address() -> None:
    story = [odd("MDL-003", n, context(), targets=(Target("input_register", n, n),)) for n in range(40)]
    alerts = run(story)
    assert len({alert.incident for alert in alerts}) == 1
    assert [alert.count for alert in alerts] == [1, 10, 40]
    assert "input_register 0" in alerts[0].reason


def test_another_reason_or_another_channel_is_another_incident() -> None:
    other = MB.but(unit="2").opened()
    story = [odd("MDL-003", 1, context()), odd("MDL-003", 2, context(), reason="M1.other"), odd("MDL-003", 3, other)]
    assert len({alert.incident for alert in run(story)}) == 3


def test_the_sentences_hold_what_is_usual_what_was_seen_the_learning_behind_it_and_the_reasons() -> None:
    (alert,) = run([odd("MDL-005", 1, context(), p_value=0.02, normal="Approve the new period.", score=3.5)])
    assert alert.expected == "Reads of 20 input registers. Learned from 9 minutes and 2160 requests."
    assert alert.observed == (
        "One register alone, 40 times. Strongest reasons: object input_register 3, usually input_register 0-19. "
        "On clean traffic one window in 50 or fewer scored as high."
    )
    assert alert.normal == "Approve the new period."
    assert (alert.why_kind, alert.category) == ("score", "anomaly")
    assert dict(alert.why) == {
        "model": "M1 novelty", "reason": "M.MDL-005", "support": "Learned from 9 minutes and 2160 requests.",
        "p_value": 0.02, "score": 3.5, "baseline": "ab" * 32, "feature_1": "object", "weight_1": 0.7,
        "observed_1": "input_register 3", "usual_1": "input_register 0-19",
    }  # fmt: skip
    assert alert.frames == (7, 9)


def test_at_most_three_reasons_are_reported_and_a_weak_explanation_says_so_instead() -> None:
    four = tuple(Contribution(f"f{n}", 0.25, str(n), "0") for n in range(4))
    (reported,) = run([odd("MDL-010", 1, context(), contributions=four)])
    assert "f2 2, usually 0" in reported.observed
    assert "f3" not in reported.observed + repr(reported.why)
    (weak,) = run([odd("MDL-010", 1, context(), contributions=four, weak=True)])
    assert "explanation is weak" in weak.observed
    assert "usually 0" not in weak.observed


@pytest.mark.parametrize(
    ("identifier", "fields", "view", "expected"),
    [
        ("MDL-001", {}, None, "high"),
        ("MDL-001", {}, CRITICAL, "critical"),
        ("MDL-001", {"review": True}, CRITICAL, "high"),
        ("MDL-002", {"review": True}, None, "low"),
        ("MDL-003", {"severity": "medium"}, None, "medium"),
        ("MDL-003", {"severity": "deafening"}, None, "low"),
        ("MDL-005", {}, CRITICAL, "medium"),
        ("MDL-005", {"severity": "high"}, CRITICAL, "medium"),
        ("MDL-006", {"severity": "critical"}, None, "medium"),
        ("MDL-010", {"severity": "medium"}, CRITICAL, "medium"),
        ("MDL-011", {}, CRITICAL, "high"),
    ],
)
def test_severity_steps_are_taken_and_statistics_alone_stay_at_medium(
    identifier: str, fields: dict[str, object], view: object, expected: str
) -> None:
    (alert,) = run([odd(identifier, 1, MB.but(server_view=view).opened(), **fields)])
    assert alert.severity == expected
    assert alert.review == bool(fields.get("review"))


def test_an_incident_for_review_stays_one_until_something_louder_joins_it() -> None:
    engine = Detections({}, "s", "e")
    (first,) = engine.see(odd("MDL-002", 1, context(), review=True))
    (louder,) = engine.see(odd("MDL-002", 2, context()))
    assert [(first.severity, first.review), (louder.severity, louder.review)] == [("low", True), ("medium", False)]
    quiet = [alert for n in range(3, 12) for alert in engine.see(odd("MDL-002", n, context(), review=True))]
    assert [(alert.severity, alert.review, alert.count) for alert in quiet] == [("medium", False, 10)]


def test_clauses_of_a_model_become_sentences_and_a_reason_already_reported_is_not_repeated() -> None:
    (alert,) = run([
        odd("MDL-010", 1, context(), expected="polls every 2 s", observed="122 a minute", support="18 windows",
            contributions=(Contribution("rate", 1.0, "122 a minute", "30 a minute"),)),
    ])  # fmt: skip
    assert alert.expected == "Polls every 2 s. 18 windows."
    assert alert.observed == "122 a minute."
    assert alert.why["usual_1"] == "30 a minute"


def test_models_that_agree_are_one_incident_however_many_join() -> None:
    story = [odd("MDL-011", 1, context(), reason="fusion.a+b"), odd("MDL-011", 2, context(), reason="fusion.a+b+c")]
    assert len({alert.incident for alert in run(story)}) == 1


@pytest.mark.parametrize(
    ("reason", "verb", "techniques"),
    [("M3.silent", "read", ("T1691.002",)), ("M3.storm", "read", ("T0814",)), ("M3.storm", "write", ("T0806",))],
)
def test_a_flood_a_repeated_command_and_a_silence_are_different_techniques(
    reason: str, verb: str, techniques: tuple[str, ...]
) -> None:
    (alert,) = run([odd("MDL-005", 1, context(), reason=reason, verb=verb)])
    assert alert.techniques == techniques


def test_a_connection_that_the_policy_allows_is_no_news_however_new_it_is() -> None:
    allowed = MB.but(verdict=Verdict(kind="allow", rule="R-1")).opened()
    denied = MB.but(verdict=Verdict(kind="default-deny", missing="rule")).opened()
    assert run([odd("NET-009", 1, allowed)]) == []
    assert [alert.id for alert in run([odd("NET-009", 1, context())])] == ["NET-009"]
    assert [alert.id for alert in run([odd("NET-009", 1, denied)])] == ["NET-009"]


def test_an_anomaly_without_a_channel_or_of_an_unknown_alert_does_no_harm() -> None:
    (alert,) = run([odd("MDL-010", 1)])
    assert (alert.client, alert.server, alert.channel, alert.source) == (None, None, "", "story")
    assert Detections({}, "s", "e").see(odd("MDL-999", 1)) == []


def test_a_site_switches_one_of_them_off() -> None:
    assert run([odd("MDL-005", 1, context())], {"MDL-005": {"enabled": 0}}) == []


def test_the_last_revision_reports_the_whole_count_and_when_it_ended() -> None:
    alerts = run([odd("MDL-005", n * 60, context(), last=at(n * 60)) for n in range(3)])
    assert [(alert.status, alert.count) for alert in alerts] == [("open", 1), ("closed", 3)]
    assert alerts[-1].last == at(120)
