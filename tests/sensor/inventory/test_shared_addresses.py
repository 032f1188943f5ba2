"""Promises about the addresses that routers share: who advertised may have them, and nobody else."""

from __future__ import annotations

from sensor.inventory.shared_addresses import MAX_ROUTERS, MAX_SHARED, SharedAddresses

ONE, TWO, VIRTUAL = "02:00:00:00:00:01", "02:00:00:00:00:02", "00:00:5e:00:01:0a"


def test_those_who_advertise_an_address_may_have_it_and_so_may_its_own_mac() -> None:
    shared = SharedAddresses()
    shared.advertised(ONE, f"10.0.0.1 {VIRTUAL}")
    assert shared.may_move("10.0.0.1", ONE, VIRTUAL)
    assert not shared.may_move("10.0.0.1", ONE, TWO)
    assert not shared.may_move("10.0.0.2", ONE, VIRTUAL)
    shared.advertised(TWO, f"10.0.0.1 {VIRTUAL}")
    assert shared.may_move("10.0.0.1", ONE, TWO)


def test_the_macs_at_which_glbp_answers_are_of_one_address() -> None:
    assert SharedAddresses().may_move("10.0.0.1", "00:07:b4:00:01:01", "00:07:b4:00:01:02")


def test_what_is_remembered_is_bounded() -> None:
    shared = SharedAddresses()
    for number in range(MAX_ROUTERS + 5):
        shared.advertised(f"02:00:00:00:01:{number:02x}", f"10.0.0.1 {VIRTUAL}")
    assert not shared.may_move("10.0.0.1", VIRTUAL, f"02:00:00:00:01:{MAX_ROUTERS + 4:02x}")
    for number in range(MAX_SHARED):
        shared.advertised(ONE, f"10.1.{number >> 8}.{number & 255} {VIRTUAL}")
    assert not shared.may_move("10.0.0.1", "02:00:00:00:01:00", VIRTUAL)
