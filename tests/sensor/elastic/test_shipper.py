"""Promises about what becomes of a document, for every answer a cluster, a proxy or a broken line can give."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from sensor.elastic.shipper import MAX_CULPRITS, PROBE_SECONDS
from sensor.elastic.tally import read_tally
from tests.sensor.elastic.cluster import Call, Reply, cluster_of, item, items, stored
from tests.sensor.elastic.shipping import NOON, bench, document

ONE = document("alert", "a1")


def test_a_document_that_arrived_leaves_the_spool_and_is_counted(tmp_path: Path) -> None:
    with cluster_of() as cluster, bench(tmp_path, cluster, ONE) as run:
        run.until_idle()
        assert run.waiting == []
        assert read_tally(run.store).acked == 1
        assert read_tally(run.store).last_success == NOON


def test_documents_are_created_in_their_stream_with_their_id_and_nothing_else_is_asked_of_the_cluster(
    tmp_path: Path,
) -> None:
    with cluster_of() as cluster, bench(tmp_path, cluster, ONE) as run:
        run.until_idle()
        assert [(call.method, call.path.partition("?")[0]) for call in cluster.calls] == [("PUT", "/_bulk")]
        assert "require_data_stream=true" in cluster.bulks[0].path
        assert cluster.bulks[0].pairs[0][0] == {"_index": "logs-spanwatch.alert-plant1", "_id": "a1"}


def test_the_moment_of_sending_is_put_in_and_everything_else_stays(tmp_path: Path) -> None:
    with cluster_of() as cluster, bench(tmp_path, cluster, ONE) as run:
        run.until_idle()
        assert cluster.documents == [
            {
                "@timestamp": "2026-11-21T22:10:04.123Z",
                "event": {"created": "2027-01-15T08:00:00.000Z", "id": "a1", "kind": "event"},
            }
        ]


def test_a_health_document_has_no_id(tmp_path: Path) -> None:
    with cluster_of() as cluster, bench(tmp_path, cluster, document("sensor", "digest")) as run:
        run.until_idle()
        action, sent = cluster.bulks[0].pairs[0]
        assert action == {"_index": "metrics-spanwatch.sensor-plant1"}
        assert "id" not in sent["event"]


def test_alerts_go_before_assets_before_operations_before_channels(tmp_path: Path) -> None:
    words = ("channel", "operation", "sensor", "asset", "alert")
    with cluster_of() as cluster, bench(tmp_path, cluster, *(document(word, word) for word in words)) as run:
        run.shipper.pace.documents = 2
        run.until_idle()
        order = [action["_index"].split(".")[1].split("-")[0] for call in cluster.bulks for action, _ in call.pairs]
        assert order == ["alert", "asset", "sensor", "operation", "channel"]


def test_a_request_holds_at_most_1000_documents_and_5_megabytes(tmp_path: Path) -> None:
    small = [document("channel", f"s{number}") for number in range(1_400)]
    large = [document("alert", f"l{number}", message="x" * 900_000) for number in range(7)]
    with cluster_of() as cluster, bench(tmp_path, cluster, *small, *large) as run:
        run.until_idle()
        assert max(len(call.pairs) for call in cluster.bulks) <= 1_000
        assert max(len(call.body) for call in cluster.bulks) <= 5_100_000
        assert len(cluster.documents) == 1_407


@pytest.mark.parametrize("status", [200, 201])
def test_a_document_in_the_failure_store_arrived_and_is_counted_and_reported(tmp_path: Path, status: int) -> None:
    with cluster_of(items(item(status, failure_store="used"))) as cluster, bench(tmp_path, cluster, ONE) as run:
        run.until_idle()
        tally = read_tally(run.store)
        assert (tally.acked, tally.failure_store, run.waiting) == (1, 1, [])
        assert "alert-plant1" in run.lines[0] and "a1" in run.lines[0] and "failure store" in run.lines[0]


def test_a_document_that_was_there_already_counts_as_arrived(tmp_path: Path) -> None:
    answer = items(item(409, "version_conflict_engine_exception", "document already exists"))
    with cluster_of(answer) as cluster, bench(tmp_path, cluster, ONE) as run:
        run.until_idle()
        assert (run.waiting, read_tally(run.store).duplicates, run.refused) == ([], 1, [])


@pytest.mark.parametrize(
    "answer",
    [
        item(429, "es_rejected_execution_exception", "queue full"),
        item(502, "x", "y"),
        item(503, "unavailable_shards_exception", "primary shard is not active"),
        item(504, "x", "y"),
        item(500, "io_exception", "disk"),
        item(429, "cluster_block_exception", "disk usage exceeded flood-stage watermark"),
        {"create": {}},
        {"index": {"status": 201}},
    ],
)
def test_a_busy_cluster_is_asked_again_after_a_pause(tmp_path: Path, answer: dict[str, object]) -> None:
    first = Reply(body={"items": [answer]})
    with cluster_of(first) as cluster, bench(tmp_path, cluster, ONE) as run:
        step = run.step()
        assert (step.state, run.waiting, step.progress) == ("trouble", ["a1"], False)
        assert 0.5 <= step.wait <= 1.0
        run.until_idle()
        tally = read_tally(run.store)
        assert (run.waiting, tally.retried, tally.acked, tally.trouble) == ([], 1, 1, False)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=429, body={"error": {"type": "es_rejected_execution_exception", "reason": "full"}, "status": 429}),
        Reply(status=503, body=b"<html>Service Unavailable</html>", kind="text/html", headers={}),
        Reply(status=502, body=b"", kind="text/html"),
        Reply(status=500, body={"error": "boom"}),
        Reply(status=302, body=b"", headers={"location": "http://127.0.0.1:1/"}),
        Reply(body=b"<html>welcome</html>", kind="text/html"),
        Reply(body={"items": []}),
        Reply(body={"errors": False}),
        Reply(body=[1, 2]),
        Reply(body=b'{"items":[{"crea', kind="application/json"),
        Reply(body={"items": [{"create": {"status": 201}}]}, cut=10),
        Reply(drop=True),
        Reply(seconds=2.0),
    ],
    ids=[
        "429", "503 html", "502 empty", "500", "redirect", "html", "fewer items", "no items", "a list", "cut json",
        "truncated body", "dropped connection", "slow",
    ],
)  # fmt: skip
def test_when_it_is_not_known_what_became_of_a_request_it_is_sent_again(tmp_path: Path, reply: Reply) -> None:
    with cluster_of(reply) as cluster, bench(tmp_path, cluster, ONE, seconds=0.3) as run:
        step = run.step()
        assert (step.state, run.waiting, len(cluster.bulks)) == ("trouble", ["a1"], 1)
        run.until_idle()
        assert (run.waiting, run.refused, read_tally(run.store).acked) == ([], [], 1)


def test_a_cluster_that_is_down_keeps_everything_waiting_and_is_reported_once(tmp_path: Path) -> None:
    with cluster_of() as cluster, bench(tmp_path, cluster, ONE) as run:
        cluster.__exit__()
        steps = [run.step() for _ in range(15)]
        assert run.waiting == ["a1"]
        assert len(run.lines) == 1 and "not reached" in run.lines[0]
        assert read_tally(run.store).trouble
        waits = [step.wait for step in steps]
        assert all(0.5 * 2**number <= wait <= 2**number for number, wait in enumerate(waits[:8]))
        assert max(waits) <= 300


def test_a_storm_of_refusals_makes_batches_smaller_and_they_grow_again_slowly(tmp_path: Path) -> None:
    many = [document("channel", f"c{number}") for number in range(3_000)]

    def busy(call: Call) -> Reply:
        return items(*(item(429, "es_rejected_execution_exception", "full") for _ in call.pairs))

    with cluster_of(busy, busy, busy) as cluster, bench(tmp_path, cluster, *many) as run:
        run.until_idle()
        sizes = [len(call.pairs) for call in cluster.bulks]
        assert sizes[:4] == [1_000, 500, 250, 125]
        assert sizes[4:8] == [150, 175, 200, 225]
        assert len({found["event"]["id"] for found in cluster.documents}) == 3_000
        assert len(run.lines) == 2 and "again" in run.lines[-1]


def test_only_what_was_refused_is_sent_again(tmp_path: Path) -> None:
    three = [document("alert", name) for name in ("a", "b", "c")]
    answer = items(item(201), item(429, "es_rejected_execution_exception"), item(201))
    with cluster_of(answer) as cluster, bench(tmp_path, cluster, *three) as run:
        run.until_idle()
        assert [found["event"]["id"] for found in cluster.documents] == ["a", "b", "c", "b"]


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "does not know the key"), (403, "may not write"), (404, "elastic setup")]
)
def test_a_cluster_that_refuses_the_sensor_pauses_sending_says_what_to_do_and_is_asked_again_later(
    tmp_path: Path, status: int, hint: str
) -> None:
    refusal = Reply(status=status, body={"error": {"type": "security_exception", "reason": "no"}, "status": status})
    with cluster_of(refusal) as cluster, bench(tmp_path, cluster, ONE, document("channel", "c1")) as run:
        step = run.step()
        assert (step.state, step.wait) == ("paused", PROBE_SECONDS)
        assert len(run.lines) == 1 and hint in run.lines[0]
        assert read_tally(run.store).paused and read_tally(run.store).since == NOON
        run.now -= 1
        assert run.step().state == "paused" and len(cluster.bulks) == 1
        run.until_idle()
        assert len(cluster.bulks[1].pairs) == 1
        assert (run.waiting, read_tally(run.store).paused, len(run.lines)) == ([], False, 2)


@pytest.mark.parametrize("status", [402, 405, 406, 407, 415])
def test_a_refused_request_of_another_kind_pauses_too(tmp_path: Path, status: int) -> None:
    with cluster_of(Reply(status=status)) as cluster, bench(tmp_path, cluster, ONE) as run:
        assert run.step().state == "paused"
        assert (run.waiting, run.refused) == (["a1"], [])


@pytest.mark.parametrize(
    "answer",
    [
        item(403, "security_exception", "action is unauthorized"),
        item(403, "cluster_block_exception", "index read-only"),
        item(404, "index_not_found_exception", "no such index"),
        item(400, "illegal_argument_exception", "pipeline with id [spanwatch-default] does not exist"),
        item(400, "validation_exception", "this cluster currently has [1000]/[1000] maximum normal shards open;"),
    ],
)
def test_a_stream_that_cannot_be_written_waits_and_does_not_hold_up_the_others(
    tmp_path: Path, answer: dict[str, object]
) -> None:
    def only_alerts(call: Call) -> Reply:
        return items(*(answer if ".alert-" in action["_index"] else item(201) for action, _ in call.pairs))

    others = [document("channel", f"c{number}") for number in range(900)]
    with cluster_of(always=only_alerts) as cluster, bench(tmp_path, cluster, ONE, *others) as run:
        for _ in range(10):
            run.step()
        assert run.waiting == ["a1"]
        assert read_tally(run.store).paused and "alert-plant1" in read_tally(run.store).reason
        cluster.always = stored
        run.now += PROBE_SECONDS
        run.until_idle()
        assert run.waiting == [] and not read_tally(run.store).paused
        assert len(run.lines) == 2


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "document_parsing_exception"),
        (400, "mapper_parsing_exception"),
        (400, "illegal_argument_exception"),
        (400, "strict_dynamic_mapping_exception"),
        (409, "another_conflict"),
        (404, "resource_not_found_exception"),
        (422, "x"),
    ],
)
def test_a_document_the_cluster_will_never_take_is_set_aside_with_the_reason(
    tmp_path: Path, status: int, kind: str
) -> None:
    two = (document("alert", "bad", message="kept"), document("alert", "good"))
    with cluster_of(items(item(status, kind, "why"), item(201))) as cluster, bench(tmp_path, cluster, *two) as run:
        run.until_idle()
        entry = run.refused[0]
        assert (entry["stream"], entry["id"], entry["status"]) == ("logs-spanwatch.alert-plant1", "bad", status)
        assert (entry["type"], entry["reason"]) == (kind, "why")
        assert entry["document"]["message"] == "kept"  # type: ignore[index]
        assert stat.S_IMODE(run.letters.stat().st_mode) == 0o600
        assert (run.waiting, read_tally(run.store).dead_letter, len(cluster.bulks)) == ([], 1, 1)
        assert "bad" in run.lines[0] and str(run.letters) in run.lines[0]


@pytest.mark.parametrize(
    "reason",
    [
        "the document timestamp [2026-01-01T00:00:00.000Z] is outside of ranges of currently writable indices [[a,b]]",
        "time series index @timestamp value [2026-01-01T00:00:00Z] must be larger than 2026-11-01T00:00:00Z",
    ],
)
def test_health_that_is_too_old_for_the_time_series_is_dropped_and_counted(tmp_path: Path, reason: str) -> None:
    answer = items(item(400, "illegal_argument_exception", reason))
    with cluster_of(answer) as cluster, bench(tmp_path, cluster, document("sensor", "d")) as run:
        run.until_idle()
        assert (run.waiting, run.refused, read_tally(run.store).outdated) == ([], [], 1)


def test_a_request_that_is_too_large_is_split_until_it_fits_and_stays_small(tmp_path: Path) -> None:
    many = [document("channel", f"c{number}", message="x" * 2_000) for number in range(1_200)]

    def at_most(call: Call) -> Reply:
        if len(call.body) > 300_000:
            return Reply(status=413, body=b"<html>too large</html>", kind="text/html", headers={})
        return stored(call)

    with cluster_of(always=at_most) as cluster, bench(tmp_path, cluster, *many) as run:
        run.until_idle()
        refused = [call for call in cluster.bulks if len(call.body) > 300_000]
        assert 1 <= len(refused) <= 7
        assert (run.waiting, run.refused, run.lines) == ([], [], [])
        assert read_tally(run.store).acked == 1_200


def test_a_single_document_that_is_too_large_is_set_aside(tmp_path: Path) -> None:
    three = (document("alert", "a"), document("alert", "huge", message="x" * 200_000), document("alert", "b"))

    def at_most(call: Call) -> Reply:
        return Reply(status=413) if len(call.body) > 100_000 else stored(call)

    with cluster_of(always=at_most) as cluster, bench(tmp_path, cluster, *three) as run:
        run.until_idle()
        assert [entry["id"] for entry in run.refused] == ["huge"]
        assert read_tally(run.store).acked == 2


def test_a_bad_request_at_the_very_first_is_the_fault_of_the_settings(tmp_path: Path) -> None:
    refusal = Reply(status=400, body={"error": {"type": "illegal_argument_exception", "reason": "parameter"}})
    with cluster_of(refusal) as cluster, bench(tmp_path, cluster, ONE) as run:
        assert run.step().state == "paused"
        assert (run.waiting, run.refused) == (["a1"], [])


def test_a_bad_request_later_on_is_narrowed_down_to_the_document_at_fault(tmp_path: Path) -> None:
    many = [document("alert", f"a{number:03d}") for number in range(100)]

    def picky(call: Call) -> Reply:
        bad = any(found["event"]["id"] == "a077" for _, found in call.pairs)
        return Reply(status=400, body={"error": {"type": "x", "reason": "malformed"}}) if bad else stored(call)

    with cluster_of(always=picky) as cluster, bench(tmp_path, cluster, document("asset", "first")) as run:
        run.until_idle()
        run.store.spool.add(many)
        run.until_idle()
        assert [entry["id"] for entry in run.refused] == ["a077"]
        assert (run.waiting, read_tally(run.store).acked) == ([], 100)


def test_a_cluster_that_suddenly_refuses_every_request_as_bad_does_not_empty_the_spool(tmp_path: Path) -> None:
    with cluster_of(always=stored) as cluster, bench(tmp_path, cluster, document("asset", "first")) as run:
        run.until_idle()
        cluster.always = lambda call: Reply(status=400, body={"error": "no"})
        run.store.spool.add([document("alert", f"a{number:03d}") for number in range(100)])
        for _ in range(20):
            run.step()
        assert len(run.refused) == MAX_CULPRITS
        assert len(run.waiting) == 100 - MAX_CULPRITS
        assert read_tally(run.store).paused


def test_what_is_not_elasticsearch_pauses_even_when_it_answers_200(tmp_path: Path) -> None:
    with cluster_of(Reply(body={"items": [item(201)]}, headers={})) as cluster, bench(tmp_path, cluster, ONE) as run:
        assert run.step().state == "paused"
        assert run.waiting == ["a1"] and "not Elasticsearch" in run.lines[0]
