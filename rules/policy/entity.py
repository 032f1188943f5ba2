"""Policy document, part one: who and what exists (assets, devices, zones, conduits, point sets, windows)."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from rules.policy.extent import (
    check_area,
    check_blocks,
    check_index_range,
    check_register_range,
    check_szl,
    parse_object,
)
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
Recurrence = Annotated[str, Strict(), AfterValidator(check_recurrence)]
DnpAddress = Annotated[int, Strict(), Field(ge=0, le=65535)]
ModbusUnit = Annotated[int, Strict(), Field(ge=0, le=255)]


class RackSlot(Model):
    """Where the CPU of an S7 station sits."""

    rack: Annotated[int, Strict(), Field(ge=0, le=7)]
    slot: Annotated[int, Strict(), Field(ge=0, le=31)]


class Asset(Model):
    """One device and its identity binding. ``mac: any`` is for a device whose own MAC no sensor can see."""

    ip: Ip
    mac: MacOrAny
    role: Name | None = None
    level: Level | None = None
    criticality: Literal["low", "medium", "high", "critical"] | None = None
    modbus_unit: ModbusUnit | tuple[ModbusUnit, ...] | None = None
    dnp3_addr: DnpAddress | tuple[DnpAddress, ...] | None = None
    s7: RackSlot | None = None
    description: Text | None = None


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


ModbusRange = Annotated[str, Strict(), AfterValidator(check_register_range)]
IndexRange = Annotated[str, Strict(), AfterValidator(check_index_range)]
DnpObject = Annotated[str, Strict(), AfterValidator(parse_object)]
Area = Annotated[str, Strict(), AfterValidator(check_area)]
Blocks = Annotated[str, Strict(), AfterValidator(check_blocks)]
Szl = Annotated[str, Strict(), AfterValidator(check_szl)]

_KEYS = {
    "modbus": (("table", "ranges"), ()),
    "dnp3": (("objects",), ("indexes",)),
    "s7comm": ((), ("areas", "blocks", "szl")),
    "s7commplus": ((), ("areas", "blocks", "szl")),
}


class PointSet(Model):
    """Process objects of one protocol: a Modbus table, DNP3 objects, or S7 areas, blocks and status lists."""

    protocol: Literal["modbus", "dnp3", "s7comm", "s7commplus"]
    table: Literal["coil", "discrete_input", "holding_register", "input_register", "file"] | None = None
    ranges: tuple[ModbusRange, ...] = ()
    objects: tuple[DnpObject, ...] = ()
    indexes: tuple[IndexRange, ...] = ()
    areas: tuple[Area, ...] = ()
    blocks: tuple[Blocks, ...] = ()
    szl: tuple[Szl, ...] = ()
    description: Text | None = None

    @model_validator(mode="after")
    def keys_fit_the_protocol(self) -> Self:
        """Refuse keys of another protocol and a set without points."""
        needed, possible = _KEYS[self.protocol]
        for key in ("table", "ranges", "objects", "indexes", "areas", "blocks", "szl"):
            present = bool(getattr(self, key))
            if present and key not in needed + possible:
                raise ValueError(f"'{key}' is not for {self.protocol}; use {', '.join(needed + possible)}")
            if not present and key in needed:
                raise ValueError(f"a {self.protocol} point set needs '{key}'; add it")
        if not needed and not (self.areas or self.blocks or self.szl):
            raise ValueError(f"a {self.protocol} point set needs areas, blocks or szl; add one")
        return self


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
