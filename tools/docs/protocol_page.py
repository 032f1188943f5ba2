"""One page per protocol, from its declaration: where it is heard, what it can do, what can be wrong, its fields."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from dissectors.registry import PROTOCOLS
from dissectors.spec import Protocol, Unit
from tools.docs.page import code, page, section, table


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
