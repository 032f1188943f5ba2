"""One bulk request: documents of the spool in, one answer for each document out, whatever the server does.

Documents go as the bytes they were spooled as; only ``event.created`` (wall clock) is put in. Elasticsearch's own
helpers are not used: they report a document in the failure store as fine and let connection errors escape in mid-stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from sensor.elastic.classify import Action, Answer, Hide, classify_item, classify_request, said
from sensor.elastic.settings import Credential
from sensor.store import Waiting

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

FILTER: Final = (
    "errors", "error", "status", "items.*.status", "items.*.error.type", "items.*.error.reason",
    "items.*.error.caused_by.reason", "items.*.failure_store",
)  # fmt: skip
"""Parts of the answer that are asked for; "error" must stay, it filters error answers too."""
HEAD: Final = b'{"@timestamp":"'
EVENT: Final = b'"event":{'
MAX_REASON: Final = 300
UNREADABLE: Final = "the answer cannot be read"


class BadDocumentError(Exception):
    """What waits in the spool is no JSON object."""


def action_line(stream: str, identifier: str) -> bytes:
    """Return the line before a document. Health documents get their id from the time series itself."""
    target = {"_index": stream} if stream.startswith("metrics-") else {"_index": stream, "_id": identifier}
    return msgspec.json.encode({"create": target})


def dated(body: bytes, created: str) -> bytes:
    """Return a document with ``event.created`` (text of a moment), without reading it where that is possible.

    Inside a JSON string a quote is escaped, so the marker can only be a key; the documents of this project begin with
    their time and have ``event`` before anything that could hold another one. Others are read and written again.
    Raises ``BadDocumentError``.
    """
    place = body.find(EVENT)
    if place > 0 and body.startswith(HEAD) and body[place + len(EVENT)] == 0x22 and b"\n" not in body:
        cut = place + len(EVENT)
        return b'%s"created":"%s",%s' % (body[:cut], created.encode(), body[cut:])
    try:
        document = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadDocumentError(str(error)) from error
    event = document.get("event")
    document["event"] = (event if isinstance(event, dict) else {}) | {"created": created}
    return msgspec.json.encode(document)


class Sender(Protocol):
    """Sends documents; the shipper knows nothing else of the network."""

    def send(self, batch: Sequence[Waiting], created: str) -> list[Answer]:
        """Return one answer for each document, in order. Never raises for anything a server or network does."""


class BulkSender:
    """A ``Sender`` over the client of ``elasticsearch``. ``proven`` becomes true with its first success."""

    def __init__(self, client: Elasticsearch, credential: Credential | None) -> None:
        self._client = client
        self._hide: Hide = str if credential is None else credential.hidden
        self.proven = False

    def send(self, batch: Sequence[Waiting], created: str) -> list[Answer]:
        """Send one request and return what became of each document."""
        lines: list[bytes] = []
        answers: dict[int, Answer] = {}
        for index, document in enumerate(batch):
            try:
                body = dated(document.body, created)
            except BadDocumentError as error:
                answers[index] = Answer(Action.DEAD, reason=f"not a JSON object: {error}")
                continue
            lines += (action_line(document.stream, document.id), body)
        sent = iter(self._request(lines) if lines else [])
        return [answers[index] if index in answers else next(sent) for index in range(len(batch))]

    def _request(self, lines: list[bytes]) -> list[Answer]:
        from elastic_transport import TransportError  # noqa: PLC0415  # loaded with the client
        from elasticsearch import ApiError, UnsupportedProductError  # noqa: PLC0415

        count = len(lines) // 2
        try:
            body = self._client.bulk(
                operations=lines,  # type: ignore[arg-type]  # ready lines go through as they are
                require_data_stream=True,
                include_source_on_error=False,
                filter_path=FILTER,
            ).body
        except UnsupportedProductError:
            reason = "what answers is not Elasticsearch, or a proxy takes the header X-Elastic-Product out"
            return [Answer(Action.PAUSE, reason=reason, whole=True)] * count
        except ApiError as error:
            return [classify_request(error.meta.status, error.body, self.proven, self._hide)] * count
        except TransportError as error:
            return [Answer(Action.RETRY, reason=explain(error, self._hide), whole=True)] * count
        except Exception:  # noqa: BLE001  # whatever an answer can do to a decoder, e.g. 200,000 open brackets
            return [Answer(Action.RETRY, reason=UNREADABLE, whole=True)] * count
        items = body.get("items") if isinstance(body, dict) else None
        if not isinstance(items, list) or len(items) != count:
            return [Answer(Action.RETRY, reason="the answer does not fit the request", whole=True)] * count
        answers = [classify_item(item, self._hide) for item in items]
        self.proven = self.proven or any(answer.action is Action.STORED for answer in answers)
        return answers


def causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and what it was made of, the outermost first."""
    seen: BaseException | None = error
    for _ in range(8):
        if not isinstance(seen, BaseException):
            return
        yield seen
        inner = getattr(seen, "errors", None) or ()
        seen = (inner[0] if inner else None) or getattr(seen, "reason", None) or seen.__cause__


def explain(error: Exception, hide: Hide = str) -> str:
    """Return a connection error in plain words, with the innermost cause, without secrets."""
    from elastic_transport import ConnectionTimeout, SerializationError, TlsError  # noqa: PLC0415

    from sensor.elastic.node import AnswerError  # noqa: PLC0415

    if isinstance(error, SerializationError):
        return "the answer is cut off or is not JSON"
    *_, cause = causes(error)
    text = said(" ".join(str(cause).split()), hide, MAX_REASON)
    if isinstance(cause, AnswerError):
        return f"{UNREADABLE}: {text}"
    if isinstance(error, TlsError):
        return f"TLS: {text}"
    if isinstance(error, ConnectionTimeout):
        return "no answer in time"
    if "Remote end closed" in text:
        return "the server closed the connection without an answer; does it speak https://?"
    return f"not reached: {text}"
