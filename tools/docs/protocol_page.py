"""One page per protocol, from its declaration: where it is heard, what it can do, what is dangerous, its fields."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from dissectors.danger import Danger
from dissectors.registry import PROTOCOLS
from dissectors.spec import Protocol, Unit
from rules.detections.catalogue import CATALOGUE
from rules.detections.entry import Entry
from rules.detections.patterns.asked import identifier_of
from rules.detections.patterns.declared import patterns_of
from tools.docs.page import code, page, section, table

ENTRIES: Final[dict[str, Entry]] = {entry.id: entry for entry in CATALOGUE}

NEEDS: Final = "Needs: D nothing, P a policy, B a baseline, C settings of the site."


def _about(protocol: Protocol) -> str:
    module = type(protocol.dissector).__module__.rpartition(".")[0]
    text = " ".join((sys.modules[module].__doc__ or "").replace("``", "`").split("\n\n", 1)[0].split())
    limits = " ".join((sys.modules[module].__doc__ or "").replace("``", "`").partition("Limits: ")[2].split())
    name = f"Its facts and documents call it `{protocol.name}`."
    return "\n\n".join([text, name, f"Limits: {limits}" if limits else ""]).strip()


def _doors(protocol: Protocol) -> str:
    rows = [
        (code(door.name), door.group, "TLS is expected: named, not read" if door.encrypted else "")
        for door in protocol.doors
    ]
    return table(("door", "sent to", "note"), rows)


def _unit(unit: Unit | None) -> str:
    if unit is None:
        return ""
    sentences = [f"Called {unit.name}", f"numbers up to {unit.last}"]
    if unit.pair:
        sentences.append("a pair, client>server")
    if unit.many_per_host:
        sentences.append("one address may answer for several: a gateway")
    if unit.policy_key:
        sentences.append(f"`{unit.policy_key}` in the policy")
    return "; ".join(sentences) + "."


def _functions(protocol: Protocol) -> str:
    rows = [
        (
            code(row.code),
            code(row.name),
            row.verb,
            "any" if row.objects is None else ", ".join(map(code, row.objects)),
            ", ".join(
                word
                for word, given in (
                    ("transport", row.transport),
                    ("configures", row.configures),
                    ("from the server", row.from_server),
                )
                if given
            ),
        )
        for row in protocol.functions
    ]
    return table(("code", "operation", "verb", "objects", "note"), rows)


def _alert(identifier: str) -> str:
    return f"[{identifier}](../alerts/{identifier.rpartition('-')[0]}.md#{identifier})"


def _commands(protocol: Protocol, danger: Danger) -> str:
    """Return the operations of a danger, those it names by code with their names; or the errors it is about."""
    named = {row.code: row.name for row in protocol.functions if row.code}
    words = [code(name) for name in danger.operations]
    words += [f"{code(named[one])} ({one})" if one in named else code(one) for one in danger.codes]
    words += [f"error {code(name)}" for name in danger.errors]
    return ", ".join(words)


def _verbs(protocol: Protocol, danger: Danger) -> str:
    verbs = {row.verb: None for row in protocol.functions if row.name in danger.operations or row.code in danger.codes}
    return ", ".join(verbs)


def _dangers(protocol: Protocol) -> str:
    """Return the commands that are an alert whoever sends them."""
    rows = [
        (
            _alert(identifier_of(protocol, danger.number)),
            danger.name,
            _commands(protocol, danger),
            _verbs(protocol, danger),
            ", ".join(map(code, danger.objects)),
            ", ".join([danger.severity, *(f"{code(name)} {given}" for name, given in danger.severities.items())]),
        )
        for danger in protocol.dangers
    ]
    return table(("alert", "name", "operations", "verb", "only on", "severity"), rows)


def _patterns(protocol: Protocol) -> str:
    """Return the alerts that count or compare what is sent."""
    identifiers = [identifier_of(protocol, pattern.number) for _, pattern in patterns_of(protocol.patterns)]
    rows = [
        (
            _alert(entry.id),
            entry.name,
            entry.severity,
            entry.needs,
            ", ".join(f"{code(name)} {value}" for name, value in entry.settings.items()),
        )
        for entry in (ENTRIES[identifier] for identifier in identifiers)
    ]
    return table(("alert", "name", "severity", "needs", "settings"), rows)


def _page(protocol: Protocol) -> str:
    violations = [(code(row.name), row.clause, row.rule) for row in protocol.violations]
    words = [(kind, ", ".join(map(code, given))) for kind, given in protocol.words.items()]
    fields = [
        (code(f"spanwatch.{protocol.family}.{row.name}"), row.type, "" if row.index else "kept, not indexed")
        for row in protocol.fields
    ]
    return page(
        protocol.title,
        _about(protocol),
        section("Where it is heard", _doors(protocol)),
        section("Units", _unit(protocol.unit)),
        section("Operations", _functions(protocol)),
        section(
            "Dangerous operations",
            "Each is an alert whoever sends it; the verb is that of the operation." if protocol.dangers else "",
            _dangers(protocol),
        ),
        section(
            "Patterns that are alerts",
            NEEDS if patterns_of(protocol.patterns) else "",
            _patterns(protocol),
        ),
        section("Violations", table(("violation", "clause", "rule"), violations)),
        section("Words", table(("what", "words"), words)),
        section("Fields of documents", table(("field", "type", "note"), fields)),
    )


def pages() -> Iterator[tuple[str, str]]:
    """Return the page of each protocol and their list."""
    for protocol in PROTOCOLS:
        yield f"protocols/{protocol.name}.md", _page(protocol)
    rows = [
        (f"[{row.title}]({row.name}.md)", code(row.name), ", ".join(door.name for door in row.doors), row.series)
        for row in PROTOCOLS
    ]
    yield "protocols/README.md", page("Protocols", table(("protocol", "name", "doors", "alerts"), rows))
