"""A protocol declared here alone, used in a policy: functions, objects, unit, values and a requirement of its own.

Run as a program: it lists the protocol before the policy language is made, and asserts what a policy can then say.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[3]))

import msgspec

from dissectors import registry
from dissectors.base.dissector import Dissector
from dissectors.span import Span, ordered
from dissectors.spec import Function, Objects, Protocol, Requirement, Unit, tcp


def read_tag(text: str) -> tuple[str, Span]:
    """Return the tag "motor[3]" as its table and number."""
    match = re.fullmatch(r"([a-z]+)\[(\d+)\]", text)
    if not match:
        raise ValueError(f"'{text}' is not a tag; write it like motor[3]")
    return f"tag.{match[1]}", ordered((int(match[2]), int(match[2])), text, 99)


TOY = Protocol(
    name="toy",
    title="Toy",
    series="TOY",
    dissector=Dissector("toy"),
    doors=(tcp(7777),),
    unit=Unit("rack", policy_key="toy_rack", parts=(("row", 9), ("place", 9))),
    functions=(
        Function("fetch", "read", needs_object=True),
        Function("store", "write", objects=("cell",), needs_object=True),
        Function("arm", "control"),
        Function("fire", "control"),
        Function("alarm", "report", from_server=True),
        Function("ping", "session", transport=True),
    ),
    words={"shoot": ("arm", "fire")},
    objects=(
        Objects(key="cells", kind="cell", last=4095, write=lambda kind, number: f"0x{number:x}"),
        Objects(key="tags", kind=r"tag\.[a-z]+", example="motor[3]", parse=read_tag),
    ),
    values=True,
    requirements=(Requirement("arm_before_fire", first="arm", then=("fire",)),),
)
registry.PROTOCOLS = (*registry.PROTOCOLS, TOY)  # type: ignore[misc]

from rules.policy import Judge, PolicyError, load_bytes, schema  # noqa: E402
from tests.rules.policy.conftest import exchange, first, open_channel  # noqa: E402

RULES = """
  - {id: R-1, action: allow, zone: z, from: {asset: a}, to: {asset: b}, protocol: toy, functions: [fetch, store],
     objects: [low, motors], values: {"0-15": {min: 1, max: 9}, "16-99": any}, limits: any, when: any}
  - {id: R-2, action: allow, zone: z, from: {asset: a}, to: {asset: b}, protocol: toy, functions: [shoot],
     objects: any, values: any, limits: any, when: any, require: [arm_before_fire]}
  - {id: R-3, action: allow, zone: z, from: {asset: b}, to: {asset: a}, protocol: toy, functions: [alarm],
     objects: any, values: any, limits: any, when: any}
"""
POLICY = """
apiVersion: ot-policy/v1
kind: SegmentationPolicy
metadata: {id: toy, title: toy, version: 1, effective: 2026-01-01T00:00:00Z, time_zone: UTC}
defaults: {action: deny, mode: alert, unknown_asset: deny, identity_mismatch: deny, unparsed_payload: alert}
assets:
  a: {ip: 10.20.2.11, mac: "00:1b:1b:aa:00:11"}
  b: {ip: 10.20.2.10, mac: "00:1b:1b:aa:00:10", toy_rack: {row: 1, place: 2}}
zones: [{id: z, level: 1, assets: [a, b]}]
point_sets:
  low: {protocol: toy, cells: ["0-15"]}
  motors: {protocol: toy, tags: ["motor[3]"]}
rules:
"""


def refused(old: str, new: str) -> str:
    """Return what is said of a policy with a mistake."""
    assert old in POLICY + RULES
    try:
        load_bytes((POLICY + RULES).replace(old, new, 1).encode(), "toy.yaml")
    except PolicyError as error:
        return str(error)
    raise AssertionError(f"{new} was accepted")


def main() -> None:
    """Judge a few operations, then make a few mistakes."""
    judge = Judge([load_bytes((POLICY + RULES).encode(), "toy.yaml")])
    channel = open_channel("hmi-1", "scada-1", "toy", port=7777, unit="1/2")

    def verdict(operation: object) -> tuple[str, str, str, tuple[str, ...]]:
        found = judge.judge_operation(channel, operation)  # type: ignore[arg-type]
        assert found is not None
        return found.kind, found.rule, found.missing, found.requires

    assert verdict(first("fetch", ("cell", 3, 9))) == ("allow", "R-1", "", ())
    assert verdict(first("fetch", ("tag.motor", 3, 3))) == ("allow", "R-1", "", ())
    assert verdict(first("fetch", ("tag.motor", 4, 4))) == ("default-deny", "", "objects", ())
    assert verdict(first("fetch")) == ("default-deny", "", "objects", ())
    assert verdict(first("store", ("tag.motor", 3, 3))) == ("default-deny", "", "objects", ())
    assert verdict(exchange("store", ("cell", 4, 4), values=(9,))) == ("allow", "R-1", "", ())
    assert verdict(exchange("store", ("cell", 4, 4), values=(10,))) == ("default-deny", "", "values", ())
    assert verdict(exchange("fire", verb="control")) == ("allow", "R-2", "", ("arm_before_fire",))
    assert verdict(exchange("alarm", verb="report", outcome="unmatched")) == ("allow", "R-3", "", ())
    assert verdict(first("ping", verb="session"))[0] == "allow"
    beyond = judge.judge_operation(channel, first("fetch", ("cell", 16, 31)))
    assert beyond is not None
    assert (beyond.expected, beyond.observed) == ("cell 0x0-0xf, tag.motor 3", "cell 0x10-0x1f")
    other = judge.judge_channel(msgspec.structs.replace(channel, unit="1/3"))
    assert other is not None
    assert (other.mismatch, other.expected, other.observed) == ("unit", "b with rack 1/2", "rack 1/3")
    silent = msgspec.structs.replace(channel, protocol="", state="attempted", unit="")
    attempt = judge.judge_channel(silent)
    assert attempt is not None
    assert attempt.rule == "R-1"

    assert "toy.yaml:8: asset b: toy_rack.place: 12" in refused("place: 2", "place: 12")
    assert "the last possible number is 4095" in refused('"0-15"]', '"0-4096"]')
    assert "toy.yaml:12: point set motors: tags: 'motor' is not a tag; write it like motor[3]" in refused(
        "motor[3]", "motor"
    )
    assert "'ranges' is not for toy; use cells, tags" in refused('cells: ["0-15"]', 'ranges: ["0-15"]')
    assert "a toy point set needs cells or tags; add one" in refused(', cells: ["0-15"]', "")
    assert "'fetc' is not a function of toy; did you mean 'fetch'?" in refused("functions: [fetch", "functions: [fetc")
    assert "select_before_operate is a requirement of" in refused("[arm_before_fire]", "[select_before_operate]")
    assert "'arm_first' is nothing that a rule can demand; write " in refused("[arm_before_fire]", "[arm_first]")
    described = schema()["$defs"]
    assert "toy_rack" in described["Asset"]["properties"]
    assert "cells" in described["PointSet"]["properties"]


if __name__ == "__main__":
    main()
