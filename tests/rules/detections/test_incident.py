"""Incidents: what joins, what is written when, what the id is made of, and that the table is bounded."""

from __future__ import annotations

import pytest

from dissectors.facts import Target
from rules.detections.alert import Alert
from rules.detections.engine import Detections
from rules.detections.incident import IDLE_SECONDS, MAX_FRAMES, Incident, Incidents
from tests.rules.detections.build import DNP, MB, Input, Talk, at, each, feed, job, order, run
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
