"""The captures of the sample plant are what MANIFEST says, and the plant that made them can still make them."""

from __future__ import annotations

import hashlib
import os
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from pcaps.plant.hosts import RTU_LINE, SWITCH
from pcaps.plant.network import missing_tools

ROOT = Path(__file__).resolve().parents[2]
PCAPS = ROOT / "pcaps"
SIZE_BOUND_BYTES = 5_000_000
SECTIONS = {"apiVersion", "kind", "metadata", "defaults", "assets", "zones", "conduits", "point_sets", "rules"}
MARKERS = (
    b"snap7",
    b"pymodbus",
    b"opendnp3",
    b"yadnp3",
    b"scapy",
    b"spanwatch",
    b"python",
    b"attack",
    b"plant-",
    b"c104",
    b"lldpd",
)
ALERT_ID = re.compile(r"(MB|DNP|S7|IEC|LLDP|NET|AST|MDL|SEN)-\d{3}")
TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")
NOT_IN_EVERY_CAPTURE = (RTU_LINE, SWITCH)
"""Stations of the plant that the sample policy does not know."""
QUIET = re.compile(r"captures/(plant/normal.*|iec104/normal|lldp/neighbours)\.pcap")
INTRUDER_IP, INTRUDER_MAC = "10.20.1.66", "54:bf:64:3c:91:66"
GLOBAL_HEADER, RECORD_HEADER, ETHERNET = 24, 16, 1
SCADA_IP = "10.20.1.10"
TIME_WRITE = b"\x02\x32\x01\x07\x01"
"""DNP3 function write, g50v1, one object; its six bytes of milliseconds since 1970 follow."""
CLOCK_SLACK_SECONDS = 5.0
MONTH_SECONDS = 30 * 86_400.0


def _captures() -> list[dict[str, Any]]:
    content = yaml.safe_load((PCAPS / "MANIFEST").read_text(encoding="utf-8"))
    entries: list[dict[str, Any]] = content["captures"]
    return entries


CAPTURES = _captures()
each_capture = pytest.mark.parametrize("entry", CAPTURES, ids=lambda entry: str(entry["file"]))


def _frames(content: bytes) -> list[tuple[float, bytes]]:
    magic, _, _, _, _, _, link = struct.unpack_from("<IHHiIII", content)
    assert (magic, link) == (0xA1B2C3D4, ETHERNET)
    found: list[tuple[float, bytes]] = []
    offset = GLOBAL_HEADER
    while offset < len(content):
        seconds, micros, kept, length = struct.unpack_from("<IIII", content, offset)
        assert kept == length, f"frame {len(found) + 1} is cut"
        offset += RECORD_HEADER
        assert offset + kept <= len(content), f"frame {len(found) + 1} ends behind the file"
        found.append((seconds + micros / 1e6, content[offset : offset + kept]))
        offset += kept
    return found


def _read(entry: dict[str, Any]) -> list[tuple[float, bytes]]:
    return _frames((PCAPS / entry["file"]).read_bytes())


def _policy() -> dict[str, Any]:
    policy: dict[str, Any] = yaml.safe_load((PCAPS / "policy.yaml").read_text(encoding="utf-8"))
    return policy


def _mac(ip: str) -> bytes:
    macs = {asset["ip"]: asset["mac"] for asset in _policy()["assets"].values()}
    return bytes.fromhex(macs.get(ip, INTRUDER_MAC).replace(":", ""))


def test_every_capture_is_in_the_manifest_and_the_other_way_round() -> None:
    on_disk = {path.relative_to(PCAPS).as_posix() for path in (PCAPS / "captures").rglob("*.pcap")}
    listed = [entry["file"] for entry in CAPTURES]
    assert len(listed) == len(set(listed))
    assert set(listed) == on_disk


def test_all_captures_together_stay_small() -> None:
    assert sum(path.stat().st_size for path in (PCAPS / "captures").rglob("*.pcap")) < SIZE_BOUND_BYTES


@each_capture
def test_a_capture_has_the_digest_and_packet_count_of_its_entry(entry: dict[str, Any]) -> None:
    content = (PCAPS / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    frames = _frames(content)
    assert len(frames) == entry["packets"]
    assert round(frames[-1][0] - frames[0][0], 1) == entry["duration_seconds"]


@each_capture
def test_a_capture_reports_its_story_and_its_maker(entry: dict[str, Any]) -> None:
    assert entry["what"].endswith(".")
    assert "pymodbus" in entry["made_by"]
    assert "seed" in entry["made_by"]


@each_capture
def test_frames_are_in_time_order_and_none_appears_twice(entry: dict[str, Any]) -> None:
    frames = _read(entry)
    assert [time for time, _ in frames] == sorted(time for time, _ in frames)
    ipv4 = [byte_count for _, byte_count in frames if byte_count[12:14] == b"\x08\x00"]
    assert len(ipv4) == len(set(ipv4))


@each_capture
def test_no_frame_carries_a_mark_of_the_generator(entry: dict[str, Any]) -> None:
    for number, (_, byte_count) in enumerate(_read(entry), 1):
        for mark in MARKERS:
            assert mark not in byte_count.lower(), f"frame {number} holds {mark!r}"


@each_capture
def test_only_stations_of_the_plant_speak(entry: dict[str, Any]) -> None:
    policy = _policy()
    known = {asset["mac"] for asset in policy["assets"].values()}
    known |= {mac for device in policy["security_devices"].values() for mac in device["macs"].values()}
    known |= {host.mac for host in NOT_IN_EVERY_CAPTURE}
    senders = {byte_count[6:12].hex(":") for _, byte_count in _read(entry)}
    intruders = senders - known
    assert intruders <= {INTRUDER_MAC}
    reported = {truth["attacker"] for truth in entry["truth"]}
    assert bool(intruders) == (INTRUDER_IP in reported)


def _clock_errors(entry: dict[str, Any], ip: str) -> list[float]:
    """Return how far each time a station wrote over DNP3 lies from the time of its frame, in seconds."""
    errors: list[float] = []
    for seconds, byte_count in _read(entry):
        _, found, rest = byte_count.partition(TIME_WRITE)
        if found and byte_count[6:12] == _mac(ip):
            errors.append(abs(int.from_bytes(rest[:6], "little") / 1000 - seconds))
    return errors


@each_capture
def test_the_control_server_sets_the_outstation_to_the_present_time(entry: dict[str, Any]) -> None:
    errors = _clock_errors(entry, SCADA_IP)
    assert errors
    assert max(errors) < CLOCK_SLACK_SECONDS


@each_capture
def test_only_the_time_change_writes_a_wrong_time_and_that_by_months(entry: dict[str, Any]) -> None:
    errors = _clock_errors(entry, INTRUDER_IP)
    assert bool(errors) == (entry["file"] == "captures/dnp3/time_change.pcap")
    assert all(error > MONTH_SECONDS for error in errors)


@each_capture
def test_the_truth_names_stations_techniques_alerts_and_frames_that_exist(entry: dict[str, Any]) -> None:
    frames = _read(entry)
    assert bool(entry["truth"]) != bool(QUIET.fullmatch(entry["file"]))
    for truth in entry["truth"]:
        first, last = truth["frames"]
        assert 1 < first < last <= len(frames)
        assert TECHNIQUE.fullmatch(truth["technique"])
        alternatives = [alert for group in truth["one_of"] for alert in group]
        named = [*truth["expect"], *truth["with_baseline"], *truth["may"], *alternatives]
        assert truth["expect"] or truth["with_baseline"]
        assert all(ALERT_ID.fullmatch(alert) for alert in named)
        for frame in (first, last):
            assert _mac(truth["attacker"]) in frames[frame - 1][1][:12], f"{truth['attacker']} is not in frame {frame}"


def test_the_policy_has_every_section_and_binds_each_station_once() -> None:
    policy = _policy()
    assert set(policy) >= SECTIONS
    assert policy["apiVersion"] == "ot-policy/v1"
    for binding in ("ip", "mac"):
        values = [asset[binding] for asset in policy["assets"].values()]
        assert len(values) == len(set(values))
    roles = {approval["role"] for approval in policy["metadata"]["approvals"]}
    assert len(roles) > 1
    assert policy["metadata"]["author"]["role"] not in roles


def _cannot_record() -> str:
    if os.geteuid() != 0:
        return "recording needs root"
    if tools := missing_tools():
        return f"not installed: {', '.join(tools)}"
    made = subprocess.run(("ip", "netns", "add", "plant-try"), capture_output=True, text=True, check=False)
    subprocess.run(("ip", "netns", "del", "plant-try"), capture_output=True, check=False)
    return "" if made.returncode == 0 else f"no network namespaces here: {made.stderr.strip()}"


@pytest.mark.live
def test_a_scenario_can_be_made_again_by_one_command(tmp_path: Path) -> None:
    pytest.importorskip("pymodbus")
    pytest.importorskip("snap7")
    pytest.importorskip("opendnp3")
    if obstacle := _cannot_record():
        pytest.skip(obstacle)
    command = (sys.executable, "-m", "pcaps.plant", "--only", "s7/plc_stop", "--output", str(tmp_path))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    (entry,) = yaml.safe_load((tmp_path / "MANIFEST").read_text(encoding="utf-8"))["captures"]
    content = (tmp_path / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    first, last = entry["truth"][0]["frames"]
    stop = b"\x29\x00\x00\x00\x00\x00\x09P_PROGRAM"
    stops = [number for number, (_, byte_count) in enumerate(_frames(content), 1) if stop in byte_count]
    assert len(stops) == 1
    assert first < stops[0] < last
    left = subprocess.run(("ip", "netns", "list"), capture_output=True, text=True, check=True).stdout
    assert "plant-" not in left
