"""What a protocol declares: one record from which everything else follows.

A protocol is one folder with one ``Protocol`` and one line in ``dissectors.registry``. Recognition, policy words and point
sets, unit bindings, ports and names, roles, document fields, the alerts that are instances of a pattern, the page in the
docs and the conformance tests are made from it; no other module names a protocol. This module stays interpreted: compiled
code sees only the dissector object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from dissectors.act import Act
from dissectors.base.dissector import Dissector
from dissectors.danger import Danger, Patterns
from dissectors.span import LAST, Span, decimal
from dissectors.words import VERBS


@dataclass(frozen=True, slots=True)
class Door:
    """Where a protocol comes in: it proposes, the first bytes decide.

    ``kind`` is "tcp" or "udp" (``number`` is the server's port), "ethertype", "llc" (a service access point) or "snap" (a
    protocol number of the organisation ``oui``). ``encrypted`` says that only TLS is expected behind it. ``group`` names the
    multicast or broadcast address that publishers send to, "" where every address is one.
    """

    kind: str
    number: int
    encrypted: bool = False
    group: str = ""
    oui: int = 0

    @property
    def name(self) -> str:
        """The door as text, e.g. "tcp/502" or "snap/0x00000c:0x2000"."""
        if self.kind in {"tcp", "udp"}:
            return f"{self.kind}/{self.number}"
        if self.kind == "snap":
            return f"snap/0x{self.oui:06x}:0x{self.number:04x}"
        return f"{self.kind}/0x{self.number:04x}"


def tcp(port: int, *, encrypted: bool = False) -> Door:
    """Return the door of a TCP server port."""
    return Door("tcp", port, encrypted)


def udp(port: int, *, encrypted: bool = False, group: str = "") -> Door:
    """Return the door of a UDP server port."""
    return Door("udp", port, encrypted, group)


def ethertype(number: int, *, group: str = "") -> Door:
    """Return the door of an ethertype; ``group`` is the multicast MAC that publishers send to."""
    return Door("ethertype", number, group=group)


def llc(access_point: int, *, group: str = "") -> Door:
    """Return the door of an IEEE 802.2 service access point, e.g. 0x42 for spanning tree."""
    return Door("llc", access_point, group=group)


def snap(oui: int, number: int, *, group: str = "") -> Door:
    """Return the door of a protocol number that an organisation gives its own frames, e.g. 0x00000C 0x2000."""
    return Door("snap", number, group=group, oui=oui)


@dataclass(frozen=True, slots=True)
class Unit:
    """The device behind an address: a unit number, a pair of link addresses, a rack and slot.

    ``name`` is the field's word. ``policy_key`` is the key of an asset's binding in the policy, "" where it has none.
    ``last`` is the largest number. ``own`` are numbers that mean the server itself or everybody. ``many_per_host`` says
    that one address may answer for several devices: a gateway. ``absent`` are the errors by which it says that the device did
    not answer, or is none. ``pair`` says that the unit is "client>server".
    ``parts`` are name and largest number of each part of a unit that is written as a mapping in the policy and with
    slashes in facts ("0/2"); () for a plain number.
    """

    name: str
    policy_key: str = ""
    last: int = 255
    own: frozenset[int] = frozenset()
    many_per_host: bool = False
    absent: frozenset[str] = frozenset()
    pair: bool = False
    parts: tuple[tuple[str, int], ...] = ()

    def behind(self, unit: str) -> str:
        """Return the number of the device behind the server that ``unit`` names, "" when it is the server or everybody."""
        end = unit.rpartition(">")[2] if self.pair else unit
        if not self.many_per_host or not end.isdigit():
            return ""
        number = int(end)
        return "" if number in self.own or number > self.last else end


@dataclass(frozen=True, slots=True)
class Function:
    """One operation: its name, its verb, and what it does with objects.

    ``code`` is the number as facts carry it. ``objects`` are the tables it addresses; () when it addresses none, None when
    it may carry any. ``needs_object``: without a target it matches only ``objects: any``. ``transport``: housekeeping below
    the application, judged with its conversation. ``configures``: it changes what a device is set to. ``from_server``:
    the server starts it by itself, so that the policy judges it in that direction. ``writes_last``: of its targets only
    the last takes the values, the others are read.
    """

    name: str
    verb: str
    code: str = ""
    objects: tuple[str, ...] | None = None
    needs_object: bool = False
    transport: bool = False
    configures: bool = False
    from_server: bool = False
    writes_last: bool = False

    def __post_init__(self) -> None:
        """Refuse a verb that facts do not know."""
        if self.verb not in VERBS:
            raise ValueError(f"{self.name}: '{self.verb}' is no verb; dissectors.words.VERBS lists them")


@dataclass(frozen=True, slots=True)
class Numbering:
    """The policy names functions by their number: from 1 to ``last``, with a sub-function up to ``sub`` as in "8/4"."""

    last: int
    sub: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """One way to write process objects in a point set of the policy.

    ``key`` is the key of the list of entries, ``example`` one of them. ``kind`` is a regular expression of the tables, as
    targets name them. An entry is a range of numbers up to ``last``, or what ``parse`` makes of it: table and span. The
    table of a plain range is ``kind`` itself, or is written under ``tables_key``: one word of ``tables``, or a list of
    words that ``read_table`` makes canonical. ``wider`` returns the word that stands for a table and its relatives, e.g.
    "g12v*" for "g12v1". ``optional``: without entries everything in the tables is meant. ``write`` makes the text of one
    number of a table. Readers raise ``ValueError`` with what is wrong and how to write it.
    """

    key: str
    kind: str
    example: str = "0-39"
    last: int = LAST
    parse: Callable[[str], tuple[str, Span]] | None = None
    write: Callable[[str, int], str] = decimal
    tables_key: str = ""
    tables: tuple[str, ...] = ()
    read_table: Callable[[str], str] | None = None
    wider: Callable[[str], str] | None = None
    optional: bool = False

    def __post_init__(self) -> None:
        """Refuse tables that nothing reads."""
        if self.tables_key and bool(self.tables) == (self.read_table is not None):
            raise ValueError(f"{self.key}: give the tables, or what reads the name of one")


@dataclass(frozen=True, slots=True)
class Requirement:
    """What a rule can demand besides: that ``first`` comes before each of ``then``; ``breaks`` never have it before."""

    name: str
    first: str
    then: tuple[str, ...]
    breaks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """A violation that the dissector can state: its name, the clause of the standard, and what the rule is.

    ``foreign`` says that the bytes are not this protocol at all, which of a stream not seen from its start takes more of them;
    ``hint`` that it is worth a remark only: an alert about it is low.
    """

    name: str
    clause: str
    rule: str
    foreign: bool = False
    hint: bool = False


FIELD_TYPES: Final = frozenset({"keyword", "long", "boolean", "float", "double", "date", "ip"})
"""The types of Elasticsearch that a field of a protocol may have."""


@dataclass(frozen=True, slots=True)
class Ecs:
    """One field of documents below ``spanwatch.FAMILY``: its name, its Elasticsearch type, and how it is read from an act.

    ``read`` returns one value or a sequence; None, "" and an empty sequence leave the field out. ``index`` is False for a
    field that is only kept. ``secret``: it may hold a password, so it is left out where an operation carries one.
    """

    name: str
    type: str
    read: Callable[[Act], object]
    index: bool = True
    secret: bool = False

    def __post_init__(self) -> None:
        """Refuse a type that the templates do not know."""
        if self.type not in FIELD_TYPES:
            raise ValueError(f"{self.name}: type '{self.type}' is none of {', '.join(sorted(FIELD_TYPES))}")


FUNCTION_FIELDS: Final = (
    Ecs("function.code", "keyword", lambda act: act.code),
    Ecs("function.name", "keyword", lambda act: act.operation),
)
"""The two fields that every protocol with function codes has."""


CONFIGURING: Final = frozenset({"program", "firmware", "time"})
"""Verbs that change what a device is set to."""


NO_PATTERNS: Final = Patterns()


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One protocol. ``name`` is that of facts and documents, ``series`` the prefix of its alerts.

    ``family`` is the name of its part of documents (``spanwatch.FAMILY``), "" for none. ``industrial``: its servers are
    controllers; IT and layer-2 protocols are not. ``fields`` are the fields of that part; protocols of one family share them.
    ``not_configuring`` are operations that change nothing though their verb says so (copying a program out of a device),
    ``from_server`` those that the server starts. ``undecided`` are the errors that do not say that the request had no effect:
    the device goes on with it, failed while it did it, or was not heard. ``announces``: what a device says in it comes from its own MAC, so that
    address and MAC belong together.

    For the policy: ``functions`` are named by name, or by number with ``numbered``; ``words`` stand for several of them.
    ``objects`` are the ways to write a point set, ``values`` says that written values can be limited, ``requirements`` are
    what a rule can demand.

    For the alerts: ``violations``, ``dangers`` and ``patterns`` become the alerts of its series; ``standard`` is what stands
    before a clause that does not name its document itself.
    """

    name: str
    title: str
    series: str = ""
    family: str = ""
    industrial: bool = True
    dissector: Dissector
    doors: tuple[Door, ...] = ()
    unit: Unit | None = None
    functions: tuple[Function, ...] = ()
    violations: tuple[Fault, ...] = ()
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: tuple[Ecs, ...] = ()
    not_configuring: frozenset[str] = frozenset()
    from_server: frozenset[str] = frozenset()
    undecided: frozenset[str] = frozenset()
    announces: bool = False
    dangers: tuple[Danger, ...] = ()
    patterns: Patterns = NO_PATTERNS
    standard: str = ""

    numbered: Numbering | None = None
    objects: tuple[Objects, ...] = ()
    values: bool = False
    requirements: tuple[Requirement, ...] = ()

    def configures(self, verb: str, operation: str) -> bool:
        """Whether an operation changes what a device is set to."""
        return verb in CONFIGURING and operation not in self.not_configuring
