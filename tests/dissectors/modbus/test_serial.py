"""Modbus RTU and ASCII inside TCP are read as Modbus, with their framing named."""

from __future__ import annotations

import random

import pytest

from dissectors.base.message import MAYBE, NEED_MORE, NO, NOT_MINE, YES
from dissectors.facts import Exchange, OperationFirst, ValueChange, Violation
from dissectors.modbus.dissector import DISSECTOR
from dissectors.modbus.serial import (
    ASCII,
    CRC_STEPS,
    HALF_PROOF,
    LONGEST,
    NO_PROOF,
    PROOF,
    RTU,
    UNDECIDED,
    Line,
    ascii_size,
    find_frame,
    framing_of,
    proof,
    rtu_size,
    wrapped,
)
from tests.dissectors.harness import Conversation, channels, counted, cut, of, reported, retimed, run

READ, ANSWER = bytes.fromhex("0103000000044409"), bytes.fromhex("01030800010002000300000cd7")
UNITS = bytes.fromhex("0100")


def rtu(text: str) -> bytes:
    body = bytes.fromhex(text)
    crc = 0xFFFF
    for byte in body:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
    return body + crc.to_bytes(2, "little")


def ascii_frame(text: str) -> bytes:
    body = bytes.fromhex(text)
    return b":" + (body + bytes((-sum(body) & 0xFF,))).hex().upper().encode() + b"\r\n"


FRAMES = [
    "010300000004", "0106002800ff", "01100032000204000a0102", "010f0013000a02cd01", "0116000400f20025", "0107", "010b", "0111",
    "018302", "0103080001000200030000", "0105 00ac ff00", "0118 0004", "01 17 0003 0006 000e 0003 06 00ff 00ff 00ff",
]  # fmt: skip


@pytest.mark.parametrize("text", FRAMES)
def test_a_frame_is_as_long_as_its_function_says_and_its_crc_confirms(text: str) -> None:
    frame = rtu(text)
    assert rtu_size(frame + b"\x11\x03", 0, len(frame) + 2, False) == len(frame)
    assert rtu_size(b"\xee" + frame, 1, 1 + len(frame), False) == len(frame)
    assert all(rtu_size(frame, 0, end, False) == NEED_MORE for end in range(1, min(len(frame), 4)))
    damaged = frame[:-1] + bytes((frame[-1] ^ 1,))
    assert rtu_size(damaged, 0, len(damaged), False) <= 0


def test_a_function_that_no_table_knows_ends_where_the_crc_is_right() -> None:
    frame = rtu("015a000102030405")
    assert rtu_size(frame, 0, len(frame), True) == len(frame)
    assert rtu_size(frame, 0, len(frame), False) == NOT_MINE


@pytest.mark.parametrize("text", FRAMES)
def test_an_ascii_frame_ends_with_its_line_and_a_right_lrc(text: str) -> None:
    frame = ascii_frame(text)
    assert ascii_size(frame + b":01", 0, len(frame) + 3) == len(frame)
    assert ascii_size(frame, 0, len(frame) - 1) == NEED_MORE
    assert ascii_size(frame[:1] + b"FF" + frame[3:], 0, len(frame)) == NOT_MINE
    assert ascii_size(frame[:1] + b"zz" + frame[3:], 0, len(frame)) == NOT_MINE


def test_a_frame_gets_the_header_of_tcp_in_the_place_of_its_checksum() -> None:
    expected = bytes.fromhex("0102000000060103000000 04".replace(" ", ""))
    assert wrapped(RTU, READ, 0, len(READ), 0x0102) == expected
    line = ascii_frame("010300000004")
    assert wrapped(ASCII, line, 0, len(line), 0x0102) == expected
    assert (framing_of(READ, 0, 8), framing_of(line, 0, len(line)), framing_of(b"GET / ", 0, 6)) == (
        RTU,
        ASCII,
        UNDECIDED,
    )


def test_answers_take_the_number_of_the_open_requests_of_their_unit_and_function() -> None:
    line = Line()
    assert [line.transaction(True, 1, 3), line.transaction(True, 1, 3), line.transaction(True, 2, 3)] == [1, 1, 2]
    assert [line.transaction(False, 1, 0x83), line.transaction(False, 2, 3), line.transaction(False, 1, 3)] == [1, 2, 0]
    assert line.transaction(True, 1, 3) == 3
    for _ in range(100):
        line.transaction(True, 0, 6)
    assert len(line.open) == 16


def talk(frame: object, port: int = 502) -> Conversation:
    make = rtu if frame is rtu else ascii_frame
    it = Conversation(server_port=port).handshake()
    for _ in range(3):
        it.say(0, make("010300000004")).say(1, make("0103080001000200030000"))
    return it.say(0, make("01060028000f")).say(1, make("01060028000f")).finish()


@pytest.mark.parametrize("port", [502, 4001])
@pytest.mark.parametrize(("frame", "name"), [(rtu, "rtu over tcp"), (ascii_frame, "ascii over tcp")])
def test_a_conversation_in_serial_frames_is_modbus_and_says_so(frame: object, name: str, port: int) -> None:
    facts = run(talk(frame, port).packets())
    assert [(fact.protocol, fact.framing) for fact in channels(facts, "modbus")] == [("modbus", name)]
    labels = [(fact.label, fact.detail["framing"]) for fact in of(facts, OperationFirst)]
    assert labels == [
        ("read_holding_registers holding_register:0-3", name), ("write_single_register holding_register:40", name),
    ]  # fmt: skip
    assert [(fact.values, fact.outcome) for fact in of(facts, Exchange)] == [((15,), "success")]
    (row,) = [row for row in counted(facts).values() if row["requests"]]
    assert (row["requests"], row["responses"], row["unanswered"], row["unmatched"]) == (4, 4, 0, 0)
    assert not of(facts, Violation)


@pytest.mark.parametrize("frame", [rtu, ascii_frame])
def test_frames_in_single_bytes_and_a_lost_segment_change_nothing_else(frame: object) -> None:
    it = talk(frame)
    pieces = [part for one in it.segments for part in (cut(one, *range(1, len(one.data))) if one.data else [one])]
    assert reported(run(it.packets(retimed(pieces)))) == reported(run(it.packets()))
    lossy = [*it.segments[:3], *it.segments[5:]]
    facts = run(it.packets(lossy))
    assert "write_single_register holding_register:40" in {fact.label for fact in of(facts, OperationFirst)}


@pytest.mark.parametrize("frame", [rtu, ascii_frame])
def test_a_lost_answer_does_not_shift_the_answers_behind_it(frame: object) -> None:
    make = rtu if frame is rtu else ascii_frame
    it = Conversation(step=0).handshake()
    for turn in range(9):
        it.say(0, make(f"010300{turn % 2 * 16:02x}0001")).pause(10_000_000)
        if turn != 4:
            it.say(1, make(f"01030200{turn % 2:02x}"))
        it.pause(490_000_000)
    for value in (5, 6):
        it.say(0, make(f"010600280{value:03x}")).pause(490_000_000)
    facts = run(it.say(1, make("010600280006")).pause(11_000_000_000).finish().packets())
    assert of(facts, ValueChange) == []
    assert of(facts, Violation) == []
    assert [(fact.verb, fact.outcome, fact.values) for fact in of(facts, Exchange)] == [
        ("read", "unanswered", ()),
        ("write", "success", (6,)),
        ("write", "unanswered", (5,)),
    ]


def test_modbus_tcp_is_not_taken_for_a_serial_frame() -> None:
    message = bytes.fromhex("010300000006010300000004")
    assert framing_of(message, 0, len(message)) == UNDECIDED
    assert DISSECTOR.recognise(message, 0, len(message), False) == YES
    assert DISSECTOR.recognise(READ, 0, len(READ), False) == YES
    assert DISSECTOR.recognise(READ + b"\0", 0, len(READ) + 1, False) != YES
    assert DISSECTOR.recognise(READ, 0, 3, True) == MAYBE
    assert DISSECTOR.recognise(b"\xff\x03\x01\x00", 0, 4, True) == NO


PLAIN = rtu("010300100004")
"""A frame that cannot be the header of Modbus/TCP."""


def chance(size: int, seed: int = 1) -> bytes:
    """Random bytes that begin with a whole frame, as once in some hundred thousand segments they do."""
    return PLAIN + random.Random(seed).randbytes(size - len(PLAIN) - 1) + b"\xff"


def test_one_right_crc_among_other_bytes_is_chance_and_a_frame_that_fills_its_segment_is_none() -> None:
    assert proof(RTU, READ, 0, 8) == PROOF
    assert proof(RTU, READ + ANSWER, 0, 8 + len(ANSWER)) == PROOF
    assert proof(RTU, READ + ANSWER[:3], 0, 11) == HALF_PROOF
    assert proof(RTU, READ + b"\x01\x00\x00", 0, 11) == NO_PROOF
    assert proof(RTU, rtu("01837f"), 0, 5) == NO_PROOF
    assert [DISSECTOR.recognise(data, 0, len(data), True) for data in (PLAIN, PLAIN + PLAIN, PLAIN + PLAIN[:3])] == [
        YES,
        YES,
        MAYBE,
    ]
    assert DISSECTOR.recognise(chance(1400), 0, 1400, True) == NO


@pytest.mark.parametrize("begins", [0, 1])
def test_a_stream_of_random_bytes_with_a_chance_frame_is_no_line(begins: int) -> None:
    noise = random.Random(5)
    it = Conversation()
    if begins:
        it.handshake()
    else:
        it.sent = [1, 1]
    for number in range(60):
        it.say(0, chance(1400, number) if number % 3 == 0 else noise.randbytes(1400))
    facts = run(it.packets())
    assert not of(facts, OperationFirst)
    assert {fact.name for fact in of(facts, Violation)} == {"not_modbus"}
    assert not channels(facts, "modbus")


def test_random_bytes_on_a_line_that_is_known_invent_no_messages() -> None:
    noise = random.Random(7)
    it = talk(rtu)
    del it.segments[-3:]
    it.sent = [sum(len(one.data) for one in it.segments if one.side == side) + 1 for side in (0, 1)]
    before = reported(run(it.packets()))
    for _ in range(60):
        it.say(0, noise.randbytes(1400))
    it.say(0, rtu("0106002a0001")).say(1, rtu("0106002a0001"))
    facts = run(it.packets())
    labels = [fact.label for fact in of(facts, OperationFirst)]
    assert labels[-1] == "write_single_register holding_register:42"
    assert len(labels) == 1 + len([row for row in before if row[0] == "first"])


def test_a_frame_is_found_among_others_bytes_and_only_with_proof() -> None:
    noise = random.Random(9).randbytes(40) + b"\xff"
    for data, place in (
        (noise + READ, 41), (noise + READ + ANSWER + READ[:2], 41), (noise + READ + b"\xff", 50), (noise, 41),
    ):  # fmt: skip
        assert find_frame(RTU, data, 0, len(data)) == place
    line = ascii_frame("010300000004")
    assert find_frame(ASCII, b"zz:" + line + b":01", 0, len(line) + 6) == 3
    assert find_frame(ASCII, b"zz:", 0, 3) == 3


def test_the_search_for_a_frame_is_linear_whatever_the_bytes_are(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0

    def counted_crc(data: bytes, start: int, end: int) -> bool:
        nonlocal steps
        steps += end - start
        return False

    monkeypatch.setattr("dissectors.modbus.serial.has_right_crc", counted_crc)
    data = b"\x03\x03\xfb" * 1000
    assert find_frame(RTU, data, 0, len(data)) == len(data)
    assert steps <= CRC_STEPS * len(data) + 4 * LONGEST
