"""Promises about the summary of a replay: complete, the same every time, readable without a terminal."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from dissectors.context import Context
from dissectors.facts import OperationCount, Visibility
from sensor.capture.record import CaptureFile, CaptureProblem, Reading
from sensor.cli.terminal import summary as module
from sensor.cli.terminal.conversation import MAX_OPERATIONS, Conversation
from sensor.cli.terminal.progress import reading_bar
from sensor.cli.terminal.summary import Summary
from tests.sensor.build import SECOND, START, operation, window
from tests.sensor.cli.terminal.screen import in_colour, printed, words
from tests.sensor.documents.contexts import DENIED, HMI_VIEW, HOSTILE, PLC_VIEW, alarm, channel, health, record

FILES = (CaptureFile("a.pcap", 1, 1234, START, START + 170 * SECOND, 2_000_000),)


def gathered(name: str = "a.pcap", asset: str = "PLC-7") -> tuple[Summary, Reading]:
    """Return what a small run leaves."""
    view = msgspec.structs.replace(PLC_VIEW, name=asset)
    talk, found = channel(), Summary()
    counts = (
        OperationCount("write_single_register holding_register:3", "write", 7, 0, 1, 0, 0, 0, 0, 0),
        OperationCount("read_coils coil:1", "read", 1200, 0, 1, 0, 0, 0, 0, 0),
    )
    found.take(Context(fact=talk, channel=talk, client=HMI_VIEW, server=view, verdict=DENIED))
    found.take(Context(fact=operation(talk), channel=talk, client=HMI_VIEW, server=view, verdict=DENIED))
    found.take(
        Context(
            fact=msgspec.structs.replace(window(talk, at=60), operations=counts),
            channel=talk,
            client=HMI_VIEW,
            server=view,
            verdict=DENIED,
        )
    )
    found.take(
        Context(
            fact=Visibility(START, name, 3, 0, "c-1", "one_sided", "why"),
            channel=talk,
            client=HMI_VIEW,
            server=view,
            verdict=DENIED,
        )
    )
    found.take(Context(fact=health(60, not_decoded=3, packets=50, evicted_flows=0)))
    found.alert(alarm())
    found.alert(alarm(revision=2, count=40, server=view))
    found.alert(alarm(incident="inc-2", id="INV-001", name="New asset", severity="critical"))
    found.asset(record(name=asset), None)
    reading = Reading((msgspec.structs.replace(FILES[0], name=name),), (), ())
    return found, reading


def shown(width: int = 200) -> str:
    found, reading = gathered()
    return printed(lambda out: found.show(reading, output=Path("out"), store=Path("s.db"), on=out), width)


def test_the_summary_reports_captures_assets_conversations_policy_alerts_and_health() -> None:
    text = words(shown())
    for part in (
        "1 capture, 1 234 packets", "a.pcap 1 234 2.0 MB 2023-11-14 22:13:20.000 2 min 50 s",
        "Protocols (packets): modbus 20", "PLC-7 10.0.0.21 00:80:f4:01:02:21", "modbus server",
        "HMI-1 PLC-7 modbus 1 established 20", "write_single_register x7, read_coils x1 200",
        "Policy, conversations: default-deny 1", "Policy, kinds of operation: default-deny 1", "Alerts: critical 1 high 1",
        "2 incidents", "Note: 3 frames were not read", "Note: 1 conversation: one-sided", "Documents in: out",
        "Store: s.db",
    ):  # fmt: skip
        assert part in text, part
    assert "evicted" not in text


def test_an_incident_counts_once_with_its_newest_revision_and_the_worst_comes_first() -> None:
    text = shown()
    assert text.index("INV-001") < text.index("MB-001")
    assert text.count("MB-001") == 1
    assert " 40 " in text


def test_operations_that_do_something_come_before_reads() -> None:
    text = shown()
    assert text.index("write_single_register") < text.index("read_coils")


def test_a_conversation_with_very_many_operations_is_bounded_and_loses_no_count() -> None:
    counts = tuple(OperationCount(f"odd_{number} x", "write", 1, 0, 1, 0, 0, 0, 0, 0) for number in range(500))
    row = Conversation()
    row.add(msgspec.structs.replace(window(channel(), at=60), operations=counts))
    assert len(row.operations) <= MAX_OPERATIONS + 1
    assert sum(row.operations.values()) == 500


def test_the_same_run_prints_the_same_text() -> None:
    assert shown() == shown()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_the_summary_fits_any_width(width: int) -> None:
    lines = shown(width).splitlines()
    assert max(map(len, lines)) <= width
    assert "MB-001" in words("".join(lines))


def test_without_a_terminal_there_is_no_colour_and_with_one_severities_have_theirs() -> None:
    found, reading = gathered()
    assert "\x1b" not in shown()
    assert "\x1b[1;31mcritical" in in_colour(lambda out: found.show(reading, on=out))


def test_hostile_names_have_no_power_over_the_screen() -> None:
    found, reading = gathered(name=HOSTILE, asset=HOSTILE)

    def show(out: Console) -> None:
        found.show(reading, output=Path("\x1b[2J[red]"), on=out)

    assert all(char == "\n" or char.isprintable() for char in printed(show))
    assert "\\x1b[2J[red]" in printed(show)
    assert not set(in_colour(show)) & {"\x00", "\u202e", "\r"}
    assert "\x1b[2J" not in in_colour(show)


def test_a_capture_that_could_not_be_read_is_reported() -> None:
    found, reading = gathered()
    broken = msgspec.structs.replace(reading, problems=(CaptureProblem("b.pcap", 7, "is cut short", 3),))
    assert "1 capture could not be read to the end." in printed(lambda out: found.show(broken, on=out))


def test_a_run_over_nothing_has_a_summary_too() -> None:
    text = words(printed(lambda out: Summary().show(Reading((), (), ()), on=out)))
    assert "0 captures, 0 packets" in text and "0 assets" in text and "No alerts." in text


def test_conversations_beyond_the_bound_are_still_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_CONVERSATIONS", 3)
    found = Summary()
    for number in range(5):
        talk = channel(channel=f"c-{number}")
        found.take(Context(fact=talk, channel=talk))
    assert len(found.conversations) == 3
    assert "5 conversations" in printed(lambda out: found.show(Reading((), (), ()), on=out))


def test_only_some_conversations_are_listed_and_the_rest_is_counted() -> None:
    found = Summary()
    for number in range(module.SHOWN_CONVERSATIONS + 7):
        talk = channel(channel=f"c-{number}")
        found.take(Context(fact=talk, channel=talk))
    text = printed(lambda out: found.show(Reading((), (), ()), on=out))
    assert "and 7 more conversations" in text


def test_no_bar_means_no_callback_and_a_bar_takes_any_progress() -> None:
    with reading_bar(False) as report:
        assert report is None
    with reading_bar(True) as report:
        assert report is not None
        report(10, 100)
        report(20, None)
