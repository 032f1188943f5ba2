"""What the policy knows of each protocol, made from its declaration: functions, objects, ports, and how they are written.

P6 of the policy semantics: a function without object matches on function alone, and a function matches only the tables
it can address. A function that says nothing of objects may carry some or none; what it carries must be covered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from dissectors.base.dissector import Dissector
from dissectors.registry import PROTOCOLS
from dissectors.span import ALL, LAST, Span, parse_range
from dissectors.spec import Protocol
from dissectors.wire.service import ETHERTYPES

ENCRYPTED: Final = frozenset({"", "tls", "dtls", "quic", "ssh"})
"""Recognised protocols whose content nobody can read, and "" for bytes that nothing recognised."""

NEVER_JUDGED: Final = "arp"
LINK_DOORS: Final = frozenset({"ethertype", "llc", "snap"})
LINK_TRANSPORT: Final = "ethernet"
"""The transport of conversations below IP; in a rule, every such protocol that is not dissected."""

_NUMBERED: Final = re.compile(r"[a-z0-9_]*0x[0-9a-f]+")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,63}")
_CODE: Final = re.compile(r"([1-9][0-9]{0,4})(?:/([0-9]{1,5}))?", re.ASCII)
_ETHERTYPE: Final = re.compile(r"ethertype-0x[0-9a-f]{4}|llc")


class Vocabulary:
    """The words of one protocol. Functions go by tokens: their codes where the protocol is numbered, else their names."""

    def __init__(self, protocol: Protocol) -> None:
        self.name: str = protocol.name
        self.protocol: Protocol = protocol
        self.numbered: bool = protocol.numbered is not None
        self.dissected: bool = any(not row.transport for row in protocol.functions)
        """Whether the sensor reads the content; housekeeping alone is none."""
        self.ports: frozenset[str] = frozenset(
            door.name for door in protocol.doors if door.kind in {"tcp", "udp"} and not door.encrypted
        )
        self.tokens: frozenset[str] = frozenset(
            row.code if self.numbered else row.name for row in protocol.functions if row.code or not self.numbered
        )
        by_token = {row.code if self.numbered else row.name: row for row in protocol.functions}
        self.bare: frozenset[str] = frozenset(token for token, row in by_token.items() if row.objects == ())
        """Functions that match on function alone, whatever the message carries."""
        self.needing: frozenset[str] = frozenset(token for token, row in by_token.items() if row.needs_object)
        self.tables: Mapping[str, frozenset[str]] = {
            token: frozenset(row.objects) for token, row in by_token.items() if row.objects
        }
        self.writing_last: frozenset[str] = frozenset(token for token, row in by_token.items() if row.writes_last)
        self.transport: frozenset[str] = frozenset(row.name for row in protocol.functions if row.transport)
        self.from_server: frozenset[str] = frozenset(row.name for row in protocol.functions if row.from_server)
        self.wider = next((one.wider for one in protocol.objects if one.wider is not None), None)
        self._lasts = {
            kind: one.last
            for one in protocol.objects
            if one.parse is None and one.read_table is None
            for kind in one.tables or (one.kind,)
        }

    @property
    def link(self) -> bool:
        """Whether the protocol stands below IP."""
        if self.protocol.doors:
            return all(door.kind in LINK_DOORS for door in self.protocol.doors)
        return is_link_name(self.name)

    @property
    def reaches_groups(self) -> bool:
        """Whether one message can go to many; TCP has two ends."""
        return self.name != "tcp" and not (
            self.protocol.doors and all(door.kind == "tcp" for door in self.protocol.doors)
        )

    def expand(self, word: int | str) -> tuple[str, ...]:
        """Return the tokens of a function of the policy. Raises ``ValueError`` for what can be none of this protocol."""
        text = str(word)
        steps = self.protocol.words.get(text)
        if steps is not None:
            return steps
        if self.numbered:
            self._check_code(text)
        elif not isinstance(word, str) or not _NAME.fullmatch(text):
            raise ValueError(f"'{text}' is not a function name of {self.name}; write a name like {self._sample()}")
        elif self.tokens and text not in self.tokens and not _NUMBERED.fullmatch(text):
            near = get_close_matches(text, sorted({*self.tokens, *self.protocol.words}), 1)
            hint = f"; did you mean '{near[0]}'?" if near else f"; write a name like {self._sample()}"
            raise ValueError(f"'{text}' is not a function of {self.name}{hint}")
        return (text,)

    def _check_code(self, text: str) -> None:
        numbering = self.protocol.numbered
        match = _CODE.fullmatch(text)
        if numbering is None or (
            match and int(match[1]) <= numbering.last and (match[2] is None or int(match[2]) <= numbering.sub)
        ):
            return
        named = next((row.code for row in self.protocol.functions if row.name == text), "")
        fix = f"write a number like {self._sample()}"
        if named:
            fix = f"write its code, {named}" if "/" not in named else f'write its code, "{named}"'
        elif numbering.sub >= 0:
            sample = next((row.code for row in self.protocol.functions if "/" in row.code), "1/1")
            fix += f', or "{sample}" with its sub-function'
        raise ValueError(f"'{text}' is not a function code of {self.name}; {fix}")

    def _sample(self) -> str:
        """Return a function that a message can show: the first that addresses something, else the first."""
        rows = self.protocol.functions
        row = next((row for row in rows if row.needs_object), rows[0] if rows else None)
        return "" if row is None else row.code if self.numbered else row.name

    def tokens_of(self, operation: str, code: str) -> tuple[str, ...]:
        """Return what an operation seen on the wire answers to, the most exact first."""
        if not self.numbered:
            return (operation,)
        function = code.partition("/")[0]
        return (code,) if function == code else (code, function)

    def reach(self, kind: str, first: int, last: int) -> Span:
        """Return the span of a target as facts carry it; -1 is all of its table."""
        if first < 0 or last < 0:
            return 0, self._lasts.get(kind, LAST)
        return (first, last) if first <= last else (last, first)

    def write(self, kind: str, span: Span) -> str:
        """Return a span in the words of the protocol: ``coil 100-101``, ``DB10 0.0-255.7``, ``DB10 all``."""
        if span in {ALL, (0, self._lasts.get(kind, LAST))}:
            return f"{kind} all"
        first, last = (self._number(kind, number) for number in span)
        return f"{kind} {first}" if first == last else f"{kind} {first}-{last}"

    def _number(self, kind: str, number: int) -> str:
        row = next((one for one in self.protocol.objects if re.fullmatch(one.kind, kind)), None)
        return str(number) if row is None else row.write(kind, number)

    def spans(self, entries: Mapping[str, tuple[str, ...]]) -> list[tuple[str, Span]]:
        """Return table and span of everything that the keys of a point set hold."""
        found: list[tuple[str, Span]] = []
        for row in self.protocol.objects:
            listed = entries.get(row.key, ())
            if row.parse is not None:
                found += [row.parse(text) for text in listed]
                continue
            tables = entries.get(row.tables_key, ()) if row.tables_key else (row.kind,)
            ranges = [parse_range(text, row.last) for text in listed] or ([ALL] if row.optional else [])
            found += [(table, span) for table in tables for span in ranges]
        return found


def is_link_name(protocol: str) -> bool:
    """Return whether channels of this name are below IP although no protocol declares it."""
    return protocol == LINK_TRANSPORT or protocol in ETHERTYPES.values() or bool(_ETHERTYPE.fullmatch(protocol))


VOCABULARIES: Final[dict[str, Vocabulary]] = {protocol.name: Vocabulary(protocol) for protocol in PROTOCOLS}
DISSECTED: Final = tuple(name for name, words in VOCABULARIES.items() if words.dissected)
"""Protocols whose content the sensor reads."""
REQUIREMENTS: Final = {one.name: words for words in VOCABULARIES.values() for one in words.protocol.requirements}
"""What rules can demand, and the protocol it is of."""


@lru_cache(maxsize=512)
def words_of(protocol: str) -> Vocabulary:
    """Return the words of a protocol; one that nothing declares has operations and no more."""
    words = VOCABULARIES.get(protocol)
    if words is not None:
        return words
    return Vocabulary(Protocol(name=protocol, title="", dissector=Dissector(protocol)))
