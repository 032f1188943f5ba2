"""Whether the parts of a loaded baseline fit together: what the types of the records cannot say."""

from __future__ import annotations

import math

from models.calibration import Calibration
from models.features import FEATURES
from models.known import STANDINGS, Novelty
from models.rhythm_state import Rhythms
from models.window_state import WindowModels

METHODS = frozenset({"measured", "extrapolated", "largest_seen", "none"})
MAX_MODELS = 64
"""Forests of one baseline."""


def problem(novelty: Novelty, rhythms: Rhythms, windows: WindowModels) -> str:
    """Return a clause on the first thing that does not fit, "" when all does."""
    return (
        _novelty_problem(novelty)
        or _calibration_problem("rhythm.json", rhythms.calibration)
        or _rhythm_problem(rhythms)
        or _windows_problem(windows)
    )


def _novelty_problem(novelty: Novelty) -> str:
    keys = {learned.conversation for learned in novelty.conversations}
    if len(keys) != len(novelty.conversations):
        return "novelty.json names a conversation twice"
    for learned in novelty.conversations:
        count = len(learned.operations)
        if learned.standing not in STANDINGS or any(
            operation.standing not in STANDINGS for operation in learned.operations
        ):
            return "novelty.json has a standing that does not exist"
        if len({operation.label for operation in learned.operations}) != count:
            return "novelty.json names an operation twice"
        if any(one >= count or two >= count for one, two in learned.followed):
            return "novelty.json has a transition to an operation that does not exist"
    return ""


def _rhythm_problem(rhythms: Rhythms) -> str:
    if len({rhythm.conversation for rhythm in rhythms.channels}) != len(rhythms.channels):
        return "rhythm.json names a channel twice"
    return ""


def _windows_problem(windows: WindowModels) -> str:
    names = tuple(name for name, _, _ in FEATURES)
    if len(windows.models) > MAX_MODELS:
        return f"window.json has more than {MAX_MODELS} forests"
    if len({(model.protocol, model.seconds) for model in windows.models}) != len(windows.models):
        return "window.json has two forests for the same protocol and length"
    for model in windows.models:
        if model.columns != names:
            return "window.json has other features than this version"
        if not len(model.center) == len(model.scale) == len(model.quantiles) == len(names):
            return "window.json has columns of different lengths"
        for column in model.quantiles:
            if len(column) < 3 or len(column) != len(model.quantiles[0]) or list(column) != sorted(column):
                return "window.json has quantiles out of order"
        wrong = _calibration_problem("window.json", model.calibration)
        if wrong:
            return wrong
    return ""


def _calibration_problem(name: str, calibration: Calibration) -> str:
    numbers = (calibration.line, calibration.near, calibration.tau, calibration.held_out_days, *calibration.maxima)
    if calibration.method not in METHODS or not all(math.isfinite(number) for number in numbers):
        return f"{name} has a calibration that cannot be"
    if (
        calibration.line <= 0
        or calibration.near > calibration.line
        or list(calibration.maxima) != sorted(calibration.maxima)
    ):
        return f"{name} has a calibration out of order"
    return ""
