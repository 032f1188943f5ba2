"""The page of the policy language and its schema are what the code says, and the schema is usable."""

from __future__ import annotations

import json
import re
from pathlib import Path

import jsonschema
import pytest

from dissectors.context import Missing, VerdictKind
from rules.policy.source import read_source
from tests.repository import ROOT
from tools.docs.policy_page import ERRORS, MISSING, VERDICTS, pages

PAGES = dict(pages())
POLICIES = (ROOT / "pcaps" / "policy.yaml", ROOT / "tests" / "rules" / "policy" / "example.yaml")


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_committed_page_is_the_generated_one(name: str) -> None:
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == PAGES[name], "run python -m tools.docs.policy_page"


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.name)
def test_the_schema_takes_policies_and_refuses_unknown_keys(path: Path) -> None:
    schema = json.loads(PAGES["policy.schema.json"])
    data = read_source(path.read_bytes(), path.name).data
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(data, schema)
    assert isinstance(data, dict)
    with pytest.raises(jsonschema.ValidationError, match="tiket"):
        jsonschema.validate({**data, "tiket": 1}, schema)


def test_every_verdict_and_every_error_is_explained() -> None:
    assert set(VERDICTS) == set(VerdictKind)
    assert set(MISSING) == set(Missing) - {Missing.NOTHING}
    used = {
        found
        for path in (ROOT / "rules" / "policy").glob("*.py")
        for found in re.findall(r'"(E\d\d)"', path.read_text())
    }
    assert {number for number, _ in ERRORS} == used
