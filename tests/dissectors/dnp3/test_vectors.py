"""Hex vectors: one per function and direction, with what each byte says. Frames are made around them."""

from __future__ import annotations

import pytest

from dissectors.base.message import ONE_WAY, REPORT, REQUEST, RESPONSE, Message
from dissectors.dnp3.control import code_name, status_name
from dissectors.dnp3.crc import crc16
from dissectors.dnp3.function import FUNCTIONS, ROWS
from dissectors.dnp3.parse import parse_frame
from dissectors.facts import Target
from dissectors.words import VERBS
from tests.dissectors.dnp3.wire import answer, ask, frame

# C0/C1.. application control: FIR FIN, sequence; D0 with the unsolicited bit; E0 with confirmation wanted.
# Then the function, in responses two bytes of indications, then objects: group, variation, qualifier, range.
REQUESTS = [
    # 00 confirm of sequence 5.
    ("C5 00", ONE_WAY, "confirm", "session", [], [], {}),
    # 01 read: classes 1 2 3 0, qualifier 06 (all).
    (
        "C0 01 3C 02 06 3C 03 06 3C 04 06 3C 01 06",
        REQUEST,
        "read",
        "read",
        [Target("g60v2"), Target("g60v3"), Target("g60v4"), Target("g60v1")],
        [],
        {},
    ),
    # 01 read: g30v2, qualifier 01 (two-byte range) 0x0010-0x0120.
    ("C1 01 1E 02 01 10 00 20 01", REQUEST, "read", "read", [Target("g30v2", 16, 288)], [], {}),
    # 01 read: g1v2, qualifier 28 (count and index of two bytes each), indexes 7 and 260.
    (
        "C1 01 01 02 28 02 00 07 00 04 01",
        REQUEST,
        "read",
        "read",
        [Target("g1v2", 7, 7), Target("g1v2", 260, 260)],
        [],
        {},
    ),
    # 01 read: all attributes of set 0 (g0v254, range 0-0).
    ("C1 01 00 FE 00 00 00", REQUEST, "read", "diagnostic", [Target("g0v254", 0, 0)], [], {}),
    # 02 write: g80v1 index 7 = 0, the restart flag is cleared.
    ("C2 02 50 01 00 07 07 00", REQUEST, "write", "write", [Target("g80v1", 7, 7)], [0], {}),
    # 02 write: g50v1 time 0x000001000000 ms, qualifier 07 count 1.
    ("C2 02 32 01 07 01 00 00 00 01 00 00", REQUEST, "write", "time", [Target("g50v1")], [1 << 24], {}),
    # 02 write: g34v1 deadband 100 of point 3, qualifier 17.
    ("C2 02 22 01 17 01 03 64 00", REQUEST, "write", "write", [Target("g34v1", 3, 3)], [100], {}),
    # 03 select: g12v1 index 4, code 0x41 (close, pulse on), count 1, on 100 ms, off 200 ms, status 0.
    (
        "C3 03 0C 01 17 01 04 41 01 64 00 00 00 C8 00 00 00 00",
        REQUEST,
        "select",
        "control",
        [Target("g12v1", 4, 4)],
        ["close_pulse_on"],
        {"count": 1, "on_time": 100, "off_time": 200},
    ),
    # 04 operate: g12v1 index 0x0104 with two-byte index (28), code 0x81 (trip, pulse on).
    (
        "C4 04 0C 01 28 01 00 04 01 81 01 64 00 00 00 64 00 00 00 00",
        REQUEST,
        "operate",
        "control",
        [Target("g12v1", 260, 260)],
        ["trip_pulse_on"],
        {"count": 1, "on_time": 100, "off_time": 100},
    ),
    # 05 direct operate: g41v2 index 1 = -2, then g41v3 index 2 = 1.5.
    (
        "C5 05 29 02 17 01 01 FE FF 00 29 03 17 01 02 00 00 C0 3F 00",
        REQUEST,
        "direct_operate",
        "control",
        [Target("g41v2", 1, 1), Target("g41v3", 2, 2)],
        [-2, 1.5],
        {},
    ),
    # 06 direct operate without response: g12v1 index 1, latch off.
    (
        "C6 06 0C 01 17 01 01 04 01 00 00 00 00 00 00 00 00 00",
        ONE_WAY,
        "direct_operate_no_response",
        "control",
        [Target("g12v1", 1, 1)],
        ["latch_off"],
        {"count": 1, "on_time": 0, "off_time": 0},
    ),
    ("C7 07 14 00 06", REQUEST, "immediate_freeze", "write", [Target("g20v0")], [], {}),
    ("C8 08 14 00 06", ONE_WAY, "immediate_freeze_no_response", "write", [Target("g20v0")], [], {}),
    ("C9 09 14 00 06", REQUEST, "freeze_clear", "write", [Target("g20v0")], [], {}),
    ("CA 0A 14 00 06", ONE_WAY, "freeze_clear_no_response", "write", [Target("g20v0")], [], {}),
    # 0B freeze at time: g50v2 (time 5 ms, interval 60000 ms) has data here, then the counters.
    (
        "CB 0B 32 02 07 01 05 00 00 00 00 00 60 EA 00 00 14 00 06",
        REQUEST,
        "freeze_at_time",
        "write",
        [Target("g50v2"), Target("g20v0")],
        [5],
        {},
    ),
    (
        "CC 0C 32 02 07 01 05 00 00 00 00 00 60 EA 00 00 14 00 06",
        ONE_WAY,
        "freeze_at_time_no_response",
        "write",
        [Target("g50v2"), Target("g20v0")],
        [5],
        {},
    ),
    ("CD 0D", REQUEST, "cold_restart", "start_stop", [], [], {}),
    ("CE 0E", REQUEST, "warm_restart", "start_stop", [], [], {}),
    ("CF 0F", REQUEST, "initialize_data", "start_stop", [], [], {}),
    # 10-12: g90v1, qualifier 5B, one object of 4 bytes: "pump".
    (
        "C0 10 5A 01 5B 01 04 00 70 75 6D 70",
        REQUEST,
        "initialize_application",
        "start_stop",
        [Target("g90v1")],
        [],
        {"application": "pump"},
    ),
    (
        "C0 11 5A 01 5B 01 04 00 70 75 6D 70",
        REQUEST,
        "start_application",
        "start_stop",
        [Target("g90v1")],
        [],
        {"application": "pump"},
    ),
    (
        "C0 12 5A 01 5B 01 04 00 70 75 6D 70",
        REQUEST,
        "stop_application",
        "start_stop",
        [Target("g90v1")],
        [],
        {"application": "pump"},
    ),
    ("C0 13", REQUEST, "save_configuration", "program", [], [], {}),
    ("C0 14 3C 02 06", REQUEST, "enable_unsolicited", "control", [Target("g60v2")], [], {}),
    ("C0 15 3C 03 06", REQUEST, "disable_unsolicited", "control", [Target("g60v3")], [], {}),
    # 16 assign class: class 1 to binary inputs 0-3.
    (
        "C0 16 3C 02 06 01 00 00 00 03",
        REQUEST,
        "assign_class",
        "write",
        [Target("g60v2"), Target("g1v0", 0, 3)],
        [],
        {},
    ),
    ("C0 17", REQUEST, "delay_measure", "diagnostic", [], [], {}),
    ("C0 18", REQUEST, "record_current_time", "time", [], [], {}),
    # 19 open: g70v3, 30 bytes: name at 26, 4 long; time; permissions; key AABBCCDD; size 9; mode 2; block; id; "a.db".
    (
        (
            "C0 19 46 03 5B 01 1E 00 1A 00 04 00 00 00 00 00 00 00 00 00 AA BB CC DD 09 00 00 00 02 00 00 04 01 00 "
            "61 2E 64 62"
        ),
        REQUEST,
        "open_file",
        "file",
        [Target("g70v3")],
        [],
        {"file": "a.db", "mode": "write", "size": 9},
    ),
    # 1A close: g70v4, 13 bytes: handle 7, size 0, block 0, id 1, status 0.
    (
        "C0 1A 46 04 5B 01 0D 00 07 00 00 00 00 00 00 00 00 00 01 00 00",
        REQUEST,
        "close_file",
        "file",
        [Target("g70v4")],
        [],
        {"handle": 7, "size": 0, "file_status": "success"},
    ),
    # 1B delete: g70v3 without a mode.
    (
        (
            "C0 1B 46 03 5B 01 1E 00 1A 00 04 00 00 00 00 00 00 00 00 00 AA BB CC DD 00 00 00 00 00 00 00 00 01 00 "
            "61 2E 64 62"
        ),
        REQUEST,
        "delete_file",
        "file",
        [Target("g70v3")],
        [],
        {"file": "a.db", "mode": "delete", "size": 0},
    ),
    # 1C file information: g70v7, name at 20, 2 long, type 1 (file), size 5.
    (
        "C0 1C 46 07 5B 01 16 00 14 00 02 00 01 00 05 00 00 00 00 00 00 00 00 00 00 00 01 00 61 62",
        REQUEST,
        "get_file_information",
        "file",
        [Target("g70v7")],
        [],
        {"file": "ab", "type": "file", "size": 5},
    ),
    # 1D authenticate file: g70v2, user at 12 (2 long), password at 14 (2 long) which nobody must see.
    (
        "C0 1D 46 02 5B 01 10 00 0C 00 02 00 0E 00 02 00 00 00 00 00 6D 65 70 77",
        REQUEST,
        "authenticate_file",
        "file",
        [Target("g70v2")],
        [],
        {"user": "me"},
    ),
    # 1E abort.
    (
        "C0 1E 46 04 5B 01 0D 00 07 00 00 00 00 00 00 00 00 00 01 00 00",
        REQUEST,
        "abort_file",
        "file",
        [Target("g70v4")],
        [],
        {"handle": 7, "size": 0, "file_status": "success"},
    ),
    # 02 write of a file block: g70v5 handle 7, block 3 and the last, 2 bytes.
    (
        "C0 02 46 05 5B 01 0A 00 07 00 00 00 03 00 00 80 68 69",
        REQUEST,
        "write",
        "file",
        [Target("g70v5")],
        [],
        {"handle": 7, "block": 3, "last_block": 1, "size": 2},
    ),
    # 1F activate configuration: g110v2 "ab".
    ("C0 1F 6E 02 07 01 61 62", REQUEST, "activate_configuration", "program", [Target("g110v2")], ["ab"], {}),
    # 20 authentication request: g120v4 session key status of user 5.
    (
        "C0 20 78 04 07 01 05 00",
        REQUEST,
        "authentication_request",
        "auth",
        [],
        [],
        {"authentication": "session_key_status_request", "user": 5},
    ),
    # 21 authentication request without answer: g120v7 error 10, sequence 1, user 5, association 0, time, no text.
    (
        "C0 21 78 07 5B 01 0F 00 01 00 00 00 05 00 00 00 0A 00 00 00 00 00 00",
        ONE_WAY,
        "authentication_request_no_response",
        "auth",
        [Target("g120v7")],
        [],
        {"authentication": "error", "user": 5, "auth_sequence": 1, "error_code": 10},
    ),
]

RESPONSES = [
    # 81 response, indications 90 00: need time and restart.
    ("C0 81 90 00", RESPONSE, "response", "read", [], [], "", {"iin": 0x90}),
    # 81 response refusing the object: IIN2.1.
    (
        "C0 81 00 02",
        RESPONSE,
        "response",
        "read",
        [],
        [],
        "object_unknown",
        {"iin": 0x200, "iin_set": "object_unknown"},
    ),
    # 81 response to an operate: status 4, not supported.
    (
        "C4 81 00 00 0C 01 17 01 04 41 01 64 00 00 00 C8 00 00 00 04",
        RESPONSE,
        "response",
        "read",
        [Target("g12v1", 4, 4)],
        ["not_supported"],
        "not_supported",
        {"iin": 0, "status": "not_supported"},
    ),
    # 81 response: g1v1 packed 0-9 = 1010 0000 01; g3v1 packed double bits 0-4 = 1 2 3 0 2.
    (
        "C0 81 00 00 01 01 00 00 09 05 02 03 01 00 00 04 39 02",
        RESPONSE,
        "response",
        "read",
        [Target("g1v1", 0, 9), Target("g3v1", 0, 4)],
        [1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 0, 2],
        "",
        {"iin": 0},
    ),
    # 81 response: g20v1 32-bit counter, g21v2 16-bit frozen, g30v2, g30v5 float, g30v6 double, g40v1, with flags 01.
    (
        (
            "C0 81 00 00 14 01 00 00 00 01 FF FF FF FF 15 02 00 00 00 01 02 01 1E 02 00 00 00 01 FF FF "
            "1E 05 00 00 00 01 00 00 20 40 1E 06 00 00 00 01 00 00 00 00 00 00 F8 3F 28 01 00 00 00 01 FE FF FF FF"
        ),
        RESPONSE,
        "response",
        "read",
        [
            Target("g20v1", 0, 0),
            Target("g21v2", 0, 0),
            Target("g30v2", 0, 0),
            Target("g30v5", 0, 0),
            Target("g30v6", 0, 0),
            Target("g40v1", 0, 0),
        ],
        [4294967295, 258, -1, 2.5, 1.5, -2],
        "",
        {"iin": 0},
    ),
    # 82 unsolicited, sequence 1, confirmation wanted: g2v2 index 3 on; g4v1 index 4 = 2; g32v2 index 5 = 7.
    (
        "F1 82 00 00 02 02 17 01 03 81 00 00 00 00 00 01 04 01 17 01 04 81 20 02 17 01 05 01 07 00",
        REPORT,
        "unsolicited_response",
        "report",
        [Target("g2v2"), Target("g4v1"), Target("g32v2")],
        [1, 2, 7],
        "",
        {"iin": 0},
    ),
    # 83 authentication response: g120v7 error 1 (failed).
    (
        "C0 83 00 00 78 07 5B 01 0F 00 01 00 00 00 05 00 00 00 01 00 00 00 00 00 00",
        RESPONSE,
        "authentication_response",
        "auth",
        [Target("g120v7")],
        [],
        "authentication_failed",
        {"iin": 0, "authentication": "error", "user": 5, "auth_sequence": 1, "error_code": 1},
    ),
    # 81 response to an open: g70v4 status 3 (not found).
    (
        "C0 81 00 00 46 04 5B 01 0D 00 00 00 00 00 00 00 00 00 00 00 01 00 03",
        RESPONSE,
        "response",
        "read",
        [Target("g70v4")],
        [],
        "file_not_found",
        {"iin": 0, "handle": 0, "size": 0, "file_status": "file_not_found"},
    ),
]


def parsed(raw: bytes) -> Message:
    """Parse one frame that must be a message."""
    message = parse_frame(raw, 0, len(raw))
    assert message is not None
    return message


@pytest.mark.parametrize(("apdu", "kind", "name", "verb", "targets", "values", "detail"), REQUESTS)
def test_a_request_says_function_targets_and_values(
    apdu: str, kind: int, name: str, verb: str, targets: list[Target], values: list[object], detail: dict[str, object]
) -> None:
    message = parsed(ask(apdu))
    assert (message.kind, message.operation, message.verb) == (kind, name, verb)
    assert message.targets == targets
    assert message.values == values
    assert message.detail == detail
    assert (message.unit, message.unit_key, message.violations) == ("1>10", 1 << 16 | 10, [])


@pytest.mark.parametrize(("apdu", "kind", "name", "verb", "targets", "values", "error", "detail"), RESPONSES)
def test_a_response_says_indications_values_and_error(
    apdu: str,
    kind: int,
    name: str,
    verb: str,
    targets: list[Target],
    values: list[object],
    error: str,
    detail: dict[str, object],
) -> None:
    message = parsed(answer(apdu))
    assert (message.kind, message.operation, message.verb, message.error) == (kind, name, verb, error)
    assert message.targets == targets
    assert message.values == values
    assert message.detail == detail
    assert (message.unit, message.violations) == ("1>10", [])


def test_every_function_of_the_standard_has_a_vector() -> None:
    reported = {row[2] for row in REQUESTS} | {row[2] for row in RESPONSES}
    assert reported == {row.name for row in ROWS}


def test_function_rows_use_the_common_verbs_and_their_own_numbers() -> None:
    assert {row.verb for row in FUNCTIONS} <= set(VERBS)
    assert [row.code for row in FUNCTIONS] == list(range(256))
    assert FUNCTIONS[0x5B].name == "unknown_0x5b"


def test_device_attributes_are_claims_of_the_device() -> None:
    # g0v242 type 1 (text), 4 bytes "1.02"; g0v252 type 1, 4 bytes "Acme"; g0v216 type 2 (unsigned), 2 bytes 500.
    message = parsed(
        answer(
            "C0 81 00 00 00 F2 00 00 00 01 04 31 2E 30 32 00 FC 00 00 00 01 04 41 63 6D 65 00 D8 00 00 00 02 02 F4 01"
        )
    )
    claims = [(identify.attribute, identify.value, identify.method) for identify in message.identity]
    assert claims == [("firmware_version", "1.02", "dnp3.g0v242"), ("manufacturer", "Acme", "dnp3.g0v252")]
    assert message.values == ["1.02", "Acme", 500]


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (ask("C0 44"), "unknown_function"),
        (ask("C0 01 7F 01 06"), "unknown_object"),
        (answer("C0 81 00 00 01 09 00 00 00 01"), "unknown_object"),
        (ask("C0 01 3C 02 0A"), "qualifier"),
        (ask("C0 01 01 00 00 05 04"), "qualifier"),
        (ask("C0 03 0C 01 17 01 04 41 01"), "object_length"),
        (answer("C0 81 00"), "object_length"),
        (ask("C0 19 46 03 5B 01 04 00 1A 00 04 00"), "object_length"),
        (frame(b"\xc0\xc0\x0d", 0x44, 10, 1), "direction"),
        (ask("C0 0D", source=0xFFF3), "reserved_address"),
        (ask("C0 0D", destination=0xFFF0), "reserved_address"),
        (frame(b"\xc0\xc0\x0d", 0xC0, 10, 1), "length"),
    ],
)
def test_what_is_wrong_but_readable_is_a_named_violation(raw: bytes, name: str) -> None:
    assert [found.name for found in parsed(raw).violations] == [name]
    assert parsed(raw).violations[0].clause


def test_no_password_and_no_key_leaves_the_parser() -> None:
    secret = parsed(ask("C0 1D 46 02 5B 01 10 00 0C 00 02 00 0E 00 02 00 00 00 00 00 6D 65 70 77")).as_tuple()
    assert "pw" not in repr(secret)
    # g120v6 session key change: sequence 2, user 1, then the wrapped keys "KEYKEYKEY".
    keys = parsed(ask("C0 20 78 06 5B 01 0F 00 02 00 00 00 01 00 4B 45 59 4B 45 59 4B 45 59")).as_tuple()
    assert "KEY" not in repr(keys)
    assert "4b4559" not in repr(keys)


def test_a_broadcast_expects_no_answer() -> None:
    message = parsed(ask("C0 0D", destination=0xFFFF))
    assert (message.kind, message.detail) == (ONE_WAY, {"broadcast": 1})


def test_the_crc_is_that_of_the_standard() -> None:
    # The link header of a reset link states from 1024 to 1 and its CRC as every DNP3 text prints it: E9 21.
    assert crc16(b"\x05\x64\x05\xc0\x01\x00\x00\x04", 0, 8) == 0x21E9
    assert crc16(b"123456789", 0, 9) == 0xEA82


def test_control_codes_and_statuses_have_names() -> None:
    assert [code_name(code) for code in (0x01, 0x03, 0x04, 0x41, 0x81, 0x23, 0x13)] == [
        "pulse_on",
        "latch_on",
        "latch_off",
        "close_pulse_on",
        "trip_pulse_on",
        "latch_on_clear",
        "latch_on_queue",
    ]
    assert [status_name(number) for number in (0, 2, 5, 6, 7, 9, 0x80)] == [
        "success",
        "no_select",
        "already_active",
        "hardware_error",
        "local",
        "not_authorized",
        "success",
    ]
