"""Userdata of S7comm: groups, subfunctions, lists, passwords, clocks."""

from __future__ import annotations

import pytest

from dissectors.base.message import REPORT, REQUEST, RESPONSE, Message
from dissectors.facts import Target
from dissectors.s7.dissector import DISSECTOR
from dissectors.s7.table import SUBFUNCTIONS
from tests.dissectors.s7.vectors import any_item, ask, byte_count, datum, octet_string, report, userdata


def parsed(data: bytes, from_client: bool = True) -> Message:
    message = DISSECTOR.parse(data, 0, len(data), from_client)
    assert message is not None
    return message


@pytest.mark.parametrize("code", sorted(SUBFUNCTIONS))
def test_every_subfunction_has_its_name_in_both_directions_and_pairs(code: int) -> None:
    request = parsed(ask(code >> 8, code & 0xFF))
    response = parsed(report(code >> 8, code & 0xFF, byte_count("0a 00 00 00")), from_client=False)
    assert (request.operation, request.verb) == SUBFUNCTIONS[code]
    assert request.code == f"{code >> 8}.{code & 0xFF:02x}"
    assert (request.kind, response.kind) == (REQUEST, RESPONSE)
    assert response.operation == request.operation
    assert response.tag == request.tag
    assert not response.error
    assert not request.routine


def test_an_unknown_subfunction_keeps_its_number() -> None:
    assert parsed(ask(4, 0x55)).operation == "unknown_cpu_0x55"
    assert parsed(ask(9, 1)).operation == "unknown_group_9_0x01"


@pytest.mark.parametrize(
    ("number", "mode"), [(0, "stop"), (2, "run"), (4, "hold"), (6, "cold_restart"), (11, "link_up")]
)
def test_a_mode_notice_is_a_report_in_both_of_its_forms(number: int, mode: str) -> None:
    short = parsed(userdata(0, bytes((1, 0, 0x10, 0x10, 0, 0, number, 0))), from_client=False)
    usual = parsed(userdata(0, bytes((0, 1, 0x12, 8, 0x12, 0, number, 0, 0, 0, 0, 0))), from_client=False)
    for message in (short, usual):
        assert (message.kind, message.operation, message.verb) == (REPORT, "mode_notice", "report")
        assert message.detail["mode"] == mode
        assert not message.violations


def identification(index: int, order: bytes, words: str) -> bytes:
    """A record of list 0x0011: index, 20 characters, module type, two version words."""
    return index.to_bytes(2, "big") + order.ljust(20) + byte_count("00 c0", words)


IDENTITY = (
    byte_count("00 11 00 00 00 1c 00 03")  # list 0x0011, index 0, 28 bytes a record, 3 records
    + identification(1, b"6ES7 315-2EH14-0AB0 ", "00 03 00 01")
    + identification(6, b"6ES7 315-2EH14-0AB0 ", "00 03 00 01")
    + identification(7, b"                    ", "56 03 02 07")  # "V", 3.2.7
)


def test_a_status_list_request_has_the_list_as_target() -> None:
    message = parsed(ask(4, 1, octet_string(byte_count("04 24 00 00"))))
    assert (message.operation, message.targets) == ("read_szl", [Target("szl", 0x424, 0x424)])
    assert message.detail["index"] == 0


def claims(message: Message) -> list[tuple[str, str, str]]:
    return [(identify.attribute, identify.value, identify.method) for identify in message.identity]


def test_order_number_and_versions_come_from_list_0011() -> None:
    message = parsed(report(4, 1, octet_string(IDENTITY)), from_client=False)
    assert claims(message) == [
        ("product_code", "6ES7 315-2EH14-0AB0", "s7.szl.0011.1"),
        ("hardware_version", "3", "s7.szl.0011.6"),
        ("firmware_version", "V3.2.7", "s7.szl.0011.7"),
    ]


def test_names_and_serial_number_come_from_list_001c() -> None:
    texts = [
        (1, b"Line 4"),
        (2, b"PLC_1"),
        (3, b"Hall B"),
        (4, b"Original"),
        (5, b"S C-B1U393142011"),
        (7, b"CPU 315-2"),
        (8, b""),
    ]
    records = b"".join(index.to_bytes(2, "big") + text.ljust(32, b"\0") for index, text in texts)
    message = parsed(report(4, 1, octet_string(byte_count("00 1c 00 00 00 22 00 07") + records)), from_client=False)
    assert claims(message) == [
        ("name", "Line 4", "s7.szl.001c.1"),
        ("module_name", "PLC_1", "s7.szl.001c.2"),
        ("location", "Hall B", "s7.szl.001c.3"),
        ("serial_number", "S C-B1U393142011", "s7.szl.001c.5"),
        ("model", "CPU 315-2", "s7.szl.001c.7"),
    ]


@pytest.mark.parametrize(
    ("byte", "mode", "previous"), [("48", "run", "stop"), ("84", "stop", "run"), ("8a", "hold", "run")]
)
def test_mode_comes_from_the_low_half_and_the_previous_one_from_the_high(byte: str, mode: str, previous: str) -> None:
    record = byte_count("51 44 ff", byte, "00" * 16)
    message = parsed(report(4, 1, octet_string(byte_count("04 24 00 00 00 14 00 01") + record)), from_client=False)
    assert (message.detail["mode"], message.detail["previous_mode"]) == (mode, previous)
    assert claims(message) == [("mode", mode, "s7.szl.0424")]


def test_protection_and_key_switch_come_from_index_4() -> None:
    record = byte_count("00 04 00 01 00 02 00 03 00 02 00 00", "00" * 28)
    message = parsed(report(4, 1, octet_string(byte_count("02 32 00 04 00 28 00 01") + record)), from_client=False)
    assert message.detail["protection_key_switch"] == 1
    assert message.detail["protection_configured"] == 2
    assert message.detail["protection_level"] == 3
    assert message.detail["key_switch"] == "run_p"


def test_a_refused_list_is_a_failure_with_its_name() -> None:
    message = parsed(report(4, 1, byte_count("0a 00 00 00"), error=0xD401), from_client=False)
    assert (message.error, message.error_code) == ("information_unavailable", 0xD401)


def test_a_password_is_never_reported() -> None:
    message = parsed(ask(5, 1, octet_string(byte_count("21 3a 1b 1d 6e 68 1b 1d"))))
    assert (message.operation, message.verb) == ("set_password", "auth")
    assert message.detail == {"pdu_reference": 7, "rosctr": 7, "sequence": 0, "length": 8}
    assert message.values == []
    wrong = parsed(report(5, 1, byte_count("0a 00 00 00"), error=0xD602), from_client=False)
    assert wrong.error == "incorrect_password"


def test_a_clock_that_is_set_is_reported_as_iso_text() -> None:
    time = byte_count("00 19 16 02 08 23 08 10 00 02")  # reserved, century, then BCD year to millisecond and weekday
    message = parsed(ask(7, 2, octet_string(time)))
    assert (message.verb, message.detail["clock"]) == ("time", "2016-02-08T23:08:10.000")
    assert "clock" not in parsed(ask(7, 2, octet_string(byte_count("00 19 1a 02 08 23 08 10 00 02")))).detail


def test_a_cyclic_subscription_has_items_and_period_and_its_data_are_plain_reports() -> None:
    request = parsed(ask(2, 1, octet_string(byte_count("00 01 01 05") + any_item(4, 1, 7, 0x84, 16))))
    assert (request.operation, request.targets) == ("cyclic_read", [Target("DB7", 16, 31)])
    assert request.detail["period_ms"] == 5000
    content = octet_string(byte_count("00 01") + datum(0xFF, 4, 16, b"\x01\x02"))
    push = userdata(0, bytes((0, 1, 0x12, 8, 0x12, 0x02, 1, 1, 0, 0, 0, 0)), content)
    report = parsed(push, from_client=False)
    assert (report.kind, report.verb, report.routine, report.values) == (REPORT, "report", True, [1, 2])


def test_a_modify_job_has_its_variables_and_values() -> None:
    parameters = byte_count("00 00 00 01 00 01 00 06 00 01 00 01 00 01 00 01 00 01 02 00")
    variables = byte_count("00 03", "03 01 00 00 00 00", "02 01 00 00 00 04", "10 01 00 00 00 08")  # MD0, MW4, I1.0
    values = byte_count("00 09 00 04 41 33 85 1f", "00 09 00 02 de ad", "00 09 00 01 01 00")
    body = variables + values
    message = parsed(ask(1, 8, octet_string(byte_count("00 14") + len(body).to_bytes(2, "big") + parameters + body)))
    assert (message.operation, message.verb) == ("modify_variable", "write")
    assert message.targets == [Target("M", 0, 31), Target("M", 32, 47), Target("I", 8, 8)]
    assert message.values == [0x4133851F, 0xDEAD, 1]


def test_block_questions_name_the_block() -> None:
    assert parsed(ask(3, 2, octet_string(b"0A"))).detail["block_type"] == "DB"
    info = parsed(ask(3, 3, octet_string(b"0800001A")))
    assert (info.targets, info.detail["file_system"]) == ([Target("OB", 1, 1)], "A")


def test_an_acknowledged_alarm_is_a_target() -> None:
    job = byte_count(
        "09 01", "12 08 19 01", "60 00 00 05", "01 00"
    )  # function, 1 object, specification, alarm id, states
    message = parsed(ask(4, 0x0B, octet_string(job)))
    assert (message.operation, message.targets) == ("acknowledge_alarm", [Target("alarm", 0x60000005, 0x60000005)])


def test_parameters_that_begin_no_function_are_a_violation() -> None:
    message = parsed(userdata(1, byte_count("05 01 12 04 11 44 01 00")))
    assert [found.name for found in message.violations] == ["function"]
    short = parsed(ask(4, 1, byte_count("ff 09 00 10 00 11")))
    assert [found.name for found in short.violations] == ["length"]
