"""What novelty remembers: talkers with their symbols, per period, and why each of them is normal or not.

A symbol is an operation with its objects on one channel (the ``label`` of the facts). Values are never part of it.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec

from dissectors.facts import Target
from models.group import group_of
from models.identity import Talk
from models.wording import day_text, targets_text

LEARNED: Final = "learned"
APPROVED: Final = "approved"
POLICY: Final = "policy"
UNAPPROVED: Final = "unapproved"
RARE: Final = "rare"
STANDINGS: Final = (LEARNED, APPROVED, POLICY, UNAPPROVED, RARE)
"""``learned``: seen in enough periods; ``approved``: by a person; ``policy``: by a signed rule. The others are no
members: ``unapproved`` is dangerous and nobody confirmed it, ``rare`` was seen in too few periods."""
MEMBERS: Final = frozenset({LEARNED, APPROVED, POLICY})

Natural = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]
Index = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class Symbol(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One operation with its objects. ``counts`` are (period number, requests); ``openings`` how often it came first
    on a connection; ``by`` who or which rule confirmed it.
    """

    label: Text
    verb: Text
    operation: Text
    code: Text
    targets: tuple[Target, ...]
    standing: Text
    by: Text = ""
    requests: Natural = 0
    openings: Natural = 0
    counts: tuple[tuple[Natural, Natural], ...] = ()
    first: Natural
    last: Natural
    source: Text
    frame: Natural

    @property
    def member(self) -> bool:
        """Whether the symbol is normal."""
        return self.standing in MEMBERS


class Talker(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel of the baseline. ``followed`` are pairs of positions in ``symbols``: the second came after the first."""

    talk: Talk
    standing: Text
    by: Text = ""
    periods: tuple[Natural, ...] = ()
    first: Natural
    last: Natural
    source: Text
    frame: Natural
    symbols: tuple[Symbol, ...] = ()
    followed: tuple[tuple[Index, Index], ...] = ()

    @property
    def member(self) -> bool:
        """Whether the conversation is normal."""
        return self.standing in MEMBERS


class Novelty(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state of the novelty model; ``dropped`` counts what its bounds kept out while learning."""

    talkers: tuple[Talker, ...]
    dropped: dict[str, Natural] = {}


def problem(novelty: Novelty) -> str:
    """Return a clause on what cannot be in a loaded state, "" when it is sound."""
    if len({talker.talk for talker in novelty.talkers}) != len(novelty.talkers):
        return "names a talker twice"
    for talker in novelty.talkers:
        count = len(talker.symbols)
        if talker.standing not in STANDINGS or any(symbol.standing not in STANDINGS for symbol in talker.symbols):
            return "has a standing that does not exist"
        if len({symbol.label for symbol in talker.symbols}) != count:
            return "names a symbol twice"
        if any(one >= count or two >= count for one, two in talker.followed):
            return "has a transition to a symbol that does not exist"
    return ""


def notes(novelty: Novelty) -> tuple[str, ...]:
    """Return what an operator should know at once."""
    if any(symbol.member for talker in novelty.talkers for symbol in talker.symbols):
        return ()
    return ("no operation is a member: everything will be found novel",)


def card(novelty: Novelty) -> dict[str, Any]:
    """Return what the model card says: who talks how, and what nobody confirmed."""
    return {
        "channels": [_talker(talker) for talker in novelty.talkers],
        "not_approved": [
            {"channel": talker.talk.name, **_symbol(symbol)}
            for talker in novelty.talkers
            for symbol in talker.symbols
            if not symbol.member
        ],
    }


def _talker(talker: Talker) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {}
    for symbol in talker.symbols:
        if symbol.member:
            groups.setdefault(group_of(symbol.verb), []).append(_symbol(symbol))
    return {
        "channel": talker.talk.name,
        "standing": talker.standing,
        "by": talker.by,
        "periods": len(talker.periods),
        "first": day_text(talker.first),
        "last": day_text(talker.last),
        "groups": {group: groups[group] for group in sorted(groups)},
        "transitions": len(talker.followed),
    }


def _symbol(symbol: Symbol) -> dict[str, Any]:
    return {
        "operation": symbol.operation,
        "verb": symbol.verb,
        "objects": targets_text(symbol.targets),
        "requests": symbol.requests,
        "periods": len(symbol.counts),
        "standing": symbol.standing,
        "by": symbol.by,
        "source": symbol.source,
        "frame": symbol.frame,
    }
