"""Stations that do what a baseline has never seen them do: reported once and explained; the learned ones stay silent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from dissectors.facts import ChannelOpened, Target
from rules.detections.alert import Alert
from rules.detections.catalogue import CATALOGUE
from rules.detections.engine import Detections
from rules.detections.explanation import UNSEEN
from tests.rules.detections.build import DNP, MB, S7, Input, Talk, feed, write
from tests.rules.detections.stories.iec104 import IEC
from tests.rules.detections.test_catalogue import is_learned

LEARNED_CLIENT, STRANGER = MB.client, "10.0.0.66"
LEARNED_IDS = {entry.id for entry in CATALOGUE if is_learned(entry)}


class Known:
    """A baseline in which one client does everything that was ever learned."""

    def does(self, channel: ChannelOpened, label: str) -> bool:
        return channel.client.ip == LEARNED_CLIENT

    def doers(self, channel: ChannelOpened, verbs: frozenset[str]) -> tuple[str, ...]:
        return (LEARNED_CLIENT,) if verbs & {"write", "control"} else ()

    def clients(self, channel: ChannelOpened) -> tuple[str, ...]:
        return (LEARNED_CLIENT,) if channel.server.ip == MB.server else ()

    def units(self, channel: ChannelOpened) -> tuple[str, ...]:
        return ("1>10",) if channel.protocol == "dnp3" else (MB.unit,)

    def knows(self, channel: ChannelOpened, target: Target) -> bool:
        return target == Target("DB", 10, 10)


def reported(story: Sequence[Input], *, learned: bool = True) -> list[Alert]:
    engine = Detections({}, "s", "e", baseline_index=Known() if learned else None)
    return [alert for alert in feed(engine, story) if alert.id in LEARNED_IDS]


def by(talk: Talk, client: str) -> Talk:
    return talk.but(client=client)


def acts(client: str, dnp3_unit: str = "1>10", block: int = 20) -> dict[str, list[Input]]:
    """Return what each entry is about, done by one client."""
    modbus, s7 = by(MB, client), by(S7, client)
    dnp3 = by(DNP, client)
    point, block_of = (Target("g12v1", 0, 0),), (Target("DB", block, block),)
    return {
        "MB-001": [write(1, talk=modbus)],
        "MB-012": [modbus.ask("read_device_identification", 1, code="43/14", verb="diagnostic")],
        "DNP-001": [dnp3.ask("direct_operate", 1, code="5", verb="control", targets=point)],
        "DNP-021": [dnp3.ask("write", 1, code="2", verb="time", targets=(Target("g50v1"),))],
        "DNP-029": [dnp3.ask("read", 1, code="1", verb="diagnostic", targets=(Target("g0v254"),))],
        "DNP-039": [dnp3.but(unit=dnp3_unit).opened(1)],
        "S7-007": [s7.ask("request_download", 1, code="0x1a", verb="program", targets=block_of)],
        "S7-015": [s7.ask("write_var", 1, code="0x05", verb="write", targets=(Target("DB10", 0, 7),))],
        "S7-023": [s7.ask("read_szl", 1, code="4.01", verb="diagnostic", targets=(Target("szl", 0x11, 0x11),))],
        "IEC-017": [
            by(IEC, client).ask("single_command", 1, code="45", verb="control", targets=(Target("ioa", 1, 1),))
        ],
        "NET-010": [modbus.opened(1)],
    }


def test_every_entry_for_newcomers_is_tried_here() -> None:
    assert set(acts(STRANGER)) == LEARNED_IDS


@pytest.mark.parametrize("identifier", sorted(acts(STRANGER)))
def test_a_newcomer_is_reported_with_the_stations_that_were_learned(identifier: str) -> None:
    found = [alert for alert in reported(acts(STRANGER, "3>10")[identifier]) if alert.id == identifier]
    assert [alert.count for alert in found] == [1]
    for text in (found[0].reason, found[0].expected, found[0].observed, found[0].normal):
        assert text.strip()
        assert UNSEEN not in text
        assert "{" not in text
    whole = f"{found[0].expected} {found[0].observed} {found[0].reason}"
    assert LEARNED_CLIENT in whole or "1>10" in whole or identifier == "S7-007"


@pytest.mark.parametrize("identifier", sorted(acts(STRANGER)))
def test_a_learned_station_is_not_reported_and_without_a_baseline_nobody_is(identifier: str) -> None:
    assert identifier not in {alert.id for alert in reported(acts(LEARNED_CLIENT, block=10)[identifier])}
    assert reported(acts(STRANGER, "3>10")[identifier], learned=False) == []


def test_identities_of_three_controllers_in_ten_minutes_are_a_survey_and_medium() -> None:
    servers = [by(MB, STRANGER).but(server=f"10.0.0.{20 + n}") for n in range(3)]
    story = [one.ask("read_device_identification", 1, code="43/14", verb="diagnostic") for one in servers]
    assert [alert.severity for alert in reported(story)] == ["low", "low", "medium"]


def test_only_lists_that_report_an_identity_count_as_asking_for_it() -> None:
    mode = by(S7, STRANGER).ask("read_szl", 1, code="4.01", verb="diagnostic", targets=(Target("szl", 0x424, 0x424),))
    assert reported([mode]) == []


def test_a_server_that_was_never_learned_has_no_new_master() -> None:
    assert reported([by(MB, STRANGER).but(server="10.0.0.99").opened(1)]) == []


def test_an_answer_without_a_request_is_nobodys_write() -> None:
    assert reported([write(1, talk=by(MB, STRANGER), outcome="unmatched")]) == []
