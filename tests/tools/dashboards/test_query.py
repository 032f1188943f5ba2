from __future__ import annotations

import pytest

from tools.dashboards.condition import kql, query
from tools.dashboards.load import content
from tools.dashboards.quantity import moment, number, written
from tools.dashboards.query import MAX_INTERVALS, Request, Span, request, table

CONTENT = content()
DAY = 86_400_000


def panel(dashboard: str, ident: str):
    found = next(each for each in CONTENT.dashboards if each.id == dashboard)
    return next(each for each in found.panels if each.id == ident)


def asked(dashboard: str, ident: str, span: Span | None = None) -> Request:
    found = request(panel(dashboard, ident), CONTENT, span)
    assert found is not None
    return found


def test_conditions_say_the_same_in_kql_and_to_elasticsearch() -> None:
    where = {"event.outcome": ["failure", "unknown"], "spanwatch.alert.review": True, "rule.id": "*"}
    without = {"rule.name": 'say "no" \\'}
    assert kql(where, without) == (
        'event.outcome: ("failure" or "unknown") and spanwatch.alert.review: true and rule.id: * '
        'and not rule.name: "say \\"no\\" \\\\"'
    )
    assert query(where, without) == {
        "bool": {
            "filter": [
                {"terms": {"event.outcome": ["failure", "unknown"]}},
                {"terms": {"spanwatch.alert.review": [True]}},
                {"exists": {"field": "rule.id"}},
            ],
            "must_not": [{"terms": {"rule.name": ['say "no" \\']}}],
        }
    }


def test_a_panel_asks_for_its_own_documents_in_its_own_indices() -> None:
    found = asked("spanwatch-activity", "failed", Span(1000, 2000))
    assert found.index == "logs-spanwatch.*"
    assert found.body["query"]["bool"]["filter"] == [
        {"terms": {"data_stream.dataset": ["spanwatch.operation"]}},
        {"terms": {"event.outcome": ["failure"]}},
        {"range": {"@timestamp": {"gte": 1000, "lte": 2000, "format": "epoch_millis"}}},
    ]
    assert asked("spanwatch-triage", "open").index == "logs-spanwatch.alert-*"
    assert asked("spanwatch-sensors", "dropped").index == "metrics-spanwatch.sensor-*"


def test_groups_are_ordered_by_the_first_measure_at_every_level() -> None:
    aggregations = asked("spanwatch-activity", "conversations").body["aggs"]
    for level in ("g0", "g1", "g2"):
        assert aggregations[level]["terms"]["order"] == [{"m0": "desc"}, {"_key": "asc"}]
        assert aggregations[level]["aggs"]["m0"] == {"sum": {"field": "network.bytes"}}
        aggregations = aggregations[level]["aggs"]
    assert "g3" not in aggregations


def test_text_panels_ask_for_nothing() -> None:
    assert request(panel("spanwatch-triage", "head"), CONTENT) is None


@pytest.mark.parametrize("seconds", [1, 59, 61, 3600, 86_400, 30 * 86_400, 400 * 86_400])
def test_time_is_cut_into_a_readable_number_of_bars(seconds: int) -> None:
    width = Span(0, seconds * 1000).interval
    assert 1 <= seconds / width <= MAX_INTERVALS


def test_open_incidents_are_all_less_the_closed() -> None:
    answer = {"aggregations": {"m0": {"value": 5}, "m0x": {"doc_count": 9, "v": {"value": 2}}}}
    assert table(panel("spanwatch-triage", "open"), CONTENT, answer).rows == [[3]]


def rate_answer(*values: tuple[int, str, float]) -> dict:
    buckets = [
        {"key": second * 1000, "g1": {"buckets": [{"key": sensor, "m0": {"value": value}}]}}
        for second, sensor, value in values
    ]
    return {"aggregations": {"g0": {"buckets": buckets}}}


def test_a_rate_is_the_growth_per_second_of_each_series_and_survives_a_restart() -> None:
    answer = rate_answer((0, "a", 100.0), (5, "b", 7.0), (10, "a", 150.0), (15, "b", 17.0), (20, "a", 30.0))
    rows = table(panel("spanwatch-sensors", "packets"), CONTENT, answer).rows
    assert rows == [[0, "a", None], [5000, "b", None], [10_000, "a", 5.0], [15_000, "b", 1.0], [20_000, "a", 3.0]]


def test_the_last_value_of_a_group_may_be_missing_or_several() -> None:
    def last(*values: object) -> dict:
        return {
            "doc_count": len(values),
            "v": {"hits": {"hits": [{"fields": {"host.ip": [*values]}}] if values else []}},
        }

    shown = panel("spanwatch-assets", "latest")
    place = shown.count.index("last_address") + 1
    for values, expected in (((), None), (("10.0.0.1",), "10.0.0.1"), (("10.0.0.1", "10.0.0.2"), "10.0.0.1, 10.0.0.2")):
        metrics = {f"m{number}": last() for number in range(len(shown.count))}
        metrics |= {f"m{place - 1}": last(*values), f"m{len(shown.count) - 1}": {"value": 1000.0}}
        found = table(shown, CONTENT, {"aggregations": {"g0": {"buckets": [{"key": "a-1", **metrics}]}}})
        assert found.rows[0][0] == "a-1"
        assert found.rows[0][place] == expected
        assert found.units[-1] == "time"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0, "", "0"), (1234567, "", "1,234,567"), (0.95, "", "0.95"), (0.4000000059604645, "", "0.4"), (97.4, "", "97.4"),
        (512, "bytes", "512 B"), (1024, "bytes", "1 KB"), (1536, "bytes", "1.5 KB"), (5 << 30, "bytes", "5 GB"),
        (999, "µs", "999 µs"), (1500, "µs", "1.5 ms"), (2_000_000, "µs", "2 s"), (90, "s", "1.5 min"), (25.5, "/s", "25.5/s"),
    ],
)  # fmt: skip
def test_numbers_are_written_for_people(value: float, unit: str, shown: str) -> None:
    assert number(value, unit) == shown


def test_times_are_as_precise_as_their_range_needs() -> None:
    at = 1_795_357_941_080
    assert moment(at) == "2026-11-22 14:32:21"
    assert moment(at, 600_000) == "14:32:21"
    assert moment(at, DAY / 2) == "14:32"
    assert moment(at, 3 * DAY) == "11-22 14:32"
    assert moment(at, 30 * DAY) == "11-22"


def test_a_missing_value_is_a_dash_and_a_boolean_a_word() -> None:
    assert [written(value, "") for value in (None, "", True, False)] == ["-", "-", "yes", "no"]
