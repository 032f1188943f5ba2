"""Writes every generated page: ``python -m tools.docs`` (``make docs``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tools.docs import alert_pages, bounds_page, fields_page, policy_page, protocol_page, wrappings_page

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"

PAGES: Final[tuple[Callable[[], Iterator[tuple[str, str]]], ...]] = (
    alert_pages.pages,
    bounds_page.pages,
    fields_page.pages,
    policy_page.pages,
    protocol_page.pages,
    wrappings_page.pages,
)
"""What makes pages: each gives paths below docs/ with their text."""


def made() -> dict[str, str]:
    """Return every page by its path below docs/."""
    return {path: text for pages in PAGES for path, text in pages()}


def main() -> None:
    """Write all pages; those of a folder that nothing makes any more go."""
    written = made()
    for path, text in written.items():
        place = DOCS / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    for folder in {(DOCS / path).parent for path in written} - {DOCS}:
        for place in folder.glob("*.md"):
            if str(place.relative_to(DOCS)) not in written:
                place.unlink()


if __name__ == "__main__":
    main()
