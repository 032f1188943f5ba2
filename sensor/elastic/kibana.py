"""Imports into Kibana: saved objects (data view, dashboards, tags) and the detection rule, as they lie in ``content/``.

The files are generated (``tools/dashboards``) and hold nothing of a site: they look at the streams of all sites. One
request each, which follows no redirect, so the credential goes to the given address and nowhere else. HTTP 200 is not
enough: success and errors are in the answer.
"""

from __future__ import annotations

import contextlib
import ssl
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec
import urllib3

from sensor.elastic.bulk import causes
from sensor.elastic.classify import Hide, said
from sensor.elastic.node import LimitedPool
from sensor.elastic.settings import Credential

SECONDS: Final = 60.0
BOUNDARY: Final = "spanwatch-saved-objects-5b1f0c7e"
MAX_ANSWER: Final = 8 << 20
MAX_ERRORS: Final = 5
MAX_REASON: Final = 300
CONTENT: Final = Path(str(files("sensor.elastic"))) / "content"


class Import(msgspec.Struct, frozen=True):
    """One import: the file of objects, one per line; where they go; the rights that it needs."""

    file: str
    path: str
    needs: str

    @property
    def lines(self) -> bytes:
        """The objects as they are sent."""
        return (CONTENT / self.file).read_bytes()


SAVED_OBJECTS: Final = Import(
    "dashboards.ndjson", "/api/saved_objects/_import", "it needs 'all' on Saved Objects Management"
)
RULES: Final = Import("rules.ndjson", "/api/detection_engine/rules/_import", "it needs 'all' on Security")


class KibanaError(Exception):
    """Kibana did not take the objects; the message says why and what to do."""


def import_objects(url: str, what: Import, credential: Credential | None, ca: Path | None = None) -> int:
    """Send objects to Kibana at ``url`` (with its space, if any), overwriting older ones; return how many it took.

    Raises ``KibanaError``.
    """
    parts, lines = urlsplit(url), what.lines
    hide: Hide = str if credential is None else credential.hidden
    body, kind = urllib3.encode_multipart_formdata(
        {"file": ("spanwatch.ndjson", lines, "application/ndjson")}, BOUNDARY
    )
    headers = {"kbn-xsrf": "true", "content-type": kind}
    if credential is not None:
        headers["authorization"] = credential.authorization
    path = f"{parts.path.rstrip('/')}{what.path}?overwrite=true"
    try:
        with _pool(parts.scheme, parts.hostname or "", parts.port, ca) as pool:
            answer = LimitedPool(pool, MAX_ANSWER).urlopen(
                "POST", path, body=body, headers=headers, timeout=SECONDS, retries=False, redirect=False
            )
    except (OSError, urllib3.exceptions.HTTPError) as error:
        *_, cause = causes(error)
        raise KibanaError(
            f"{url}: not reached ({said(str(cause), hide, MAX_REASON)}). Check --kibana and --kibana-ca"
        ) from error
    return _taken(f"{url}{what.path}", answer.status, answer.data, lines.count(b"\n"), hide, what.needs)


def _pool(scheme: str, host: str, port: int | None, ca: Path | None) -> urllib3.HTTPConnectionPool:
    if scheme != "https":
        return urllib3.HTTPConnectionPool(host, port)
    context = ssl.create_default_context(cafile=str(ca) if ca is not None else None)
    return urllib3.HTTPSConnectionPool(host, port, ssl_context=context)


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
