"""Promises that hold whatever a cluster answers, in whatever order."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.elastic.classify import Action, Answer, classify_item, classify_request
from sensor.elastic.shipper import PROBE_SECONDS
from sensor.elastic.tally import read_tally
from sensor.store import Store, Waiting
from sensor.store.spool import importance
from tests.sensor.elastic.shipping import Bench, document

WORDS = ("alert", "asset", "sensor", "operation", "channel")
KINDS = ("", "version_conflict_engine_exception", "security_exception", "index_not_found_exception", "x")
ITEM = st.builds(
    lambda status, kind, used: classify_item(
        {"create": {"status": status, "error": {"type": kind, "reason": "r"}, "failure_store": used}}
    ),
    st.sampled_from([200, 201, 201, 201, 400, 401, 403, 404, 409, 413, 418, 429, 500, 503]),
    st.sampled_from(KINDS),
    st.sampled_from(["used", "not_enabled"]),
)
WHOLE = st.builds(
    classify_request, st.sampled_from([302, 400, 401, 403, 404, 413, 415, 429, 500, 502]), st.none(), st.booleans()
)
STORED = {Action.STORED, Action.REJECTED, Action.DUPLICATE}


class Scripted:
    """Answers from a list; what it stored, and what it was sent, is remembered."""

    def __init__(self, script: list[Answer | list[Answer]]) -> None:
        self.script = script
        self.stored: set[str] = set()
        self.outdated: set[str] = set()
        self.sent: list[list[Waiting]] = []

    def send(self, batch: Sequence[Waiting], created: str) -> list[Answer]:
        self.sent.append(list(batch))
        chosen = self.script.pop(0) if self.script else Answer(Action.STORED, 201)
        if isinstance(chosen, Answer):
            answers = [chosen] * len(batch)
        else:
            answers = [chosen[number % len(chosen)] for number in range(len(batch))]
        self.stored |= {row.id for row, answer in zip(batch, answers, strict=True) if answer.action in STORED}
        return answers


@settings(max_examples=40, deadline=None)
@given(
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=40),
    script=st.lists(st.one_of(WHOLE, st.lists(ITEM, min_size=1, max_size=7)), max_size=25),
    most=st.integers(1, 12),
)
def test_no_document_is_ever_lost_and_all_arrive_or_are_set_aside_when_the_cluster_is_well(
    words: list[str], script: list[Answer | list[Answer]], most: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "s.db") as store:
        documents = [document(word, f"{word}{number}") for number, word in enumerate(words)]
        names = {name for _, name, _ in documents}
        store.spool.add(documents)
        sender = Scripted(script)
        run = Bench(store, sender)
        run.shipper.pace.documents = most
        for _ in range(200):
            step = run.step()
            waiting, refused = set(run.waiting), {entry["id"] for entry in run.refused}
            assert waiting | refused | sender.stored == names
            assert not waiting & refused
            if step.idle:
                break
            run.now += PROBE_SECONDS
        else:
            raise AssertionError("did not come to rest")
        tally = read_tally(store)
        assert waiting == set()
        assert tally.acked + tally.duplicates + tally.dead_letter == len(names)
        assert not tally.paused and not tally.trouble


@settings(max_examples=40, deadline=None)
@given(
    words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=40),
    script=st.lists(st.lists(ITEM, min_size=1, max_size=7), max_size=10),
)
def test_every_request_has_important_streams_first_and_each_stream_in_its_order(
    words: list[str], script: list[Answer | list[Answer]]
) -> None:
    with tempfile.TemporaryDirectory() as folder, Store(Path(folder) / "s.db") as store:
        store.spool.add([document(word, f"{word}{number}") for number, word in enumerate(words)])
        sender = Scripted(script)
        run = Bench(store, sender)
        run.shipper.pace.documents = 9
        while not run.step().idle:
            run.now += PROBE_SECONDS
        for batch in sender.sent:
            order = [(importance(row.stream), row.place) for row in batch]
            assert order == sorted(order)


NAMES = st.sampled_from(["create", "status", "error", "type", "reason", "failure_store"])
VALUE = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
ANYTHING = st.recursive(
    VALUE, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=8
)


@settings(max_examples=60, deadline=None)
@given(ANYTHING)
def test_any_item_has_a_meaning(item: object) -> None:
    assert isinstance(classify_item(item), Answer)
    assert isinstance(classify_item({"create": item}), Answer)
    assert isinstance(classify_request(400, item, True), Answer)
