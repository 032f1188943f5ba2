"""What packet time makes due: a second, a minute, a day, each once, whatever time leaps over."""

from __future__ import annotations

from sensor.pipeline.schedule import DAY, MINUTE, SECOND, Schedule

START = 1_700_000_040 * SECOND


def started() -> Schedule:
    schedule = Schedule()
    schedule.second(START)
    return schedule


def due(schedule: Schedule, now: int) -> str:
    """What is due at a time: s, m and d."""
    if not schedule.second(now):
        return ""
    return "s" + "m" * schedule.minute() + "d" * schedule.day()


def test_the_first_packet_only_starts_the_clock() -> None:
    assert due(Schedule(), START) == ""


def test_a_second_is_due_once() -> None:
    schedule = started()
    assert [due(schedule, START + SECOND), due(schedule, START + SECOND)] == ["s", ""]
    assert due(schedule, START + 2 * SECOND - 1) == ""


def test_a_minute_and_a_day_are_due_when_they_are_over_and_then_anew() -> None:
    schedule = started()
    assert due(schedule, START + MINUTE - SECOND) == "s"
    assert due(schedule, START + MINUTE) == "sm"
    assert due(schedule, START + MINUTE + SECOND) == "s"
    assert due(schedule, START + DAY) == "smd"
    assert due(schedule, START + DAY + MINUTE) == "sm"


def test_what_a_silence_leapt_over_is_due_once() -> None:
    schedule = started()
    assert due(schedule, START + 3 * DAY) == "smd"
    assert due(schedule, START + 3 * DAY + SECOND) == "s"


def test_after_the_clock_was_set_back_time_passes_from_there() -> None:
    schedule = started()
    past = START - DAY
    schedule.clock_set(past)
    assert schedule.now == past
    assert due(schedule, past + SECOND) == "s"
    assert due(schedule, past + MINUTE) == "sm"
