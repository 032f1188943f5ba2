"""A wrong checksum means something only of a sender whose checksums are right otherwise."""

from __future__ import annotations

from dissectors.wire.checksum import RIGHT, UNKNOWN, WRONG
from dissectors.wire.senders import LEFT_TO_CARD, MAX_SENDERS, WRONG_FOR_ONE_RIGHT, Senders


def test_a_stranger_and_a_sender_without_right_sums_prove_nothing() -> None:
    senders = Senders()
    assert not senders.means_dropped("a", WRONG)
    senders.note("a", WRONG)
    assert not senders.means_dropped("a", WRONG)


def test_one_right_sum_makes_a_few_wrong_ones_count() -> None:
    senders = Senders()
    senders.note("a", RIGHT)
    for _ in range(WRONG_FOR_ONE_RIGHT):
        senders.note("a", WRONG)
        assert senders.means_dropped("a", WRONG)
    senders.note("a", WRONG)
    assert not senders.means_dropped("a", WRONG)
    assert not senders.means_dropped("a", UNKNOWN)
    assert not senders.means_dropped("a", RIGHT)


def test_a_sender_that_leaves_its_sums_to_its_card_is_counted_once() -> None:
    senders = Senders()
    for _ in range(3 * LEFT_TO_CARD):
        senders.note("a", WRONG)
        senders.note("b", UNKNOWN)
    assert senders.left_to_card == 1
    assert set(senders.known) == {"a"}


def test_the_memory_of_senders_is_bounded() -> None:
    senders = Senders()
    for number in range(MAX_SENDERS + 10):
        senders.note(str(number), RIGHT)
    assert len(senders.known) == 10
