"""The channels of one connection: found by unit, bounded over all connections, each connection counted once."""

from __future__ import annotations

from dissectors.base.channel_table import ChannelTable
from dissectors.base.units import Units
from tests.dissectors.captured import bare


def made(limit: int) -> tuple[Units, Units, ChannelTable]:
    connection, _, table = bare()
    table.attach_limit = limit
    return Units("toy", connection, table), Units("toy", connection, table), table


def test_a_connection_that_is_over_gives_its_channels_back() -> None:
    one, other, table = made(10)
    for key in range(3):
        one.open(str(key), key)
    other.open("9", 9)
    assert int(table.attached) == 4
    one.release()
    assert int(table.attached) == 1


def test_a_connection_turned_round_gives_its_channels_back() -> None:
    one, _, table = made(10)
    one.open("1", 1)
    one.turn_round()
    assert int(table.attached) == 0


def test_units_that_are_looked_up_anew_for_want_of_room_are_no_further_connections() -> None:
    one, _, _ = made(1)
    for _ in range(20):
        for key in (1, 2):
            channel = one.open(str(key), key)
            assert int(one.open(str(key), key).connections) <= 1
    assert int(channel.connections) + int(one.open("1", 1).connections) >= 1


def test_the_first_unit_of_a_connection_counts_however_little_room_there_is() -> None:
    one, other, _ = made(1)
    first = one.open("1", 1)
    assert other.open("1", 1) is first
    assert int(first.connections) == 2
