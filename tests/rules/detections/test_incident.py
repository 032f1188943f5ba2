"""Incidents: what joins, what is written when, what the id is made of, and that the table is bounded."""

from __future__ import annotations

import msgspec
import pytest

from dissectors.facts import Target
from rules.detections.alert import Alert
from rules.detections.engine import Detections
from rules.detections.incident import IDLE_SECONDS, MAX_FRAMES, Incident, Incidents
from tests.rules.detections.build import (
    DNP,
    MB,
    Input,
    Talk,
    asset,
    at,
    each,
    event,
    feed,
    job,
    lacks,
    order,
    run,
    write,
)
from tests.rules.detections.stories.dnp3 import STORIES


def stops(count: int, gap: float = 1.0) -> list[Input]:
    """Return so many stop commands."""
    return each(count, lambda n: job("plc_stop", n * gap))


ASKED_BEFORE = 1_000_000
"""How long before its answer a request of these stories was sent."""


def only(identifier: str, alerts: list[Alert]) -> list[Alert]:
    """Return the revisions of one alert."""
    return [alert for alert in alerts if alert.id == identifier]


def test_revisions_are_written_at_1_10_100_1000_and_at_the_end() -> None:
    revisions = only("S7-001", run(stops(1005)))
    assert [one.count for one in revisions] == [1, 10, 100, 1000, 1005]
    assert [one.revision for one in revisions] == [1, 2, 3, 4, 5]
    assert [one.status for one in revisions] == ["open"] * 4 + ["closed"]
    assert len({one.incident for one in revisions}) == 1
    assert {one.first for one in revisions} == {at(0) - ASKED_BEFORE}
    assert revisions[-1].last == at(1004)


def test_there_is_no_closing_revision_when_nothing_was_added() -> None:
    assert [one.count for one in only("S7-001", run(stops(10)))] == [1, 10]


def test_a_hit_within_300_seconds_joins_and_one_later_begins_a_new_incident() -> None:
    together = only("S7-001", run(stops(2, IDLE_SECONDS)))
    assert [one.count for one in together] == [1, 2]
    apart = only("S7-001", run(stops(2, IDLE_SECONDS + 0.001)))
    assert [one.count for one in apart] == [1, 1]
    assert apart[0].incident != apart[1].incident


def test_an_idle_incident_ends_with_a_tick() -> None:
    engine = Detections({}, "sensor-1", "epoch-1")
    feed(engine, stops(3))
    assert engine.tick(at(2 + IDLE_SECONDS)) == []
    assert [one.count for one in engine.tick(at(2.1 + IDLE_SECONDS))] == [3]
    assert len(engine.incidents) == 0


def test_a_sweep_over_points_and_ports_is_one_incident() -> None:
    sweep = each(
        500,
        lambda n: MB.but(port=502 + n % 3).ask(
            "op", n * 0.1, code="8/4", verb="diagnostic", targets=(Target("holding_register", n, n),)
        ),
    )
    assert len({one.incident for one in only("MB-007", run(sweep))}) == 1


def test_another_client_server_or_unit_is_another_incident() -> None:
    story = [
        talk.ask("restart", n, code="8/4", verb="diagnostic")
        for n, talk in enumerate([MB, MB.but(unit="2"), MB.but(client="10.0.0.99"), MB.but(server="10.0.0.99")])
    ]
    assert len({one.incident for one in only("MB-007", run(story))}) == 4


def test_ids_and_alerts_are_the_same_in_every_run_and_differ_by_sensor_and_epoch() -> None:
    first, second = run(stops(12)), run(stops(12))
    assert first == second
    other = feed(Detections({}, "sensor-2", "epoch-1"), stops(1))
    later = feed(Detections({}, "sensor-1", "epoch-2"), stops(1))
    assert len({first[0].incident, other[0].incident, later[0].incident}) == 3


def test_at_most_sixteen_frames_are_kept_with_the_first_and_the_last() -> None:
    incident = Incident(("S7-001", "a", "b", ""), "x", 0)
    for frame in range(1, 101):
        incident.add(frame, 1, (frame,))
    assert len(incident.frames) == MAX_FRAMES
    assert incident.frames[0] == 1
    assert incident.frames[-1] == 100


def test_a_repeat_counted_below_counts_above() -> None:
    alerts = only("S7-001", run([job("plc_stop", 1), job("plc_stop", 60, repeats=98)]))
    assert [one.count for one in alerts] == [1, 100]


def test_a_full_table_ends_the_incident_idle_longest_and_counts_it() -> None:
    table = Incidents("sensor-1", "epoch-1", limit=2)
    for n, key in enumerate(["a", "b", "a", "c"]):
        incident, ended = table.join(("S7-001", key, "", ""), at(n))
        incident.add(at(n), 1, ())
    assert [one.key[1] for one in ended] == ["b"]
    assert len(table) == 2
    assert table.evicted == 1


def test_severity_that_rises_is_reported_at_once_and_never_falls_back() -> None:
    story = [MB.violation("length", 0), MB.violation("length", 1), MB.violation("length", 2)]
    alerts = only("MB-022", run(story))
    assert [(one.severity, one.count) for one in alerts] == [("medium", 1), ("high", 2), ("high", 3)]


@pytest.mark.parametrize("waits", [9.9, 10.0])
def test_reporting_enabled_again_in_time_is_no_alert(waits: float) -> None:
    classes = (Target("g60v2"),)
    story = [order("disable_unsolicited", 1, targets=classes), order("enable_unsolicited", 1 + waits, targets=classes)]
    assert not only("DNP-017", run([*story, at(100)]))


def test_what_the_capture_may_have_lost_meanwhile_is_not_waited_for() -> None:
    classes = (Target("g60v2"),)
    story = [order("disable_unsolicited", 1, targets=classes), DNP.seen_as("gaps", 2, missing_bytes=24)]
    assert not only("DNP-017", run([*story, at(100)]))
    assert only("DNP-017", run([story[0], DNP.seen_as("complete", 2), at(100)]))


def test_what_another_pair_of_the_connection_lost_is_not_waited_for_either() -> None:
    classes = (Target("g60v2"),)
    other = DNP.but(unit="1>11")
    story = [order("disable_unsolicited", 1, targets=classes), other.seen_as("gaps", 2, missing_bytes=24)]
    assert not only("DNP-017", run([*story, at(100)]))
    assert only("DNP-017", run([other.seen_as("gaps", 0), story[0], at(100)]))


def test_an_enable_that_the_capture_may_have_lost_makes_later_reports_no_finding() -> None:
    opened, report = STORIES["DNP-036"][0]
    story = [opened, DNP.seen_as("gaps", 2, missing_bytes=24), report]
    assert not only("DNP-036", run([*story, at(100)]))
    assert only("DNP-036", run([opened, report, at(100)]))


def test_reporting_enabled_again_too_late_is_reported_whenever_the_tick_comes() -> None:
    classes = (Target("g60v2"),)
    story = [order("disable_unsolicited", 1, targets=classes), order("enable_unsolicited", 11.5, targets=classes)]
    alerts = only("DNP-017", run([*story, at(100)]))
    assert [one.time for one in alerts] == [at(1)]


def test_what_may_still_come_when_the_capture_ends_is_not_reported() -> None:
    engine = Detections({}, "sensor-1", "epoch-1")
    feed(engine, [order("disable_unsolicited", 1, targets=(Target("g60v2"),))])
    assert engine.finish(at(5)) == []


def test_sequence_numbers_count_every_revision() -> None:
    alerts = run([*stops(10), *each(3, lambda n: Talk(protocol="dnp3", unit="1>10").ask("cold_restart", n))])
    assert [one.sequence for one in alerts] == list(range(1, len(alerts) + 1))
    assert DNP.unit == "1>10"


def test_an_incident_closed_for_want_of_room_and_hit_again_at_once_is_another_one() -> None:
    incidents = Incidents("s", "e", limit=1)
    keys = [("MB-001", "a-1", f"a-{number}", "1") for number in range(2)]
    seen = [incidents.join(keys[number % 2], 5)[0].id for number in range(6)]
    assert len(set(seen)) == 6
    assert seen[0] == Incidents("s", "e").join(keys[0], 5)[0].id


def test_the_first_time_is_the_earliest_also_when_hits_come_in_reverse_order_of_time() -> None:
    revisions = only("S7-001", run(list(reversed(stops(12)))))
    assert (revisions[-1].first, revisions[-1].last) == (at(0) - ASKED_BEFORE, at(11))
    assert all(one.first <= one.last for one in revisions)
    incident = Incident(("S7-001", "a", "b", ""), "i-1", at(5))
    incident.add(at(2), 1, (1,))
    assert (incident.first, incident.last) == (at(2), at(5))


def ended(identifier: str, inputs: list[Input]) -> Alert:
    """Return the last revision of an alert's incident."""
    return only(identifier, run(inputs))[-1]


def test_the_last_revision_speaks_of_what_came_last_and_not_of_the_hit_that_was_written() -> None:
    last = ended("S7-001", [job("plc_stop", 0), job("plc_stop", 5), job("plc_stop", 9)])
    assert (last.status, last.count, last.time) == ("closed", 3, at(9))
    assert "2023-11-14T22:13:25.000Z" in last.observed


def test_a_refused_request_does_not_hide_one_that_had_its_effect() -> None:
    def restart(seconds: float, error: str = "") -> Input:
        return MB.ask("restart_communications_option", seconds, code="8/1", verb="diagnostic", error=error)

    for stories in (
        [restart(0, "illegal_function_code"), restart(1), restart(2)],
        [restart(0), restart(1), restart(2, "illegal_function_code")],
    ):
        last = ended("MB-008", stories)
        assert last.outcome == "success"
        assert last.observed.endswith("All 3: 1 failure, 2 success.")
        assert "refused it" not in last.reason
    assert "All" not in ended("MB-008", [restart(0), restart(1)]).observed


def test_first_and_last_are_times_of_packets_also_where_the_sensor_waited() -> None:
    waited = job("plc_stop", 30, outcome="unanswered")
    asked = msgspec.structs.replace(waited.fact, request_time=at(10), latency=0)
    found = ended("S7-001", [msgspec.structs.replace(waited, fact=asked)])
    assert (found.first, found.last) == (at(10), at(10))


def test_a_scan_of_slots_begins_with_its_first_connect() -> None:
    connects = each(5, lambda n: job("connect", 3 * n, verb="session", detail={"tsap": f"0x010{n}"}))
    found = ended("S7-034", connects)
    assert (found.first, found.last) == (at(0) - ASKED_BEFORE, at(12))


def test_a_new_asset_was_first_seen_when_its_incident_began() -> None:
    unknown = asset("10.0.0.77", known=False)
    talk = MB.but(client="10.0.0.77", client_view=unknown)
    found = ended("AST-001", [event("new", 0, view=unknown), talk.opened(9), talk.but(unit="2").opened(14)])
    assert (found.first, found.count) == (at(0), 3)
    assert found.observed.startswith("First seen at 2023-11-14T22:13:20.000Z")


def test_a_write_that_no_rule_covers_is_told_with_its_function_point_and_value() -> None:
    talk = MB.but(verdict=lacks("rule"))
    found = ended("NET-003", [talk.opened(), write(1, 77, talk), talk.ask("read_coils", 2, code="1", verb="read")])
    assert "write_single_register (code 6) on holding_register 100 with value 77: success" in found.observed


def test_refused_writes_swing_no_output() -> None:
    def swings(error: str) -> list[Input]:
        return each(20, lambda n: write(n * 5, n % 2, error=error))

    assert only("MB-005", run(swings("")))
    assert only("MB-005", run(swings("gateway_target_failed")))  # it may have been carried out
    assert not only("MB-005", run(swings("illegal_data_address")))


def test_one_address_refused_again_and_again_is_no_scan() -> None:
    one = each(30, lambda n: write(n, n, error="illegal_data_address"))
    assert not only("MB-014", run(one))
    targets = [(Target("holding_register", n, n),) for n in range(5)]
    several = each(
        5,
        lambda n: MB.ask(
            "write_single_register", n, code="6", verb="write", targets=targets[n], error="illegal_data_address"
        ),
    )
    assert "writes its way through" in only("MB-014", run(several))[-1].reason
