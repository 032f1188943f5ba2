"""What a session reports of an order that asks for no answer, whether the device gives one or not."""

from __future__ import annotations

import pytest

from dissectors.facts import Exchange
from tests.dissectors.harness import Conversation, modbus, of, read, refused, registers, run

LISTEN_ONLY = bytes.fromhex("0800040000")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", ("one_way", "")),
        (modbus(7, 1, LISTEN_ONLY), ("success", "")),
        (refused(7, 8, 1), ("failure", "illegal_function")),
    ],
)
def test_an_order_to_listen_only_is_told_once_with_what_the_device_said(
    answer: bytes, expected: tuple[str, str]
) -> None:
    talk = Conversation().handshake()
    talk.say(0, read(1, 0, 2)).say(1, registers(1, 7, 8))
    talk.say(0, modbus(7, 1, LISTEN_ONLY))
    if answer:
        talk.say(1, answer)
    talk.pause(30_000_000_000)
    talk.say(0, read(8, 0, 2)).say(1, registers(8, 7, 8))
    told = [fact for fact in of(run(talk.finish().packets()), Exchange) if fact.operation == "force_listen_only_mode"]
    assert [(fact.outcome, fact.error, fact.repeats) for fact in told] == [(*expected, 0)]
    assert (told[0].request_frame, told[0].response_frame > 0) == (6, bool(answer))
