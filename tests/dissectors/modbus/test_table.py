"""Promises about the codes of the standard."""

from __future__ import annotations

from dissectors.modbus import PROTOCOL
from dissectors.modbus.table import EXCEPTIONS


def test_errors_that_leave_open_what_was_done_are_errors_of_the_standard() -> None:
    assert PROTOCOL.undecided < set(EXCEPTIONS.values())
