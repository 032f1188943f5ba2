"""How IEC 60870-5-104 is found: by its first bytes on its port, by a whole clean message on any other."""

from __future__ import annotations

import pytest

from dissectors.base.message import MAYBE, NO, YES
from dissectors.iec104.dissector import DISSECTOR
from tests.dissectors.harness import Conversation, channels, run
from tests.dissectors.iec104.build import START_ACT, START_CON, TEST_ACT, apdu

ORDER = apdu(45, 6, "01", ioa=4001)


@pytest.mark.parametrize(
    ("data", "on_its_port", "elsewhere"),
    [
        (START_ACT, YES, YES),
        (ORDER, YES, YES),
        (ORDER[:9], YES, MAYBE),  # the rest may still come
        (ORDER[:4], MAYBE, MAYBE),
        (apdu(200, 3, "01"), YES, NO),  # a type that the standard does not know
        (b"\x68\x04\x01\x00\x00\x00", YES, NO),  # an acknowledgement is too little
        (b"GET / HTTP/1.1", NO, NO),
    ],
)
def test_a_header_is_enough_on_its_port_and_a_clean_message_elsewhere(
    data: bytes, on_its_port: int, elsewhere: int
) -> None:
    assert DISSECTOR.recognise(data, 0, len(data), True) == on_its_port
    assert DISSECTOR.recognise(data, 0, len(data), False) == elsewhere


def talk(*said: tuple[int, bytes], port: int) -> Conversation:
    conversation = Conversation(server_port=port).handshake()
    for side, data in said:
        conversation.say(side, data)
    return conversation.finish()


@pytest.mark.parametrize("port", [2404, 12404])
def test_it_is_found_on_any_port_by_a_whole_message(port: int) -> None:
    facts = run(talk((0, apdu(100, 6, "14")), (1, apdu(100, 7, "14")), port=port).packets())
    (opened,) = [channel for channel in channels(facts, "iec104") if channel.unit]
    assert (opened.unit, opened.server.port, opened.recognised_by) == ("41", port, "bytes")


@pytest.mark.parametrize(("first", "client"), [(START_ACT, 0), (START_CON, 1), (ORDER, 0)])
def test_the_controlling_station_is_the_client_whoever_is_heard_first(first: bytes, client: int) -> None:
    """Both ports are high and the handshake is not in the capture: only the message says who commands."""
    conversation = Conversation(client_port=41000, server_port=42000).say(0, first)
    opened = channels(run(conversation.packets()), "iec104")
    assert {channel.client.port for channel in opened} == {(41000, 42000)[client]}


def test_a_test_of_the_connection_does_not_say_who_commands() -> None:
    assert DISSECTOR.from_client(TEST_ACT, 0, len(TEST_ACT)) == -1
