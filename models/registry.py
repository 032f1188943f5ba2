"""The list of models. A new one is a folder of this package and a line here; a test finds the one forgotten."""

from __future__ import annotations

from typing import Final

from models import novelty, timing, windows
from models.contract import Model

MODELS: Final[tuple[Model, ...]] = (novelty.MODEL, timing.MODEL, windows.MODEL)
"""Every model, in the order in which they see a fact."""
