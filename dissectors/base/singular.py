"""One is no plural: "1 bytes follow" of a sentence with numbers in it becomes "1 byte follows".

Sentences on what is wrong are written for many; most numbers in them are. They are rare, so they are bent once they are made. Only the
nouns that such sentences count and the verbs behind them are known here; what is quoted from the wire stays, unless it counts these.
"""

from __future__ import annotations

import re
from typing import Final

NOUNS: Final = (
    "addresses", "alerts", "answers", "assets", "attempts", "batches", "blocks", "bytes", "captures", "changes", "channels", "conversations", "documents", "elements", "entries", "facts", "flows",
    "fragments", "frames", "holes", "items", "lines", "messages", "nodes", "objects", "operations", "packets", "pairs", "parts",
    "periods", "places", "points", "polls", "readings", "records", "registers", "requests", "retransmissions", "return codes", "rows",
    "segments", "senders", "statements", "sweeps", "things", "times", "traits", "tunnels", "units", "windows",
)  # fmt: skip
VERBS: Final = {
    "are": "is",
    "were": "was",
    "answer": "answers",
    "belong": "belongs",
    "do": "does",
    "follow": "follows",
    "have": "has",
    "leave": "leaves",
    "need": "needs",
    "pass": "passes",
    "reach": "reaches",
    "wait": "waits",
}
"""As they stand behind many, and behind one."""
_ALONE: Final = r"(?<![\w.,:/+-])1"
_NOUN: Final = re.compile(
    rf"{_ALONE} ((?:(?:ARP|IP|changed|data|different|missing|whole) )?)({'|'.join(NOUNS)})\b((?: \([^()]*\)|(?: that))?)(?: ({'|'.join(VERBS)})\b)?"
)
_ONE: Final = re.compile(rf"{_ALONE} ")
_BARE: Final = re.compile(rf"{_ALONE} (are|belong|follow)\b")


def singular(text: str) -> str:
    """Return a sentence with what it counts as one in the singular."""
    if "1 " not in text or _ONE.search(text) is None:
        return text
    text = _NOUN.sub(_noun, text)
    return _BARE.sub(_verb, _NOUN.sub(_noun, text))  # again: one may stand in the parentheses of another


def _noun(found: re.Match[str]) -> str:
    noun = found.group(2)
    one = f"{noun[:-3]}y" if noun.endswith("ies") else noun[: -2 if noun.endswith(("sses", "ches")) else -1]
    verb = found.group(4)
    return f"1 {found.group(1)}{one}{found.group(3)}" + (f" {VERBS[verb]}" if verb else "")


def _verb(found: re.Match[str]) -> str:
    return f"1 {VERBS[found.group(1)]}"
