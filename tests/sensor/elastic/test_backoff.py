"""Promises about waiting and about the size of batches."""

from __future__ import annotations

from random import Random

from sensor.elastic.backoff import GROWTH, LONGEST_SECONDS, MAX_BYTES, MAX_DOCUMENTS, MIN_BYTES, Backoff, Pace


def test_waiting_doubles_up_to_five_minutes_and_begins_anew_after_a_success() -> None:
    backoff = Backoff(Random(7))
    waits = [backoff.wait() for _ in range(12)]
    steps = [min(2.0**number, LONGEST_SECONDS) for number in range(12)]
    assert all(step / 2 <= wait <= step for wait, step in zip(waits, steps, strict=True))
    backoff.reset()
    assert backoff.wait() <= 1.0


def test_two_sensors_do_not_come_back_in_step() -> None:
    first, second = Backoff(Random(1)), Backoff(Random(2))
    assert [first.wait() for _ in range(5)] != [second.wait() for _ in range(5)]


def test_a_batch_is_halved_down_to_one_and_grows_back_to_the_most_and_no_further() -> None:
    pace = Pace()
    for _ in range(20):
        pace.slower(pace.documents)
    assert pace.documents == 1
    pace.faster()
    assert pace.documents == 1 + GROWTH
    for _ in range(50):
        pace.faster()
    assert pace.documents == MAX_DOCUMENTS


def test_the_bytes_of_a_request_shrink_to_half_of_what_was_refused_but_not_to_nothing() -> None:
    pace = Pace()
    assert pace.byte_count == MAX_BYTES
    pace.smaller(1_000_000)
    assert pace.byte_count == 500_000
    pace.smaller(10)
    assert pace.byte_count == MIN_BYTES
