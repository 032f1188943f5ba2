"""Promises about documents in the spool: the same as in the files, each once, durable with the facts."""

from __future__ import annotations

from pathlib import Path

import msgspec

from dissectors.context import Context
from rules.detections.alert import Alert
from sensor.sinks import spool as module
from sensor.store import Store
from tests.sensor.build import exchange
from tests.sensor.documents.contexts import ORIGIN, alarm, channel, reported, written


def spool(store: Store) -> module.SpoolSink:
    made = module.SpoolSink(store)
    made.begin(ORIGIN)
    return made


def spooled(store: Store) -> list[tuple[str, str, bytes]]:
    return [(row.stream, row.id, row.body) for row in store.spool.waiting(1000)]


def test_the_spool_holds_the_same_documents_as_the_files_under_stream_and_id(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        output = spool(store)
        reported(output)
        output.commit()
        rows = spooled(store)
    assert [msgspec.json.decode(body) for _, _, body in rows] == [document for _, document in written()]
    for (stream, identifier, body), (word, document) in zip(rows, written(), strict=True):
        assert stream == ORIGIN.stream(word)
        assert identifier == document["event"].get("id", identifier)
        assert len(identifier) == 22 and body == msgspec.json.encode(document)


def test_the_same_run_twice_leaves_every_document_waiting_once(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        for _ in range(2):
            output = spool(store)
            reported(output)
            output.commit()
        assert len(spooled(store)) == len(written())


def test_what_was_committed_is_in_the_spool_for_another_process(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store, Store(tmp_path / "s.db", read_only=True) as other:
        output = spool(store)
        alert: Alert = alarm()
        store.writer.take(Context(fact=exchange(channel())))
        output.alert(alert)
        store.writer.alert(alert)
        assert spooled(other) == []
        output.commit()
        store.writer.commit()
        assert len(spooled(other)) == 1
        assert other.alerts() == [alert]


def test_documents_between_two_commits_do_not_pile_up_in_memory(tmp_path: Path) -> None:
    with Store(tmp_path / "s.db") as store:
        output = spool(store)
        for number in range(module.BATCH_DOCUMENTS + 1):
            output.alert(alarm(revision=number))
        assert store.spool.size()[0] == module.BATCH_DOCUMENTS
