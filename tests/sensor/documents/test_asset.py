"""Promises about asset documents: one per change that means something, one per state, none twice."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from dissectors.context import AssetEvent
from sensor.documents import Documents
from sensor.documents.asset import asset_document
from sensor.inventory.record import AssetRecord
from tests.sensor.build import SECOND, START
from tests.sensor.documents.contexts import ORIGIN, alarm, changed, record
from tests.sensor.documents.ecs_check import problems


def assets_of(*reported: tuple[AssetRecord, AssetEvent | None]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    documents = Documents(ORIGIN, lambda word, document: found.append(document))
    for asset, event in reported:
        documents.asset(asset, event)
    return found


def test_first_sights_while_learning_make_no_document_of_their_own() -> None:
    quiet = changed(kind="new", attribute="", old="", new="PLC-7", settled=False)
    loud = msgspec.structs.replace(quiet, settled=True)
    documents = assets_of((record(), quiet), (record(), loud), (record(), None))
    assert [document["event"]["action"] for document in documents] == ["asset-new", "asset-refresh"]


def test_an_asset_that_was_not_seen_again_is_not_reported_again() -> None:
    later = record(last=START + 90 * SECOND)
    documents = assets_of((record(), None), (record(), None), (later, None))
    assert [document["@timestamp"] for document in documents] == [
        "2023-11-14T22:14:20.000Z",
        "2023-11-14T22:14:50.000Z",
    ]


def test_an_asset_that_was_never_seen_is_dated_by_the_run() -> None:
    found: list[dict[str, Any]] = []
    documents = Documents(ORIGIN, lambda word, document: found.append(document))
    documents.alert(alarm())
    documents.asset(record(first=0, last=0), None)
    assert found[1]["@timestamp"] == found[0]["@timestamp"]


@pytest.mark.parametrize("kind", ["new", "changed", "moved", "conflict", "service"])
def test_every_kind_of_asset_event_is_valid_and_says_what_happened(kind: str) -> None:
    document = asset_document(ORIGIN, record(), changed(kind=kind), START)
    assert problems(document, "asset") == []
    assert document["event"]["type"] == (["info"] if kind in {"new", "service"} else ["change"])
    assert "PLC-7" in document["message"]
