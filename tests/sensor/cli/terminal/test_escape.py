"""Promises about text from packets on a terminal: all of it visible, none of it obeyed."""

from __future__ import annotations

import io
import json

import pytest

from sensor.cli.terminal.console import PIPE_COLUMNS, console
from sensor.cli.terminal.escape import MAX_CELL, cell, json_line, plain
from tests.sensor.cli.terminal.screen import in_colour, printed


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("PLC-7", "PLC-7"),
        ("Pumpe Süd \u6c34", "Pumpe Süd \u6c34"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\rc\td", "a\\nb\\rc\\td"),
        ("\x00\x07\x7f\x9b", "\\x00\\x07\\x7f\\x9b"),
        ("\u202eevil\u200b\u2028", "\\u202eevil\\u200b\\u2028"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
        (42, "42"),
    ],
)
def test_control_and_hidden_characters_are_shown_as_escapes(given: object, shown: str) -> None:
    assert plain(given) == shown


def test_long_text_is_cut_and_says_so() -> None:
    assert plain("x" * 5000) == "x" * MAX_CELL + "..."
    assert len(plain("\x1b" * 5000)) == MAX_CELL + 3


@pytest.mark.parametrize("given", ["[red]x[/red]", "[link=http://evil]x[/link]", "[/]", ":skull:", "[bold", "\\[red]"])
def test_markup_from_a_packet_is_printed_and_not_obeyed(given: str) -> None:
    assert printed(lambda out: out.print(cell(given))) == given + "\n"
    assert in_colour(lambda out: out.print(cell(given))) == given + "\n"


def test_the_only_escape_sequences_on_a_terminal_are_our_own() -> None:
    text = in_colour(lambda out: out.print(cell("\x1b]0;title\x07\x1b[2J", "bold")))
    assert text == "\x1b[1m\\x1b]0;title\\x07\\x1b[2J\x1b[0m\n"


def test_json_for_other_programs_is_ascii_and_reads_back() -> None:
    record = {"name": "\x9b31m\u202e\udcff\n", "count": 1}
    line = json_line(record)
    assert line.isascii() and line.count("\n") == 1 and line.rstrip("\n").isprintable()
    assert json.loads(line) == record


def test_a_terminal_that_knows_ascii_only_gets_escapes_and_no_error() -> None:
    raw = io.BytesIO()
    out = console(io.TextIOWrapper(raw, encoding="ascii"))
    out.print(cell("Süd \u6c34"))
    out.file.flush()
    assert raw.getvalue() == b"S\\xfcd \\u6c34\n"


def test_a_pipe_has_a_width_of_its_own_unless_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    assert console(io.StringIO()).width == PIPE_COLUMNS
    monkeypatch.setenv("COLUMNS", "77")
    assert console(io.StringIO()).width == 77
    assert not console(io.StringIO()).is_terminal
