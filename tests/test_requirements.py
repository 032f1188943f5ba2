"""What is installed is locked: one version of each package for each Python, with hashes, inside the ranges of pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS = PROJECT["dependency-groups"]
RUN: list[str] = PROJECT["project"]["dependencies"]
BUILD: list[str] = PROJECT["build-system"]["requires"]
WANTED = {"run": RUN, "build": BUILD, "all": [*RUN, *GROUPS["build"], *GROUPS["dev"], *GROUPS["plant"]], "uv": ["uv"]}
LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"}
PYTHONS = [
    text.rpartition(" ")[2]
    for text in PROJECT["project"]["classifiers"]
    if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", text)
]


def locked(name: str) -> list[tuple[Requirement, list[str]]]:
    """Every requirement of a file with its hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    rows = [re.split(r"\s+--hash=", line.strip()) for line in text.splitlines()]
    return [(Requirement(row[0]), row[1:]) for row in rows]


def pins(name: str, python: str) -> dict[str, str]:
    """The version of each package that a file gives for one Python on Linux."""
    environment = {**LINUX, "python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    found: dict[str, str] = {}
    for requirement, _ in locked(name):
        if requirement.marker is None or requirement.marker.evaluate(environment):
            assert canonicalize_name(requirement.name) not in found, f"{requirement.name} twice for Python {python}"
            found[canonicalize_name(requirement.name)] = str(requirement.specifier).removeprefix("==")
    return found


def outside(wanted: Iterable[str], found: dict[str, str], python: str) -> list[str]:
    """The requirements that no pin fulfils."""
    environment = {**LINUX, "python_version": python, "python_full_version": f"{python}.0", "extra": ""}
    asked = [one for one in map(Requirement, wanted) if one.marker is None or one.marker.evaluate(environment)]
    return [str(one) for one in asked if found.get(canonicalize_name(one.name), "none") not in one.specifier]


def test_the_lock_is_for_three_pythons() -> None:
    assert PYTHONS == ["3.11", "3.12", "3.13"]


@pytest.mark.parametrize("name", WANTED)
def test_every_package_is_pinned_with_hashes_and_names_no_place(name: str) -> None:
    assert sorted(path.stem for path in (ROOT / "requirements").iterdir()) == sorted(WANTED)
    for requirement, hashes in locked(name):
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes, requirement
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), requirement
    assert "://" not in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", WANTED)
def test_the_pins_fulfil_pyproject(name: str, python: str) -> None:
    assert outside(WANTED[name], pins(name, python), python) == [], "run: make lock"


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", ["run", "build"])
def test_a_package_has_the_same_version_everywhere(name: str, python: str) -> None:
    everything = pins("all", python)
    assert {package: everything.get(package) for package in pins(name, python)} == pins(name, python)


def test_what_builds_the_wheel_is_stated_twice_alike() -> None:
    assert GROUPS["build"] == BUILD, "build-system.requires is for whoever installs, the group for requirements/"
