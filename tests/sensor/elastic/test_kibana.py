"""Promises about importing saved objects into Kibana."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sensor.elastic.kibana import SAVED_OBJECTS, KibanaError, import_objects
from sensor.elastic.settings import Settings, check
from tests.sensor.elastic.cluster import Reply, cluster_of
from tests.sensor.elastic.shipping import KEY, key_file

OBJECTS = [json.loads(line) for line in SAVED_OBJECTS.lines.splitlines()]


def test_objects_go_as_one_file_and_overwrite_older_ones(tmp_path: Path) -> None:
    credential = check(Settings(urls=("http://127.0.0.1:1",), key_file=key_file(tmp_path)))
    with cluster_of() as kibana:
        kibana.routes["POST /s/plant/api/saved_objects/_import"] = Reply(
            body={"success": True, "successCount": len(OBJECTS)}
        )
        assert import_objects(f"{kibana.url}/s/plant/", SAVED_OBJECTS, credential) == len(OBJECTS)
        (call,) = kibana.calls
    assert call.path == "/s/plant/api/saved_objects/_import?overwrite=true"
    assert call.headers["kbn-xsrf"] == "true" and call.headers["authorization"].startswith("ApiKey ")
    boundary = call.headers["content-type"].partition("boundary=")[2].encode()
    _, part, end = call.body.split(b"--" + boundary)
    head, _, lines = part.partition(b"\r\n\r\n")
    assert b'name="file"; filename="spanwatch.ndjson"' in head and end == b"--\r\n"
    assert [json.loads(line) for line in lines.strip().splitlines()] == OBJECTS


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (
            Reply(body={"success": False, "successCount": 1, "errors": [{"type": "tag", "id": "t", "error": {"type": "conflict"}}]}),
            f"took 1 of {len(OBJECTS)} objects. tag t: conflict",
        ),
        (Reply(body={"success": True, "successCount": 1}), f"took 1 of {len(OBJECTS)}"),
        (Reply(body={}), f"took None of {len(OBJECTS)}"),
        (Reply(status=403, body={"message": "Unable to bulk_create"}), "Saved Objects Management. Unable"),
        (Reply(status=401, body={"message": KEY}), "HTTP 401"),
        (Reply(status=302, body=b"", headers={"location": "http://127.0.0.1:1/login"}), "HTTP 302"),
        (Reply(body=b"<html>", kind="text/html"), "not Kibana's"),
        (Reply(drop=True), "not reached"),
        (Reply(body=b"[" * 200_000), "not Kibana's"),
        (Reply(status=400, body={"message": "r" * 290 + KEY}), "HTTP 400"),
        (Reply(body={"errors": [{"type": "x", "id": 7, "error": {"type": KEY}}]}), "x ?: "),
    ],
)  # fmt: skip
def test_what_kibana_did_not_take_is_an_error_even_with_status_200(tmp_path: Path, reply: Reply, said: str) -> None:
    credential = check(Settings(urls=("http://127.0.0.1:1",), key_file=key_file(tmp_path)))
    with cluster_of() as kibana:
        kibana.routes["POST /api/saved_objects/_import"] = reply
        with pytest.raises(KibanaError) as caught:
            import_objects(kibana.url, SAVED_OBJECTS, credential)
    text = str(caught.value).encode().decode()
    assert said in text and KEY not in text and KEY[:10] not in text
