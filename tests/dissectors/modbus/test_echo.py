"""What a Modbus answer repeats of its request."""

from __future__ import annotations

import pytest

from dissectors.base.message import ANYTHING, RESPONSE, Message
from dissectors.modbus.echo import note_difference
from dissectors.modbus.parse import parse
from tests.dissectors.base.test_pairing import made
from tests.dissectors.harness import modbus


def mirror(pdu: str, from_client: bool) -> int:
    data = modbus(1, 1, bytes.fromhex(pdu))
    message = parse(data, 0, len(data), from_client)
    assert message is not None
    return message.mirror


@pytest.mark.parametrize(
    ("asked", "answered", "other"),
    [
        ("05 0001 ff00", "05 0001 ff00", "05 0001 0000"),
        ("06 0007 0005", "06 0007 0005", "06 0008 0005"),
        ("0f 0000 0008 01 ff", "0f 0000 0008", "0f 0000 0009"),
        ("10 0000 0002 04 00010002", "10 0000 0002", "10 0001 0002"),
        ("16 0004 00f2 0025", "16 0004 00f2 0025", "16 0004 00f2 0026"),
        ("17 0000 0002 0000 0001 02 0001", "17 04 00010002", "17 02 0001"),
        ("08 0001 0000", "08 0001 0000", "08 000a 0000"),
    ],
)
def test_an_answer_has_the_mirror_of_its_request_and_another_has_not(asked: str, answered: str, other: str) -> None:
    assert mirror(asked, True) == mirror(answered, False) != ANYTHING
    assert mirror(asked, True) != mirror(other, False)


def test_an_exception_and_values_say_nothing_of_what_was_asked() -> None:
    assert mirror("86 02", False) == mirror("03 02 0001", False) == ANYTHING


def test_an_answer_of_another_function_is_told_while_its_transaction_is_open() -> None:
    talk = made()
    message = Message(RESPONSE, "set", "write", "6")
    message.tag = 6 << 24 | 9
    note_difference(message, talk.pairing)
    assert message.violations == []
    ask = parse(modbus(9, 0, bytes.fromhex("0500010000")), 0, 12, True)
    assert ask is not None
    talk.take(0, ask, -1, b"....", 0, 4)
    note_difference(message, talk.pairing)
    assert [found.name for found in message.violations] == ["response_mismatch"]
