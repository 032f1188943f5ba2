"""From the capture to the documents: whoever sends a tunnel is told, and frames nobody whose address stands inside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from scapy.all import IP, UDP, Ether, wrpcap
from scapy.layers.vxlan import VXLAN

from sensor.cli import main
from tests.dissectors.harness import CLIENT, SERVER, talk

STRANGER, GATEWAY = "192.0.2.9", "192.0.2.1"
TALK = talk()


def documents(folder: Path, stream: str) -> list[dict[str, Any]]:
    path = folder / f"{stream}.ndjson"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def replayed(tmp_path: Path, *options: str) -> Path:
    """Replay a conversation in a VXLAN tunnel of a stranger; nothing of it is seen outside."""
    packets = []
    for segment in TALK.segments:
        inner = Ether(TALK.frame(segment))
        frame = Ether(src="02:00:00:00:00:99") / IP(src=STRANGER, dst=GATEWAY) / UDP(sport=9, dport=4789) / VXLAN(vni=7)
        frame = frame / inner
        frame.time = segment.time / 1e9
        packets.append(frame)
    file, out = tmp_path / "tunnel.pcap", tmp_path / "out"
    wrpcap(str(file), packets)
    done = CliRunner().invoke(main, [*options, "replay", str(file), "--output", str(out), "--quiet"])
    assert done.exit_code == 0, done.output
    return out


def test_the_sender_of_a_tunnel_is_the_asset_and_those_inside_are_none(tmp_path: Path) -> None:
    out = replayed(tmp_path)
    assert {ip for asset in documents(out, "assets") for ip in asset["host"]["ip"]} == {STRANGER}
    rows = {channel["network"]["protocol"]: channel for channel in documents(out, "channels")}
    assert rows["vxlan"]["client"]["ip"] == STRANGER
    assert rows["vxlan"]["server"] == {"ip": GATEWAY, "port": 4789}
    assert rows["vxlan"]["network"]["packets"] == len(TALK.segments)
    assert rows["modbus"]["spanwatch"]["channel"]["tunnel"] == f"vxlan 7 {STRANGER} > {GATEWAY}"
    assert set(rows["modbus"]["related"]["ip"]) == {CLIENT, SERVER, STRANGER, GATEWAY}


def test_alerts_on_what_came_in_a_tunnel_name_its_sender(tmp_path: Path) -> None:
    alerts = documents(replayed(tmp_path), "alerts")
    told = [alert for alert in alerts if alert["rule"]["id"] == "NET-036"]
    assert {(alert["source"]["ip"], alert["spanwatch"]["alert"]["severity"]) for alert in told} == {
        (STRANGER, "medium")
    }
    inside = [alert for alert in alerts if alert["spanwatch"].get("channel", {}).get("tunnel")]
    assert all(f"{STRANGER} sent it" in alert["event"]["reason"] for alert in inside)


def test_a_named_mirror_session_brings_the_assets_of_the_plant(tmp_path: Path) -> None:
    config = tmp_path / "spanwatch.yaml"
    config.write_text(f"mirror_sessions:\n  - {{kind: vxlan, from: {STRANGER}, id: 7}}\n")
    out = replayed(tmp_path, "--config", str(config))
    assert {CLIENT, SERVER} <= {ip for asset in documents(out, "assets") for ip in asset["host"]["ip"]}
    assert not [alert for alert in documents(out, "alerts") if alert["rule"]["id"] == "NET-036"]


def test_what_is_not_read_is_told_by_name_and_count(tmp_path: Path) -> None:
    file, out = tmp_path / "sealed.pcap", tmp_path / "out"
    frames = [Ether(src="02:00:00:00:00:99", dst="02:00:00:00:00:98", type=0x88E5) / bytes(60) for _ in range(120)]
    wrpcap(str(file), frames)
    done = CliRunner().invoke(main, ["replay", str(file), "--output", str(out)])
    assert "120 frames were not read: ethertype 0x88e5 (MACsec) 120" in " ".join(done.output.split())
    alert, _closed = [row for row in documents(out, "alerts") if row["rule"]["id"] == "SEN-021"]
    assert "120 of 120 frames were not read (100.0 %): ethertype 0x88e5 (MACsec) 120" in alert["event"]["reason"] + str(
        alert["spanwatch"]["alert"]["observed"]
    )
    assert alert["spanwatch"]["alert"]["severity"] == "medium"
    (health,) = [row for row in documents(out, "sensor") if row["spanwatch"]["sensor"]["capture"].get("unread")]
    assert health["spanwatch"]["sensor"]["capture"]["unread"] == ["ethertype 0x88e5 (MACsec): 120"]
