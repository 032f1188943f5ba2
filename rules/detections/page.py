"""The page of an alert: what raises it, what the analyst reads, what it may be instead, and what a site may change.

Everything on it comes from the catalogue entry, so it cannot differ from what the sensor does. Markdown that reads well
as plain text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from rules.detections.attack.pin import technique
from rules.detections.catalogue import CATALOGUE
from rules.detections.entry import Entry, Match
from rules.detections.explanation import FORMS
from rules.detections.settings import ENABLED, EXCEPT, describe

NEEDS: Final = {
    "D": "nothing: it works from the first day",
    "P": "a segmentation policy",
    "B": "a baseline that was learned",
    "C": "settings of the site",
}
SCOPES: Final = {
    "unit": "client, server and unit",
    "pair": "client and server",
    "client": "client",
    "server": "server",
    "asset": "asset",
    "source": "capture source, and what it is about",
    "channel": "channel, and the reason of the model",
}
EVENTS: Final = {
    "Exchange": "a request with its answer",
    "OperationFirst": "the first time of an operation",
    "ChannelOpened": "a conversation that begins or changes",
    "ChannelWindow": "the counters of a conversation over one minute",
    "Violation": "a violation",
    "Visibility": "a change of what is seen of a conversation",
    "Sighting": "an attribute of a device",
    "Health": "the counters of the sensor",
    "AssetEvent": "a change of the inventory",
    "SensorEvent": "what the sensor reports about itself",
    "FindingEvent": "a finding of a model",
}
PARTS: Final = {
    "protocols": "protocol",
    "words": "name",
    "verbs": "class",
    "outcomes": "outcome",
    "errors": "error",
    "codes": "code",
    "verdicts": "verdict",
}
OPTIONAL: Final = frozenset({"error", "learned", "missing", "on", "rarity", "reasons", "unit_text"})
"""Words that may be nothing; they bring their own space and stand right behind what is before them."""
_BY_ID: Final = {entry.id: entry for entry in CATALOGUE}


def page(identifier: str) -> str:
    """Return the page of an alert. Raises ``KeyError`` that names the nearest alerts for an id that there is not."""
    entry = _BY_ID.get(identifier)
    if entry is None:
        near = ", ".join(f"{one} {_BY_ID[one].name}" for one in nearest(identifier))
        raise KeyError(f"there is no alert {identifier!r}; nearest: {near}")
    return "\n".join(_lines(entry)) + "\n"


def nearest(word: str, count: int = 3) -> list[str]:
    """Return the ids that are written most alike, or whose name holds the word."""
    series, _, number = word.upper().rpartition("-")
    named = [entry.id for entry in CATALOGUE if word and word.lower() in entry.name.lower()]
    padded = [one for one in (f"{series}-{number.zfill(3)}",) if one in _BY_ID]
    return list(dict.fromkeys((*padded, *named, *get_close_matches(word.upper(), _BY_ID, count, cutoff=0.0))))[:count]


def _lines(entry: Entry) -> Iterator[str]:
    yield f"## {entry.id} {entry.name}"
    yield ""
    yield f"- Severity: {entry.severity}{f', never above {entry.max_severity}' if entry.max_severity else ''}"
    yield f"- Kind: {FORMS[entry.explanation.form]}, category {entry.category}"
    yield f"- Needs: {NEEDS[entry.needs]}"
    yield f"- One incident: {SCOPES[entry.scope]}"
    if entry.needs_whole_capture:
        yield "- Withheld where the capture of the conversation is not complete"
    for name, identifiers in (("ATT&CK", entry.techniques), ("ATT&CK context", entry.context)):
        if identifiers:
            yield f"- {name}: {', '.join(f'{one} {technique(one).name}' for one in identifiers)}"
    yield ""
    yield "Looks at:"
    yield ""
    yield from _looks(entry.looks)
    yield ""
    yield from _paragraph(entry, "Why", entry.explanation.reason)
    for operation, reason in entry.explanation.of_operation.items():
        yield from _paragraph(entry, f"Why, of {operation}", reason)
    if entry.explanation.refused:
        yield from _paragraph(entry, "Where the device refused", entry.explanation.refused)
    yield from _paragraph(entry, "Expected", entry.explanation.expected)
    yield from _paragraph(entry, "Observed", entry.explanation.observed)
    yield from _paragraph(entry, "False positives", entry.false_positives)
    yield from _paragraph(entry, "What makes it normal", entry.normal)
    yield "Settings:"
    yield ""
    for setting in describe((entry,)):
        unit = f" {setting.unit}" if setting.unit else ""
        yield f"- `{setting.key}`: {setting.default}{unit}"
    yield f"- `settings.{entry.id}.{ENABLED}`: true"
    yield f"- `settings.{entry.id}.{EXCEPT}`: [] (devices by name, IP or MAC)"
    shown = [one for one in (entry.capture_fires, entry.capture_silent) if one.endswith(".pcap")]
    if shown:
        yield ""
        yield f"Shown by `{shown[0]}`{f', silent on `{shown[1]}`' if len(shown) > 1 else ''}."


def _looks(looks: Iterable[Match]) -> Iterator[str]:
    seen: dict[str, None] = {}
    for look in looks:
        parts = [
            f"{name} {' or '.join(f'`{word}`' if word else 'none' for word in words)}"
            for field, name in PARTS.items()
            if (words := getattr(look, field))
        ]
        refused = ["that the policy refuses for this reason"] if look.means else []
        seen[f"- {'; '.join([EVENTS[look.event.__name__], *parts, *refused])}"] = None
    yield from seen


def _paragraph(entry: Entry, title: str, text: str) -> Iterator[str]:
    """Yield a paragraph: settings with their number, what the event fills in stands in capitals."""

    def word(match: re.Match[str]) -> str:
        name = match[1]
        if name in OPTIONAL and match.start() and not match.string[match.start() - 1].isspace():
            return ""
        return str(entry.settings[name]) if name in entry.settings else name.replace("_", " ").upper()

    said = re.sub(r"\{(\w+)\}", word, text)
    yield f"{title}: {said}"
    yield ""
