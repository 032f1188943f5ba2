"""Windows of the site's clock: their edges, their days, and the two nights when the clock is moved."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from rules.policy.window import Calendar, check_recurrence, nanoseconds, parse_recurrence


def calendar(rrule: str, start: str, duration: timedelta, zone: str = "Europe/Berlin") -> Calendar:
    """Return a compiled window."""
    return Calendar("window", zone, *parse_recurrence(rrule), time.fromisoformat(start), duration)


def moment(text: str) -> int:
    """Return a time in nanoseconds."""
    return nanoseconds(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-11-09T05:59:59+01:00", False),
        ("2026-11-09T06:00:00+01:00", True),
        ("2026-11-09T17:59:59+01:00", True),
        ("2026-11-09T18:00:00+01:00", False),
        ("2026-11-14T12:00:00+01:00", False),
        ("2026-07-06T06:00:00+02:00", True),
        ("2026-07-06T05:00:00+01:00", True),
    ],
)
def test_a_day_shift_follows_the_local_clock_and_weekdays(at: str, inside: bool) -> None:
    shift = calendar("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "06:00", timedelta(hours=12))
    assert shift.moment(moment(at)).inside is inside


def test_what_a_moment_promises_holds_up_to_its_edges_and_not_beyond() -> None:
    shift = calendar("FREQ=WEEKLY;BYDAY=MO,WE", "22:00", timedelta(hours=10))
    at = moment("2026-11-02T00:00:00+01:00")
    end = moment("2026-11-30T00:00:00+01:00")
    flips = 0
    while at < end:
        now = shift.moment(at)
        assert now.since <= at < now.until
        assert shift.moment(now.until - 1).inside is now.inside
        assert shift.moment(now.until).inside is not now.inside
        at = now.until
        flips += 1
    assert flips == 17


def test_a_night_across_the_clock_change_lasts_its_elapsed_time() -> None:
    night = calendar("FREQ=DAILY", "22:00", timedelta(hours=8))
    autumn = night.moment(moment("2026-10-25T01:00:00+02:00"))
    assert (autumn.since, autumn.until) == (moment("2026-10-24T22:00:00+02:00"), moment("2026-10-25T05:00:00+01:00"))


def test_a_start_that_does_not_exist_begins_as_if_the_clock_had_not_been_moved() -> None:
    early = calendar("FREQ=DAILY", "02:30", timedelta(hours=1))
    assert early.moment(moment("2026-03-29T03:30:00+02:00")).since == moment("2026-03-29T03:30:00+02:00")


def test_days_of_the_month_skip_months_that_lack_them() -> None:
    last = calendar("FREQ=MONTHLY;BYMONTHDAY=31", "00:00", timedelta(days=1))
    after = last.moment(moment("2026-02-10T12:00:00+01:00"))
    assert not after.inside
    assert after.until == moment("2026-03-31T00:00:00+02:00")


def test_times_beyond_the_calendar_are_in_no_window() -> None:
    always = calendar("FREQ=DAILY", "00:00", timedelta(days=1))
    assert always.moment(0).inside
    assert not always.moment(-1).inside
    assert not always.moment(1 << 70).inside


@pytest.mark.parametrize(
    "rrule",
    ["", "DAILY", "FREQ=", "FREQ=HOURLY", "FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;INTERVAL=2",
     "FREQ=DAILY;FREQ=DAILY", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32"],
)  # fmt: skip
def test_a_recurrence_that_is_not_supported_is_refused(rrule: str) -> None:
    with pytest.raises(ValueError, match=r"write|days are"):
        check_recurrence(rrule)
