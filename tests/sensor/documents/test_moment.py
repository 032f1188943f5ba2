"""Packet times as text: what cannot be written is held at the ends of what can."""

from __future__ import annotations

import pytest

from sensor.documents.moment import LAST_SECOND, SECOND, epoch_text, moment

NIGHT = 1_795_299_004 * SECOND


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (NIGHT + 123_999_999, "2026-11-21T22:10:04.123Z"),  # cut, never rounded into what is to come
        (NIGHT, "2026-11-21T22:10:04.000Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (-5 * SECOND, "1970-01-01T00:00:00.000Z"),
        (LAST_SECOND * SECOND, "9999-12-31T23:59:59.000Z"),
        ((LAST_SECOND + 5) * SECOND, "9999-12-31T23:59:59.000Z"),
    ],
)
def test_a_time_is_told_with_milliseconds(time: int, said: str) -> None:
    assert moment(time) == said


def test_a_run_is_named_by_every_digit_of_its_first_packet() -> None:
    assert epoch_text(NIGHT + 7) == "20261121T221004.000000007Z"
    assert epoch_text(NIGHT) < epoch_text(NIGHT + 1) < epoch_text(NIGHT + SECOND)
