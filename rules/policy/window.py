"""Times of the site's clock that come back: a small, exact part of iCalendar recurrence (RFC 5545).

Supported: FREQ=DAILY, FREQ=WEEKLY;BYDAY=MO,..., FREQ=MONTHLY;BYMONTHDAY=1,15,... An occurrence begins at the local
time of day and lasts its duration in elapsed time. Of a local time that comes twice (end of summer time) the first
counts; one that does not exist begins as if the clock had not been moved. Times are nanoseconds since 1970 UTC.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from rules.policy.extent import LAST

DURATION_MAX = timedelta(days=7)
SEARCH_DAYS = 64
"""A monthly day is never further away than two months and a day."""

TIME_MAX = 8_000 * 365 * 86_400 * 1_000_000_000
"""Packet times beyond the calendar (a hostile capture) are in no window."""

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_FIX = "write FREQ=DAILY, FREQ=WEEKLY;BYDAY=MO,TU or FREQ=MONTHLY;BYMONTHDAY=1"


class Moment(msgspec.Struct, frozen=True):
    """Whether it is time, and the span [since, until) of nanoseconds in which that stays so."""

    inside: bool
    since: int
    until: int


ALWAYS = Moment(True, -LAST, LAST)


def nanoseconds(moment: datetime) -> int:
    """Return an aware time as nanoseconds since 1970 UTC."""
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def check_recurrence(rrule: str) -> str:
    """Return ``rrule`` when it is one of the supported forms. Raises ``ValueError``."""
    parse_recurrence(rrule)
    return rrule


def parse_recurrence(rrule: str) -> tuple[frozenset[int] | None, frozenset[int] | None]:
    """Return the weekdays (0 is Monday) and the days of the month; None where each day will do."""
    parts: dict[str, str] = {}
    for part in rrule.split(";"):
        key, _, value = part.partition("=")
        if key in parts or not value:
            raise ValueError(f"'{rrule}' is not a recurrence; {_FIX}")
        parts[key] = value
    frequency = parts.pop("FREQ", "")
    wanted = {"DAILY": "", "WEEKLY": "BYDAY", "MONTHLY": "BYMONTHDAY"}.get(frequency)
    if wanted is None or set(parts) != ({wanted} if wanted else set()):
        raise ValueError(f"'{rrule}' is not a supported recurrence; {_FIX}")
    if frequency == "DAILY":
        return None, None
    listed = parts[wanted].split(",")
    if frequency == "WEEKLY":
        if not set(listed) <= set(DAYS):
            raise ValueError(f"'{rrule}' names an unknown day; the days are {', '.join(DAYS)}")
        return frozenset(DAYS.index(day) for day in listed), None
    if not all(day.isascii() and day.isdigit() and 1 <= int(day) <= 31 for day in listed):
        raise ValueError(f"'{rrule}' names an unknown day of the month; write 1 to 31")
    return None, frozenset(int(day) for day in listed)


class Calendar(msgspec.Struct, frozen=True):
    """A compiled window."""

    id: str
    zone: str
    weekdays: frozenset[int] | None
    month_days: frozenset[int] | None
    start: time
    duration: timedelta

    def moment(self, at: int) -> Moment:
        """Report whether ``at`` (nanoseconds) is inside, and how long that stays so."""
        if not 0 <= at < TIME_MAX:
            return Moment(False, at, at + 1)
        place = ZoneInfo(self.zone)
        today = datetime.fromtimestamp(at // 1_000_000_000, place).date()
        length = self.duration // timedelta(microseconds=1) * 1000
        since = at
        for offset in range(-self.duration.days - 2, SEARCH_DAYS):
            day = today + timedelta(days=offset)
            if not self._on(day):
                continue
            begin = nanoseconds(datetime.combine(day, self.start, place))
            if begin > at:
                return Moment(False, since, begin)
            if at < begin + length:
                return Moment(True, begin, begin + length)
            ended = begin + length
            since = ended if since == at else max(since, ended)
        return Moment(False, at, at + 1)

    def _on(self, day: date) -> bool:
        if self.weekdays is not None and day.weekday() not in self.weekdays:
            return False
        return self.month_days is None or day.day in self.month_days
