"""Policy document, part one: who and what exists (assets, devices, zones, conduits, point sets, windows).

The keys of assets that bind a unit, and the keys of point sets, come from the declarations of the protocols.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, Strict, ValidationInfo, create_model, model_validator

from dissectors.registry import PROTOCOLS
from dissectors.span import parse_range
from dissectors.spec import Objects, Unit
from rules.policy.vocabulary import VOCABULARIES
from rules.policy.window import DURATION_MAX, check_recurrence
from rules.policy.word import (
    Clock,
    Duration,
    Flag,
    Ip,
    Level,
    Mac,
    MacOrAny,
    Model,
    Name,
    Network,
    Number,
    Text,
    TrustLevel,
)

Texts = Text | tuple[Text, ...]
Recurrence = Annotated[
    str, Strict(), AfterValidator(check_recurrence), Field(examples=["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TU"])
]
Keys = dict[str, tuple[Any, Any]]
"""Fields of a model as pydantic makes them: type and default by name."""


class AssetBase(Model):
    """One device and its identity binding. ``mac: any`` is for a device whose own MAC no sensor can see.

    Without ``ip`` it is a device of layer 2 alone, which only its MAC can name.
    """

    ip: Ip | None = None
    mac: MacOrAny
    role: Name | None = None
    level: Level | None = None
    criticality: Literal["low", "medium", "high", "critical"] | None = None
    description: Text | None = None

    @model_validator(mode="after")
    def has_an_address(self) -> Self:
        """Refuse a device that nothing names."""
        if self.ip is None and self.mac == "any":
            raise ValueError("has no ip, and any MAC fits; add its ip, or its mac where it has no ip")
        return self

    def units(self, key: str) -> tuple[str, ...]:
        """Return the units bound under a key, as facts write them."""
        bound = getattr(self, key)
        if bound is None:
            return ()
        if isinstance(bound, Model):
            return ("/".join(str(part) for _, part in bound),)
        return tuple(str(one) for one in bound) if isinstance(bound, tuple) else (str(bound),)


def _units() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for protocol in PROTOCOLS:
        unit = protocol.unit
        if unit is None or not unit.policy_key:
            continue
        key = unit.policy_key
        if key in AssetBase.model_fields or hasattr(AssetBase, key) or units.setdefault(key, unit) != unit:
            raise ValueError(f"{protocol.name}: the key {key} of its unit means something else already; rename it")
    return units


UNITS = _units()
"""Units that an asset can bind, by the key in the policy. Protocols may share one."""


_ANY_TUPLE: Any = tuple
"""Makes the type of a list whose items are only known at run time."""


def _whole(last: int) -> Any:
    return Annotated[int, Strict(), Field(ge=0, le=last)]


def _unit_key(unit: Unit) -> tuple[Any, Any]:
    if unit.parts:
        parts: Any = {name: (_whole(last), ...) for name, last in unit.parts}
        name = "".join(part.capitalize() for part, _ in unit.parts)
        return create_model(name, __base__=Model, __doc__=f"The {unit.name} of a device.", **parts) | None, None
    number, many = _whole(unit.last), _ANY_TUPLE
    return number | many[number, ...] | None, None


class SecurityDevice(Model):
    """A firewall or gateway, and the MAC it shows on each segment."""

    kind: Name
    macs: dict[Network, Mac]


class Boundary(Model):
    """ZCR6.4 c and d: the logical and physical boundary."""

    logical: Texts | None = None
    physical: Texts | None = None


class AccessPoints(Model):
    """ZCR6.4 f and g: logical and physical access points."""

    logical: Texts | None = None
    physical: Texts | None = None


class Zone(Model):
    """A zone with its ZCR6.4 sheet. ``cidrs`` place addresses that are no named asset."""

    id: Name
    level: Level
    sl_t: TrustLevel | None = None
    safety: Flag = False
    external: Flag = False
    assets: tuple[Name, ...] = ()
    cidrs: tuple[Network, ...] = ()
    accountable: Text | None = None
    boundary: Boundary | None = None
    access_points: AccessPoints | None = None
    requirements: tuple[Text, ...] = ()
    policies: tuple[Text, ...] = ()
    assumptions: tuple[Text, ...] = ()
    description: Text | None = None


class Conduit(Model):
    """The way between two zones. ``via`` is the device whose MAC stands for what is not local."""

    id: Name
    between: Annotated[tuple[Name, ...], Field(min_length=2, max_length=2)]
    sl_t: TrustLevel | None = None
    security_device: Name | None = None
    via: Name | None = None
    accountable: Text | None = None
    boundary: Boundary | None = None
    access_points: AccessPoints | None = None
    requirements: tuple[Text, ...] = ()
    policies: tuple[Text, ...] = ()
    assumptions: tuple[Text, ...] = ()
    description: Text | None = None


def _rows(protocol: str) -> tuple[Objects, ...]:
    words = VOCABULARIES.get(protocol)
    return () if words is None else words.protocol.objects


def _keys_of(protocol: str) -> tuple[str, ...]:
    """Return the keys that a point set of a protocol may have, in their order."""
    keys = [key for row in _rows(protocol) for key in (row.tables_key, row.key) if key]
    return tuple(dict.fromkeys(keys))


def _listed(words: tuple[str, ...], last: str) -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def check_protocol(protocol: str) -> str:
    """Return a protocol that has point sets."""
    if protocol not in POINT_PROTOCOLS:
        raise ValueError(f"'{protocol}' has no point sets; write {_listed(POINT_PROTOCOLS, 'or')}")
    return protocol


POINT_PROTOCOLS = tuple(name for name in VOCABULARIES if _rows(name))
PointProtocol = Annotated[
    str, Strict(), AfterValidator(check_protocol), Field(json_schema_extra={"enum": [*POINT_PROTOCOLS]})
]


class PointSetBase(Model):
    """Process objects of one protocol, in the tables and ranges that it declares."""

    protocol: PointProtocol
    description: Text | None = None

    def entries(self) -> dict[str, tuple[str, ...]]:
        """Return what each key of the protocol holds."""
        found: dict[str, tuple[str, ...]] = {}
        for key in _keys_of(self.protocol):
            value = getattr(self, key)
            if value:
                found[key] = (value,) if isinstance(value, str) else value
        return found

    @model_validator(mode="after")
    def keys_fit_the_protocol(self) -> Self:
        """Refuse keys of another protocol and a set without points."""
        rows, possible, present = _rows(self.protocol), _keys_of(self.protocol), self.entries()
        for key in POINT_KEYS:
            if getattr(self, key) and key not in possible:
                raise ValueError(f"'{key}' is not for {self.protocol}; use {', '.join(possible)}")
        if len(rows) > 1 and not any(row.key in present or row.tables_key in present for row in rows):
            raise ValueError(f"a {self.protocol} point set needs {_listed(possible, 'or')}; add one")
        for row in rows:
            if len(rows) > 1 and row.key not in present and row.tables_key not in present:
                continue
            for key in (row.tables_key, "" if row.optional else row.key):
                if key and key not in present:
                    raise ValueError(f"a {self.protocol} point set needs '{key}'; add it")
        return self


def check_entry(text: str, info: ValidationInfo) -> str:
    """Return an entry of a list of objects unchanged, or the name of a table as the protocol writes it."""
    protocol = str(info.data.get("protocol", ""))
    for row in _rows(protocol):
        if info.field_name == row.tables_key and row.read_table is not None:
            return row.read_table(text)
        if info.field_name == row.tables_key and text not in row.tables:
            raise ValueError(f"'{text}' is not a table of {protocol}; write {_listed(row.tables, 'or')}")
        if info.field_name == row.key and row.parse is not None:
            row.parse(text)
        elif info.field_name == row.key:
            parse_range(text, row.last)
    return text


Entry = Annotated[str, Strict(), AfterValidator(check_entry)]


def _point_keys() -> Keys:
    keys: Keys = {}
    tables = {row.tables_key: row.tables for words in VOCABULARIES.values() for row in words.protocol.objects}
    for name in VOCABULARIES:
        for key in _keys_of(name):
            word = Annotated[Entry, Field(json_schema_extra={"enum": [*tables[key]]})] if tables.get(key) else None
            keys[key] = (tuple[Entry, ...], ()) if word is None else (word | None, None)
    return keys


POINT_KEYS = tuple(_point_keys())
"""Every key that some protocol has for its objects."""

if TYPE_CHECKING:
    Asset = AssetBase
    PointSet = PointSetBase
else:
    Asset = create_model(
        "Asset", __base__=AssetBase, __doc__=AssetBase.__doc__, **{key: _unit_key(unit) for key, unit in UNITS.items()}
    )
    PointSet = create_model("PointSet", __base__=PointSetBase, __doc__=PointSetBase.__doc__, **_point_keys())


class Window(Model):
    """A repeated time of the site's clock: which days, from when, how long (at most 7 days)."""

    rrule: Recurrence
    start: Clock
    duration: Duration

    @model_validator(mode="after")
    def not_too_long(self) -> Self:
        """Refuse an occurrence of more than 7 days."""
        if self.duration > DURATION_MAX:
            raise ValueError(f"duration is longer than {DURATION_MAX.days} days; name more days instead")
        return self


class Limits(Model):
    """How much an allowed flow may do."""

    max_requests_per_s: Annotated[Number, Field(gt=0)]
