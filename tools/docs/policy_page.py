"""The page of the policy language and its JSON Schema, from the models of the language and the declared protocols."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from dissectors.context import Missing, VerdictKind
from dissectors.spec import Function, Objects, Protocol, Unit
from rules.policy import schema
from rules.policy.vocabulary import VOCABULARIES
from rules.policy.word import NAME
from tools.docs.page import code, page, section, table

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
SCHEMA: Final = "policy.schema.json"

INTRODUCTION: Final = f"""\
A policy is one YAML file: who there is (assets, groups, zones), which ways join the zones (conduits), and what may be done
(rules, exceptions). `spanwatch replay` and `spanwatch watch` take it with `--policy`. Spanwatch only listens: a policy
makes verdicts and alerts and blocks nothing. [{SCHEMA}]({SCHEMA}) is the same for editors; an example is
[pcaps/policy.yaml](../pcaps/policy.yaml).

* **Default deny.** What no rule allows is not allowed.
* **Deny overrides allow.** The order of the file never matters.
* **Between two zones** a flow needs a conduit and an allow rule, inside one zone an allow rule.
* **Who starts is `from`.** An answer to an allowed request is allowed; an answer to no request is not.
* **Nothing is implied.** Each rule states from, to, protocol, functions, objects, values, limits and when; write `any`.
  `opaque` stands for functions and objects of what is not dissected, and the verdict says that the content is not verified.
* **Identity first.** IP, MAC and the unit behind the address must fit the asset; what is not local carries the MAC of a
  declared security device.
* **An exception** is an allow with an end; afterwards it counts as absent. **A maintenance window** changes no verdict.
* Anchors, aliases, tags, doubled keys, unknown keys and words that YAML versions read differently are refused, each with
  line and fix. Quote MACs, times of day and hexadecimal numbers."""

VERDICTS: Final = {
    VerdictKind.ALLOW: "a rule allows it",
    VerdictKind.DENY: "a rule denies it",
    VerdictKind.DEFAULT_DENY: "no rule allows it; the verdict says what is missing",
    VerdictKind.EXCEPTION: "an exception allows it, for now",
    VerdictKind.IDENTITY_MISMATCH: "an end is not who it claims to be, by its MAC or by the unit behind its address",
    VerdictKind.UNPARSED: "a rule expects a dissected protocol and the content cannot be read",
}
MISSING: Final = {
    Missing.CONDUIT: "no conduit joins the zones",
    Missing.RULE: "no rule is for this pair",
    Missing.PROTOCOL: "the closest rule means another protocol",
    Missing.PORTS: "another server port",
    Missing.FUNCTIONS: "other functions",
    Missing.OBJECTS: "other objects",
    Missing.VALUES: "other values",
    Missing.WHEN: "another time",
}

GROUPS: Final = """\
Conversations below IP (layer 2) and to a multicast or broadcast address have a publisher and a group instead of a client
and a server. They are judged for a protocol once a rule names it that way; then default deny holds among the publishers of
that protocol. A policy without such a rule judges none of them. ARP is never judged."""
GROUP_ROWS: Final = (
    ('`to: {group: "01:0c:cd:01:00:01"}`', "one group, by MAC or by IP (`239.1.1.1`)"),
    ("`to: {group: [239.1.1.1, 239.1.1.2]}`", "several groups; the names of groups of assets do not stand in a list"),
    ('`to: {group: "ff:ff:ff:ff:ff:ff"}`', "broadcast, that of a subnet too"),
    ("`from: {asset: relay-1}`", "the publisher; also `group`, `zone`, `cidr` and `any` as in every rule"),
    ('`from: {mac: "00:30:a7:00:00:01"}`', "a publisher that is no asset; only in a rule to a group"),
    ("`protocol: goose`", "a protocol by the name its channels carry; `ethertype-0x88b9` for one without a name, `llc` for frames with a length, `ethernet` for all of layer 2 that is not dissected. `any` is refused: it would judge every announcement"),
    ("`protocol: udp`", "with `ports`: datagrams of a protocol that is not dissected"),
    ("`conduit`, `zone`", "a group is in no zone: no conduit, and `zone` (not needed) is that of the publisher"),
    ("an asset without `ip`", "a device of layer 2 alone, named by its `mac`; a rule over IP cannot name it"),
    ("two assets, `protocol: profinet`", "a conversation of layer 2 between two devices; nothing shows who began it, so a rule of either direction covers it"),
)  # fmt: skip
GROUP_EXAMPLE: Final = """\
```yaml
rules:
  - {id: G-1, action: allow, zone: z-bay, from: {asset: relay-1}, to: {group: "01:0c:cd:01:00:01"}, protocol: goose,
     functions: any, objects: any, values: any, limits: any, when: any,
     reason: Trips of bay 1, owner: Protection, ticket: CHG-3100}
```"""

INTO_PROTOCOLS: Final = """\
The functions, objects and units that rules, point sets and assets can name. A protocol that is not dissected goes by its
recognised name, or by `tcp` or `udp`, with `ports` and `functions: opaque`."""

ERRORS: Final = (
    ("E01", "a name that is not defined, or defined twice"),
    ("E02", "an asset in no zone, or in two"),
    ("E03", "an IP or MAC bound twice"),
    ("E04", "the ends of a rule are not where its conduit or zone says, or it names neither"),
    ("E14", "a time zone that is not known"),
    ("E15", "a function that the protocol does not have"),
    ("E17", "a dimension is missing, or says what this protocol cannot have"),
    ("E18", "unsafe or invalid YAML, an unknown key, a value of the wrong form"),
)
RECORDED: Final = (
    ("`evidence_required` (defaults and rules)", "how long an allow may go unused; nothing compares it with what was seen yet"),
    ("`anomaly_severity` of a maintenance window", "in an open window alerts are one step less severe, whichever word stands here"),
    ("`technique` of a rule", "what the owner had in mind; alerts name the techniques of the catalogue"),
    ("`standard_refs`, `supersedes`, `sl_t`, `boundary`, ...", "the paperwork: checked for its form, not acted on"),
)  # fmt: skip
KEYS: Final = (
    "Document", "Metadata", "Approval", "Supersedes", "Defaults", "Asset", "SecurityDevice", "Zone", "Conduit", "PointSet",
    "Window", "Rule", "Ends", "Bounds", "Limits", "ExceptionClause", "Person", "MaintenanceWindow", "Effect",
)  # fmt: skip
"""The parts of a document in the order of the page; parts that are not listed follow."""

Part = Mapping[str, Any]


def shape(part: Part) -> str:
    """Return in words what a value of the schema may be."""
    if "$ref" in part:
        name = str(part["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in part:
        forms = [shape(one) for one in part["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(forms))
    if "const" in part:
        return code(part["const"])
    if "enum" in part:
        return " or ".join(code(one) for one in part["enum"])
    kind = part.get("type")
    if kind == "array":
        return f"list of {shape(part['items'])}" if "items" in part else "list"
    if kind == "object":
        values = part.get("additionalProperties") or next(iter(part["patternProperties"].values()))
        return f"mapping of {shape(values)}"
    if kind in {"integer", "number"}:
        first, last = part.get("minimum"), part.get("maximum")
        words = "whole number" if kind == "integer" else "number"
        if first is not None and last is not None:
            return f"{words} {first} to {last}"
        return words if first is None else f"{words} from {first}"
    if kind == "boolean":
        return "`true` or `false`"
    if part.get("examples"):
        return "text as " + " or ".join(code(one) for one in part["examples"])
    pattern = part.get("pattern")
    return "name" if pattern == NAME else f"text as {code(pattern)}" if pattern else "text"


def _parts(described: Part) -> str:
    parts: dict[str, Part] = {"Document": described, **described["$defs"]}
    names = [*(name for name in KEYS if name in parts), *(name for name in parts if name not in KEYS)]
    shown = []
    for name in names:
        part = parts[name]
        needed = part.get("required", ())
        rows = [(code(key), shape(value), "yes" if key in needed else "") for key, value in part["properties"].items()]
        about = " ".join(str(part.get("description", "")).replace("``", "`").split())
        shown.append(f"### {name}\n\n{about}\n\n{table(('key', 'value', 'needed'), rows)}")
    return "\n\n".join(shown)


def _protocol(protocol: Protocol) -> str:
    by_verb: dict[str, list[str]] = {}
    for row in protocol.functions:
        word = f"{row.code} {row.name}" if protocol.numbered else row.name
        listed = by_verb.setdefault(row.verb, [])
        if code(word) not in listed:
            listed.append(code(word))
    verbs = table(("verb", "functions"), [(verb, ", ".join(rows)) for verb, rows in by_verb.items()])
    words = [(code(word), ", ".join(map(code, steps))) for word, steps in protocol.words.items()]
    demands = [
        (code(one.name), f"{code(one.first)} before {', '.join(map(code, one.then))}"
         + (f"; never {', '.join(map(code, one.breaks))}" if one.breaks else ""))
        for one in protocol.requirements
    ]  # fmt: skip
    parts = [
        f"### {protocol.title}\n\n`protocol: {protocol.name}`. {_naming(protocol)}",
        verbs,
        _notes(protocol),
        table(("word", "stands for"), words),
        table(("`require`", "asks for"), demands),
        _unit(protocol.unit),
        table(("key of a point set", "value", "example"), [row for one in protocol.objects for row in _objects(one)]),
        "Written values can be limited." if protocol.values else "Values cannot be limited: write `values: any`.",
    ]
    return "\n\n".join(part for part in parts if part)


def _naming(protocol: Protocol) -> str:
    if protocol.numbered is None:
        return "Functions go by name; a number without a name keeps it, as in `unknown_0x5b`."
    sub = next((row.code for row in protocol.functions if "/" in row.code), "")
    more = f", one of its sub-functions as `{sub}` in quotes" if sub else ""
    return f"Functions go by code, 1 to {protocol.numbered.last}{more}; a code alone covers its sub-functions."


def _notes(protocol: Protocol) -> str:
    def named(title: str, rows: list[Function]) -> str:
        words = dict.fromkeys(code(row.code if protocol.numbered else row.name) for row in rows)
        return f"* {title}: {', '.join(words)}." if rows else ""

    rows = [row for row in protocol.functions if not (protocol.numbered and "/" in row.code)]
    lines = [
        named("Name an object, or match only `objects: any`", [row for row in rows if row.needs_object]),
        named("Match on the function alone", [row for row in rows if row.objects == () and not row.transport]),
        named("Started by the server, so it is `from`", [row for row in rows if row.from_server]),
        named("Only the last of its ranges takes the values", [row for row in rows if row.writes_last]),
        named("Judged with their conversation", [row for row in rows if row.transport]),
    ]
    return "\n".join(line for line in lines if line)


def _unit(unit: Unit | None) -> str:
    if unit is None or not unit.policy_key:
        return ""
    if unit.parts:
        value = f"{{{', '.join(f'{name}: 0' for name, _ in unit.parts)}}}"
        limits = ", ".join(f"{name} 0 to {last}" for name, last in unit.parts)
    else:
        value, limits = "1", f"0 to {unit.last}, or a list"
    both = " Both ends have one." if unit.pair else ""
    return f"An asset binds its {unit.name} as `{unit.policy_key}: {value}` ({limits}).{both}"


def _objects(one: Objects) -> Iterator[tuple[str, str, str]]:
    if one.tables_key:
        tables = ", ".join(map(code, one.tables)) or f"names like `{one.kind}`".replace("|", "\\|")
        yield code(one.tables_key), f"one of {tables}" if one.tables else "list of tables, all variations with `*`", ""
    last = "" if one.parse is not None else f", numbers to {one.last}" if one.last < 1 << 62 else ", numbers"
    kind = "" if one.tables_key or one.parse is not None else f" of {one.kind}"
    yield code(one.key), f"list{kind}{last}{' (not needed: all)' if one.optional else ''}", code(f'"{one.example}"')


def pages() -> Iterator[tuple[str, str]]:
    """Return the page and the schema."""
    described = schema()
    spoken = [words.protocol for words in VOCABULARIES.values() if words.dissected]
    yield SCHEMA, json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    yield "policy.md", page(
        "The policy language",
        INTRODUCTION,
        section("Verdicts", table(("verdict", "when"), [(code(kind), text) for kind, text in VERDICTS.items()]),
                "What a default deny says is missing:",
                table(("missing", "why"), [(code(one), text) for one, text in MISSING.items()])),
        section("Publishers and groups", GROUPS, table(("written", "means"), GROUP_ROWS), GROUP_EXAMPLE),
        section("Protocols", INTO_PROTOCOLS,
                *(_protocol(protocol) for protocol in spoken)),
        section("Keys", _parts(described)),
        section("Errors", table(("code", "meaning"), ERRORS)),
        section("Recorded, not acted on", table(("key", "today"), RECORDED)),
    )  # fmt: skip
