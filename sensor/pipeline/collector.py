"""How often Python looks for cycles: facts are many, short-lived and free of them."""

from __future__ import annotations

import gc
from typing import Final

YOUNG_OBJECTS: Final = 100_000
"""Objects made between two looks at the young ones."""
OLDER_LOOKS: Final = 10
"""Looks at a younger generation between two at the next older one."""


def look_seldom() -> None:
    """Make the collector look seldom; memory stays bounded because the tables are."""
    gc.set_threshold(YOUNG_OBJECTS, OLDER_LOOKS, OLDER_LOOKS)
