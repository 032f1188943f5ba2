"""LLDP byte by byte: what an announcement says of its sender, and what is wrong with one that is broken."""

from __future__ import annotations

import pytest

from dissectors.base.message import REPORT
from dissectors.facts import ChannelWindow, Sighting, Violation
from dissectors.lldp.parse import measure, parse
from tests.dissectors.harness import START, Packet, ethernet, mac, of, run
from tests.dissectors.vectors import vectors_of

SWITCH, CONTROLLER, TELEPHONE, SHUTDOWN = (vector.data for vector in vectors_of("lldp"))
GROUP = "01:80:c2:00:00:0e"
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


def test_a_station_is_named_by_its_own_mac_and_repeats_are_counted() -> None:
    frames = [ethernet(SWITCH + bytes(8), 0x88CC, SENDER, GROUP)] * 3
    facts = run([Packet(frame, START + number * 1_000_000_000) for number, frame in enumerate(frames)])
    names = [fact for fact in of(facts, Sighting) if fact.attribute == "name"]
    assert [(fact.mac, fact.value, fact.protocol) for fact in names] == [(SENDER, "sw-cell-1", "lldp")]
    assert [fact.reports for fact in of(facts, ChannelWindow)] == [3]
    assert mac(GROUP)[0] & 1


def test_another_frame_of_the_ethertype_is_told() -> None:
    facts = run([Packet(ethernet(bytes(46), 0x88CC, SENDER, GROUP), START)])
    assert [fact.name for fact in of(facts, Violation)] == ["not_lldp"]
