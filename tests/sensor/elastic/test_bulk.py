"""Promises about putting the moment of sending into a stored document."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensor.elastic.bulk import BadDocumentError, action_line, dated

NOW = "2026-11-21T22:10:04.310Z"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.just('"event":{'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("event"), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(head=JSON, event=st.dictionaries(st.text(), JSON, max_size=3), tail=st.dictionaries(st.text(), JSON, max_size=3))
def test_only_the_moment_is_added_whatever_a_document_holds(
    head: object, event: dict[str, object], tail: dict[str, object]
) -> None:
    event.pop("created", None)
    document = {"@timestamp": "2026-11-21T22:10:04.123Z", "message": json.dumps(head), "event": event}
    document |= {name: value for name, value in tail.items() if name not in document}
    body = msgspec.json.encode(document)
    assert json.loads(dated(body, NOW)) == {**document, "event": {**event, "created": NOW}}


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (b'{"event":{}}', {}),
        (b'{"@timestamp":"x","event":{}}', {}),
        (b'{"@timestamp":"x",\n"event":{"id":"a"}}', {"id": "a"}),
        (b'{"@timestamp":"x"}', {}),
        (b'{"@timestamp":"x","event":7}', {}),
        (b'{"a":{"event":{"b":1}},"event":{"id":"a"}}', {"id": "a"}),
    ],
)
def test_documents_of_another_shape_get_it_too_and_stay_on_one_line(body: bytes, event: dict[str, str]) -> None:
    line = dated(body, NOW)
    assert json.loads(line)["event"] == {**event, "created": NOW}
    assert b"\n" not in line


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"{", b"\xff", b'"x"'])
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(BadDocumentError):
        dated(body, NOW)


def test_names_are_escaped_in_the_action() -> None:
    assert json.loads(action_line('logs-"\n', 'i"\n')) == {"create": {"_index": 'logs-"\n', "_id": 'i"\n'}}
