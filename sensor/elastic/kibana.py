"""Imports into Kibana: saved objects (data view, dashboards, tags) and detection rules.

The objects are made by ``tools/dashboards`` and lie beside this file as NDJSON. One request, plain ``http.client``: it follows no redirects, so the credential goes to the given address and nowhere
else. HTTP 200 is not enough: success and errors are in the answer.
"""

from __future__ import annotations

import contextlib
import http.client
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from sensor.elastic.classify import Hide, said
from sensor.elastic.deadline import Deadline
from sensor.elastic.settings import Credential

SECONDS: Final = 60.0
WHOLE_SECONDS: Final = 2 * SECONDS
"""For the whole exchange; the other is for each wait."""
BOUNDARY: Final = "spanwatch-saved-objects-5b1f0c7e"
MAX_ANSWER: Final = 8 << 20
MAX_ERRORS: Final = 5
MAX_REASON: Final = 300
SAVED_OBJECTS: Final = "/api/saved_objects/_import"
RULES: Final = "/api/detection_engine/rules/_import"
NEEDS: Final = {
    SAVED_OBJECTS: "it needs 'all' on Saved Objects Management",
    RULES: "it needs 'all' on Security",
}
"""The rights for each import."""


class KibanaError(Exception):
    """Kibana did not take the objects; the message says why and what to do."""


def saved_objects() -> list[dict[str, Any]]:
    """Return every saved object, what is referred to before what refers to it."""
    return _shipped("dashboards.ndjson")


def rules() -> list[dict[str, Any]]:
    """Return the detection rules."""
    return _shipped("rules.ndjson")


def _shipped(name: str) -> list[dict[str, Any]]:
    lines = (Path(__file__).parent / "content" / name).read_bytes().splitlines()
    return [msgspec.json.decode(line, type=dict[str, Any]) for line in lines]


def import_objects(
    url: str,
    objects: Sequence[dict[str, Any]],
    credential: Credential | None,
    ca: Path | None = None,
    into: str = SAVED_OBJECTS,
) -> int:
    """Send objects to Kibana at ``url`` (with its space, if any), overwriting older ones; return how many it took.

    ``into`` is ``SAVED_OBJECTS`` or ``RULES``. Raises ``KibanaError``.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        context = ssl.create_default_context(cafile=str(ca) if ca is not None else None)
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, port, timeout=SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    hide: Hide = str if credential is None else credential.hidden
    headers = {"kbn-xsrf": "true", "content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    if credential is not None:
        headers["authorization"] = credential.authorization
    path = f"{parts.path.rstrip('/')}{into}?overwrite=true"
    try:
        with Deadline(WHOLE_SECONDS) as deadline:
            connection.connect()
            deadline.watch(connection.sock)
            connection.request("POST", path, body=_multipart(objects), headers=headers)
            answer = connection.getresponse()
            status, body = answer.status, answer.read(MAX_ANSWER)
    except (OSError, http.client.HTTPException) as error:
        raise KibanaError(
            f"{url}: not reached ({said(str(error), hide, MAX_REASON)}). Check --kibana and --kibana-ca"
        ) from error
    finally:
        connection.close()
    return _taken(f"{url}{into}", status, body, len(objects), hide, NEEDS[into])


def _multipart(objects: Sequence[dict[str, Any]]) -> bytes:
    lines = b"\n".join(msgspec.json.encode(each) for each in objects)
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="spanwatch.ndjson"\r\n'
        "Content-Type: application/ndjson\r\n\r\n"
    )
    return head.encode() + lines + f"\r\n--{BOUNDARY}--\r\n".encode()


def _taken(url: str, status: int, body: bytes, sent: int, hide: Hide, needs: str) -> int:
    """Return the number of objects in a good answer; raise what a bad one says."""
    answer = None
    with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        answer = msgspec.json.decode(body)
    if not isinstance(answer, dict):
        raise KibanaError(f"{url}: HTTP {status}, and the answer is not Kibana's. Check --kibana")
    if status != 200:
        words = said(answer.get("message") or answer.get("error"), hide, MAX_REASON) or "no reason given"
        fix = f"Check the user or key; {needs}. " if status in {401, 403} else ""
        raise KibanaError(f"{url}: HTTP {status}: {fix}{words}")
    errors = answer.get("errors")
    count = answer.get("successCount", answer.get("success_count"))
    if answer.get("success") is not True or errors or count != sent:
        named = [_error_text(error, hide) for error in errors[:MAX_ERRORS]] if isinstance(errors, list) else []
        raise KibanaError(
            f"{url}: Kibana took {count if type(count) is int else None} of {sent} objects. {'; '.join(named)}".strip()
        )
    return sent


def _error_text(error: Any, hide: Hide) -> str:
    if not isinstance(error, dict):
        return "?"
    why = error.get("error")
    kind = why.get("type", "") if isinstance(why, dict) else ""
    named = (said(part, hide, MAX_REASON) for part in (error.get("type"), error.get("id"), kind))
    return "{} {}: {}".format(*(part or "?" for part in named))
