"""A running watch on a terminal: everything is there, nothing from the wire has any power over the screen."""

from __future__ import annotations

import logging

import msgspec

from sensor.cli.terminal.console import console
from sensor.cli.terminal.watching import Screen, alert_line, screen, state_line
from sensor.live.picture import LAST_ALERTS, InterfaceRow, LastAlerts, Picture
from tests.sensor.build import alert
from tests.sensor.cli.terminal.screen import in_colour, printed, words

PICTURE = Picture(
    time=1_700_000_000_000_000_000,
    interfaces=(InterfaceRow("eth1", "up", 12_345, 205.4, 999_000, 3), InterfaceRow("eth2", "gone", 0, 0.0, 0, 0)),
    assets=12, channels=31, incidents=2, restarts=1, waiting=0, spooled=7, policy="works version 3 (abc)",
)  # fmt: skip


def test_the_state_is_one_line_for_a_log() -> None:
    assert state_line(PICTURE) == (
        "eth1 12 345 packets (205/s), 3 dropped; eth2 0 packets (0/s), 0 dropped, gone; "
        "12 assets, 31 channels, 2 incidents, 7 documents waiting"
    )


def test_the_screen_shows_interfaces_and_alerts() -> None:
    shown = words(printed(lambda out: out.print(screen(PICTURE, [alert("i-one")]))))
    for part in ("eth1", "205", "12 345", "eth2 (gone)", "12 assets", "works version 3", "7 documents", alert().id):
        assert part in shown


def test_without_alerts_the_screen_says_so() -> None:
    assert "No alerts so far." in printed(lambda out: out.print(screen(PICTURE, [])))


def test_text_from_the_wire_has_no_power_over_the_screen() -> None:
    evil = msgspec.structs.replace(alert("i-one"), name="\x1b[2J[red]boo", observed="\x1b]0;x\x07\nnew line")
    shown = printed(lambda out: out.print(screen(PICTURE, [evil]))) + alert_line(evil)
    assert "\x1b" not in shown and "\x07" not in shown and "[red]" in shown
    assert "\n" not in alert_line(evil)


def test_an_incident_is_reported_when_it_begins_and_when_it_rises() -> None:
    reported: list[tuple[str, int]] = []
    last = LastAlerts("medium", lambda one: reported.append((one.severity, one.revision)))
    for severity, revision in (("medium", 1), ("medium", 2), ("high", 3), ("high", 4)):
        last.alert(msgspec.structs.replace(alert("i-one"), severity=severity, revision=revision))
    last.alert(msgspec.structs.replace(alert("i-two"), severity="low", revision=1))
    assert reported == [("medium", 1), ("high", 3)]
    assert last.incidents == 2 and len(last.newest) == 2


def test_only_the_newest_alerts_are_kept() -> None:
    last = LastAlerts()
    for number in range(LAST_ALERTS + 5):
        last.alert(alert(f"i-{number}"))
    assert [one.incident for one in last.newest][-1] == f"i-{LAST_ALERTS + 4}" and len(last.newest) == LAST_ALERTS


def test_what_is_logged_meanwhile_is_shown_above_the_screen() -> None:
    def show(out) -> None:
        with Screen(out) as shown:
            logging.getLogger("spanwatch").warning("worker 1 ended \x1b[2J")
            shown.show(PICTURE, [])

    text = in_colour(show)
    assert "worker 1 ended \\x1b[2J" in text and "eth1" in text


def test_the_log_is_given_back() -> None:
    log = logging.getLogger("spanwatch")
    before = (list(log.handlers), log.propagate)
    with Screen(console()):
        pass
    assert (list(log.handlers), log.propagate) == before
