"""Mirror sessions in the configuration: read strictly, every mistake with its line and the fix, and used by a replay."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sensor.cli import main
from sensor.cli.configuration import ConfigError, load
from sensor.cli.mirror_sessions import MAX_SESSIONS


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "spanwatch.yaml"


def test_sessions_are_read_with_what_was_given(file: Path) -> None:
    file.write_text("mirror_sessions:\n  - {kind: erspan, from: 10.0.0.5, to: 'FD00::6', id: 7}\n  - {kind: tzsp}\n")
    rows = [(one.kind, one.sender, one.receiver, one.number) for one in load(file, main).mirrors]
    assert rows == [("erspan", "10.0.0.5", "fd00::6", 7), ("tzsp", "", "", -1)]


def test_a_file_without_any_has_none(file: Path) -> None:
    file.write_text("common: {site: one}\n")
    assert load(file, main).mirrors == ()


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("mirror_sessions: erspan\n", 1, "must be a list"),
        ("mirror_sessions:\n  - erspan\n", 2, "must be a mapping; write {kind: erspan"),
        ("mirror_sessions:\n  - {from: 10.0.0.5}\n", 2, "kind is missing; write one of erspan"),
        ("mirror_sessions:\n  - {kind: erspn}\n", 2, "'erspn' is no kind of tunnel"),
        ("mirror_sessions:\n  - kind: gre\n    form: 10.0.0.5\n", 3, "key 'form' is not known; did you mean 'from'?"),
        ("mirror_sessions:\n  - kind: gre\n    from: 10.0.0\n", 3, "'10.0.0' is no IP address"),
        ("mirror_sessions:\n  - kind: gre\n    to: 7\n", 3, "7 is no IP address"),
        ("mirror_sessions:\n  - kind: gre\n    id: -1\n", 3, "-1 is no number of a session"),
        ("mirror_sessions:\n  - kind: gre\n    id: true\n", 3, "True is no number of a session"),
        ("mirror_session: []\n", 1, "did you mean 'mirror_sessions'?"),
        ("mirror_sessions:\n" + "  - {kind: gre}\n" * (MAX_SESSIONS + 1), 1, f"more than {MAX_SESSIONS}"),
    ],
)
def test_a_mistake_is_told_with_file_line_and_fix(file: Path, text: str, line: int, says: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(file, main)
    (told,) = str(caught.value).splitlines()
    assert re.match(rf"{re.escape(str(file))}:{line}: ", told), told
    assert says in told
