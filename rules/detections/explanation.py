"""The sentences an analyst reads: one form per kind of finding (write, command, program, ...).

Each form gives the sentences that all its entries share; an entry adds what is special about it. Names in braces are
filled from the words of the hit and the context. A word that nobody supplied reads "(not seen: word)", never "None".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from dissectors.facts import Value
from rules.detections.grammar import agreed

UNSEEN: Final = "(not seen: "


class Explanation(msgspec.Struct, frozen=True):
    """Why this is reported, what would be usual here, and what was seen. ``form`` is a letter of FORMS.

    ``refused`` is the reason to give instead when the device refused, "" where that is the point of the alert; ``of_operation``
    the one for an operation by name, where those of an entry do different things.
    """

    form: str
    reason: str
    expected: str
    observed: str
    refused: str = ""
    of_operation: Mapping[str, str] = {}

    def reason_for(self, operation: str, was_refused: bool) -> str:
        """Return the reason to give for one request."""
        if was_refused and self.refused:
            return self.refused
        return self.of_operation.get(operation, self.reason)


REFUSED: Final = "{client} sent {operation} (code {code}) to {server}, which refused it{error}: it had no effect."
FORMS: Final = {
    "W": "write",
    "C": "command",
    "P": "program",
    "R": "discovery",
    "V": "violation",
    "M": "mismatch",
    "A": "absence",
    "F": "flow",
    "I": "identity",
    "S": "score",
    "H": "health",
}
WHY_KINDS: Final = {
    "W": "command",
    "C": "command",
    "P": "command",
    "R": "counter",
    "V": "violation",
    "M": "mismatch",
    "A": "counter",
    "F": "policy",
    "I": "identity",
    "S": "score",
    "H": "health",
}
"""The ``why_kind`` of an alert by the form of its explanation."""
NEEDS_WHOLE_CAPTURE: Final = frozenset("AM")
"""Forms that are about something missing or unmatched: withheld when the capture is not complete."""


def write(
    detail: str,
    expected: str = "Writes here come from approved stations, within the limits of the policy.",
    observed: str = "{operation} (code {code}) of {targets} with {values}: {outcome}{error}; {earlier}.",
) -> Explanation:
    """W: who wrote how many points where, with which values."""
    return Explanation("W", "{client} wrote {points} to {server}: " + detail, expected, observed)


def command(
    effect: str,
    expected: str = "This command is not part of normal operation; it comes with an approval or a change ticket.",
    observed: str = "{operation} (code {code}){on}: {outcome}{error}; {earlier}.",
    refused: str = REFUSED,
) -> Explanation:
    """C: who sent which command, what it does to the device, who sent it last."""
    reason = "{client} sent {operation} (code {code}) to {server}: " + effect
    return Explanation("C", reason, expected, observed, refused)


def program(
    effect: str,
    expected: str = "Programs move only under a change ticket, from an engineering station.",
    observed: str = "{operation} (code {code}){on}: {outcome}{error}; {earlier}; change ticket: none known.",
) -> Explanation:
    """P: who moved which blocks in which direction."""
    return Explanation("P", "{client} sent {operation}{on} to {server}: " + effect, expected, observed, REFUSED)


def discovery(reason: str, expected: str, observed: str) -> Explanation:
    """R: who asked how many things of how many devices in how many seconds."""
    return Explanation("R", reason, expected, observed)


def violation(
    meaning: str,
    expected: str = "Every message keeps the rule of {clause}.",
    observed: str = "{text} (violation {violation} at byte {at}; the stream around it is {visibility}).",
) -> Explanation:
    """V: which message breaks which clause, at which byte."""
    return Explanation("V", "{sender} sent a {protocol} message that breaks {clause}: " + meaning, expected, observed)


def mismatch(reason: str, expected: str, observed: str) -> Explanation:
    """M: what was asked, what was answered, why they cannot belong together."""
    return Explanation("M", reason, expected, observed + " The capture around it is {visibility}.")


def absence(reason: str, expected: str, observed: str) -> Explanation:
    """Say (A) what is missing, for how long, and that nothing was lost."""
    return Explanation("A", reason, expected, observed + " Nothing was lost in the capture ({visibility}).")


def flow(
    meaning: str,
    expected: str = "{closest}",
    observed: str = "{speaker_zone} to {listener_zone}: {protocol} {operation_and_values}; the policy says {verdict}{missing}.",
) -> Explanation:
    """F: zone to zone, protocol and function, verdict, closest rule and what it lacks."""
    return Explanation("F", "{speaker} reached {listener}: " + meaning, expected, observed)


def identity(reason: str, expected: str, observed: str) -> Explanation:
    """I: which field of which asset changed from what to what, by which source."""
    return Explanation("I", reason, expected, observed + " Source: {method}; frames {frames}.")


def score(reason: str) -> Explanation:
    """S: what is usual, what was seen, how much learning stands behind it, the strongest reasons."""
    return Explanation("S", reason, "{usual}{learned}", "{seen}{reasons}{rarity}")


def health(reason: str, expected: str, observed: str) -> Explanation:
    """H: which counter passed which bound and what cannot be seen until it ends."""
    return Explanation("H", reason, expected, observed)


class Words(dict[str, Value]):
    """The words of one hit; a missing one names itself instead of failing."""

    def __missing__(self, key: str) -> str:
        return f"{UNSEEN}{key})"


def fill(template: str, words: Mapping[str, Value]) -> str:
    """Return the sentence with its words; text from the wire is only ever a value, never a template."""
    return agreed(template, words).format_map(words if isinstance(words, Words) else Words(words))
