"""What is dangerous or wrong in IEC 60870-5-104: nothing that can move the process, and no fault, goes without an alert."""

from __future__ import annotations

from dissectors.iec104.dangers import DANGERS, FAULTS, PATTERNS
from dissectors.iec104.table import CAUSES, ROWS
from dissectors.iec104.vocabulary import GROUPS, WORDS

WATCHED = {name for danger in DANGERS for name in danger.operations}
HARMLESS = {"clock_synchronisation", "delay_acquisition"}


def test_whatever_moves_the_process_counts_in_a_burst_of_commands() -> None:
    moving = {name for name in GROUPS["commands"] if not name.endswith(("_select", "_cancelled", "_terminated"))}
    assert set(PATTERNS.control_burst.operations) == moving


def test_whatever_changes_the_station_itself_is_an_alert_whoever_sends_it() -> None:
    changing = {row.name for row in ROWS if row.verb in {"start_stop", "write", "file"}} - {"file_directory"}
    assert changing | {"parameter_activation", "clock_synchronisation", "stop_transfer"} == WATCHED


def test_a_danger_is_a_function_that_messages_can_have() -> None:
    assert {word.name for word in WORDS} >= WATCHED


def test_every_fault_is_an_alert_of_one_pattern() -> None:
    named = [fault for pattern in PATTERNS.broken for fault in pattern.faults]
    assert sorted(named) == sorted(fault.name for fault in FAULTS)


def test_a_refusal_that_is_counted_is_one_that_a_station_can_give() -> None:
    counted = {error for pattern in (*PATTERNS.refused, PATTERNS.function_scan) for error in pattern.errors}
    assert counted == {CAUSES[number] for number in (44, 46, 47)}
