"""The values under which an allowed write stays allowed, so that a cyclic writer need not be judged anew each time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dissectors.context import VerdictKind
from dissectors.facts import Exchange, OperationFirst
from rules.policy.compiled import Rule
from rules.policy.decide import Decision
from rules.policy.match import Request, allows_alone, is_valued

ALLOW: Final = VerdictKind.ALLOW
Bounds = tuple[tuple[float, float], ...]
"""Least and greatest value of each point, in order."""


def bounds_of(
    decision: Decision, rules: Sequence[Rule], request: Request, operation: OperationFirst | Exchange
) -> Bounds | None:
    """Return within which values ``decision`` holds for the same operation, None when that is not simple.

    Simple: one target, and the only rule whose answer hangs on values is the allow that gave the verdict.
    """
    if decision.verdict.kind is not ALLOW or len(request.asked) != 1 or request.mixed:
        return None
    if not (isinstance(operation, Exchange) and operation.values) or is_summary(operation):
        return None
    valued = [rule for rule in rules if is_valued(rule, request)]
    if len(valued) != 1 or valued[0].id != decision.verdict.rule or not allows_alone(valued[0], request):
        return None
    first, last = request.asked[0].span
    bounds: list[tuple[float, float]] = []
    for point in range(first, last + 1):
        fits = [limit for limit in valued[0].values or () if limit.first <= point <= limit.last]
        if len(fits) != 1 or fits[0].minimum is None or fits[0].maximum is None:
            return None
        bounds.append((fits[0].minimum, fits[0].maximum))
    return tuple(bounds)


def is_within(operation: OperationFirst | Exchange, bounds: Bounds) -> bool:
    """Return whether every value that an operation writes lies in its bounds."""
    if not isinstance(operation, Exchange) or len(operation.values) != len(bounds) or is_summary(operation):
        return False
    for value, (minimum, maximum) in zip(operation.values, bounds, strict=True):
        if isinstance(value, str) or not minimum <= value <= maximum:
            return False
    return True


def is_summary(operation: Exchange) -> bool:
    """Return whether an exchange stands for several that wrote different values."""
    return bool(operation.ranges) or "min" in operation.detail
