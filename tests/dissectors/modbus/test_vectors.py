"""Every public function in both directions, byte by byte as the standard prints it, and what is understood of it.

MODBUS Application Protocol V1.1b3, section 6. The MBAP header in front is transaction 0x0102, protocol 0, length, unit 17.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dissectors.base.message import REQUEST, RESPONSE, Message
from dissectors.facts import Target
from dissectors.modbus.dissector import DISSECTOR
from dissectors.modbus.parse import parse


def message(pdu: str) -> bytes:
    """A PDU in hex, fields apart, behind its MBAP header."""
    body = bytes.fromhex(pdu.replace("|", " "))
    return (
        bytes.fromhex("0102")  # transaction 258
        + bytes.fromhex("0000")  # protocol: Modbus
        + (len(body) + 1).to_bytes(2, "big")  # bytes that follow
        + bytes.fromhex("11")  # unit 17
        + body
    )


def parsed(pdu: str, from_client: bool) -> Message:
    data = message(pdu)
    result = parse(data, 0, len(data), from_client)
    assert result is not None
    return result


@dataclass
class Vector:
    pdu: str
    code: str
    operation: str
    verb: str
    targets: tuple[Target, ...] = ()
    values: tuple[object, ...] = ()
    routine: bool = False


def holding(first: int, last: int | None = None) -> tuple[Target, ...]:
    return (Target("holding_register", first, first if last is None else last),)


def coil(first: int, last: int | None = None) -> tuple[Target, ...]:
    return (Target("coil", first, first if last is None else last),)


REQUESTS = [
    # 6.1: function | first coil 19 | 19 coils
    Vector("01|0013|0013", "1", "read_coils", "read", coil(19, 37), routine=True),
    # 6.2: function | first input 196 | 22 inputs
    Vector("02|00c4|0016", "2", "read_discrete_inputs", "read", (Target("discrete_input", 196, 217),), routine=True),
    # 6.3: function | first register 107 | 3 registers
    Vector("03|006b|0003", "3", "read_holding_registers", "read", holding(107, 109), routine=True),
    # 6.4: function | first register 8 | 1 register
    Vector("04|0008|0001", "4", "read_input_registers", "read", (Target("input_register", 8, 8),), routine=True),
    # 6.5: function | coil 172 | ff00 is on
    Vector("05|00ac|ff00", "5", "write_single_coil", "write", coil(172), (1,)),
    # 6.5: the same with 0000, which is off
    Vector("05|00ac|0000", "5", "write_single_coil", "write", coil(172), (0,)),
    # 6.6: function | register 1 | value 3
    Vector("06|0001|0003", "6", "write_single_register", "write", holding(1), (3,)),
    # 6.7: function alone
    Vector("07", "7", "read_exception_status", "diagnostic"),
    # 6.8: function | sub-function 0 | data to be returned
    Vector("08|0000|a537", "8/0", "return_query_data", "diagnostic", (), (0xA537,)),
    # 6.8.1: sub-function 1 | ff00 clears the log as well
    Vector("08|0001|ff00", "8/1", "restart_communications_option", "start_stop", (), (0xFF00,)),
    # 6.8.1: sub-function 4 | 0000
    Vector("08|0004|0000", "8/4", "force_listen_only_mode", "start_stop", (), (0,)),
    # 6.8.1: sub-function 10 | 0000
    Vector("08|000a|0000", "8/10", "clear_counters_and_diagnostic_register", "control", (), (0,)),
    # 6.9 and 6.10: function alone
    Vector("0b", "11", "get_comm_event_counter", "diagnostic"),
    Vector("0c", "12", "get_comm_event_log", "diagnostic"),
    # 6.11: function | first coil 19 | 10 coils | 2 bytes | cd 01, lowest bit first
    Vector("0f|0013|000a|02|cd01", "15", "write_multiple_coils", "write", coil(19, 28), (1, 0, 1, 1, 0, 0, 1, 1, 1, 0)),
    # 6.12: function | first register 1 | 2 registers | 4 bytes | 10 and 258
    Vector("10|0001|0002|04|000a0102", "16", "write_multiple_registers", "write", holding(1, 2), (10, 258)),
    # 6.13: function alone
    Vector("11", "17", "report_server_id", "diagnostic"),
    # 6.14: function | 14 bytes | reference 6, file 4, record 1, 2 words | reference 6, file 3, record 9, 2 words
    Vector(
        "14|0e|06 0004 0001 0002|06 0003 0009 0002",
        "20",
        "read_file_record",
        "read",
        (Target("file4", 1, 2), Target("file3", 9, 10)),
    ),
    # 6.15: function | 13 bytes | reference 6, file 4, record 7, 3 words | the words
    Vector("15|0d|06 0004 0007 0003|06af 04be 100d", "21", "write_file_record", "write", (Target("file4", 7, 9),)),
    # 6.16: function | register 4 | and-mask f2 | or-mask 25
    Vector("16|0004|00f2|0025", "22", "mask_write_register", "write", holding(4), (0xF2, 0x25)),
    # 6.17: function | read from 3, 6 registers | write from 14, 3 registers, 6 bytes | 255 three times
    Vector(
        "17|0003|0006|000e|0003|06|00ff00ff00ff",
        "23",
        "read_write_multiple_registers",
        "write",
        holding(14, 16),
        (255, 255, 255),
    ),
    # 6.18: function | pointer register 1246
    Vector("18|04de", "24", "read_fifo_queue", "read", holding(1246)),
    # 6.20: function | interface 13 | data
    Vector("2b|0d|00", "43/13", "canopen_general_reference", "unknown"),
    # 6.21: function | interface 14 | basic | from object 0
    Vector("2b|0e|01|00", "43/14", "read_device_identification", "diagnostic"),
    # Schneider: function | session 0 | 0x41 stops the controller | argument
    Vector("5a|00|41|ff00", "90/65", "umas_stop_plc", "start_stop"),
    Vector("5a|00|02", "90/2", "umas_read_id", "diagnostic"),
    Vector("5a|01|33|0001", "90/51", "umas_initialize_download", "program"),
    # user defined and unknown codes keep their number
    Vector("41|0102", "65", "user_defined_0x41", "unknown"),
    Vector("32|00", "50", "unknown_0x32", "unknown"),
]

RESPONSES = [
    # 6.1: function | 3 bytes | coils, lowest bit first
    Vector(
        "01|03|cd6b05",
        "1",
        "read_coils",
        "read",
        (),
        tuple(int(bit) for byte in (0xCD, 0x6B, 5) for bit in f"{byte:08b}"[::-1]),
        routine=True,
    ),
    Vector("02|01|ac", "2", "read_discrete_inputs", "read", (), (0, 0, 1, 1, 0, 1, 0, 1), routine=True),
    # 6.3: function | 6 bytes | 555, 0, 100
    Vector("03|06|022b 0000 0064", "3", "read_holding_registers", "read", (), (555, 0, 100), routine=True),
    Vector("04|02|000a", "4", "read_input_registers", "read", (), (10,), routine=True),
    Vector("05|00ac|ff00", "5", "write_single_coil", "write", coil(172), (1,)),
    Vector("06|0001|0003", "6", "write_single_register", "write", holding(1), (3,)),
    # 6.7: function | status
    Vector("07|6d", "7", "read_exception_status", "diagnostic"),
    Vector("08|0000|a537", "8/0", "return_query_data", "diagnostic", (), (0xA537,)),
    # 6.9: function | status ffff | 264 events
    Vector("0b|ffff|0108", "11", "get_comm_event_counter", "diagnostic"),
    # 6.10: function | 8 bytes | status, events, messages | 2 events
    Vector("0c|08|0000 0108 0121|2000", "12", "get_comm_event_log", "diagnostic"),
    # 6.11 and 6.12: function | first | how many
    Vector("0f|0013|000a", "15", "write_multiple_coils", "write", coil(19, 28)),
    Vector("10|0001|0002", "16", "write_multiple_registers", "write", holding(1, 2)),
    # 6.14: function | 12 bytes | 5 bytes of reference 6: 2 words | 5 bytes of reference 6: 2 words
    Vector("14|0c|05 06 0dfe 0020|05 06 33cd 0040", "20", "read_file_record", "read"),
    Vector("15|0d|06 0004 0007 0003|06af 04be 100d", "21", "write_file_record", "write"),
    Vector("16|0004|00f2|0025", "22", "mask_write_register", "write", holding(4), (0xF2, 0x25)),
    # 6.17: function | 12 bytes | six registers
    Vector(
        "17|0c|00fe 0acd 0001 0003 000d 00ff",
        "23",
        "read_write_multiple_registers",
        "write",
        (),
        (254, 2765, 1, 3, 13, 255),
    ),
    # 6.18: function | 6 bytes | 2 in the queue | values
    Vector("18|0006|0002|01b8 1284", "24", "read_fifo_queue", "read"),
    # Schneider: the function, a session, status fe for success, data
    Vector("5a|00|fe|01", "90", "umas", "unknown"),
]


@pytest.mark.parametrize("vector", REQUESTS, ids=lambda vector: vector.pdu)
def test_a_request_is_understood_field_by_field(vector: Vector) -> None:
    found = parsed(vector.pdu, True)
    assert found.kind == REQUEST
    assert (found.code, found.operation, found.verb) == (vector.code, vector.operation, vector.verb)
    assert (tuple(found.targets), tuple(found.values), found.routine) == (vector.targets, vector.values, vector.routine)
    assert (found.unit, found.detail["transaction"]) == ("17", 258)
    assert not found.violations


@pytest.mark.parametrize("vector", RESPONSES, ids=lambda vector: vector.pdu)
def test_a_response_is_understood_field_by_field(vector: Vector) -> None:
    found = parsed(vector.pdu, False)
    assert found.kind == RESPONSE
    assert (found.code, found.operation, found.verb) == (vector.code, vector.operation, vector.verb)
    assert (tuple(found.targets), tuple(found.values), found.routine) == (vector.targets, vector.values, vector.routine)
    assert (found.error, found.error_code) == ("", 0)
    assert not found.violations


def test_every_public_function_has_a_vector_in_both_directions() -> None:
    public = {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 20, 21, 22, 23, 24}
    assert public | {17, 43} <= {int(vector.code.split("/")[0]) for vector in REQUESTS}
    assert public <= {int(vector.code.split("/")[0]) for vector in RESPONSES}


def test_both_directions_of_one_exchange_have_the_same_tag() -> None:
    assert parsed("03|006b|0003", True).tag == parsed("03|02|0001", False).tag == parsed("83|02", False).tag
    assert parsed("03|006b|0003", True).tag != parsed("04|006b|0003", True).tag


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (1, "illegal_function"),
        (2, "illegal_data_address"),
        (3, "illegal_data_value"),
        (4, "server_device_failure"),
        (5, "acknowledge"),
        (6, "server_device_busy"),
        (7, "negative_acknowledge"),
        (8, "memory_parity_error"),
        (10, "gateway_path_unavailable"),
        (11, "gateway_target_failed"),
        (9, "exception_0x09"),
        (255, "exception_0xff"),
    ],
)
def test_an_exception_names_its_reason(code: int, name: str) -> None:
    found = parsed(f"83|{code:02x}", False)
    assert (found.operation, found.error, found.error_code, found.routine) == (
        "read_holding_registers",
        name,
        code,
        False,
    )


def test_a_failure_of_umas_is_an_error() -> None:
    found = parsed("5a|00|fd|80", False)
    assert (found.error, found.error_code, found.detail["status"]) == ("umas_failure", 0xFD, 0xFD)


def test_an_identification_gives_every_object() -> None:
    # function, interface 14, basic, conformity 0x81, no more, next 0, 3 objects: number, length, text
    found = parsed("2b0e01 81 00 00 03|00 04 41636d65|01 02 5031|80 03 782079", False)
    assert [(identify.attribute, identify.value, identify.method) for identify in found.identity] == [
        ("manufacturer", "Acme", "modbus.43.14.0"),
        ("product_code", "P1", "modbus.43.14.1"),
        ("vendor_object_0x80", "x y", "modbus.43.14.128"),
    ]
    assert found.values == ["Acme", "P1", "x y"]


def test_an_identification_that_claims_too_much_keeps_what_is_there() -> None:
    found = parsed("2b0e01 81 00 00 02|00 04 41636d65|01 50 5031", False)
    assert [identify.value for identify in found.identity] == ["Acme"]
    assert [violation.name for violation in found.violations] == ["byte_count"]


def test_text_of_a_device_loses_its_control_characters() -> None:
    found = parsed("2b0e01 81 00 00 01|00 06 41 1b 0a 5b 00 42", False)
    assert found.identity[0].value == "A[B"


def test_a_server_id_is_kept_as_hex_and_reported_when_it_is_text() -> None:
    # function | 8 bytes | text | run indicator
    found = parsed("11|08|54534355 4e495401", False)
    assert found.detail["server_id"] == "545343554e495401"
    assert [identify.value for identify in found.identity] == ["TSCUNIT"]
    assert not parsed("11|03|01ff00", False).identity


VIOLATIONS = [
    ("03|0000|0000", True, "quantity"),
    ("03|0000|007e", True, "quantity"),
    ("03|0000|007d", True, ""),
    ("01|0000|07d0", True, ""),
    ("01|0000|07d1", True, "quantity"),
    ("04|ffff|0001", True, ""),
    ("04|ffff|0002", True, "quantity"),
    ("03|0000|0001|00", True, "length"),
    ("03|0000", True, "length"),
    ("05|0001|0001", True, "coil_value"),
    ("05|0001|ff01", True, "coil_value"),
    ("06|00", True, "length"),
    ("0f|0000|0009|01|ff", True, "byte_count"),
    ("0f|0000|0009|02|ff01", True, ""),
    ("10|0000|0001|02|0001|00", True, "byte_count"),
    ("10|0000|0001|04|0001", True, "byte_count"),
    ("10|0000|007c|f8|0001", True, "quantity+byte_count"),
    ("10|0000|007b|f6" + "00" * 246, True, ""),
    ("06|0001|0002|00", True, "length"),
    ("16|0000|0000|0000|00", True, "length"),
    ("17|0000|0000|0000|0001|02|0001", True, "quantity"),
    ("17|0000|0001|0000|007a|f4|0001", True, "quantity+byte_count"),
    ("17|0000|0001|0000|0001|03|0001", True, "byte_count"),
    ("16|0000|0000", True, "length"),
    ("18|00", True, "length"),
    ("14|0e|06 0004 0001 0002", True, "byte_count"),
    ("00|0000", True, "illegal_function_code"),
    ("80|0000", True, "illegal_function_code"),
    ("ff|0000", True, "illegal_function_code"),
    ("03|02|000102", False, "byte_count"),
    ("03|03|000102", False, "byte_count"),
    ("03|00", False, "byte_count"),
    ("01|02|00", False, "byte_count"),
    ("83", False, "length"),
    ("06|0001", False, "length"),
    ("10|0000|0001|02", False, "length"),
    ("2b0e0181", False, "length"),
]


@pytest.mark.parametrize(("pdu", "from_client", "name"), VIOLATIONS)
def test_what_breaks_the_standard_is_named_and_still_read(pdu: str, from_client: bool, name: str) -> None:
    names = [violation.name for violation in parsed(pdu, from_client).violations]
    assert "+".join(names) == name


@pytest.mark.parametrize(
    ("data", "size"),
    [
        ("0001 0000 0006 01 03 0000 0001", 12),  # whole
        ("0001 0000 0006 01 03 0000", 12),  # the end is to come
        ("0001 0000 00", 0),  # the length is to come
        ("", 0),
        ("0001 0001 0006 01 03", -1),  # protocol 1
        ("0001 01", -1),
        ("0001 0000 0001 01", -1),  # no function
        ("0001 0000 0000", -1),
        ("0001 0000 00fe 01 03", 260),  # the longest
        ("0001 0000 00ff 01 03", -1),
        ("0001 0000 00ff 01", 0),  # the function decides whether so long is allowed
        ("0001 0000 0401 01 5a", 1031),  # Schneider's longest
        ("0001 0000 0402 01 5a", -1),
        ("0001 0000 05", -1),
    ],
)
def test_the_header_gives_the_length_or_refuses(data: str, size: int) -> None:
    from dissectors.modbus.parse import measure

    raw = bytes.fromhex(data)
    assert measure(raw, 0, len(raw)) == size


@pytest.mark.parametrize(
    ("pdu", "side"),
    [
        ("03|0000|0001", 1),
        ("03|02|0001", 0),
        ("83|02", 0),
        ("10|0000|0001|02|0001", 1),
        ("10|0000|0001", 0),
        ("06|0000|0001", -1),
        ("5a|00|02", -1),
    ],
)
def test_the_form_of_a_message_reports_its_direction_or_nothing(pdu: str, side: int) -> None:
    data = message(pdu)
    assert DISSECTOR.from_client(data, 0, len(data)) == side
