"""An alert writes a bounded number of documents a minute, and a clock that moves about does not give it more."""

from __future__ import annotations

from rules.detections.rate import MAX_DOCUMENTS, MINUTE, PATIENCE, Rate
from tests.sensor.build import START


def test_a_minute_has_so_many_documents_and_the_next_one_has_them_again() -> None:
    rate = Rate()
    assert [rate.allows(START) for _ in range(MAX_DOCUMENTS + 1)] == [True] * MAX_DOCUMENTS + [False]
    assert not rate.allows(START + MINUTE - 1)
    assert rate.allows(START + MINUTE)
    assert (rate.take_held(), rate.take_held()) == (2, 0)


def test_a_clock_that_goes_back_and_forth_begins_no_new_minute() -> None:
    rate = Rate()
    hour = 60 * MINUTE
    assert sum(rate.allows(START + hour * (number % 2)) for number in range(10 * MAX_DOCUMENTS)) <= 2 * MAX_DOCUMENTS


def test_a_clock_that_was_set_back_for_good_is_believed_at_last() -> None:
    rate = Rate()
    for _ in range(MAX_DOCUMENTS):
        rate.allows(START)
    allowed = [rate.allows(START - 10 * MINUTE) for _ in range(PATIENCE + 1)]
    assert allowed == [False] * PATIENCE + [True]
