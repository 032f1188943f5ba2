"""``spanwatch alerts``: the alerts of a store, listed and shown."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.sensor.cli.command import spanwatch


def test_alerts_are_listed_by_severity(store: Path) -> None:
    everything = spanwatch("alerts", "list", "--store", store)
    assert everything.exit_code == 0
    assert "Controller stopped" in everything.stdout
    assert "Device restarted" in everything.stdout
    grave = spanwatch("alerts", "list", "--store", store, "--severity", "critical")
    assert "Controller stopped" in grave.stdout
    assert "Device restarted" not in grave.stdout


def test_alerts_as_json_are_one_object_per_line_and_can_be_limited(store: Path) -> None:
    rows = [json.loads(line) for line in spanwatch("alerts", "list", "--store", store, "--json").stdout.splitlines()]
    assert {"S7-001", "DNP-030"} <= {row["id"] for row in rows}
    limited = spanwatch("alerts", "list", "--store", store, "--json", "--limit", 1).stdout.splitlines()
    assert [json.loads(line) for line in limited] == rows[:1]


def test_an_alert_is_shown_by_its_id_or_its_beginning(store: Path) -> None:
    rows = [json.loads(line) for line in spanwatch("alerts", "list", "--store", store, "--json").stdout.splitlines()]
    incident = next(row["incident"] for row in rows if row["id"] == "S7-001")
    for given in (incident, incident[:8]):
        done = spanwatch("alerts", "show", given, "--store", store)
        assert done.exit_code == 0, done.output
        assert incident in done.stdout
        assert "plc_stop (code 0x29): success" in done.stdout
        assert re.search(r"in capture +plc_stop\.pcap: \d+, \d+", done.stdout), "the frames of request and answer"


@pytest.mark.parametrize("given", ["nosuchincident", ""])
def test_an_unknown_or_ambiguous_alert_exits_2_and_says_where_to_look(given: str, store: Path) -> None:
    done = spanwatch("alerts", "show", given, "--store", store)
    assert done.exit_code == 2
    assert f"spanwatch alerts list --store {store}" in done.stderr
