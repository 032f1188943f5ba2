"""What several workers report although one would have reported it once: which MAC answers for an address, and who asked for it.

A worker reports an address binding when it is new to it or has moved; workers that share a device each find it new. Here the
newest binding reported by anyone is kept, and the same one again is dropped. Everything else a worker reports belongs to one
conversation, which never spans workers. Limit: an address that moves to another MAC in one worker's conversations and
back in another's is reported as moved once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from dissectors.facts import AnyFact, Sighting
from dissectors.wire.addresses import MAX_BINDINGS
from dissectors.wire.neighbours import MAX_ASKED

ADDRESS: Final = "address"
ASKED_FOR: Final = "asked_for"
METHODS: Final = ("arp", "nd", "ip")
"""How the wire itself reports addresses; what a protocol reports about one belongs to a conversation."""


class Repeats:
    """Drops what was reported before by another worker. ``dropped`` counts it, ``evicted`` how often a table began anew."""

    def __init__(self, bindings: int = MAX_BINDINGS, asked: int = MAX_ASKED) -> None:
        self.dropped = 0
        self.evicted = 0
        self._max_bindings = bindings
        self._max_asked = asked
        self._bindings: dict[tuple[str, int, str, str], str] = {}
        self._asked: dict[tuple[str, int, str], None] = {}

    def without(self, facts: Iterable[AnyFact]) -> list[AnyFact]:
        """Return the facts that were not reported before, in their order."""
        return [fact for fact in facts if not (isinstance(fact, Sighting) and self._is_repeat(fact))]

    def _is_repeat(self, fact: Sighting) -> bool:
        if fact.method not in METHODS:
            return False
        if fact.attribute == ADDRESS:
            key = (fact.value, fact.vlan, fact.method, fact.interface)
            known = self._bindings.get(key)
            if known is None and len(self._bindings) >= self._max_bindings:
                self._bindings.clear()
                self.evicted += 1
            self._bindings[key] = fact.mac
            repeat = known == fact.mac
        elif fact.attribute == ASKED_FOR:
            asks = (fact.mac, fact.vlan, fact.value)
            repeat = asks in self._asked
            if not repeat and len(self._asked) >= self._max_asked:
                self._asked.clear()
                self.evicted += 1
            self._asked[asks] = None
        else:
            return False
        self.dropped += repeat
        return repeat
