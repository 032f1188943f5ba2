"""From the capture to the documents: who tries units one after the other is told once, and what he tried is nobody.

A gateway takes every unit it is asked for. What it said for want of an answer makes no device, and a plant that polls many
units is no scan.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from scapy.all import Ether, wrpcap

from sensor.cli import main
from tests.dissectors.dnp3.wire import ask, frame
from tests.dissectors.harness import CLIENT_MAC, MILLISECOND, SERVER, SERVER_MAC, Conversation, read, refused, registers
from tests.dissectors.iec104.build import START_ACT, START_CON, apdu

SCANNED = range(1, 60)
POLICY = f"""
apiVersion: ot-policy/v1
kind: SegmentationPolicy
metadata:
  id: plant
  title: plant
  version: 1
  effective: 2020-11-01T00:00:00Z
  review_by: 2090-10-01
  time_zone: Europe/Berlin
  owner: {{role: OT network owner, name: a}}
  author: {{role: OT engineer, name: b}}
  approvals:
    - {{role: plant manager, name: c, at: 2020-10-28T09:12:00Z, ticket: CHG-1001}}
defaults: {{action: deny, mode: alert, unknown_asset: deny, identity_mismatch: deny, unparsed_payload: alert}}
owners: [Ops]
assets:
  hmi: {{ip: 10.0.0.5, mac: "{CLIENT_MAC}", role: hmi, level: 2, criticality: high, dnp3_addr: 1}}
  plc: {{ip: {SERVER}, mac: "{SERVER_MAC}", role: plc, level: 1, criticality: high, modbus_unit: UNITS, dnp3_addr: [10, 11]}}
zones:
  - {{id: cell, level: 1, sl_t: 2, safety: false, assets: [hmi, plc], accountable: Ops}}
rules:
  - {{id: R-1, action: allow, zone: cell, from: {{asset: hmi}}, to: {{asset: plc}}, protocol: modbus, functions: [3],
     objects: any, values: any, limits: any, when: any, reason: poll, owner: Ops, ticket: CHG-1001}}
  - {{id: R-2, action: allow, zone: cell, from: {{asset: hmi}}, to: {{asset: plc}}, protocol: dnp3, functions: [read, confirm],
     objects: any, values: any, limits: any, when: any, reason: poll, owner: Ops, ticket: CHG-1001}}
"""
Documents = dict[str, list[dict[str, Any]]]


def replayed(folder: Path, talk: Conversation, policy: str = "") -> Documents:
    frames = []
    for segment in talk.segments:
        frame = Ether(talk.frame(segment))
        frame.time = segment.time / 1e9
        frames.append(frame)
    file, out = folder / "scan.pcap", folder / "out"
    wrpcap(str(file), frames)
    options = ["replay", str(file), "--output", str(out), "--quiet"]
    if policy:
        (folder / "policy.yaml").write_text(policy, encoding="utf-8")
        options += ["--policy", str(folder / "policy.yaml")]
    done = CliRunner().invoke(main, options)
    assert done.exit_code == 0, done.output
    read_in = {}
    for name in ("alerts", "assets"):
        path = out / f"{name}.ndjson"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        read_in[name] = [json.loads(line) for line in lines]
    return read_in


def incidents(documents: Documents) -> Counter[str]:
    """How many incidents there are of each alert."""
    told = {(alert["rule"]["id"], alert["spanwatch"]["alert"]["id"]) for alert in documents["alerts"]}
    return Counter(identifier for identifier, _ in told)


def devices(documents: Documents) -> dict[str, str]:
    """The last role of each asset, by its id."""
    return {row["host"]["id"]: row["spanwatch"]["asset"].get("role", "") for row in documents["assets"]}


def scan(answer: Callable[[Conversation, int], None], pause: int = 300 * MILLISECOND, **ends: Any) -> Conversation:
    """Ask every unit of SCANNED once."""
    talk = Conversation(**ends).handshake()
    for unit in SCANNED:
        talk.say(0, read(unit, 0, 1, unit=unit))
        answer(talk, unit)
        talk.pause(pause)
    return talk.pause(20_000 * MILLISECOND).finish()


def nothing(talk: Conversation, unit: int) -> None:
    """Nobody answers."""


def from_gateway(talk: Conversation, unit: int) -> None:
    """The gateway answers that nobody did."""
    talk.say(1, refused(unit, 3, 10 + unit % 2, unit=unit))


def one_device(talk: Conversation, unit: int) -> None:
    """A device answers, whatever the unit is."""
    talk.say(1, registers(unit, 1, unit=unit))


@pytest.mark.parametrize("answer", [nothing, from_gateway])
@pytest.mark.parametrize("pause", [1 * MILLISECOND, 300 * MILLISECOND, 1_800 * MILLISECOND])
def test_a_scan_of_units_is_one_alert_and_makes_no_devices(
    tmp_path: Path, answer: Callable[[Conversation, int], None], pause: int
) -> None:
    documents = replayed(tmp_path, scan(answer, pause))
    assert incidents(documents) == {"MB-015": 1}
    assert {alert["event"]["reason"] for alert in documents["alerts"]} == {
        "10.0.0.5 tries which units answer behind 10.0.0.9."
    }
    assert sorted(devices(documents).values()) == ["client", "controller"]


def test_a_device_that_answers_as_every_unit_is_scanned_like_a_gateway(tmp_path: Path) -> None:
    assert incidents(replayed(tmp_path, scan(one_device)))["MB-015"] == 1


def test_units_that_answer_are_devices_and_those_tried_between_them_are_not(tmp_path: Path) -> None:
    talk = Conversation().handshake()
    for turn in range(8):
        for unit in (1, 2):
            number = 2 * turn + unit
            talk.say(0, read(number, 0, 1, unit=unit)).say(1, registers(number, turn, unit=unit))
        for unit in range(10 + 4 * turn, 14 + 4 * turn):
            talk.say(0, read(unit, 0, 1, unit=unit)).say(1, refused(unit, 3, 11, unit=unit))
        talk.pause(1_000 * MILLISECOND)
    documents = replayed(tmp_path, talk.finish())
    assert incidents(documents)["MB-015"] == 1
    names = {
        row["host"]["name"] for row in documents["assets"] if row["spanwatch"]["asset"].get("role") == "controller"
    }
    assert {"10.0.0.9/modbus 1", "10.0.0.9/modbus 2"} <= names
    assert not any(name.startswith("10.0.0.9/modbus 1") and len(name) > 17 for name in names)


def test_a_scan_of_link_addresses_is_one_alert(tmp_path: Path) -> None:
    for name, make in {
        "read": lambda address: ask("c0013c0106", address),
        "status": lambda address: frame(b"", 0xC9, address, 1),
    }.items():
        folder = tmp_path / name
        folder.mkdir()
        talk = Conversation(server_port=20_000).handshake()
        for address in SCANNED:
            talk.say(0, make(address)).pause(300 * MILLISECOND)
        documents = replayed(folder, talk.finish())
        assert incidents(documents) == {"DNP-040": 1}
        assert sorted(devices(documents).values()) == ["client", "controller"]


def test_common_addresses_tried_on_one_connection_are_no_flood_of_connections(tmp_path: Path) -> None:
    talk = Conversation(server_port=2404).handshake().say(0, START_ACT).say(1, START_CON)
    for unit in SCANNED:
        talk.say(0, apdu(100, 6, "14", number=unit - 1, unit=unit)).pause(300 * MILLISECOND)
    assert "NET-026" not in incidents(replayed(tmp_path, talk.finish()))


def test_a_gateway_that_is_polled_is_no_scan(tmp_path: Path) -> None:
    talk = Conversation().handshake()
    for turn in range(5):
        for unit in SCANNED:
            number = 100 * turn + unit
            talk.say(0, read(number, 0, 2, unit=unit)).say(1, registers(number, 1, 2, unit=unit)).pause(
                80 * MILLISECOND
            )
    documents = replayed(tmp_path, talk.finish())
    assert documents["alerts"] == []
    assert Counter(devices(documents).values())["controller"] == len(SCANNED)


def test_with_a_policy_one_scan_stays_calm(tmp_path: Path) -> None:
    stranger = replayed(tmp_path, scan(from_gateway, client="10.0.0.66"), POLICY.replace("UNITS", "1"))
    assert incidents(stranger)["MB-015"] == 1
    assert max(incidents(stranger).values()) == 1
    assert len(stranger["alerts"]) < 20


def test_all_units_of_a_list_in_the_policy_are_that_asset(tmp_path: Path) -> None:
    talk = Conversation().handshake()
    for number in range(30):
        unit = 1 + number % 3
        talk.say(0, read(number, 0, 2, unit=unit)).say(1, registers(number, 1, 2, unit=unit)).pause(300 * MILLISECOND)
    talk.finish()
    documents = replayed(tmp_path, talk, POLICY.replace("UNITS", "[1, 2, 3]"))
    assert documents["alerts"] == []
    zones = {row["spanwatch"]["asset"]["zone"] for row in documents["assets"]}
    assert zones == {"cell"}
    folder = tmp_path / "two"
    folder.mkdir()
    others = replayed(folder, talk, POLICY.replace("UNITS", "[1, 2]"))
    assert incidents(others)["AST-001"] == 1
    assert "AST-014" not in incidents(others)
