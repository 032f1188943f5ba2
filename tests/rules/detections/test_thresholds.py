"""Every counted alert holds its number: silent at n-1, reported at n, and silent when n is spread over a longer time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from dissectors.context import Context
from dissectors.facts import Target
from tests.rules.detections.build import (
    ALLOW,
    DNP,
    MB,
    TCP,
    Input,
    Talk,
    asked_for,
    asset,
    at,
    counted,
    each,
    event,
    health,
    job,
    order,
    refused,
    run,
    write,
)
from tests.rules.detections.stories.dnp3 import shows, speak
from tests.rules.detections.stories.modbus import BUSY, GATEWAY, read_refused
from tests.rules.detections.stories.network import ARP, ICMP
from tests.rules.detections.stories.s7 import BLOCKS

Make = Callable[[int, float], Sequence[Input]]
"""A story of n hits, ``gap`` seconds apart."""


def reported(identifier: str, story: Sequence[Input], severity: str = "") -> bool:
    """Return whether the story raises the alert (at that shipped severity)."""
    return any(one.id == identifier and severity in {"", one.severity} for one in run(story))


def tried(talk: Talk, seconds: float) -> Context:
    """Return the first window of a unit that was asked once and did not answer."""
    window = talk.window(seconds, requests=1)
    return replace(window, channel=replace(talk.channel(), time=at(seconds)))


def points(n: int, gap: float, operation: str, **fields: Any) -> list[Input]:
    """Return controls of different points."""
    return each(n, lambda k: order(operation, k * gap, targets=(Target("g12v1", k, k),), **fields))


# id, threshold, seconds between hits that reach it, seconds between hits that do not, story of n hits
NUMBERS: list[tuple[str, int, float, float, Make]] = [
    ("MB-004", 21, 0.04, 0.2, lambda n, gap: each(n, lambda k: write(k * gap, k))),
    ("MB-005", 11, 5.9, 7.0, lambda n, gap: each(n, lambda k: write(k * gap, k % 2))),
    ("MB-013", 3, 29, 31, lambda n, gap: each(n, lambda k: refused(str(k), k * gap))),
    ("MB-014", 5, 14, 16, lambda n, gap: each(n, lambda k: read_refused(10 * k, k * gap))),
    ("MB-015", 10, 13, 14, lambda n, gap: each(n, lambda k: tried(Talk(unit=str(k + 1)), k * gap))),
    ("MB-016", 21, 60, 400, lambda n, gap: each(n, lambda k: MB.window(k * gap + 60, failures=1))),
    ("MB-017", 3, 29, 31, lambda n, gap: each(n, lambda k: refused(str(k), k * gap, BUSY))),
    ("MB-019", 3, 29, 31,
     lambda n, gap: [MB.window(1, responses=9), *each(n, lambda k: refused(str(k), 2 + k * gap, GATEWAY))]),
    ("MB-022", 1, 1, 1, lambda n, gap: each(n, lambda k: MB.violation("length", k * gap))),
    ("MB-027", 3, 149, 0, lambda n, gap: each(n, lambda k: write(k * gap, k, outcome="unanswered"))),
    ("DNP-009", 10, 6, 7, lambda n, gap: points(n, gap, "direct_operate")),
    ("DNP-010", 5, 19, 21,
     lambda n, gap: each(n, lambda k: order("direct_operate", k * gap, targets=(Target("g12v1", 3, 3),),
                                            values=(("trip", "close")[k % 2],)))),
    ("DNP-007", 3, 29, 31, lambda n, gap: points(n, gap, "operate", detail={"status": "local"})),
    ("DNP-026", 3, 29, 31, lambda n, gap: each(n, lambda k: refused(str(k), k * gap, "no_func_code_support", DNP))),
    ("DNP-027", 5, 7, 8, lambda n, gap: each(n, lambda k: refused(str(k), k * gap, "parameter_error", DNP))),
    ("DNP-035", 5, 2.4, 2.6, lambda n, gap: each(n, lambda k: speak(k * gap))),
    ("DNP-038", 3, 149, 151, lambda n, gap: points(n, gap, "operate", outcome="unanswered")),
    ("DNP-040", 10, 13, 14, lambda n, gap: each(n, lambda k: tried(DNP.but(unit=f"1>{k}"), k * gap))),
    ("DNP-044", 5, 14, 16, lambda n, gap: each(n, lambda k: order("reset_link_states", k * gap, verb="session"))),
    ("S7-006", 10, 60, 70,
     lambda n, gap: each(n, lambda k: job("request_download", k * gap, verb="program", targets=(BLOCKS[k],)))),
    ("S7-024", 10, 6, 7,
     lambda n, gap: each(n, lambda k: job("read_szl", k * gap, verb="read", targets=(Target("szl", k + 9, k + 9),)))),
    ("S7-028", 3, 29, 31,
     lambda n, gap: each(n, lambda k: job("read_var", k * gap, verb="read", targets=(Target("DB1", k, k),),
                                          error="protection_level", error_code=0xD241))),
    ("S7-034", 5, 14, 16,
     lambda n, gap: each(n, lambda k: job("connect", k * gap, verb="session", detail={"tsap": f"0x01{k:02x}"}))),
    ("S7-034", 3, 29, 31,
     lambda n, gap: each(n, lambda k: job("connect", k * gap, verb="session", outcome="unanswered", detail={"tsap": f"{k}"}))),
    ("S7-041", 3, 149, 151,
     lambda n, gap: each(n, lambda k: job("plc_stop", k * gap, verb="start_stop", outcome="unanswered"))),
    ("NET-017", 50, 12, 13, lambda n, gap: each(n, lambda k: TCP.but(server=f"10.0.5.{k + 1}").opened(k * gap))),
    ("NET-018", 25, 5, 6, lambda n, gap: each(n, lambda k: TCP.but(port=k + 1).opened(k * gap))),
    ("NET-019", 10, 13, 14, lambda n, gap: each(n, lambda k: MB.but(server=f"10.0.5.{k + 1}").opened(k * gap, "refused"))),
    ("NET-020", 40, 9, 10, lambda n, gap: each(n, lambda k: asked_for(k * gap, f"10.0.5.{k}"))),
    ("NET-032", 8, 42, 44, lambda n, gap: each(n, lambda k: TCP.window(k * gap + 60, attempts=1))),
]  # fmt: skip
without_span = {"MB-022", "MB-027", "MB-016"}


@pytest.mark.parametrize(("identifier", "n", "close", "apart", "make"), NUMBERS, ids=[row[0] for row in NUMBERS])
def test_it_is_silent_one_below_its_number_and_reported_at_it(
    identifier: str, n: int, close: float, apart: float, make: Make
) -> None:
    assert not reported(identifier, make(n - 1, close))
    assert reported(identifier, make(n, close))
    if identifier not in without_span:
        assert not reported(identifier, make(n, apart))


@pytest.mark.parametrize(
    ("identifier", "below", "reached", "severity"),
    [
        ("MB-022", [MB.violation("length")], [MB.violation("length"), MB.violation("length", 599)], "high"),
        ("DNP-042", [DNP.violation("block_crc")], [DNP.violation("block_crc"), DNP.violation("length", 599)], "high"),
        ("DNP-030", [shows("device_restart")], [shows("device_restart", 1), shows("device_restart", 500)], "medium"),
        ("DNP-030", each(9, lambda n: shows("device_restart", n * 300)),
         each(10, lambda n: shows("device_restart", n * 300)), "high"),
        ("DNP-031", each(2, lambda n: shows("event_buffer_overflow", n)),
         each(3, lambda n: shows("event_buffer_overflow", n)), "high"),
        ("S7-027", each(2, lambda n: job("set_password", n, verb="auth", error="refused", error_code=0xD602)),
         each(3, lambda n: job("set_password", n, verb="auth", error="refused", error_code=0xD602)), "high"),
        ("NET-022", each(2, lambda n: event("moved", n, attribute="mac", old=f"m{n}", new=f"m{n + 1}")),
         each(3, lambda n: event("moved", n, attribute="mac", old=f"m{n}", new=f"m{n + 1}")), "high"),
    ],
)  # fmt: skip
def test_it_rises_when_it_repeats(
    identifier: str, below: Sequence[Input], reached: Sequence[Input], severity: str
) -> None:
    assert reported(identifier, below)
    assert not reported(identifier, below, severity)
    assert reported(identifier, reached, severity)


def test_ten_writes_in_each_of_two_seconds_are_a_burst_and_nine_are_not() -> None:
    assert reported("MB-004", each(20, lambda n: write(n * 0.1, n)))
    assert not reported("MB-004", each(27, lambda n: write(n * 0.111, n)))


def test_a_burst_of_equal_writes_is_seen_by_the_peak_of_the_window() -> None:
    assert reported("MB-004", [MB.window(60, [counted("write_single_register", "write", 40, peak=21)])])
    assert not reported("MB-004", [MB.window(60, [counted("write_single_register", "write", 40, peak=20)])])
    assert not reported("MB-004", [MB.window(60, [counted("read_coils", "read", 400, peak=90)])])


def test_equal_refusals_told_together_count_as_many_as_they_are() -> None:
    assert reported("MB-017", [refused("3", 10, BUSY), refused("3", 59, BUSY, repeats=1)])
    assert not reported("MB-017", [refused("3", 10, BUSY), refused("3", 59, BUSY, repeats=0)])


def test_unsolicited_reports_counted_in_a_window_are_a_storm_only_when_they_are_dense() -> None:
    assert reported("DNP-035", [DNP.window(60, [counted("unsolicited_response g2v2", "report", 9, peak=5)])])
    assert reported(
        "DNP-035", [DNP.window(60, [counted("unsolicited_response g2v2", "report", 9, peak=1, gap=2_500_000)])]
    )
    assert not reported("DNP-035", [DNP.window(60, [counted("unsolicited_response g2v2", "report", 9, gap=2_600_000)])])
    assert not reported("DNP-035", [DNP.window(60, [counted("unsolicited_response g2v2", "report", 4, gap=100)])])


def test_fifty_connections_to_a_control_port_in_a_minute_are_a_flood() -> None:
    def made(seconds: float, count: int, talk: Talk = MB) -> Context:
        return talk.window(seconds, connections=count, attempts=count)

    assert reported("NET-026", [made(60, 25), made(60, 25, MB.but(client="10.0.0.12"))])
    assert reported("NET-026", [MB.but(unit="").window(60, connections=50)])
    assert not reported("NET-026", [made(60, 49), made(120, 49)])


def test_one_connection_to_many_units_is_one_connection() -> None:
    units = each(60, lambda n: MB.but(unit=str(n + 1)).window(60, requests=1, connections=1, attempts=n // 59))
    assert not reported("NET-026", units)


def test_units_of_one_host_are_counted_together_and_once_for_what_is_named() -> None:
    def unit(number: int, **changes: object) -> Talk:
        known = asset("10.0.0.21", id=f"a-{number}", host="a-gateway", **changes)
        return Talk(unit=str(number), server_view=known)

    answered = [replace(tried(unit(n, known=False), 20), verdict=ALLOW) for n in range(1, 12)]
    found = [one for one in run(answered) if one.id == "MB-015"]
    assert len({one.incident for one in found}) == 1
    assert found[0].count == 1 and "10.0.0.21" in found[0].reason
    assert not reported("MB-015", [replace(tried(unit(n), 20), verdict=ALLOW) for n in range(1, 12)])


def test_the_devices_behind_a_gateway_are_known_when_it_is_told_to_write_to_all() -> None:
    def at_gateway(unit: str, **changes: object) -> Talk:
        return Talk(unit=unit, server_view=asset("10.0.0.21", **changes))

    units = [at_gateway(unit, id=f"a-{unit}", host="a-gateway").opened() for unit in ("1", "2")]
    everybody = at_gateway("0", id="a-gateway")
    assert reported("MB-006", [*units, write(3, talk=everybody)])
    assert not reported("MB-006", [units[0], write(3, talk=everybody)])


def test_a_unit_that_is_polled_is_not_tried() -> None:
    def gateway(requests: int, responses: int, failures: int = 0) -> list[Input]:
        counts = {"requests": requests, "responses": responses, "failures": failures}
        return each(30, lambda n: Talk(unit=str(n + 1)).window(50, **counts))

    assert not reported("MB-015", gateway(2, 2)) and reported("MB-015", gateway(1, 1))
    assert not reported("MB-015", gateway(5, 5, 5)) and reported("MB-015", gateway(4, 4, 4))
    assert not reported("MB-015", gateway(5, 0)) and reported("MB-015", gateway(4, 0))
    early = [
        replace(one, channel=replace(one.channel, time=at(40))) for one in gateway(1, 1) if isinstance(one, Context)
    ]
    assert not reported("MB-015", early)


def test_a_point_that_was_never_otherwise_is_a_hint_and_one_that_begins_is_told_in_full() -> None:
    def swings(begin: float) -> list[Input]:
        return [MB.opened(), *each(11, lambda n: write(begin + n * 5, n % 2))]

    assert reported("MB-005", swings(59), "low") and not reported("MB-005", swings(59), "high")
    assert reported("MB-005", swings(61), "high")


def test_connections_that_each_bring_an_answer_are_no_flood() -> None:
    assert not reported("NET-026", [MB.window(60, connections=120, attempts=120, responses=120)])
    assert reported("NET-026", [MB.window(60, connections=120, attempts=120, responses=70)])
    polled = MB.but(client="10.0.0.12").window(60, connections=1, attempts=1, responses=1)
    told = [one for one in run([MB.window(60, connections=60, attempts=60), polled]) if one.id == "NET-026"]
    # Who is answered has no part in what others make.
    assert {one.count for one in told} == {1} and not any("10.0.0.12" in one.reason for one in told)


def test_a_client_that_asks_controllers_the_same_again_and_again_does_not_scan() -> None:
    def minute(requests: int, responses: int, **change: object) -> list[Input]:
        row = counted("read_holding_registers holding_register 0-9", "read", requests, gap=1_000)
        talks = [MB.but(server=f"10.0.5.{n + 1}", **change) for n in range(14)]
        return [talk.window(60, [row], requests=requests, responses=responses) for talk in talks]

    assert not reported("NET-019", minute(60, 60))
    assert reported("NET-019", minute(60, 0))
    assert reported("NET-019", minute(1, 1))
    assert not reported("NET-019", minute(1, 1, verdict=ALLOW))


def test_arp_and_icmp_floods_are_counted_by_second_and_minute() -> None:
    assert reported("NET-024", [ARP.window(60, reports=60)])
    assert reported("NET-027", [ICMP.window(60, packets_client=30), ICMP.but(unit="x").window(60, packets_client=30)])


def test_an_address_scan_without_refusals_needs_fifty_new_addresses() -> None:
    def reads(count: int) -> list[Input]:
        return each(count, lambda n: MB.first("read", n, (Target("holding_register", n * 10, n * 10 + 9),)))

    assert reported("MB-014", reads(50))
    assert not reported("MB-014", reads(49))


def test_an_empty_minute_split_in_windows_is_no_traffic() -> None:
    half = [health(60, packets=0)]
    assert reported("SEN-001", half)
    assert not reported("SEN-001", [health(60, packets=1), at(600)])
