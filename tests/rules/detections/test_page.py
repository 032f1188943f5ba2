"""The page of an alert is complete, and the pages in docs are what the generator makes of the catalogue."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from rules.detections.catalogue import CATALOGUE
from rules.detections.page import nearest, page
from sensor.cli.alerts import alerts


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.id)
def test_a_page_says_what_an_analyst_and_a_site_need(entry) -> None:
    text = page(entry.id)
    assert text.startswith(f"## {entry.id} {entry.name}\n")
    for title in (
        "Severity:",
        "Needs:",
        "Looks at:",
        "Why:",
        "Expected:",
        "Observed:",
        "False positives:",
        "Settings:",
    ):
        assert title in text
    for name, number in entry.settings.items():
        assert f"`settings.{entry.id}.{name}`: {number}" in text
    assert not re.search(r"[{}<>]|  |None\b(?! known)(?!:)", text)


def test_an_alert_is_explained_on_the_command_line_and_an_unknown_one_gets_the_nearest() -> None:
    done = CliRunner().invoke(alerts, ["explain", "mb-007"])
    assert (done.exit_code, done.output) == (0, page("MB-007"))
    wrong = CliRunner().invoke(alerts, ["explain", "MB-7"])
    assert wrong.exit_code == 2
    assert "MB-007 Forced into listen-only" in wrong.output


def test_a_word_of_the_name_finds_the_alert() -> None:
    assert "MB-014" in nearest("address scan")
    assert nearest("S7-01")[0].startswith("S7-0")
