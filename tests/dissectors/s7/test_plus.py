"""S7CommPlus headers: function, pairing, fragments, return values."""

from __future__ import annotations

import pytest

from dissectors.base.message import REPORT, REQUEST, RESPONSE, Message
from dissectors.facts import Exchange, OperationFirst
from dissectors.s7.dissector import DISSECTOR
from dissectors.s7.plus import FUNCTIONS, NO_ANSWER
from tests.dissectors.s7.streams import Wire
from tests.dissectors.s7.vectors import byte_count, frame


def body(opcode: int, function: int, sequence: int, rest: bytes) -> bytes:
    """Opcode, reserved, function, reserved, sequence number, then what the function needs."""
    return bytes((opcode, 0, 0)) + function.to_bytes(2, "big") + b"\0\0" + sequence.to_bytes(2, "big") + rest


def plus(content: bytes, version: int = 1, trailer: bool = True) -> bytes:
    """72, version, length, content, and the trailer 72, version, 0 that only a last fragment has."""
    head = bytes((0x72, version)) + len(content).to_bytes(2, "big")
    return frame(head + content + (bytes((0x72, version, 0, 0)) if trailer else b""))


def request(function: int, sequence: int = 5, version: int = 1) -> bytes:
    digest = b"\x20" + bytes(range(32)) if version == 3 else b""
    return plus(
        digest + body(0x31, function, sequence, byte_count("00 00 03 9f", "34", "70 00 0c 00", "00 00 00 00")), version
    )


def response(function: int, sequence: int = 5, value: str = "00") -> bytes:
    return plus(body(0x32, function, sequence, byte_count("36", value, "00 00 00 00")))


def parsed(data: bytes, from_client: bool = True) -> Message:
    message = DISSECTOR.parse(data, 0, len(data), from_client)
    assert message is not None
    return message


@pytest.mark.parametrize("code", sorted(FUNCTIONS))
@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_function_has_its_name_whatever_the_version(code: int, version: int) -> None:
    message = parsed(request(code, version=version))
    assert (message.operation, message.verb) == FUNCTIONS[code]
    assert (message.kind, message.code, message.tag) == (REQUEST, f"0x{code:04x}", 5)
    assert message.detail["object"] == "0x70000c00"
    answered = parsed(response(code), from_client=False)
    assert (answered.kind, answered.operation, answered.tag) == (RESPONSE, message.operation, 5)
    assert not answered.error


def test_a_negative_return_value_is_a_failure() -> None:
    message = parsed(response(0x04F2, value="ff ff ff ff ff ff ff ff f4"), from_client=False)
    assert (message.error, message.error_code) == ("object_not_found", 12)


def test_notifications_keep_alive_and_system_events_are_plain() -> None:
    notification = parsed(plus(byte_count("33 00 00 00 01 00 00 00 00 00")), from_client=False)
    assert (notification.kind, notification.operation, notification.routine) == (REPORT, "notification", True)
    assert parsed(frame(byte_count("72 ff 03 00"))).operation == "keep_alive"
    assert parsed(plus(byte_count("00 01 02 03"), version=0xFE), from_client=False).operation == "system_event"


def test_only_the_first_fragment_is_read_as_a_message() -> None:
    wire = Wire()
    wire.send(0, plus(body(0x31, 0x04CA, 9, bytes(40)), trailer=False))
    wire.send(0, plus(body(0x31, 0x04D4, 10, bytes(40)), trailer=False))
    wire.send(0, plus(b"\x31" * 20))
    wire.send(1, response(0x04CA, 9))
    facts = wire.drain()
    assert [fact.operation for fact in facts if isinstance(fact, OperationFirst)] == ["create_object"]
    assert [fact.outcome for fact in facts if isinstance(fact, Exchange)] == ["success"]


def test_the_channel_is_that_of_s7commplus() -> None:
    wire = Wire()
    wire.send(0, request(0x056B, 3))
    wire.send(1, response(0x056B, 3))
    reported = [fact for fact in wire.drain() if isinstance(fact, Exchange)]
    assert [(fact.operation, fact.verb, fact.outcome) for fact in reported] == [("invoke", "control", "success")]
    assert [channel.opened.protocol for channel in wire.channel_table.channels.values()] == ["s7commplus"]


def test_a_request_that_wants_no_answer_is_not_left_unanswered_and_an_answer_is_still_its_own() -> None:
    wire = Wire()
    for sequence in (5, 6, 7):
        asked = bytearray(request(0x04F2, sequence=sequence))
        if sequence > 5:
            asked[asked.index(0x31, 8) + 13] |= NO_ANSWER
        wire.send(0, bytes(asked))
    wire.send(1, response(0x04F2, sequence=7))
    wire.session.end(is_closed=True)
    facts = [fact for fact in wire.drain() if isinstance(fact, Exchange)]
    assert sorted((fact.request_frame, fact.outcome) for fact in facts) == [
        (1, "unanswered"),
        (2, "one_way"),
        (3, "success"),
    ]
