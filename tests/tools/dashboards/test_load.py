from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.repository import ROOT
from tools.dashboards.load import ContentError, content, load

CONTENT = ROOT / "tools" / "dashboards" / "content"
FIRST_NUMBER = "  - id: open\n"


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str, str], str]:
    """Change the content in one place and give what the loader says."""

    def change(name: str, old: str, new: str) -> str:
        folder = tmp_path / "content"
        shutil.copytree(CONTENT, folder)
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        with pytest.raises(ContentError) as refused:
            load(folder)
        return str(refused.value)

    return change


def line_of(name: str, words: str) -> int:
    text = (CONTENT / name).read_text()
    return text[: text.index(words)].count("\n") + 1


def test_the_content_that_comes_with_spanwatch_is_sound() -> None:
    assert [dashboard.title for dashboard in content().dashboards] == [
        "SOC triage",
        "OT activity",
        "Assets",
        "Sensor health",
    ]


def test_a_word_that_is_not_there_is_told_with_its_line_and_the_nearest_one(edited: Callable[..., str]) -> None:
    said = edited("triage.yaml", "count: [open_incidents]", "count: [open_incidence]")
    assert said == (
        f"triage.yaml:{line_of('triage.yaml', FIRST_NUMBER)}: there is no measure 'open_incidence'; did you mean open_incidents?"
    )


def test_an_unknown_key_is_told_with_its_line(edited: Callable[..., str]) -> None:
    said = edited("triage.yaml", "show: number", "colour: red\n    show: number")
    assert said.startswith(f"triage.yaml:{line_of('triage.yaml', FIRST_NUMBER)}: ")
    assert "colour" in said


def test_a_wrong_type_is_told_with_its_line(edited: Callable[..., str]) -> None:
    old = "at: [0, 4, 8, 6]"
    said = edited("triage.yaml", old, "at: [0, 4, 8, wide]")
    assert said == f"triage.yaml:{line_of('triage.yaml', old)}: Expected `int`, got `str`"


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("triage.yaml", "by: [time, severity]", "by: [severity]", "begin with by: [time, ...]"),
        ("triage.yaml", "by: [technique]", "by: [time]", "begin with by: [time, ...]"),
        ("triage.yaml", "by: [technique]", "by: []", "takes 1 to 1 groups"),
        ("triage.yaml", "by: [technique]", "by: [tecnique]", "there is no group 'tecnique'"),
        ("triage.yaml", "search: spanwatch-incidents", "search: spanwatch-incident", "there is no saved search"),
        ("triage.yaml", "streams: [alert]", "streams: [alerts]", "there is no stream 'alerts'; did you mean alert?"),
        ("triage.yaml", "title: Open incidents\n", "title: ''\n", "needs a title and streams"),
        ("triage.yaml", "show: number", "show: gauge", "Invalid enum value 'gauge'"),
        ("triage.yaml", "show: number", "show: number\n    show: table", "show"),
        ("triage.yaml", "refresh_seconds: 60", "refresh_seconds: &a 60", "anchor"),
        ("words.yaml", "is: distinct", "is: unique", "Invalid enum value 'unique'"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_and_explained(
    edited: Callable[..., str], name: str, old: str, new: str, expected: str
) -> None:
    said = edited(name, old, new)
    assert said.startswith(f"{name}:")
    assert expected in said
