"""The budgets name bounds that exist and sum to what the sensor promises."""

from __future__ import annotations

from tools.docs import budget
from tools.docs.bounds import BOUNDS
from tools.docs.bounds_page import values


def test_all_budgets_together_are_what_is_promised() -> None:
    assert sum(budget.sums(values()).values()) + budget.PROGRAM <= budget.TOTAL


def test_every_bound_with_a_share_is_on_the_page_with_its_budget() -> None:
    assert {row.constant for row in budget.BUDGETS} <= {bound.constant for bound in BOUNDS}
    assert budget.of("dissectors.wire.flow_table.MAX_FLOWS") == "flows"
    assert budget.of("sensor.reports.diagram.MAX_BOXES") == ""
