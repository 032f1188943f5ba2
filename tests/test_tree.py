"""The laws of the tree: sizes, names, lists that must be complete, nothing built among the sources."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re

import pytest

import rules.detections.catalogue
from dissectors.registry import DISSECTORS, PROTOCOLS
from models.registry import MODELS
from rules.detections.catalogue import CATALOGUE
from rules.detections.entry import Entry
from rules.detections.patterns.declared import declared_entries
from sensor.pipeline.options import Options
from sensor.sinks.registry import SINKS
from tests.repository import PACKAGES, ROOT, files, modules

MAX_LINES = 350
FORBIDDEN_NAMES = {"utils", "util", "common", "misc", "manager", "helpers", "helper"}
MARKUP_FREE = ("sensor/", "tools/bench", "tools/dashboards")
SHARED_DISSECTORS = {"wire", "base"}
MODULES = modules()


def lines(name: str) -> int:
    return len(MODULES[name].splitlines())


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_file_is_longer_than_one_sitting(name: str) -> None:
    assert lines(name) <= MAX_LINES, f"{name} has {lines(name)} lines; split it where a second reason to change appears"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_module_is_named_for_what_it_holds(name: str) -> None:
    parts = {part.removesuffix(".py") for part in name.split("/")}
    assert not parts & FORBIDDEN_NAMES
    assert all(re.fullmatch(r"[a-z_][a-z0-9_]*", part) for part in parts)


@pytest.mark.parametrize("name", sorted(name for name, text in MODULES.items() if text.strip()))
def test_every_module_says_what_it_is(name: str) -> None:
    assert (ast.get_docstring(ast.parse(MODULES[name])) or "").strip()


def protocol_packages() -> set[str]:
    names = {name.split("/")[1] for name in MODULES if name.startswith("dissectors/") and name.count("/") > 1}
    return names - SHARED_DISSECTORS


def test_every_dissector_package_is_in_the_registry() -> None:
    assert {"modbus", "dnp3", "s7", "iso"} <= protocol_packages()
    listed = {type(dissector).__module__.split(".")[1] for dissector in DISSECTORS}
    assert protocol_packages() == listed


def test_dissectors_have_names_of_their_own() -> None:
    names = [dissector.name for dissector in DISSECTORS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted(protocol_packages()))
def test_every_dissector_package_has_its_tests(name: str) -> None:
    assert list((ROOT / "tests" / "dissectors" / name).glob("test_*.py"))


def test_the_catalogue_lists_every_entry_that_is_written_or_declared() -> None:
    listed = {id(entry) for entry in CATALOGUE}
    written = {entry.id for entry in declared_entries(PROTOCOLS)}
    for info in pkgutil.iter_modules(rules.detections.catalogue.__path__):
        module = importlib.import_module(f"rules.detections.catalogue.{info.name}")
        for value in vars(module).values():
            rows = value if isinstance(value, tuple | list) else [value]
            entries = [row for row in rows if isinstance(row, Entry)]
            for entry in entries:
                assert id(entry) in listed, f"{entry.id} of {info.name} is not in the catalogue"
                written.add(entry.id)
    assert written == {entry.id for entry in CATALOGUE}


def test_every_alert_is_in_the_changelog_with_its_name() -> None:
    changelog = " ".join((ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split())
    assert [entry.id for entry in CATALOGUE if f"{entry.id} {entry.name}" not in changelog] == []


def test_the_changelog_names_no_alert_that_is_not_there() -> None:
    series = "|".join(sorted({entry.id.partition("-")[0] for entry in CATALOGUE}))
    named = set(re.findall(rf"\b(?:{series})-\d{{3}}\b", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")))
    assert named == {entry.id for entry in CATALOGUE}


def test_nothing_compiled_lies_among_the_sources() -> None:
    built = [path for package in (*PACKAGES, "tests") for path in (ROOT / package).rglob("*.so")]
    assert built == []
    assert not list(ROOT.glob("*.so"))
    assert not [path for path in files() if path.suffix in {".pyc", ".pyd", ".o", ".whl"}]


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith(MARKUP_FREE)))
def test_markup_is_written_in_templates_alone(name: str) -> None:
    texts = [node.value for node in ast.walk(ast.parse(MODULES[name])) if isinstance(node, ast.Constant)]
    assert [text for text in texts if isinstance(text, str) and re.search(r"</[a-z]|<[a-z]+ [a-z-]+=", text)] == []


def classes_named(ending: str) -> set[str]:
    """Every class of models/ with this ending that is no protocol."""
    found = set()
    for name, text in MODULES.items():
        if name.startswith("models/") and name != "models/contract.py":
            found |= {
                node.name
                for node in ast.walk(ast.parse(text))
                if isinstance(node, ast.ClassDef) and node.name.endswith(ending)
            }
    return found


def folders_of(package: str) -> set[str]:
    """Every package inside ``package``."""
    return {name.split("/")[1] for name in MODULES if name.startswith(f"{package}/") and name.count("/") > 1}


def test_every_folder_of_models_is_a_model_in_the_list() -> None:
    listed = [importlib.import_module(f"models.{name}").MODEL for name in sorted(folders_of("models"))]
    assert len(listed) >= 3
    assert {model.name for model in listed} == {model.name for model in MODELS}
    assert len(MODELS) == len({model.name for model in MODELS}) == len({model.file for model in MODELS})


@pytest.mark.parametrize("name", sorted(folders_of("models")))
def test_every_learner_and_scorer_is_the_one_its_model_names(name: str) -> None:
    model = importlib.import_module(f"models.{name}").MODEL
    written = {
        node.name
        for file, text in MODULES.items()
        if file.startswith(f"models/{name}/")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Learner", "Scorer"))
    }
    assert written == {model.learner.__name__, model.scorer.__name__}


def test_models_do_not_know_each_other() -> None:
    for one in folders_of("models"):
        others = {f"models.{other}" for other in folders_of("models") - {one}}
        for file, text in MODULES.items():
            if file.startswith(f"models/{one}/"):
                assert not [other for other in others if f"from {other}" in text or f"import {other}" in text], file


def test_every_sink_is_in_the_list() -> None:
    kinds = [
        importlib.import_module(name.removesuffix(".py").replace("/", ".")).KIND
        for name, text in MODULES.items()
        if name.startswith("sensor/sinks/") and re.search(r"^KIND\b", text, re.MULTILINE)
    ]
    assert {id(kind) for kind in kinds} == {id(kind) for kind in SINKS}
    for kind in SINKS:
        assert set(kind.asked_by) <= set(Options.__struct_fields__), kind.name
    writers = {
        name for name, text in MODULES.items() if name.startswith("sensor/sinks/") and "Sink(DocumentSink)" in text
    }
    assert all(re.search(r"^KIND\b", MODULES[name], re.MULTILINE) for name in writers)
