"""The generated pages are those of the code: nothing is out of date, nothing is missing."""

from __future__ import annotations

import re

import pytest

from dissectors.registry import PROTOCOLS
from rules.detections.patterns.declared import patterns_of
from sensor.documents.fields import FIELDS
from tests.repository import ROOT
from tools.docs.__main__ import DOCS, made
from tools.docs.bounds_page import LIMIT, constants, missing

PAGES = made()


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page_is_what_the_code_says(path: str) -> None:
    assert (DOCS / path).is_file(), "run: make docs"
    assert (DOCS / path).read_text(encoding="utf-8") == PAGES[path], "run: make docs"


def test_every_bound_of_the_table_is_a_constant_of_the_code() -> None:
    assert missing() == []


def test_every_limit_of_the_code_is_on_the_page_of_bounds() -> None:
    page = PAGES["bounds.md"]
    known = [row for row in constants().values() if LIMIT.fullmatch(row.name)]
    assert len(known) > 100
    assert [row for row in known if f"| `{row.name}` | {row.value} | {row.path} |" not in page] == []


def test_every_protocol_and_every_field_is_on_a_page() -> None:
    assert all(f"# {protocol.title}\n" in PAGES[f"protocols/{protocol.name}.md"] for protocol in PROTOCOLS)
    assert [field.name for field in FIELDS if f"| `{field.name}` |" not in PAGES["fields.md"]] == []


def test_every_danger_and_pattern_of_a_protocol_is_on_its_page() -> None:
    for protocol in PROTOCOLS:
        text = PAGES[f"protocols/{protocol.name}.md"]
        numbers = [one.number for one in (*protocol.dangers, *(row for _, row in patterns_of(protocol.patterns)))]
        assert [number for number in numbers if f"| [{protocol.series}-{number:03d}](" not in text] == []
        words = [word for danger in protocol.dangers for word in (*danger.operations, *danger.codes, *danger.errors)]
        table = text.partition("## Dangerous operations")[2].partition("\n## ")[0]
        assert [word for word in words if word not in table] == []


def test_the_links_of_the_pages_lead_to_pages() -> None:
    for path, text in PAGES.items():
        for link in re.findall(r"\]\(([^)\s#]+)(?:#\S+)?\)", text):
            assert ((DOCS / path).parent / link).exists(), f"{path}: {link}"


def test_the_architecture_leads_to_the_generated_pages() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert "(docs/bounds.md)" in text and "(docs/fields.md)" in text and "(docs/protocols/README.md)" in text
