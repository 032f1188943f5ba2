"""The engine: severity steps, law 5, secrets, settings, maintenance, facts that nobody looks at."""

from __future__ import annotations

import re

import msgspec
import pytest

from dissectors.context import Context, Verdict
from dissectors.facts import Target, TransitionFirst, ValueChange, Violation
from rules.detections.addresses import in_control, is_one_host, is_public, neighbourhood
from rules.detections.alert import Alert
from rules.detections.catalogue import CATALOGUE
from rules.detections.dispatch import MAX_ROUTES, Dispatch
from rules.detections.engine import Detections
from rules.detections.entry import Match
from rules.detections.incident import IDLE_SECONDS
from rules.detections.patterns.wrong import LONGEST, MIDSTREAM_LOSSES
from rules.detections.rule_state import RuleState
from rules.detections.settings import EXCEPT, describe
from rules.detections.severity import BANDS, Maintenance, risk, step
from rules.detections.windows import ALL_ENTRIES, ENTRIES, KEYS, Count, Distinct, Table
from tests.rules.detections.build import ALLOW, DNP, MB, S7, asset, at, event, feed, health, job, order, run, write
from tests.rules.detections.stories.every import STORIES


def severity_of(identifier: str, alerts: list[Alert]) -> str:
    """Return the severity of the first revision of an alert."""
    return next(alert.severity for alert in alerts if alert.id == identifier)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ({}, "high"),
        ({"criticality": "high"}, "critical"),
        ({"safety": True}, "critical"),
        ({"criticality": "low"}, "high"),
    ],
)
def test_severity_goes_one_step_up_for_safety_and_high_criticality(view: dict[str, object], expected: str) -> None:
    talk = S7.but(server_view=asset(S7.server, **view))
    assert severity_of("S7-001", run([talk.ask("plc_stop", verb="start_stop")])) == expected


def test_severity_goes_one_step_down_in_a_maintenance_window_that_names_the_zone() -> None:
    stop = S7.but(server_view=asset(S7.server, zone="z-filter")).ask("plc_stop", 5)

    def window(zone: str) -> Maintenance:
        return lambda name, time: name == zone and time == at(5)

    for zone, expected in (("z-filter", "medium"), ("z-other", "high")):
        engine = Detections({}, "s", "e", maintenance=window(zone))
        assert severity_of("S7-001", engine.see(stop)) == expected


def test_an_alert_says_why_its_severity_is_not_the_shipped_one() -> None:
    def weighed(view: dict[str, object], maintenance: Maintenance | None = None) -> str:
        stop = S7.but(server_view=asset(S7.server, zone="z-filter", **view)).ask("plc_stop", 5)
        alerts = Detections({}, "s", "e", maintenance=maintenance).see(stop)
        return next(alert.weighed for alert in alerts if alert.id == "S7-001")

    assert weighed({}) == ""
    assert weighed({"criticality": "high"}) == (
        f"high in the catalogue; one step up: {asset(S7.server).name or S7.server} is of high criticality in the policy"
    )
    assert "one step up: a safety zone is concerned" in weighed({"safety": True})
    assert "one step down: it happened in a maintenance window" in weighed({}, lambda name, time: True)


def test_an_incident_that_ended_as_it_was_reported_is_closed_without_being_told_again() -> None:
    engine = Detections({}, "s", "e")
    opened = engine.see(job("plc_stop", 1))
    assert {alert.status for alert in opened} == {"open"}
    assert engine.ended() == []
    assert engine.tick(at(1 + IDLE_SECONDS + 1)) == []
    closed = {alert.incident: alert for alert in engine.ended()}
    assert set(closed) == {alert.incident for alert in opened}
    for alert in opened:
        last = closed[alert.incident]
        assert (last.status, last.count, last.revision, last.time) == ("closed", alert.count, 2, alert.last)
    assert engine.ended() == []


@pytest.mark.parametrize(
    ("gap", "setting"), [(0.001, "writes_per_second"), (0.08, "steady_writes_per_second")], ids=["at once", "steady"]
)
def test_the_advice_on_a_burst_names_the_limit_that_was_passed_and_that_one_helps(gap: float, setting: str) -> None:
    story = [write(number * gap, number) for number in range(60)]
    (first, *_) = [alert for alert in run(story) if alert.id == "MB-004"]
    assert f"settings.MB-004.{setting}," in first.normal
    raised = {"MB-004": {setting: 1_000}}
    assert first.observed not in [alert.observed for alert in run(story, raised) if alert.id == "MB-004"]


def test_severity_stays_between_low_and_critical_and_risk_in_its_band() -> None:
    assert step("low", -1) == "low"
    assert step("critical", 1) == "critical"
    for severity, (minimum, most) in BANDS.items():
        for sure in (True, False):
            for count in (1, 10):
                score = risk(severity, criticality="high", succeeded=sure, denied=sure, count=count, complete=sure)
                assert minimum <= score <= most


@pytest.mark.parametrize("state", ["gaps", "one_sided", "midstream"])
@pytest.mark.parametrize("identifier", ["MB-025", "MB-027", "DNP-003", "DNP-036", "DNP-037", "S7-040", "S7-041"])
def test_alerts_on_absence_are_withheld_and_counted_when_the_capture_is_not_complete(
    identifier: str, state: str
) -> None:
    story = [
        msgspec.structs.replace(one, fact=msgspec.structs.replace(one.fact, visibility=state))
        for one in STORIES[identifier][0]
        if isinstance(one, Context)
    ]
    engine = Detections({}, "s", "e")
    assert identifier not in {alert.id for alert in feed(engine, story)}
    assert engine.withheld[(identifier, state)] >= 1


def test_a_command_is_reported_whatever_the_capture_lost() -> None:
    alerts = run([S7.but(visibility="gaps").ask("plc_stop")])
    assert [alert.visibility for alert in alerts if alert.id == "S7-001"] == ["gaps"]


def test_passwords_never_leave_the_engine() -> None:
    secret = job("set_password", 1, verb="auth", values=("TOPSECRET",), detail={"password": "TOPSECRET"})
    alerts = run([secret])
    assert [alert.id for alert in alerts] == ["S7-027"]
    assert "TOPSECRET" not in repr(alerts)
    assert alerts[0].excerpt == b""


def test_an_alert_carries_who_what_why_and_excerpt() -> None:
    context = MB.but(verdict=Verdict(kind="default-deny", missing="objects", closest="R-011")).ask(
        "write_single_register", 2, code="6", verb="write", targets=(Target("holding_register", 7, 7),), values=(99,)
    )
    (alert,) = run([context])
    assert (alert.id, alert.operation, alert.code, alert.verb, alert.values) == (
        "MB-002", "write_single_register", "6", "write", (99,))  # fmt: skip
    assert alert.client is not None
    assert alert.server is not None
    assert (alert.client.ip, alert.server.ip, alert.unit, alert.protocol) == (MB.client, MB.server, "1", "modbus")
    assert alert.client_endpoint.port == 40000
    assert alert.frames == (29, 30)
    assert alert.excerpt == b"\x00\x01"
    assert alert.offset == 54
    assert alert.why_kind == "policy"
    assert alert.verdict is not None
    assert "R-011" in alert.expected
    assert "holding_register 7" in alert.reason


def test_text_from_the_wire_is_never_a_template() -> None:
    nasty = order("open_file", 1, verb="file", detail={"file": "{client.__class__}{0}%s", "mode": "write"})
    (alert,) = (one for one in run([nasty]) if one.id == "DNP-024")
    assert "{client.__class__}{0}%s" in alert.reason


def test_a_site_changes_a_number_and_switches_an_alert_off() -> None:
    story = [write(n * 0.01, n) for n in range(30)]
    assert "MB-004" in {alert.id for alert in run(story)}
    assert "MB-004" not in {
        alert.id for alert in run(story, {"MB-004": {"writes_per_second": 30, "steady_writes_per_second": 30}})
    }
    assert "MB-004" not in {alert.id for alert in run(story, {"MB-004": {"enabled": 0}})}


def test_a_site_excepts_a_device_from_one_alert_and_what_is_withheld_is_counted() -> None:
    story = [MB.violation("quantity"), MB.violation("response_mismatch"), S7.violation("rosctr")]
    for name in (MB.server, "host-21", "host-11"):
        engine = Detections({}, "s", "e", exceptions={"MB-023": frozenset({name})})
        assert {alert.id for alert in feed(engine, story)} == {"MB-024", "S7-039"}
        assert engine.withheld[("MB-023", "exception")] == 1
    engine = Detections({}, "s", "e", exceptions={"MB-023": frozenset({"10.0.0.99"})})
    assert "MB-023" in {alert.id for alert in feed(engine, story)}


def test_every_setting_is_described_with_its_key_and_unit() -> None:
    known = {setting.key: setting for setting in describe(CATALOGUE)}
    assert len(known) == sum(len(entry.settings) for entry in CATALOGUE)
    assert known["settings.MB-004.writes_per_second"].unit == "1/s"
    assert known["settings.MB-013.functions"].unit == ""
    assert (known["settings.NET-020.minutes"].default, known["settings.NET-020.minutes"].unit) == (6, "min")


def test_an_alert_that_speaks_of_a_setting_names_one_that_it_has() -> None:
    known = {setting.key for setting in describe(CATALOGUE)} | {f"settings.{entry.id}.{EXCEPT}" for entry in CATALOGUE}
    named = 0
    for entry in CATALOGUE:
        for text in (entry.normal, entry.false_positives):
            assert "in the settings" not in text
            keys = re.findall(r"settings\.[A-Z0-9]+-\d+\.\w+", text)
            assert [key for key in keys if key not in known or f".{entry.id}." not in key] == []
            named += len(keys)
    assert named >= 10


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"MB-999": {}}, "MB-999"),
        ({"MB-004": {"writes": 3}}, "writes_per_second"),
        ({"MB-004": {"writes_per_second": -1}}, "0 or more"),
        ({"MB-004": {"writes_per_second": "9"}}, "0 or more"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name(settings: dict[str, dict[str, float]], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Detections(settings, "s", "e")


def test_facts_that_no_entry_looks_at_raise_nothing_and_keep_nothing() -> None:
    engine = Detections({}, "s", "e")
    change = ValueChange(at(1), "story", 1, 1, "c", "coil", (1,), (1,), (0,), 0, "complete")
    follow = TransitionFirst(at(1), "story", 1, 1, "c", "a", "b", "complete")
    assert engine.see(MB.context(change)) == []
    assert engine.see(MB.context(follow)) == []


def test_a_new_word_on_the_wire_cannot_make_the_routes_grow_without_end() -> None:
    engine = Detections({}, "s", "e")
    for number in range(MAX_ROUTES + 10):
        engine.see(order(f"unknown_{number}"))
    assert sum(len(routes) for routes in engine._dispatch._routes.values()) <= MAX_ROUTES + 1


def test_every_look_is_reached_by_dispatch() -> None:
    state = RuleState({}, Detections({}, "s", "e").withheld)
    dispatch = Dispatch([(entry, state) for entry in CATALOGUE])
    assert {entry.id for entry, _ in dispatch.route(job("plc_stop"))} >= {"S7-001", "S7-003", "S7-005"}
    denied = S7.but(verdict=Verdict(kind="deny")).ask("plc_stop")
    assert {entry.id for entry, _ in dispatch.route(denied)} >= {"S7-001", "NET-002"}
    assert "NET-002" not in {entry.id for entry, _ in dispatch.route(job("plc_stop"))}
    assert "MB-007" not in {entry.id for entry, _ in dispatch.route(job("plc_stop"))}
    assert all(isinstance(look, Match) for entry in CATALOGUE for look in entry.looks)


class Judge:
    """What a policy asks for besides its verdicts."""

    def __init__(self, most: float) -> None:
        self.rule = "R-010"
        self.functions: frozenset[str] | None = frozenset({"6", "write_single_register"})
        self.max_requests_per_s = most

    def requires(self, channel: object, operation: object) -> tuple[str, ...]:
        return ("select_before_operate",)

    def limit_of(self, channel: object) -> tuple[Judge, ...]:
        return (self,)


@pytest.mark.parametrize(("count", "fires"), [(20, False), (21, True)])
def test_a_rate_limit_is_passed_when_ten_seconds_are_above_it(count: int, fires: bool) -> None:
    engine = Detections({}, "s", "e", obligations=Judge(2.0))
    alerts = feed(engine, [write(n * 0.5 * 19 / 20, n, talk=MB.but(verdict=ALLOW)) for n in range(count)])
    assert ("NET-005" in {alert.id for alert in alerts}) is fires


def test_a_direct_operate_on_a_point_that_demands_a_select_is_reported() -> None:
    engine = Detections({}, "s", "e", obligations=Judge(99.0))
    allowed = DNP.but(verdict=ALLOW)
    assert "DNP-005" in {one.id for one in engine.see(order("direct_operate", 1, talk=allowed))}
    assert "DNP-005" not in {one.id for one in engine.see(order("operate", 2, talk=allowed))}


def test_an_allowed_stop_is_still_reported_but_an_allowed_write_is_not() -> None:
    allowed = S7.but(verdict=ALLOW)
    assert "S7-001" in {alert.id for alert in run([allowed.ask("plc_stop", verb="start_stop")])}
    assert run([write(1, talk=MB.but(verdict=ALLOW))]) == []


def test_one_verdict_is_one_alert() -> None:
    denied = MB.but(verdict=Verdict(kind="default-deny", missing="conduit"))
    assert {alert.id for alert in run([denied.opened(), write(1, talk=denied)])} == {"NET-001"}


def test_a_channel_refused_only_later_is_reported_by_its_window() -> None:
    late = MB.but(verdict=Verdict(kind="default-deny", missing="when", closest="X-1", expires=at(30)))
    assert "NET-006" in {alert.id for alert in run([late.window(60, packets_client=5)])}
    assert run([late.window(60)]) == []


def test_what_lies_below_the_application_is_not_judged_for_itself() -> None:
    denied = S7.but(verdict=Verdict(kind="default-deny", missing="functions", closest="R-030"))
    assert run([denied.ask("connect", verb="session")]) == []
    assert {alert.id for alert in run([denied.ask("read_szl", verb="read", error="x")])} == {"NET-004"}


@pytest.mark.parametrize(
    ("observed", "identifier"),
    [("54:bf:64:3c:91:66 at 10.0.0.21", "NET-022"), ("rack/slot 0/0", "NET-003"), ("unit 7", "NET-003")],
)
def test_a_mismatch_of_the_card_is_another_alert_than_one_of_the_unit(observed: str, identifier: str) -> None:
    mismatch = "mac" if identifier == "NET-022" else "unit"
    verdict = Verdict(kind="identity-mismatch", mismatch=mismatch, expected="plc with unit 1", observed=observed)
    assert {alert.id for alert in run([MB.but(verdict=verdict).opened()])} == {identifier}


def test_a_device_that_answers_the_order_to_be_silent_is_not_taken_for_a_spoofed_one() -> None:
    story = [MB.ask("force_listen_only_mode", 1, code="8/4", verb="start_stop", outcome="unmatched")]
    assert run(story) == []


@pytest.mark.parametrize("state", ["complete", "midstream"])
def test_bytes_that_are_not_modbus_count_only_when_the_stream_was_seen_from_its_start(state: str) -> None:
    reported = {alert.id for alert in run([MB.but(visibility=state).violation("not_modbus")])}
    assert reported == ({"MB-022"} if state == "complete" else set())
    assert "MB-022" in {alert.id for alert in run([MB.but(visibility=state).violation("length")])}


def test_a_conversation_older_than_the_capture_may_lose_its_place_a_few_times() -> None:
    story = [MB.but(visibility="midstream").violation("not_modbus") for _ in range(MIDSTREAM_LOSSES)]
    assert "MB-022" not in {alert.id for alert in run(story)}
    assert "MB-022" in {alert.id for alert in run([*story, story[0]])}
    lossy = [MB.but(visibility="gaps").violation("not_modbus")] * 20
    assert "MB-022" not in {alert.id for alert in run(lossy)}


@pytest.mark.parametrize("state", ["gaps", "midstream"])
def test_more_foreign_bytes_than_a_message_has_count_however_the_stream_was_seen(state: str) -> None:
    one = MB.but(visibility=state).violation("not_modbus")
    assert isinstance(one.fact, Violation)
    many = msgspec.structs.replace(one, fact=msgspec.structs.replace(one.fact, at=LONGEST["modbus"] + 1))
    assert [alert.id for alert in run([many])] == ["MB-022"]


@pytest.mark.parametrize("state", ["gaps", "one_sided", "midstream"])
def test_foreign_bytes_count_where_nobody_dissects_the_conversation(state: str) -> None:
    one = MB.but(visibility=state).violation("not_modbus")
    assert one.channel is not None
    undissected = msgspec.structs.replace(one, channel=msgspec.structs.replace(one.channel, protocol="tcp/502"))
    assert "MB-022" in {alert.id for alert in run([undissected])}


def test_a_window_without_counters_of_packets_is_no_silence() -> None:
    assert {alert.id for alert in run([health(60, assets_evicted=3)])} == {"SEN-009"}


def test_new_asset_is_high_once_it_opens_a_control_connection() -> None:
    alerts = [one for one in run(STORIES["AST-001"][0]) if one.id == "AST-001"]
    assert [one.severity for one in alerts] == ["medium", "high"]
    assert len({one.incident for one in alerts}) == 1


def test_counters_slide_in_packet_time_and_both_ends_count() -> None:
    count = Count()
    assert [count.add("k", at(second), 10) for second in (0, 5, 10, 10.1)] == [1, 2, 3, 3]
    distinct = Distinct()
    assert [len(distinct.add("k", value, at(second), 10)) for value, second in ((1, 0), (2, 5), (1, 9), (3, 16))] == [
        1, 2, 2, 2]  # fmt: skip


def test_tables_evict_the_key_idle_longest_and_count_it() -> None:
    table: Table[int] = Table(2)
    for key in ("a", "b", "a", "c"):
        table.put(key, 1)
    assert table.get("b") is None
    assert table.get("a") == 1
    assert table.evicted == 1
    count = Count()
    for number in range(KEYS + 5):
        count.add(number, at(0), 1)
    assert len(count.table) == KEYS
    assert count.table.evicted == 5


def test_what_counters_forgot_is_visible_by_alert() -> None:
    engine = Detections({}, "s", "e")
    for number in range(KEYS + 3):
        engine.see(event("moved", number, view=asset(f"10.{number}"), attribute="mac", old="a", new="b"))
    assert engine.evicted["NET-022"] == 3


@pytest.mark.parametrize("kind", [Count, Distinct])
def test_all_keys_of_a_counter_together_never_hold_more_than_its_bound(kind: type[Count | Distinct]) -> None:
    counter = kind()
    keys = ALL_ENTRIES // 1000 + 10
    for key in range(keys):
        for number in range(1000):
            if isinstance(counter, Count):
                counter.add(key, at(number), 2000)
            else:
                counter.add(key, number, at(number), 2000)
    held = [counter.table.get(key) for key in range(keys)]
    assert counter.entries == sum(len(row) for row in held if row is not None) <= ALL_ENTRIES
    assert held[0] is None and held[-1] is not None and len(held[-1]) == 1000


def test_one_key_never_holds_more_than_its_bound() -> None:
    distinct, count = Distinct(), Count()
    for number in range(ENTRIES + 10):
        seen = distinct.add("k", number, at(0), 60)
        total = count.add("k", at(0), 60)
    assert len(seen) == ENTRIES
    assert total == ENTRIES


def test_an_address_that_is_no_address_is_neither_public_nor_one_host() -> None:
    assert not is_public("x")
    assert not is_one_host("")
    assert neighbourhood("x") == ""
    assert neighbourhood("10.20.3.4") == neighbourhood("10.20.9.9") != neighbourhood("10.21.3.4")
    assert not in_control(None)
    assert in_control(asset("10.0.0.1", level="", role="plc"))
    assert not in_control(asset("10.0.0.1", level="4", role="plc"))
