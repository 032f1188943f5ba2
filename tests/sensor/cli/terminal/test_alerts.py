"""Lists of alerts and single ones: what they name, at any width, with hostile names in them."""

from __future__ import annotations

import json
from collections.abc import Callable

import msgspec
import pytest
from rich.console import Console

from rules.detections.alert import Alert
from sensor.cli.terminal.alerts import lines_of_alerts, list_of_alerts, one_alert
from sensor.store import Capture
from tests.sensor.cli.terminal.screen import in_colour, printed, words
from tests.sensor.documents.contexts import HOSTILE, PLC_VIEW, alarm

Show = Callable[[Console], object]


def hostile_alert() -> Alert:
    view = msgspec.structs.replace(PLC_VIEW, name=HOSTILE)
    return alarm(server=view, reason=HOSTILE, observed=HOSTILE, values=(HOSTILE,), why={"name": HOSTILE})


SHOWS: list[Show] = [
    lambda out: list_of_alerts([hostile_alert()], out),
    lambda out: one_alert(hostile_alert(), [hostile_alert(), alarm(revision=2)], on=out),
    lambda out: lines_of_alerts([hostile_alert()], out),
]


@pytest.mark.parametrize("show", SHOWS)
@pytest.mark.parametrize("width", [40, 140])
def test_a_hostile_name_is_printed_and_not_obeyed(show: Show, width: int) -> None:
    plain = printed(show, width)
    assert all(char == "\n" or char.isprintable() for char in plain)
    assert "[red]" in plain.replace("\n", "").replace(" ", "") or width < 100
    coloured = in_colour(show, width)
    assert "\x1b[31m\\n" not in coloured
    assert not set(coloured) & {"\x00", "\u202e", "\x07", "\r"}


@pytest.mark.parametrize("show", SHOWS[:2])
@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_nothing_is_wider_than_the_terminal(show: Show, width: int) -> None:
    assert max(map(len, printed(show, width).splitlines())) <= width


def test_the_list_of_alerts_has_one_line_each_with_who_and_how_often() -> None:
    text = words(printed(lambda out: list_of_alerts([alarm()], out), 200))
    assert "1 incident " in text
    who = "HMI-1 (10.0.0.11) > PLC-7 (10.0.0.21)"
    assert f"high MB-001 Modbus write from unapproved master {who} 12 2023-11-14 22:13:25.000" in text


def test_one_alert_explains_itself_with_evidence_and_history() -> None:
    captures = [
        Capture(name="first.pcap", first_frame=1, packets=8),
        Capture(name="second.pcap", first_frame=9, packets=9),
    ]
    text = words(printed(lambda out: one_alert(alarm(), [alarm(), alarm(revision=2, count=40)], captures, out), 200))
    for part in (
        "HMI-1 wrote 12 holding registers of PLC-7.", "Writes of approved masters.", "A write of 12 registers.",
        "default-deny, missing: functions, closest rule: r-poll (wtp-north version 14)",
        "first.pcap: 7; second.pcap: 1",
        "00 01 ff (offset 54, length 37)", "T0836 Modify Parameter", "T1692.001", "A new station.",
        "Add it to the policy.",
        "holding_register 0-11", "Revisions",
    ):  # fmt: skip
        assert part in text, part


def test_a_list_without_an_alert_says_so() -> None:
    assert printed(lambda out: list_of_alerts([], out)) == "No alerts.\n"


def test_a_line_of_json_holds_a_whole_alert() -> None:
    (alert,) = printed(lambda out: lines_of_alerts([alarm()], out), 40).splitlines()
    assert json.loads(alert)["excerpt"] == "0001ff" and json.loads(alert)["incident"] == "inc-1"


def test_an_alert_of_a_model_reports_model_rarity_reasons_and_learning_on_lines_of_their_own() -> None:
    why = {
        "model": "rhythm", "reason": "M3.silent", "p_value": 0.0125, "window_s": 60, "support": "10 periods of 60 s",
        "baseline": "613b0dfb", "feature_1": "silence", "weight_1": 0.75, "observed_1": "45 s", "usual_1": "1.07 s",
        "feature_2": "rate", "weight_2": 0.25,
    }  # fmt: skip
    lines = printed(lambda out: one_alert(alarm(why_kind="score", why=why), on=out), 120).splitlines()
    reported = {" ".join(line.split()) for line in lines}
    assert reported >= {
        "model rhythm (M3.silent)",
        "p-value 0.0125",
        "window 60 s",
        "because silence (0.75): 45 s, usually 1.07 s",
        "because rate (0.25)",
        "learned from 10 periods of 60 s",
        "baseline 613b0dfb",
    }
    assert not [line for line in lines if line.strip().startswith("why ")]
