"""The vocabulary is closed: what a document, a policy, the manifest or an expected file says, something declares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from dissectors.registry import BY_NAME
from dissectors.words import VERBS
from rules.detections.attack.pin import technique
from rules.detections.catalogue import CATALOGUE
from tests.dissectors.vocabulary import OPERATIONS, PROTOCOLS, VIOLATIONS, speaks
from tests.repository import ROOT, texts

IDS = frozenset(entry.id for entry in CATALOGUE)
SERIES = "|".join(sorted({identifier.rpartition("-")[0] for identifier in IDS}))
TEXTS = {name: text for name, text in texts().items() if not name.startswith(("tests/", "docs/alerts/"))}
NO_ALERTS = {"S7-300", "S7-400"}
"""Models of controllers, which look like ids."""
POLICIES = ("pcaps/policy.yaml", "tests/rules/policy/example.yaml")
MANIFEST = yaml.safe_load((ROOT / "pcaps" / "MANIFEST").read_text(encoding="utf-8"))["captures"]
EXPECTED = sorted((ROOT / "pcaps" / "captures").rglob("*.expected.yaml"))


@pytest.mark.parametrize("name", sorted(name for name, text in TEXTS.items() if re.search(rf"\b({SERIES})-\d", text)))
def test_a_file_names_only_alerts_of_the_catalogue(name: str) -> None:
    named = set(re.findall(rf"\b(?:{SERIES})-\d{{3}}\b", TEXTS[name]))
    assert named - IDS - NO_ALERTS == set()


def every(node: Any, key: str) -> Iterator[Any]:
    """Yield every value under ``key`` in a document."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from every(value, key)
    elif isinstance(node, list):
        for value in node:
            yield from every(value, key)


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_speaks_of_protocols_and_functions_that_are_dissected(name: str) -> None:
    policy = yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))
    assert set(every(policy, "protocol")) - PROTOCOLS - {"any", "opaque", "tcp", "udp"} == set()
    functions = {word for words in every(policy, "functions") if isinstance(words, list) for word in words}
    names = {word for word in functions if isinstance(word, str) and not re.match(r"[\d(]", word)}
    groups = {*VERBS, *(word for protocol in BY_NAME.values() for word in protocol.words)}
    assert [word for word in sorted(names - groups) if not speaks(OPERATIONS, (), word)] == []


@pytest.mark.parametrize("row", MANIFEST, ids=lambda row: row["file"])
def test_the_truth_of_a_capture_names_alerts_and_techniques_that_exist(row: dict[str, Any]) -> None:
    for truth in row["truth"]:
        groups = [truth["expect"], truth.get("with_baseline"), truth.get("may"), *(truth.get("one_of") or [])]
        assert {identifier for group in groups for identifier in group or []} - IDS == set()
        assert technique(truth["technique"]).name


@pytest.mark.parametrize("path", EXPECTED, ids=lambda path: path.name.partition(".")[0])
def test_an_expected_file_speaks_only_declared_words(path: Any) -> None:
    expected = yaml.safe_load(path.read_text(encoding="utf-8"))
    for channel in every(expected, "operations"):
        for label in channel or {}:
            assert speaks(OPERATIONS, (), label.split(" ", 1)[0]), label
    for names in every(expected, "violations"):
        for name in names or ():
            said = re.search(r": (\w+) (\w+): ", name)
            assert said and speaks(VIOLATIONS, (said[1],), said[2]), name
