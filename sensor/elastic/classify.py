"""What an answer of the bulk interface means for a document. The one table of it.

Statuses and error types of Elasticsearch 8.19 to 9.x. Whatever is not listed: a refused document is set aside (dead
letter), a failing server is asked again.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final

import msgspec


class Action(Enum):
    """What happens to a document now."""

    STORED = "stored"
    REJECTED = "rejected"
    """Accepted, but its mapping or pipeline failed: it is in the failure store."""
    DUPLICATE = "duplicate"
    RETRY = "retry"
    PAUSE = "pause"
    SPLIT = "split"
    DEAD = "dead"
    OUTDATED = "outdated"
    """A health document older than what a time series takes."""


class Answer(msgspec.Struct, frozen=True):
    """An action with what the cluster said: HTTP status, 0 without one; type and reason of the error.

    ``whole`` marks the answer to a request, not to one of its documents.
    """

    action: Action
    status: int = 0
    kind: str = ""
    reason: str = ""
    whole: bool = False


BUSY: Final = frozenset({429, 502, 503, 504})
BUSY_KINDS: Final = frozenset(
    {"es_rejected_execution_exception", "unavailable_shards_exception", "cluster_block_exception"}
)
FORBIDDEN: Final = frozenset({401, 403})
CLUSTER_REASONS: Final = ("pipeline with id [", "maximum normal shards open", "maximum shards open")
"""Errors with status 400 that blame the document for what is missing in the cluster."""
TIME_REASONS: Final = ("outside of ranges of currently writable", "time series index @timestamp value")

HINTS: Final = {
    401: "the cluster does not know the key or password. Check the key file, or make a new key with: "
    "spanwatch elastic setup --key-out FILE",
    403: "the key may not write to this data stream. Use a key made for this site with: "
    "spanwatch elastic setup --key-out FILE",
    404: "no index template makes this data stream. Run: spanwatch elastic setup",
}
"""What to do, by status."""
MAX_REASON: Final = 500
Hide = Callable[[str], str]
"""Takes secrets out of a text: a proxy may repeat a request in its error page."""


def classify_item(item: Any, hide: Hide = str) -> Answer:
    """Return what one item of a bulk answer means, e.g. {"create": {"status": 201}}; anything odd is asked again."""
    outcome = item.get("create") if isinstance(item, dict) else None
    status = outcome.get("status") if isinstance(outcome, dict) else None
    if not isinstance(outcome, dict) or type(status) is not int or not 100 <= status < 600:
        return Answer(Action.RETRY, reason="the answer names no status for a document")
    kind, reason = error_of(outcome, hide)
    return Answer(_action(status, kind, reason, outcome.get("failure_store") == "used"), status, kind, reason)


def _action(status: int, kind: str, reason: str, failed: bool) -> Action:
    if status in {200, 201}:
        return Action.REJECTED if failed else Action.STORED
    if status == 409 and kind in {"version_conflict_engine_exception", ""}:
        return Action.DUPLICATE
    if status in FORBIDDEN:
        return Action.PAUSE
    if status in BUSY or kind in BUSY_KINDS:
        return Action.RETRY
    if status == 404 and kind in {"index_not_found_exception", ""}:
        return Action.PAUSE
    if status == 400 and any(text in reason for text in CLUSTER_REASONS):
        return Action.PAUSE
    if status == 400 and any(text in reason for text in TIME_REASONS):
        return Action.OUTDATED
    return Action.DEAD if 400 <= status < 500 else Action.RETRY


def classify_request(status: int, body: Any, proven: bool, hide: Hide = str) -> Answer:
    """Return what an error answer to a whole request means. ``proven``: a request of this run has worked before."""
    kind, reason = error_of(body, hide)
    if status == 413 or (status == 400 and proven):
        action = Action.SPLIT
    elif status in {408, 429} or not 400 <= status < 500:
        action = Action.RETRY
    else:
        action = Action.PAUSE
    return Answer(action, status, kind, reason, whole=True)


def said(value: Any, hide: Hide = str, limit: int = MAX_REASON) -> str:
    """Return a text of an answer as it may be shown and kept, "" for what is no text.

    Half of a surrogate pair, which JSON can hold and UTF-8 cannot, becomes "?". A secret goes before the text is cut:
    what is left of one would not be known any more.
    """
    return hide(value.encode("utf-8", "replace").decode())[:limit] if isinstance(value, str) else ""


def error_of(body: Any, hide: Hide = str) -> tuple[str, str]:
    """Return type and reason of the error in an answer, "" where it has none; without secrets, long ones are cut."""
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return "", said(error, hide)
    if not isinstance(error, dict):
        return "", ""
    kind, reason = error.get("type"), error.get("reason")
    cause = error.get("caused_by")
    if isinstance(cause, dict) and isinstance(cause.get("reason"), str):
        reason = f"{reason if isinstance(reason, str) else ''} ({cause['reason']})".strip()
    return said(kind, hide), said(reason, hide)


def sentence(answer: Answer) -> str:
    """Return what went wrong and what to do, in one sentence."""
    words = " ".join(part for part in (answer.kind, answer.reason) if part)
    hint = HINTS.get(answer.status, "")
    if answer.status == 403 and answer.kind == "cluster_block_exception":
        hint = "the data stream is read-only"
    head = f"HTTP {answer.status}" if answer.status else ""
    return ": ".join(part for part in (head, hint, words) if part) or "no answer"
