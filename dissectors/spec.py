"""What a protocol declares: one record from which everything else follows.

A protocol is one folder with one ``Protocol`` and one line in ``dissectors.registry``. Recognition, policy words and point
sets, unit bindings, ports and names, roles, document fields, the alerts that are instances of a pattern, the page in the
docs and the conformance tests are made from it; no other module names a protocol. This module stays interpreted: compiled
code sees only the dissector object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dissectors.base.dissector import Dissector
from dissectors.facts import Exchange
from dissectors.words import VERBS


@dataclass(frozen=True, slots=True)
class Door:
    """Where a protocol comes in: it proposes, the first bytes decide.

    ``kind`` is "tcp" or "udp" (``number`` is the server's port), "ethertype", "llc" (a service access point) or "snap" (a
    protocol id under the OUI in ``group``). ``encrypted`` says that only TLS is expected behind it. ``group`` names the
    multicast or broadcast address that publishers send to, "" where every address is one.
    """

    kind: str
    number: int
    encrypted: bool = False
    group: str = ""

    @property
    def name(self) -> str:
        """The door as text, e.g. "tcp/502"."""
        return f"{self.kind}/{self.number}" if self.kind in {"tcp", "udp"} else f"{self.kind}/0x{self.number:04x}"


def tcp(port: int, *, encrypted: bool = False) -> Door:
    """Return the door of a TCP server port."""
    return Door("tcp", port, encrypted)


def udp(port: int, *, encrypted: bool = False, group: str = "") -> Door:
    """Return the door of a UDP server port."""
    return Door("udp", port, encrypted, group)


def ethertype(number: int, *, group: str = "") -> Door:
    """Return the door of an ethertype; ``group`` is the multicast MAC that publishers send to."""
    return Door("ethertype", number, group=group)


@dataclass(frozen=True, slots=True)
class Unit:
    """The device behind an address: Modbus unit, DNP3 link addresses, rack and slot.

    ``name`` is the field's word. ``policy_key`` is the key of an asset's binding in the policy, "" where it has none.
    ``last`` is the largest number. ``own`` are numbers that mean the server itself or everybody. ``many_per_host`` says
    that one address may answer for several devices: a gateway. ``pair`` says that the unit is "client>server".
    """

    name: str
    policy_key: str = ""
    last: int = 255
    own: frozenset[int] = frozenset()
    many_per_host: bool = False
    pair: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """One operation: its name, its verb, and what it does with objects.

    ``code`` is the number as facts carry it. ``objects`` are the tables it addresses; () when it addresses none, None when
    it may carry any. ``needs_object``: without a target it matches only ``objects: any``. ``transport``: housekeeping below
    the application, judged with its conversation. ``configures``: it changes what a device is set to. ``from_server``:
    the server starts it.
    """

    name: str
    verb: str
    code: str = ""
    objects: tuple[str, ...] | None = None
    needs_object: bool = False
    transport: bool = False
    configures: bool = False
    from_server: bool = False

    def __post_init__(self) -> None:
        """Refuse a verb that facts do not know."""
        if self.verb not in VERBS:
            raise ValueError(f"{self.name}: '{self.verb}' is no verb; dissectors.words.VERBS lists them")


@dataclass(frozen=True, slots=True)
class Fault:
    """A violation that the dissector can state: its name, the clause of the standard, and what the rule is.

    ``foreign`` says that the bytes are not this protocol at all, which holds only for a stream seen from its start.
    """

    name: str
    clause: str
    rule: str
    foreign: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """A command that is an alert whoever sends it; ``number`` is its place in the series of the protocol.

    It is named by ``operations`` or ``codes`` (or, for what a device says of itself, by ``errors``), with ``objects`` only
    where it touches one of these tables. ``kind`` decides how it is reported: "command", "program" or "write".
    ``consequence`` ends the sentence "CLIENT sent OPERATION to SERVER: ...". ``severities`` gives operations a severity of
    their own. ``normal`` says what would make it normal, "" for the approval of the Patterns. ``capture`` is the sample
    capture that shows it.
    """

    number: int
    name: str
    severity: str
    consequence: str
    operations: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    kind: str = "command"
    severities: Mapping[str, str] = field(default_factory=dict)
    category: str = "unauthorized-operation"
    techniques: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    expected: str = ""
    false_positives: str = "Planned maintenance."
    normal: str = ""
    capture: str = ""

    def __post_init__(self) -> None:
        """Refuse a danger that nothing names."""
        if not (self.operations or self.codes or self.errors):
            raise ValueError(f"{self.name}: name the operations, codes or errors that it is about")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One alert that is an instance of a shape which many protocols share; "" and empty take the default of the shape.

    ``operations``, ``codes``, ``verbs``, ``errors`` and ``faults`` say which facts count, ``besides`` which codes or
    faults do not, ``concerns`` decides by the exchange itself. ``settings`` are the numbers with the unit in the name, in
    the order of the shape: how many, then in how long. ``consequence`` is what the shape leaves open in its sentence;
    ``reason``, ``expected`` and ``observed`` replace a sentence of the shape. ``scope`` is what one incident is about
    ("unit", "pair", "server"), ``kind`` how it is reported ("command", "discovery"). ``whole`` withholds it where the
    capture is not complete.
    """

    number: int
    operations: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    besides: tuple[str, ...] = ()
    concerns: Callable[[Exchange], bool] | None = None
    settings: Mapping[str, int | float] = field(default_factory=dict)
    name: str = ""
    severity: str = ""
    consequence: str = ""
    reason: str = ""
    expected: str = ""
    observed: str = ""
    false_positives: str = ""
    normal: str = ""
    category: str = ""
    techniques: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    scope: str = ""
    kind: str = ""
    whole: bool = False
    capture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """The pattern alerts of a series. The shapes and their defaults are in ``rules.detections.patterns``.

    ``approval`` is what would make a command of this protocol normal.
    """

    approval: str = ""
    first_writer: Pattern | None = None
    first_controller: Pattern | None = None
    identity_read: Pattern | None = None
    not_allowed: Pattern | None = None
    beyond_limits: Pattern | None = None
    not_selected: Pattern | None = None
    write_burst: Pattern | None = None
    control_burst: Pattern | None = None
    toggled: Pattern | None = None
    function_scan: Pattern | None = None
    unit_scan: Pattern | None = None
    exceptions: Pattern | None = None
    refused: tuple[Pattern, ...] = ()
    unanswered: Pattern | None = None
    unmatched: Pattern | None = None
    mismatch: Pattern | None = None
    broken: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One protocol. ``name`` is that of facts and documents, ``series`` the prefix of its alerts.

    ``family`` is the name of its part of documents (``spanwatch.FAMILY``), "" for none. ``industrial``: its servers are
    controllers; IT and layer-2 protocols are not. ``violations``, ``dangers`` and ``patterns`` become the alerts of its
    series. ``part`` makes the document part of an operation.
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
    dangers: tuple[Danger, ...] = ()
    patterns: Patterns = Patterns()
    part: Callable[[Any], dict[str, Any]] | None = None
