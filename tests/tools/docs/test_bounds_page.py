"""Promises about the page of bounds: numbers are plain, and no bound of a budget is named like another."""

from __future__ import annotations

import re

import pytest

from tools.docs.bounds_page import _of_module, pages

((_, PAGE),) = pages()


@pytest.mark.parametrize(
    ("written", "plain"),
    [("4 << 20", "4,194,304"), ("16_000", "16,000"), ("(1 << 63) - 1", "9,223,372,036,854,775,807"), ("0.5", "0.5")],
)
def test_a_number_is_plain_however_the_code_writes_it(written: str, plain: str) -> None:
    (found,) = _of_module(f"MAX_IT: Final = {written}\n", "it.py")
    assert found.value == plain


def test_no_number_of_the_page_is_to_be_calculated() -> None:
    assert not re.search(r"\d <<|\d_\d", PAGE)


def test_bounds_of_one_budget_have_names_of_their_own() -> None:
    for row in re.findall(r"^\| [a-z ]+ \| (`[^|]*) \| \d+ \|$", PAGE, re.MULTILINE):
        names = re.findall(r"`([^`]+)`", row)
        assert len(names) == len(set(names)), row
    assert "`neighbours.MAX_SENDERS` 4,096, `senders.MAX_SENDERS` 4,096" in PAGE


def test_a_bound_says_whether_it_is_an_alert() -> None:
    (flows,) = [line for line in PAGE.splitlines() if "`MAX_FLOWS`" in line and "Health" in line]
    assert flows.endswith("Health `evicted_flows`, `SEN-009` |")
    assert "Health `not_decoded` |" in PAGE, "what is not read has an alert of its own"
