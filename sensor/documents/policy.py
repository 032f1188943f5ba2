"""The verdict of the segmentation policy in a document. A passive sensor neither allows nor denies: this is no
``event.type``, only what the policy says of the traffic.
"""

from __future__ import annotations

from dissectors.context import Verdict
from sensor.documents.moment import moment
from sensor.documents.text import Document, keywords, text


def policy(verdict: Verdict | None) -> Document:
    """Return ``spanwatch.policy``, {} without a verdict."""
    if verdict is None:
        return {}
    return {
        "id": text(verdict.policy),
        "version": verdict.version or None,
        "sha256": verdict.sha256,
        "verdict": verdict.kind,
        "rule_id": text(verdict.rule),
        "conduit": text(verdict.conduit),
        "missing": verdict.missing,
        "closest": text(verdict.closest),
        "matches": keywords(verdict.matches),
        "expected": text(verdict.expected),
        "observed": text(verdict.observed),
        "reason": text(verdict.reason),
        "flags": keywords(verdict.flags),
        "ticket": text(verdict.ticket),
        "safety": verdict.safety,
        "exception_until": moment(verdict.expires) if verdict.expires else "",
    }
