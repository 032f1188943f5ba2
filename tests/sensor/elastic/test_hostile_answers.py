"""Promises about answers that are made to break the shipper: none ends it, fills its memory, or gets the key reported."""

from __future__ import annotations

import base64
import gzip
import logging
from pathlib import Path

import pytest

from sensor.elastic.classify import Action, classify_item
from sensor.elastic.node import MAX_ANSWER
from sensor.elastic.shipper import PROBE_SECONDS
from sensor.elastic.tally import read_tally
from tests.sensor.elastic.cluster import PRODUCT, Call, Reply, cluster_of, item, items, stored
from tests.sensor.elastic.shipping import KEY, bench, document

ONE = document("alert", "a1")
DEEP = b"[" * 200_000
HALF = "bad \ud83d"
ENCODED = base64.b64encode(KEY.encode()).decode()


def test_a_wanted_answer_is_asked_for_uncompressed(tmp_path: Path) -> None:
    with cluster_of() as cluster, bench(tmp_path, cluster, ONE) as run:
        run.until_idle()
        assert cluster.bulks[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(body=DEEP), "cannot be read"),
        (Reply(status=400, body=DEEP), "cannot be read"),
        (Reply(body=gzip.compress(b"{}"), headers={**PRODUCT, "content-encoding": "gzip"}), "compressed"),
        (Reply(body=b" " * (MAX_ANSWER + 1)), "larger than 16 MiB"),
        (Reply(status=429, body={"error": {"type": "x", "reason": HALF}}), "bad ?"),
    ],
)
def test_an_answer_that_cannot_be_read_is_trouble_and_the_document_is_sent_again(
    tmp_path: Path, reply: Reply, reason: str
) -> None:
    with cluster_of(reply) as cluster, bench(tmp_path, cluster, ONE) as run:
        assert run.step().state == "trouble"
        assert run.waiting == ["a1"] and reason in read_tally(run.store).reason
        run.until_idle()
        assert run.waiting == [] and read_tally(run.store).acked == 1


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_that_drips_is_given_up_though_every_byte_is_in_time(tmp_path: Path, chunked: bool) -> None:
    drip = Reply(body=b" " * 300, drip=0.1, chunked=chunked)
    with cluster_of(drip) as cluster, bench(tmp_path, cluster, ONE, seconds=0.5) as run:
        assert run.step().state == "trouble"
        assert read_tally(run.store).reason == "no answer in time"
        assert len(cluster.bulks) == 1
        run.until_idle()
        assert read_tally(run.store).acked == 1


def test_half_of_a_surrogate_pair_reaches_the_dead_letters_as_a_question_mark(tmp_path: Path) -> None:
    with cluster_of(items(item(400, "x\ud800", HALF))) as cluster, bench(tmp_path, cluster, ONE) as run:
        run.until_idle()
        (entry,) = run.refused
        assert (entry["type"], entry["reason"]) == ("x?", "bad ?")


def test_half_of_a_surrogate_pair_pauses_like_any_other_text(tmp_path: Path) -> None:
    refused = Reply(status=403, body={"error": {"type": "x\ud800", "reason": HALF}})
    with cluster_of(refused) as cluster, bench(tmp_path, cluster, ONE) as run:
        assert run.step().state == "paused"
        assert read_tally(run.store).reason.endswith("x? bad ?")


def echo(call: Call) -> Reply:
    header = call.headers["authorization"]
    return Reply(status=403, body={"error": {"type": f"illegal {header}", "reason": "r" * 470 + header}})


def echo_item(call: Call) -> Reply:
    header = call.headers["authorization"]
    return items(*(item(400, f"illegal {header}", "r" * 470 + header) for _ in call.pairs))


def test_a_key_that_is_repeated_to_us_is_not_kept_or_reported_not_even_in_part(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with cluster_of(echo, echo_item, always=stored) as cluster, bench(tmp_path, cluster, ONE) as run:
        run.step()
        kept = read_tally(run.store).reason
        run.now += PROBE_SECONDS
        run.until_idle()
        assert "illegal" in kept and len(run.refused) == 1
        reported = "\n".join([kept, *run.lines, str(run.refused), caplog.text])
    assert ENCODED[:12] not in reported and KEY[:12] not in reported


@pytest.mark.parametrize("status", [True, False, 0, -1, 99, 600, 10**30, 201.0, "201", None])
def test_what_is_no_status_is_asked_again(status: object) -> None:
    assert classify_item({"create": {"status": status}}).action is Action.RETRY
    assert classify_item({"create": {"status": status}}).status == 0
