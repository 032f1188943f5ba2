"""The grammar of filled sentences: one thing is no plural, a vowel wants "an", and a name that ends with a full stop gets no other.

Only the words of the template are bent, never a value: text from the wire stays as it was sent. The full stop behind a value that
ends with one is the template's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from dissectors.facts import Value

NOUNS: Final = (
    "address", "answer", "attempt", "block", "byte", "command", "common address", "connection attempt", "control",
    "control message", "device", "document", "exception", "fact", "failure", "frame", "function", "hit", "item", "job",
    "list", "message", "move", "object", "packet", "point", "port", "refusal", "request", "response", "second",
    "start address", "time", "unit", "write",
)  # fmt: skip
"""What sentences count."""
COUNTED: Final = re.compile(
    r"\{(\w+)\}((?: [a-z]+)?) (" + "|".join(f"{noun}(?:e?s)" for noun in sorted(NOUNS, key=len, reverse=True)) + r")\b"
)
ARTICLE: Final = re.compile(r"\b([Aa]) \{(\w+)\}")
STOPPED: Final = re.compile(r"\{(\w+)\}\.(?= |$)")
SPELT: Final = frozenset("fhlmnrsx")
"""Letters whose names begin with a vowel: "an RST segment"."""
YOU: Final = ("uni", "use", "usu", "uti", "uma")
"""Words that begin with u and sound like "you"."""


def counted(count: int, noun: str) -> str:
    """Return a number with its noun: "1 frame", "2 frames"."""
    return f"{count} {noun if count == 1 else _plural(noun)}"


def agreed(template: str, words: Mapping[str, Value]) -> str:
    """Return the template bent to its words: "{seen} writes" to "{seen} write" for one, "a {protocol}" to "an {protocol}"."""
    for name, plural in _counted(template):
        if name in words and words[name] in (1, "1"):
            template = re.sub(rf"(\{{{name}\}}(?: [a-z]+)?) {plural}\b", rf"\1 {_singular(plural)}", template)
    if "a {" in template or "A {" in template:
        template = ARTICLE.sub(lambda found: _article(found, words), template)
    return STOPPED.sub(lambda found: _stopped(found, words), template)


@cache
def _counted(template: str) -> tuple[tuple[str, str], ...]:
    return tuple((found.group(1), found.group(3)) for found in COUNTED.finditer(template))


@cache
def _singular(plural: str) -> str:
    return next(noun for noun in NOUNS if _plural(noun) == plural)


def _plural(noun: str) -> str:
    return f"{noun}es" if noun.endswith("ss") else f"{noun}s"


def _article(found: re.Match[str], words: Mapping[str, Value]) -> str:
    article, name = found.groups()
    return f"{article}n {{{name}}}" if begins_with_vowel(str(words.get(name, ""))) else found.group()


def _stopped(found: re.Match[str], words: Mapping[str, Value]) -> str:
    return found.group()[:-1] if str(words.get(found.group(1), "")).endswith(".") else found.group()


def begins_with_vowel(text: str) -> bool:
    """Whether a word sounds as if it began with a vowel: "ip" and "rst" do, "unit" and "tcp" do not."""
    letters = re.match("[a-z]*", text.lower())
    word = letters.group() if letters is not None else ""
    if not word:
        return text[:1] == "8"
    if word[0] in SPELT and not set(word) & set("aeiouy"):
        return True
    return word[0] in "aeio" or (word[0] == "u" and not word.startswith(YOU) and len(word) > 1 and word != "udp")
