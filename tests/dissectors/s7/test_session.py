"""One connection of S7: what is reported, what is only counted, what is paired, joined, hidden and resynchronised."""

from __future__ import annotations

import hashlib

from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Exchange,
    OperationFirst,
    Sighting,
    Target,
    ValueChange,
    Violation,
    Visibility,
    encode_all,
)
from dissectors.s7.dissector import DISSECTOR
from tests.dissectors.s7.streams import Wire
from tests.dissectors.s7.test_userdata import IDENTITY
from tests.dissectors.s7.vectors import (
    CONFIRM,
    CONNECT,
    REFUSE,
    SETUP,
    SETUP_ANSWER,
    answer,
    any_item,
    ask,
    byte_count,
    datum,
    frame,
    job,
    octet_string,
    read,
    report,
)


def opened() -> Wire:
    wire = Wire()
    for side, data in ((0, CONNECT), (1, CONFIRM), (0, SETUP), (1, SETUP_ANSWER)):
        wire.send(side, data)
    return wire


def exchanges(wire: Wire) -> list[Exchange]:
    return [fact for fact in wire.drain() if isinstance(fact, Exchange)]


def test_connect_is_reported_once_with_rack_slot_and_type() -> None:
    wire = Wire()
    wire.send(0, CONNECT)
    wire.send(1, CONFIRM)
    facts = wire.drain()
    channel = next(fact for fact in facts if isinstance(fact, ChannelOpened))
    assert (channel.protocol, channel.unit) == ("s7comm", "0/2")
    reported = [fact for fact in facts if isinstance(fact, Exchange)]
    assert [(fact.operation, fact.verb, fact.outcome) for fact in reported] == [("connect", "session", "success")]
    detail = reported[0].detail
    assert (detail["tsap"], detail["calling_tsap"]) == ("0102", "0100")
    assert (detail["connection_type"], detail["rack"], detail["slot"]) == ("pg", 0, 2)


def test_a_disconnect_that_answers_a_connect_is_a_refusal() -> None:
    wire = Wire()
    wire.send(0, CONNECT)
    wire.send(1, REFUSE)
    reported = exchanges(wire)
    assert [(fact.operation, fact.outcome, fact.error) for fact in reported] == [("connect", "failure", "refused")]
    assert reported[0].detail["reason"] == "address_unknown"


def test_a_known_read_is_only_counted_and_a_changed_value_is_reported() -> None:
    wire = opened()
    wire.drain()
    item = any_item(4, 3, 10, 0x84, 160)  # three words of DB10 from byte 20
    for reference in range(1, 6):
        wire.send(0, read(reference, item))
        wire.send(1, answer(reference, b"\x04\x01", datum(0xFF, 4, 48, b"\x00\x01\x00\x02\x00\x03")))
    first = wire.drain()
    assert [fact.label for fact in first if isinstance(fact, OperationFirst)] == ["read_var DB10:160-207"]
    assert not [fact for fact in first if isinstance(fact, Exchange | ValueChange)]
    wire.send(0, read(6, item))
    wire.send(1, answer(6, b"\x04\x01", datum(0xFF, 4, 48, b"\x00\x01\x01\x02\x00\x03")))
    changes = [fact for fact in wire.drain() if isinstance(fact, ValueChange)]
    assert [(fact.kind, fact.points, fact.values, fact.previous) for fact in changes] == [
        ("DB10", (176,), (0x102,), (2,))
    ]
    wire.channel_table.close_window(0, 1)
    window = next(fact for fact in wire.drain() if isinstance(fact, ChannelWindow))
    counts = {count.label: count.requests for count in window.operations}
    assert counts["read_var DB10:160-207"] == 6
    assert (window.responses, window.unanswered, window.latency_count) == (8, 0, 8)


def test_each_item_of_a_read_reports_its_own_changes() -> None:
    wire = opened()
    items = (any_item(1, 1, 0, 0x83, 13), any_item(2, 3, 1, 0x84, 0), any_item(8, 1, 2, 0x84, 80))
    old = (
        datum(0xFF, 3, 1, b"\0", pad=True)
        + datum(0xFF, 4, 24, b"\1\2\3", pad=True)
        + datum(0xFF, 7, 4, byte_count("41480000"))
    )
    new = (
        datum(0xFF, 3, 1, b"\1", pad=True)
        + datum(0xFF, 4, 24, b"\1\2\4", pad=True)
        + datum(0xFF, 7, 4, byte_count("41500000"))
    )
    for reference, data in ((1, old), (2, new)):
        wire.send(0, read(reference, *items))
        wire.send(1, answer(reference, b"\x04\x03", data))
    changes = [fact for fact in wire.drain() if isinstance(fact, ValueChange)]
    assert [(fact.kind, fact.points, fact.values, fact.previous) for fact in changes] == [
        ("M", (13,), (1,), (0,)),
        ("DB1", (16,), (4,), (3,)),
        ("DB2", (80,), (13.0,), (12.5,)),
    ]


def test_a_read_that_fails_after_it_was_known_is_reported() -> None:
    wire = opened()
    item = any_item(2, 1, 10, 0x84, 0)
    wire.send(0, read(1, item))
    wire.send(1, answer(1, b"\x04\x01", datum(0xFF, 4, 8, b"\1")))
    wire.drain()
    wire.send(0, read(2, item))
    wire.send(1, answer(2, b"\x04\x01", datum(0x03, 0, 0, b"")))
    wire.send(0, read(3, item))
    wire.send(1, answer(3, b"\x04", error=0x8703))
    reported = exchanges(wire)
    assert [(fact.outcome, fact.error, fact.error_code) for fact in reported] == [
        ("failure", "access_denied", 3),
        ("failure", "object_refused", 0x8703),
    ]


def test_overlapping_jobs_are_paired_by_reference() -> None:
    wire = opened()
    write = b"\x05\x01" + any_item(2, 1, 1, 0x84, 0)
    wire.send(0, job(1, write, datum(0, 4, 8, b"\x11")))
    wire.send(0, job(2, write, datum(0, 4, 8, b"\x22")))
    wire.send(1, answer(2, b"\x05\x01", b"\x05"))
    wire.send(1, answer(1, b"\x05\x01", b"\xff"))
    reported = [fact for fact in exchanges(wire) if fact.operation == "write_var"]
    assert [(fact.values, fact.outcome) for fact in reported] == [((0x22,), "failure"), ((0x11,), "success")]


def test_an_answer_without_a_job_is_unmatched() -> None:
    wire = opened()
    wire.drain()
    wire.send(1, answer(77, b"\x05\x01", b"\xff"))
    assert [(fact.operation, fact.outcome) for fact in exchanges(wire)] == [("write_var", "unmatched")]


def test_an_answer_with_another_number_of_items_is_a_violation() -> None:
    wire = opened()
    wire.send(0, read(1, any_item(2, 1, 10, 0x84, 0)))
    wire.send(1, answer(1, b"\x04\x02", datum(0xFF, 4, 8, b"\1", pad=True) + datum(0xFF, 4, 8, b"\1")))
    assert [fact.name for fact in wire.drain() if isinstance(fact, Violation)] == ["item_count"]


NAME = b"_0A00001P"
BLOCK = bytes(range(200))


def test_a_download_is_paired_across_directions_and_its_end_has_size_and_digest() -> None:
    wire = opened()
    wire.drain()
    wire.send(0, job(0x65, byte_count("1a 00 01 00 00 00 00 00 09") + NAME + b"\x0d1000200000088"))
    wire.send(1, answer(0x65, b"\x1a"))
    for number, part in enumerate((BLOCK[:120], BLOCK[120:])):
        wire.send(1, job(0x65 + number, byte_count("1b 00 00 00 00 00 00 00 09") + NAME))
        more = b"\x1b" + bytes((1 - number,))
        wire.send(0, answer(0x65 + number, more, len(part).to_bytes(2, "big") + b"\x00\xfb" + part))
    wire.send(1, job(0x70, byte_count("1c 00 00 00 00 00 00 00 09") + NAME))
    wire.send(0, answer(0x70, b"\x1c"))
    reported = exchanges(wire)
    assert [fact.operation for fact in reported] == [
        "request_download",
        "download_block",
        "download_block",
        "download_ended",
    ]
    assert all(fact.targets == (Target("DB", 1, 1),) and fact.outcome == "success" for fact in reported)
    assert reported[-1].detail["bytes"] == 200
    assert reported[-1].detail["digest"] == hashlib.blake2b(BLOCK, digest_size=16).hexdigest()


def test_an_upload_carries_the_block_of_its_start_to_the_end() -> None:
    wire = opened()
    wire.drain()
    wire.send(0, job(4, byte_count("1d 00 00 00 00 00 00 00 09") + NAME))
    wire.send(1, answer(4, byte_count("1d 00 01 00 00 00 00 07 07") + b"0000200"))
    wire.send(0, job(5, byte_count("1e 00 00 00 00 00 00 07")))
    wire.send(1, answer(5, b"\x1e\x00", len(BLOCK).to_bytes(2, "big") + b"\x00\xfb" + BLOCK))
    wire.send(0, job(6, byte_count("1f 00 00 00 00 00 00 07")))
    wire.send(1, answer(6, b"\x1f"))
    reported = exchanges(wire)
    assert [(fact.operation, fact.targets) for fact in reported] == [
        (name, (Target("DB", 1, 1),)) for name in ("start_upload", "upload", "end_upload")
    ]
    assert reported[-1].detail["digest"] == hashlib.blake2b(BLOCK, digest_size=16).hexdigest()


def test_a_list_in_two_answers_gives_the_identity_of_both() -> None:
    wire = opened()
    cut = 50
    wire.send(0, ask(4, 1, octet_string(byte_count("00 11 00 00"))))
    wire.send(1, report(4, 1, octet_string(IDENTITY[:cut]), unit=3, more=1))
    wire.send(0, ask(4, 1))
    wire.send(1, report(4, 1, octet_string(IDENTITY[cut:]), unit=3, more=0))
    sightings = {(fact.attribute, fact.value) for fact in wire.drain() if isinstance(fact, Sighting)}
    assert sightings == {
        ("product_code", "6ES7 315-2EH14-0AB0"),
        ("hardware_version", "3"),
        ("firmware_version", "V3.2.7"),
    }


def test_no_fact_holds_a_byte_of_a_password() -> None:
    secret = byte_count("a1 b2 c3 d4 e5 f6 a7 b8")
    wire = opened()
    wire.send(0, ask(5, 1, octet_string(secret)))
    wire.send(1, report(5, 1, byte_count("0a 00 00 00"), error=0xD602))
    login = byte_count("28 00 00 00 00 00 00 fd") + b"\x00\x08" + secret + b"\x09_N_LOGIN_"
    wire.send(0, job(8, login))
    wire.send(1, answer(8, b"\x28"))
    facts = wire.drain()
    assert [fact.operation for fact in facts if isinstance(fact, Exchange)][-2:] == ["set_password", "nc_login"]
    assert secret[:2] not in encode_all(facts)


def test_fragments_of_a_message_are_joined_and_bounded() -> None:
    wire = opened()
    whole = read(1, any_item(2, 1, 10, 0x84, 0))[7:]
    wire.send(0, frame(whole[:9], eot=False))
    wire.send(0, frame(b"", eot=False))
    wire.send(0, frame(whole[9:]))
    wire.send(1, answer(1, b"\x04\x01", datum(0x0A, 0, 0, b"")))
    assert [fact.label for fact in exchanges(wire)][-1] == "read_var DB10:0-7"
    for _ in range(3):
        wire.send(0, frame(bytes(30_000), eot=False))
    wire.send(0, frame(whole))
    assert [fact.name for fact in wire.drain() if isinstance(fact, Violation)] == ["cotp_length"]
    wire.send(0, read(2, any_item(2, 1, 11, 0x84, 0)))
    assert "read_var DB11:0-7" in [fact.label for fact in wire.drain() if isinstance(fact, OperationFirst)]


def test_tls_inside_cotp_makes_the_connection_encrypted_once() -> None:
    wire = Wire()
    wire.send(0, CONNECT)
    for side in (0, 1, 0):
        wire.send(side, frame(byte_count("16 03 03 00 05 01 00 00 01 00")))
    wire.send(0, frame(byte_count("17 03 03 00 02 00 00")))
    facts = wire.drain()
    encrypted = [fact for fact in facts if isinstance(fact, Visibility)]
    assert [fact.state for fact in encrypted] == ["encrypted"]
    assert encrypted[0].reason
    assert not [fact for fact in facts if isinstance(fact, Violation)]
    assert "s7commplus" in [fact.protocol for fact in facts if isinstance(fact, ChannelOpened)]


def test_mms_is_protocol_iso_and_no_violation() -> None:
    wire = Wire()
    wire.send(0, CONNECT.replace(byte_count("c2 02 01 02"), byte_count("c2 02 00 01")))
    wire.send(0, frame(byte_count("0d 04 05 06 13 01")))
    wire.send(1, frame(byte_count("0e 02 05 06")))
    wire.send(0, frame(byte_count("01 00 01 00 61 03 01 02 03")))
    facts = wire.drain()
    assert [fact.protocol for fact in facts if isinstance(fact, ChannelOpened)] == ["iso"]
    assert not [fact for fact in facts if isinstance(fact, Violation)]
    assert [fact.operation for fact in facts if isinstance(fact, OperationFirst)] == [
        "connect",
        "session_connect",
        "session_accept",
        "session_data_transfer",
    ]


def test_after_a_gap_the_session_is_back_with_the_next_message() -> None:
    wire = opened()
    wire.drain()
    wire.session.gap(0, 0)
    wire.left[0] = b""
    cut = read(1, any_item(2, 1, 10, 0x84, 0))
    wire.send(0, cut[11:] + read(2, any_item(2, 1, 11, 0x84, 0)))
    wire.send(0, read(3, any_item(2, 1, 12, 0x84, 0)))
    facts = wire.drain()
    assert [fact.label for fact in facts if isinstance(fact, OperationFirst)] == [
        "read_var DB11:0-7",
        "read_var DB12:0-7",
    ]
    assert not [fact for fact in facts if isinstance(fact, Violation)]


def test_bytes_that_are_no_frame_are_named_and_passed_over() -> None:
    wire = opened()
    wire.drain()
    wire.send(0, b"GET / HTTP/1.0\r\n\r\n" + read(2, any_item(2, 1, 11, 0x84, 0)))
    wire.send(0, byte_count("03 00 00 05 00") + read(3, any_item(2, 1, 12, 0x84, 0)))
    wire.send(0, frame(byte_count("99 98 97")))
    facts = wire.drain()
    assert [fact.name for fact in facts if isinstance(fact, Violation)] == ["tpkt_version", "tpkt_length", "rosctr"]
    assert len([fact for fact in facts if isinstance(fact, OperationFirst)]) == 2


def recognised(data: bytes, proposed: bool) -> int:
    return int(DISSECTOR.recognise(data, 0, len(data), proposed))


def test_recognition_waits_for_the_payload_unless_the_selector_is_one_of_s7() -> None:
    mms = CONNECT.replace(byte_count("c2 02 01 02"), byte_count("c2 02 00 01"))
    assert recognised(mms, True) == 1
    assert recognised(mms + frame(byte_count("0d 04 05 06 13 01")), True) == 0
    assert recognised(mms + SETUP, True) == 2
    assert recognised(CONNECT, True) == 2
    assert recognised(CONNECT, False) == 1
    assert recognised(SETUP, False) == 2
    assert recognised(SETUP[:6], False) == 1
    assert recognised(frame(byte_count("16 03 01 00 10")), True) == 2
    assert recognised(b"GET / HTTP/1.0", True) == 0


def test_direction_is_known_from_the_message() -> None:
    cases = [(CONNECT, 1), (CONFIRM, 0), (SETUP, 1), (SETUP_ANSWER, 0), (ask(4, 1), 1), (report(4, 1, b""), 0)]
    cases += [(job(1, byte_count("1b 00 00 00 00 00 00 00 09") + NAME), 0), (answer(1, b"\x1b\x00", bytes(6)), 1)]
    for data, expected in cases:
        assert DISSECTOR.from_client(data, 0, len(data)) == expected


STOP = b"\x29\x00\x00\x00\x00\x00\x09P_PROGRAM"


def test_the_answer_to_a_read_is_none_to_a_stop_with_its_reference() -> None:
    wire = opened()
    wire.send(0, job(77, STOP))
    wire.send(0, read(77, any_item(2, 1, 10, 0x84, 0)))
    wire.send(1, answer(77, b"\x04\x01", datum(0xFF, 4, 8, b"\x01")))
    stops = [fact for fact in exchanges(wire) if fact.operation == "plc_stop"]
    assert stops == []
    wire.send(1, answer(77, b"\x29"))
    assert [(fact.operation, fact.outcome, fact.answers) for fact in exchanges(wire)] == [("plc_stop", "success", ())]


def test_a_lost_answer_does_not_shift_the_reads_of_a_client_with_one_reference() -> None:
    wire = opened()
    items = [any_item(2, 1, 10, 0x84, place * 8) for place in range(3)]
    time = 100 * 1_000_000_000
    for turn in range(12):
        time += 500_000_000
        wire.send(0, read(0, items[turn % 3]), time)
        if turn != 7:
            wire.send(1, answer(0, b"\x04\x01", datum(0xFF, 4, 8, bytes((turn % 3,)))), time + 10_000_000)
    facts = wire.drain()
    assert [fact for fact in facts if isinstance(fact, ValueChange)] == []
    assert [fact.outcome for fact in facts if isinstance(fact, Exchange) and fact.operation == "read_var"] == [
        "unanswered"
    ]
