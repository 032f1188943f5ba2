"""TPKT and COTP: every unit of class 0, its parameters, what is wrong with it, and the way back into a stream."""

from __future__ import annotations

import pytest

from dissectors.base.message import MAYBE, NEED_MORE, NO, NOT_MINE, YES
from dissectors.facts import ChannelOpened, Exchange, OperationFirst, Violation
from dissectors.iso.cotp import CC, CR, DR, DT, ED, ERR, measure, parse
from dissectors.iso.dissector import DISSECTOR
from dissectors.iso.payload import ISO_SESSION, S7COMM, S7COMMPLUS, TLS, UNKNOWN, kind_of
from dissectors.iso.resync import next_frame
from dissectors.iso.tsap import protocol_of, rack_slot, unit_key
from dissectors.s7.dissector import DISSECTOR as S7COMM_DISSECTOR
from tests.dissectors.s7.streams import ABSENT, CAPTURES, Wire, flows
from tests.dissectors.s7.vectors import CONFIRM, CONNECT, REFUSE, SETUP, byte_count, frame

EDGES = (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x7F, 0x80, 0xFE, 0xFF)
EXPEDITED = byte_count("03 00 00 09 02 10 80 aa bb")  # ED, last, two bytes
FAULT = byte_count("03 00 00 09 04 70 00 2e 02")  # ERR to reference 0x002e: type invalid
CONFIRMED = byte_count("03 00 00 0a 05 c0 00 2e 00 14")  # DC between 0x0014 and 0x002e


def test_a_frame_is_measured_by_its_header() -> None:
    assert measure(CONNECT, 0, len(CONNECT)) == 22
    assert measure(b"\x03\x00\x00", 0, 3) == NEED_MORE
    assert measure(b"\x02\x00\x00\x16", 0, 4) == NOT_MINE
    assert measure(b"\x03\x00\x00\x06", 0, 4) == NOT_MINE
    assert measure(b"\x03\x00\x00\x07", 0, 4) == 7
    assert measure(b"\x03\x00\xff\xff", 0, 4) == 65535


def test_a_connect_has_references_size_and_selectors() -> None:
    unit = parse(CONNECT, 0, len(CONNECT))
    assert unit is not None
    assert (unit.kind, unit.destination, unit.source) == (CR, 0, 0x2E)
    assert (unit.tpdu_size, unit.calling, unit.called) == (1024, b"\x01\x00", b"\x01\x02")
    assert not unit.violations


@pytest.mark.parametrize(
    ("data", "kind"), [(CONFIRM, CC), (REFUSE, DR), (SETUP, DT), (EXPEDITED, ED), (FAULT, ERR), (CONFIRMED, 0xC0)]
)
def test_every_unit_is_known(data: bytes, kind: int) -> None:
    unit = parse(data, 0, len(data))
    assert unit is not None
    assert unit.kind == kind
    assert not unit.violations


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("03 00 00 08 02 30 80 00", "cotp_type"),
        ("03 00 00 08 09 f0 80 00", "cotp_length"),
        ("03 00 00 08 01 f0 80 00", "cotp_length"),
        ("03 00 00 0d 08 e0 00 00 00 01 00 c2 09", "cotp_length"),
        ("03 00 00 0b 06 e0 00 00 00 01 20", "cotp_type"),
    ],
)
def test_what_is_wrong_has_a_name(data: str, name: str) -> None:
    raw = byte_count(data)
    unit = parse(raw, 0, len(raw))
    assert unit is not None
    assert [found.name for found in unit.violations] == [name]


def test_rack_and_slot_come_from_the_last_byte_of_a_called_selector() -> None:
    assert rack_slot(b"\x01\x02") == "0/2"
    assert rack_slot(b"\x03\x41") == "2/1"
    assert rack_slot(b"SIMATIC-ROOT-HMI") == ""
    assert rack_slot(b"\x00\x01") == ""
    assert unit_key(b"\x01\x00") == 1
    assert unit_key(b"") == 0
    assert [protocol_of(name) for name in (b"\x02\x00", b"SIMATIC-ROOT-ES", b"\x00\x01", b"")] == [
        "s7comm",
        "s7commplus",
        "iso",
        "iso",
    ]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("32 01", S7COMM),
        ("32 05", UNKNOWN),
        ("72 01", S7COMMPLUS),
        ("72 44", UNKNOWN),
        ("16 03 01", TLS),
        ("17 03 03", TLS),
        ("0d 01 00", ISO_SESSION),
        ("01 00 01 00", ISO_SESSION),
        ("01 05", UNKNOWN),
        ("99", UNKNOWN),
    ],
)
def test_payloads_are_known_by_their_first_bytes(data: str, kind: int) -> None:
    raw = byte_count(data)
    assert kind_of(raw, 0, len(raw)) == kind


def test_the_next_frame_is_found_and_a_possible_beginning_is_kept() -> None:
    noise = byte_count("03 00 03 03 00 00 01 03 00 ff ff 02 f0 80 44 55")
    assert next_frame(noise + SETUP, 0, len(noise + SETUP)) == len(noise)
    tail = b"\x55" * 10 + b"\x03\x00"
    assert next_frame(tail, 0, len(tail)) == 10
    assert next_frame(b"\x55" * 10, 0, 10) == 10


def test_mms_is_recognised_as_iso_only_when_its_session_unit_is_there() -> None:
    connect = CONNECT.replace(byte_count("c2 02 01 02"), byte_count("c2 02 00 01"))
    session = connect + frame(byte_count("0d 04 05 06 13 01"))
    assert DISSECTOR.recognise(connect, 0, len(connect), True) == MAYBE
    assert DISSECTOR.recognise(session, 0, len(session), False) == YES
    assert DISSECTOR.recognise(SETUP, 0, len(SETUP), True) == NO
    assert DISSECTOR.recognise(b"GET /", 0, 5, True) == NO


def test_unknown_payload_is_iso_only_on_the_port() -> None:
    data = frame(byte_count("99 98 97 96"))
    assert DISSECTOR.recognise(data, 0, len(data), True) == YES
    assert DISSECTOR.recognise(data, 0, len(data), False) == NO


def test_a_session_of_iso_reports_connect_disconnect_and_faults() -> None:
    wire = Wire(DISSECTOR)
    disconnect = byte_count("03 00 00 0b 06 80 00 14 00 2e 80")  # from the client, normal
    for side, data in ((0, CONNECT), (1, CONFIRM), (0, EXPEDITED), (1, FAULT), (0, disconnect), (1, CONFIRMED)):
        wire.send(side, data)
    wire.send(0, byte_count("03 00 00 08 02 30 80 00"))
    facts = wire.drain()
    reported = [(fact.operation, fact.outcome, fact.error) for fact in facts if isinstance(fact, Exchange)]
    assert reported == [
        ("connect", "success", ""),
        ("transport_error", "one_way", "invalid_tpdu_type"),
        ("disconnect", "one_way", ""),
    ]
    assert "transfer_data" in [fact.operation for fact in facts if isinstance(fact, OperationFirst)]
    assert [fact.name for fact in facts if isinstance(fact, Violation)] == ["cotp_type"]


MMS = CAPTURES / "other" / "IEC61850_MMS_-_Specific_Commands__iec61850_read.pcap"


@pytest.mark.skipif(not MMS.is_file(), reason=ABSENT)
def test_a_real_mms_connection_is_iso_without_a_violation_whichever_dissector_took_it() -> None:
    flow = flows(MMS)[0]
    asked = b"".join(segment.data for segment in flow.segments if segment.side == 0)
    assert S7COMM_DISSECTOR.recognise(asked, 0, len(asked), True) == NO
    assert DISSECTOR.recognise(asked, 0, len(asked), True) == YES
    for dissector in (DISSECTOR, S7COMM_DISSECTOR):
        wire = Wire(dissector)
        wire.play(flow)
        facts = wire.drain()
        assert not [fact for fact in facts if isinstance(fact, Violation)]
        assert {fact.protocol for fact in facts if isinstance(fact, ChannelOpened)} == {"iso"}
