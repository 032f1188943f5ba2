"""Policy document, part two: what may be done (rules, exceptions, maintenance windows).

A clause states all eight dimensions (from, to, protocol, functions, objects, values, limits, when); none is implied.
What a reviewer needs (reason, owner, ticket, risk owner) may be absent here, so that the lint can say so.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, Strict, StringConstraints, model_validator

from rules.policy.entity import Limits
from rules.policy.extent import check_index_range, check_port_range
from rules.policy.vocabulary import REQUIREMENTS
from rules.policy.word import (
    Age,
    Flag,
    GroupAddress,
    GroupName,
    Instant,
    Mac,
    Model,
    Name,
    Network,
    Number,
    Text,
    read_address,
)

Protocol = Annotated[str, Strict(), StringConstraints(pattern=r"^[a-z][a-z0-9_.+-]{0,31}$")]
Port = Annotated[int, Strict(), Field(ge=0, le=65535)]
PortRange = Annotated[str, Strict(), AfterValidator(check_port_range), Field(examples=["1024-1031"])]
IndexRange = Annotated[str, Strict(), AfterValidator(check_index_range), Field(examples=["100", "0-39"])]
Function = Annotated[int, Strict()] | Annotated[str, Strict(), StringConstraints(min_length=1, max_length=64)]


def check_requirement(word: str) -> str:
    """Return what a rule demands, when some protocol knows how to."""
    if word not in REQUIREMENTS:
        raise ValueError(f"'{word}' is nothing that a rule can demand; write {' or '.join(REQUIREMENTS)}")
    return word


Requirement = Annotated[
    str, Strict(), AfterValidator(check_requirement), Field(json_schema_extra={"enum": [*REQUIREMENTS]})
]


class Person(Model):
    """A person in a role."""

    role: Text
    name: Text


class Ends(Model):
    """Who starts, or who is reached: exactly one of any, asset, group, zone, cidr or mac.

    ``group`` is the name of a group of assets, or, of who is reached, the multicast or broadcast address that a publisher
    sends to (or a list of these). ``mac`` is a publisher that is no asset.
    """

    any: Flag | None = None
    asset: Name | None = None
    group: GroupName | Annotated[tuple[GroupAddress, ...], Field(min_length=1)] | None = None
    zone: Name | None = None
    cidr: Network | None = None
    mac: Mac | None = None

    @model_validator(mode="after")
    def exactly_one(self) -> Self:
        """Refuse an empty or double selector and ``any: false``."""
        given = [key for key in Ends.model_fields if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(
                f"needs one of {', '.join(Ends.model_fields)}, not {len(given)}; keep one or split the rule"
            )
        if self.any is False:
            raise ValueError("'any: false' matches nothing; write any: true or name an asset, group or zone")
        return self

    @property
    def named_group(self) -> str | None:
        """The group of assets that is meant, if any."""
        return None if self.addresses or isinstance(self.group, tuple) else self.group

    @property
    def addresses(self) -> tuple[str, ...]:
        """The multicast and broadcast addresses that are meant."""
        if isinstance(self.group, str):
            return () if read_address(self.group) is None else (self.group,)
        return self.group or ()


class Bounds(Model):
    """Least and greatest raw value of a point, both allowed."""

    min: Number
    max: Number

    @model_validator(mode="after")
    def in_order(self) -> Self:
        """Refuse a range that nothing is in."""
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}; exchange them")
        return self


class Clause(Model):
    """What rules and exceptions have in common: seven of the eight dimensions and the paperwork."""

    id: Name
    conduit: Name | None = None
    zone: Name | None = None
    from_: Ends = Field(alias="from")
    to: Ends
    protocol: Protocol
    ports: Literal["any"] | Annotated[tuple[Port | PortRange, ...], Field(min_length=1)] | None = None
    functions: Literal["any", "opaque"] | Annotated[tuple[Function, ...], Field(min_length=1)]
    objects: Literal["any", "opaque"] | Annotated[tuple[Name, ...], Field(min_length=1)]
    values: Literal["any"] | Annotated[dict[IndexRange, Literal["any"] | Bounds], Field(min_length=1)]
    limits: Literal["any"] | Limits
    require: tuple[Requirement, ...] = ()
    reason: Text | None = None
    owner: Text | None = None
    ticket: Text | None = None

    @property
    def publishes(self) -> bool:
        """Whether the clause is about messages to many."""
        return bool(self.to.addresses)

    @property
    def action_allows(self) -> bool:
        """Whether the clause lets something through (an allow or an exception)."""
        return getattr(self, "action", "allow") == "allow"


class Rule(Clause):
    """An allow or a deny. ``evidence_required`` and ``technique`` are recorded for auditors and change nothing."""

    action: Literal["allow", "deny"]
    when: Name
    severity: Literal["low", "medium", "high", "critical"] | None = None
    technique: Name | None = None
    evidence_required: Age | None = None


class ExceptionClause(Clause):
    """An allow with an end. ``starts`` and ``expires`` stand in for ``when``."""

    action: Literal["allow"]
    starts: Instant
    expires: Instant
    risk_accepted_by: Person | None = None
    alert_level: Literal["notice", "low", "medium", "high", "critical"] | None = None

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        """Refuse an exception that is never live."""
        if self.expires <= self.starts:
            raise ValueError("expires before it starts; correct 'starts' or 'expires'")
        return self


class Effect(Model):
    """What a maintenance window does: never anything to the verdict.

    In it alerts are one step less severe; which word ``anomaly_severity`` holds is recorded and changes nothing.
    """

    anomaly_severity: Literal["notice", "low", "medium", "high", "critical"]
    freeze_learning: Flag


class MaintenanceWindow(Model):
    """A time in which alerts of some zones are less severe and learning stands still."""

    id: Name
    zones: Annotated[tuple[Name, ...], Field(min_length=1)]
    starts: Instant
    ends: Instant
    ticket: Text | None = None
    effect: Effect

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        """Refuse a window that is never open."""
        if self.ends <= self.starts:
            raise ValueError("ends before it starts; correct 'starts' or 'ends'")
        return self
