"""The policy document as a whole: metadata, defaults and the lists of part one and two, as YAML spells them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, Strict, StringConstraints

from rules.policy.clause import ExceptionClause, MaintenanceWindow, Person, Rule
from rules.policy.entity import Asset, Conduit, PointSet, SecurityDevice, Window, Zone
from rules.policy.word import Age, Day, Instant, Model, Name, Text

Version = Annotated[int, Strict(), Field(ge=1)]


class Supersedes(Model):
    """The version before this one, by number and digest."""

    version: Version
    sha256: Annotated[str, Strict(), StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Approval(Person):
    """Who agreed, when, under which ticket."""

    at: Instant
    ticket: Text


class Metadata(Model):
    """What the document is, whose it is and from when it counts."""

    id: Name
    title: Text
    version: Version
    supersedes: Supersedes | None = None
    effective: Instant
    review_by: Day | None = None
    time_zone: Text
    standard_refs: tuple[Text, ...] = ()
    owner: Person | None = None
    author: Person | None = None
    approvals: tuple[Approval, ...] = ()


class Defaults(Model):
    """What happens where nothing is said. Each has one lawful word today; it is written so that the reader knows.

    ``evidence_required`` is recorded for auditors: how long an allow may go unused. The sensor does not compare it yet.
    """

    action: Literal["deny"]
    mode: Literal["alert"]
    unknown_asset: Literal["deny"]
    identity_mismatch: Literal["deny"]
    unparsed_payload: Literal["alert"]
    evidence_required: Age | None = None


class Document(Model):
    """One version of a segmentation policy."""

    api_version: Literal["ot-policy/v1"] = Field(alias="apiVersion")
    kind: Literal["SegmentationPolicy"]
    metadata: Metadata
    defaults: Defaults
    owners: tuple[Text, ...] = ()
    assets: dict[Name, Asset] = {}
    groups: dict[Name, Annotated[tuple[Name, ...], Field(min_length=1)]] = {}
    security_devices: dict[Name, SecurityDevice] = {}
    zones: Annotated[tuple[Zone, ...], Field(min_length=1)]
    conduits: tuple[Conduit, ...] = ()
    point_sets: dict[Name, PointSet] = {}
    windows: dict[Name, Window] = {}
    rules: tuple[Rule, ...] = ()
    exceptions: tuple[ExceptionClause, ...] = ()
    maintenance_windows: tuple[MaintenanceWindow, ...] = ()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the policy language, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Document.model_json_schema(by_alias=True)}
