"""The page of evasions says what both programs answer now."""

from __future__ import annotations

import shutil

import pytest

from tests.evasion.kinds import KINDS
from tests.evasion.table import PAGE, RULES, page, spanwatch, suricata, version


def test_every_kind_is_on_the_page_with_what_spanwatch_says() -> None:
    text = PAGE.read_text(encoding="utf-8")
    answers = spanwatch()
    for one in KINDS:
        assert f"| {one.title} | {answers[one.name].cells()} |" in text
    assert all(answer.seen for answer in answers.values())


def test_suricata_answers_as_the_page_says() -> None:
    if shutil.which("suricata") is None or not RULES.is_dir():
        pytest.skip("suricata is not installed")
    if f"Suricata {version()} " not in PAGE.read_text(encoding="utf-8"):
        pytest.skip(f"the page is of another Suricata than {version()}")
    assert page(spanwatch(), suricata(), version()) == PAGE.read_text(encoding="utf-8")
