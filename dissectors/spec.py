"""What a protocol declares: one record from which everything else follows.

A protocol is one folder with one ``Protocol`` and one line in ``dissectors.registry``. Recognition, policy words and point
sets, unit bindings, ports and names, roles, document fields, the alerts that are instances of a pattern, the page in the
docs and the conformance tests are made from it; no other module names a protocol. This module stays interpreted: compiled
code sees only the dissector object.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dissectors.base.dissector import Dissector
from dissectors.facts import VERBS


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
            raise ValueError(f"{self.name}: '{self.verb}' is no verb; dissectors.facts.VERBS lists them")


@dataclass(frozen=True, slots=True)
class Fault:
    """A violation that the dissector can state: its name, the clause of the standard, and what the rule is."""

    name: str
    clause: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One protocol. ``name`` is that of facts and documents, ``series`` the prefix of its alerts.

    ``family`` is the name of its part of documents (``spanwatch.FAMILY``), "" for none. ``industrial``: its servers are
    controllers; IT and layer-2 protocols are not. ``part`` makes the document part of an operation.
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
    part: Callable[[Any], dict[str, Any]] | None = None
