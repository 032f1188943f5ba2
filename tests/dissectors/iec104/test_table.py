"""The table of IEC 60870-5-104 against the standard: numbers, sizes and sides of the types, causes, control functions."""

from __future__ import annotations

import pytest

from dissectors.iec104.table import CAUSES, COMMAND, CONFIRMS, CONTROL, FILE, MONITOR, ROWS, SEGMENT, TYPES, Type

SHORT, LONG = 3, 7


def test_a_number_an_acronym_and_a_name_stand_for_one_type() -> None:
    for names in ([row.code for row in ROWS], [row.acronym for row in ROWS], [row.name for row in ROWS]):
        assert len(names) == len(set(names))


def test_every_type_of_the_standard_is_there_and_no_other() -> None:
    standard = {*range(1, 22), *range(30, 41), *range(45, 52), *range(58, 65), 70, *range(100, 108), *range(110, 114)}
    assert set(TYPES) == standard | set(range(120, 128))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.acronym)
def test_the_acronym_says_side_and_time_tag(row: Type) -> None:
    letter, time = row.acronym[0], row.acronym.split("_")[2][0]
    assert row.side == {"M": MONITOR, "C": COMMAND, "P": COMMAND, "F": FILE}[letter]
    if letter == "M":
        assert row.time == {"N": 0, "T": SHORT if row.code < 30 else LONG}[time]


def test_a_type_with_a_time_tag_is_longer_than_the_one_without_by_the_tag() -> None:
    for plain, timed in ((1, 2), (3, 4), (5, 6), (7, 8), (9, 10), (11, 12), (13, 14), (15, 16)):
        assert TYPES[timed].size == TYPES[plain].size + SHORT
        assert TYPES[timed].name == f"{TYPES[plain].name}_short_time"
    for plain, timed in zip(range(45, 52), range(58, 65), strict=True):
        assert TYPES[timed].size == TYPES[plain].size + LONG
        assert (TYPES[timed].name, TYPES[timed].verb) == (f"{TYPES[plain].name}_time", TYPES[plain].verb)


def test_every_type_has_a_size_and_only_a_segment_says_its_own() -> None:
    assert [row.name for row in ROWS if row.size < 0] == ["file_segment"]
    assert all(row.size > 0 or row.name == "read" for row in ROWS if row.form != SEGMENT)


def test_interrogations_of_groups_are_numbered_as_in_the_standard() -> None:
    assert (CAUSES[20], CAUSES[21], CAUSES[36]) == (
        "station_interrogation",
        "group_1_interrogation",
        "group_16_interrogation",
    )
    assert (CAUSES[37], CAUSES[38], CAUSES[41]) == (
        "counter_interrogation",
        "counter_group_1_interrogation",
        "counter_group_4_interrogation",
    )
    assert {42, 43, 48, 63} & set(CAUSES) == set()


def test_a_control_function_has_one_bit_and_its_confirmation_has_the_next() -> None:
    for confirmation, act in CONFIRMS.items():
        assert confirmation & 3 == act & 3 == 3
        assert confirmation >> 2 == (act >> 2) << 1
        assert CONTROL[confirmation] == CONTROL[act]
