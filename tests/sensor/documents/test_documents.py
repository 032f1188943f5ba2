"""Promises about the documents of every stream: valid ECS, and what an analyst and Kibana rely on in them."""

from __future__ import annotations

import msgspec

from dissectors.context import Context
from sensor.documents import STREAMS, Documents, Origin
from sensor.documents.alert import alert_document
from sensor.documents.asset import asset_document
from sensor.documents.operation import operation_document
from tests.sensor.build import START
from tests.sensor.documents.contexts import (
    DENIED,
    HMI_VIEW,
    HOSTILE,
    ORIGIN,
    PLC_VIEW,
    act,
    alarm,
    changed,
    channel,
    record,
    written,
)
from tests.sensor.documents.ecs_check import problems


def test_every_document_of_a_run_is_valid_ecs_and_every_stream_is_there() -> None:
    documents = written()
    assert {word for word, _ in documents} == set(STREAMS)
    assert [(word, problems(document, word)) for word, document in documents if problems(document, word)] == []


def test_a_document_goes_to_the_stream_of_its_site() -> None:
    for word, document in written():
        target = document["data_stream"]
        assert ORIGIN.stream(word) == f"{target['type']}-{target['dataset']}-{target['namespace']}"


def test_a_hostile_name_stays_text_of_one_line_in_every_stream() -> None:
    view = msgspec.structs.replace(PLC_VIEW, name=HOSTILE, zone=HOSTILE, role=HOSTILE)
    event = changed(old=HOSTILE, new=HOSTILE)
    asset = record(name=HOSTILE, vendor=HOSTILE, role=HOSTILE)
    alert = alarm(server=view, reason=HOSTILE, values=(HOSTILE,), why={HOSTILE: HOSTILE}, detail={"name": HOSTILE})
    talk = channel(interface=HOSTILE, unit=HOSTILE)
    exchange = act(values=(HOSTILE,), detail={"file": HOSTILE}, error=HOSTILE, source=HOSTILE)
    for word, document in (
        ("alert", alert_document(ORIGIN, alert)),
        ("asset", asset_document(ORIGIN, asset, event, START)),
        ("operation", operation_document(ORIGIN, exchange, talk, HMI_VIEW, view, DENIED)),
    ):
        line = msgspec.json.encode(document)
        assert problems(document, word) == []
        assert b"\n" not in line and b"\x1b" not in line and b"\x00" not in line
        back = msgspec.json.decode(line)
        assert back["event"]["kind"] == document["event"]["kind"] != "x"
        assert back["host"]["name"].startswith("PLC\x1b[31m")


def test_the_first_time_that_is_reported_names_the_run() -> None:
    documents = Documents(Origin(site="plant1", sensor="s", version="0"), lambda word, document: None)
    talk = channel()
    documents.take(Context(fact=talk, channel=talk))
    documents.alert(alarm())
    assert documents.origin.epoch == "20231114T221320.000000000Z"
