"""Promises about documents that are set aside: kept with the reason, bounded, safe on the disk, never with the key."""

from __future__ import annotations

from pathlib import Path

from sensor.elastic.dead_letter import DeadLetters
from sensor.elastic.tally import read_tally
from tests.sensor.elastic.cluster import Call, Reply, cluster_of, item, items
from tests.sensor.elastic.shipping import KEY, bench, document

ONE = document("alert", "a1")


def test_what_is_no_json_is_set_aside_and_its_neighbours_go(tmp_path: Path) -> None:
    bad = ("logs-spanwatch.alert-plant1", "broken", b'{"a"\n')
    with cluster_of() as cluster, bench(tmp_path, cluster, ONE, bad, document("alert", "a2")) as run:
        run.until_idle()
        assert [(entry["id"], entry["text"]) for entry in run.refused] == [("broken", '{"a"\n')]
        assert read_tally(run.store).acked == 2


def test_the_key_is_in_no_line_no_letter_and_no_counter_even_when_the_server_repeats_it(tmp_path: Path) -> None:
    def echo(call: Call) -> Reply:
        sent = call.headers["authorization"]
        return items(*(item(400, "x", f"your header {sent} and {KEY}") for _ in call.pairs))

    def echo_all(call: Call) -> Reply:
        return Reply(status=403, body={"error": {"type": "t", "reason": call.headers["authorization"]}})

    with cluster_of(echo, echo_all) as cluster, bench(tmp_path, cluster, ONE) as run:
        run.step()
        run.store.spool.add([document("alert", "a2")])
        run.step()
        assert cluster.bulks[0].headers["authorization"].startswith("ApiKey ")
        secret = cluster.bulks[0].headers["authorization"].removeprefix("ApiKey ")
        reported = "\n".join(run.lines) + run.letters.read_text() + read_tally(run.store).reason
        assert "your header" in reported and len(run.lines) == 2
        assert secret not in reported and KEY not in reported and "topsecretkeyvalue" not in reported


def test_a_full_dead_letter_file_drops_and_counts(tmp_path: Path) -> None:
    many = [document("alert", f"a{number}", message="x" * 1_000) for number in range(10)]

    def refuse(call: Call) -> Reply:
        return items(*(item(400, "mapper_parsing_exception", "why") for _ in call.pairs))

    with cluster_of(always=refuse) as cluster, bench(tmp_path, cluster, *many) as run:
        run.shipper._letters = DeadLetters(run.letters, max_bytes=5_000)
        run.until_idle()
        tally = read_tally(run.store)
        assert run.letters.stat().st_size <= 5_000
        assert (len(run.refused), tally.dead_letter) == (tally.dead_letter, len(run.refused))
        assert tally.dead_letter >= 1 and tally.dead_letter + tally.dropped == 10
        assert run.waiting == []


def test_a_dead_letter_that_cannot_be_written_keeps_its_document_waiting(tmp_path: Path) -> None:
    two = (document("alert", "bad"), document("alert", "good"))
    answers = items(item(400, "mapper_parsing_exception", "why"), item(201))
    with cluster_of(answers, items(item(400, "x", "y"))) as cluster, bench(tmp_path, cluster, *two) as run:
        run.letters.mkdir()
        assert run.step().state == "trouble"
        assert run.waiting == ["bad"] and "cannot be written" in run.lines[0]
        run.letters.rmdir()
        run.until_idle()
        assert [entry["id"] for entry in run.refused] == ["bad"]


def test_a_line_torn_by_a_crash_does_not_spoil_the_next(tmp_path: Path) -> None:
    letters = tmp_path / "s.db.dead-letter.ndjson"
    letters.write_bytes(b'{"time":"2026')
    with cluster_of(items(item(400, "x", "y"))) as cluster, bench(tmp_path, cluster, ONE) as run:
        run.until_idle()
        lines = letters.read_bytes().splitlines()
        assert lines[0] == b'{"time":"2026' and b'"id":"a1"' in lines[1]
