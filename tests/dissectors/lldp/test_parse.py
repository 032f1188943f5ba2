"""LLDP byte by byte: what an announcement says of its sender, and what is wrong with one that is broken."""

from __future__ import annotations

import pytest

from dissectors.base.message import REPORT
from dissectors.lldp.parse import MAX_TEXT, MAX_TLVS, measure, parse
from tests.dissectors.vectors import vectors_of

SWITCH, CONTROLLER, TELEPHONE, SHUTDOWN = (vector.data for vector in vectors_of("lldp"))
SENDER = "00:90:e8:20:01:02"


def said(data: bytes) -> dict[str, str]:
    message = parse(data, 0, len(data))
    assert message is not None and message.kind == REPORT
    return {one.attribute: one.value for one in message.identity}


def test_every_element_of_the_basic_set_is_read() -> None:
    assert said(SWITCH) == {
        "chassis_id": SENDER,
        "port_id": "port-003",
        "port_description": "Port 3",
        "name": "sw-cell-1",
        "description": "Industrial switch, firmware 2.1",
        "capabilities": "bridge",
        "management_address": "10.20.1.2",
    }


def test_the_chassis_mac_of_profinet_and_the_inventory_of_med_are_read() -> None:
    assert said(CONTROLLER) == {"chassis_id": "plc-filt", "port_id": "port-001", "device_mac": "00:1b:1b:22:10:02"}
    assert said(TELEPHONE)["chassis_id"] == "10.20.1.9"
    assert said(TELEPHONE)["model"] == "Model 7" and said(TELEPHONE)["serial_number"] == "SN-1"


def test_a_station_that_goes_is_another_operation() -> None:
    message = parse(SHUTDOWN, 0, len(SHUTDOWN))
    assert message is not None
    assert (message.operation, message.routine) == ("shutdown", False)


def test_a_text_that_is_none_becomes_hex_and_is_bounded() -> None:
    head = bytes.fromhex("0207040090e8200102 040905 706f72742d303033 06020078")
    broken = head + bytes.fromhex("0a04 fffe8041 0000")
    assert said(broken)["name"] == "fffe8041"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        ("0201 07 040905706f72742d303033 06020078 0000", "tlv_length"),  # an id without a value
        ("0207040090e8200102 04090570 6f72742d303033 06020078 0aff 41", "tlv_length"),  # reaches beyond the frame
        ("0207040090e8200102 06020078 040905706f72742d303033 0000", "mandatory_order"),
        ("0207040090e8200102 040905706f72742d303033 06020078", "no_end"),
        ("0207040090e8200102 040905706f72742d303033 0601 78 0000", "tlv_length"),  # a time to live of one byte
    ],
)
def test_what_is_wrong_is_named(data: str, fault: str) -> None:
    whole = bytes.fromhex(data)
    message = parse(whole, 0, len(whole))
    assert message is not None
    assert fault in [found.name for found in message.violations]


def test_padding_is_no_part_of_an_announcement() -> None:
    assert measure(SWITCH + bytes(20), 0, len(SWITCH) + 20) == len(SWITCH)


MANDATORY = bytes.fromhex("0207040090e8200102 040905 706f72742d303033 06020078")
END = bytes(2)


def element(kind: int, value: bytes) -> bytes:
    return (kind << 9 | len(value)).to_bytes(2, "big") + value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0501 0a140102 01 00000001 00", "10.20.1.2"),
        ("1102 20010db8000000000000000000000001 02 00000001 00", "2001:db8::1"),
        ("0706 0090e8200102 02 00000001 00", SENDER),
        ("0318 abcd 02 00000001 00", "18abcd"),  # another family
    ],
)
def test_a_management_address_is_told_as_its_family_writes_it(value: str, text: str) -> None:
    assert said(MANDATORY + element(8, bytes.fromhex(value)) + END)["management_address"] == text


def test_a_management_address_longer_than_its_element_is_not_read() -> None:
    assert "management_address" not in said(MANDATORY + element(8, bytes.fromhex("ff010a140102")) + END)


def test_only_enabled_capabilities_are_told() -> None:
    assert said(MANDATORY + element(7, bytes.fromhex("ffff 0014")) + END)["capabilities"] == "bridge, router"


def test_a_text_is_cut_and_loses_the_zeros_behind_it() -> None:
    assert said(MANDATORY + element(5, b"sw-1" + bytes(9)) + END)["name"] == "sw-1"
    assert said(MANDATORY + element(6, b"x" * 400) + END)["description"] == "x" * MAX_TEXT


def test_elements_of_other_organisations_and_of_types_to_come_are_passed_over() -> None:
    foreign = element(127, bytes.fromhex("00120f 01 0303c13600")) + element(99, b"later")
    assert said(MANDATORY + foreign + END) == said(MANDATORY + END)


@pytest.mark.parametrize(("more", "faults"), [(0, []), (1, ["too_many_elements"])])
def test_so_many_elements_are_read_and_no_more(more: int, faults: list[str]) -> None:
    data = MANDATORY + element(99, b"") * (MAX_TLVS - 3 + more) + END
    message = parse(data, 0, measure(data + bytes(20), 0, len(data) + 20))
    assert message is not None
    assert [found.name for found in message.violations] == faults
