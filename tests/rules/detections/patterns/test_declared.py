"""A protocol that nobody here has heard of gets its alerts from its declaration alone."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dissectors.base.dissector import Dissector
from dissectors.danger import Danger, Pattern, Patterns
from dissectors.facts import Target
from dissectors.spec import Fault, Protocol, Unit, tcp
from rules.detections.alert import Alert
from rules.detections.engine import Detections
from rules.detections.explanation import UNSEEN
from rules.detections.patterns.declared import declared_entries
from rules.detections.patterns.shapes import SHAPES
from tests.rules.detections.build import Input, Talk, each, feed

TOY = Protocol(
    name="toy",
    title="Toy",
    series="TOY",
    dissector=Dissector("toy"),
    doors=(tcp(9),),
    unit=Unit("loop address"),
    violations=(Fault("length", "2.1", "a message is as long as it says"),),
    dangers=(
        Danger(
            number=1,
            name="Device wiped",
            severity="critical",
            operations=("wipe", "wipe_log"),
            severities={"wipe_log": "medium"},
            consequence="everything in it is gone.",
        ),
        Danger(number=2, name="Outputs set", severity="high", operations=("put",), objects=("out",), kind="write",
               consequence="the outputs change.", normal="Nothing."),
    ),
    patterns=Patterns(
        approval="A ticket for {server}.",
        function_scan=Pattern(number=3, errors=("no_such_function",)),
        unit_scan=Pattern(number=4, settings={"addresses": 2, "seconds": 5}),
        unanswered=Pattern(number=5, verbs=("control",)),
        unmatched=Pattern(number=6),
        broken=(Pattern(number=7, name="Broken Toy", faults=("length",), consequence="its length is wrong."),),
    ),
)  # fmt: skip
ENTRIES = {entry.id: entry for entry in declared_entries((TOY,))}
TALK = Talk(protocol="toy", port=9, unit="1")


def raised(story: Sequence[Input]) -> dict[str, Alert]:
    return {alert.id: alert for alert in feed(Detections({}, "s", "e", catalogue=tuple(ENTRIES.values())), story)}


def test_what_is_declared_is_what_there_is() -> None:
    assert sorted(ENTRIES) == [f"TOY-{number:03d}" for number in range(1, 8)]
    assert ENTRIES["TOY-001"].normal == "A ticket for {server}."
    assert ENTRIES["TOY-002"].normal == "Nothing."
    assert ENTRIES["TOY-004"].settings == {"addresses": 2, "seconds": 5}
    assert "loop addresses" in ENTRIES["TOY-004"].explanation.reason
    assert ENTRIES["TOY-005"].settings == SHAPES["unanswered"].settings
    assert ENTRIES["TOY-007"].normal.startswith("This device in settings.TOY-007.except")


@pytest.mark.parametrize(
    ("identifier", "story", "severity"),
    [
        ("TOY-001", [TALK.ask("wipe", 1)], "critical"),
        ("TOY-001", [TALK.ask("wipe_log", 1)], "medium"),
        ("TOY-002", [TALK.ask("put", 1, verb="write", targets=(Target("out", 1, 1),), values=(1,))], "high"),
        ("TOY-003", each(3, lambda n: TALK.ask(f"f{n}", n, error="no_such_function")), "medium"),
        ("TOY-004", each(2, lambda n: TALK.but(unit=str(n)).window(20, requests=1)), "medium"),
        ("TOY-005", each(3, lambda n: TALK.ask("put", n, outcome="unanswered")), "medium"),
        ("TOY-006", [TALK.ask("put", 1, outcome="unmatched")], "high"),
        ("TOY-007", [TALK.violation("length")], "medium"),
    ],
)
def test_a_declared_alert_is_raised_with_whole_sentences(
    identifier: str, story: Sequence[Input], severity: str
) -> None:
    alert = raised(story)[identifier]
    assert alert.severity == severity
    for text in (alert.reason, alert.expected, alert.observed, alert.normal):
        assert text.strip()
        assert UNSEEN not in text
        assert "<" not in text


def test_what_the_declaration_does_not_mean_stays_silent() -> None:
    assert raised([TALK.ask("put", 1, targets=(Target("memory", 1, 1),)), TALK.but(protocol="other").ask("wipe")]) == {}


def test_protocols_of_one_series_share_what_both_declare() -> None:
    twin = Protocol(name="twin", title="Twin", series="TOY", dissector=TOY.dissector, dangers=TOY.dangers)
    shared = {entry.id: entry for entry in declared_entries((TOY, twin))}
    assert shared["TOY-001"].looks[0].protocols == ("toy", "twin")
    assert shared["TOY-006"].looks[0].protocols == ("toy",)


def test_a_danger_that_nothing_names_is_refused() -> None:
    with pytest.raises(ValueError, match="operations, codes or errors"):
        Danger(number=1, name="Nothing", severity="low", consequence="")
