"""Kibana content as code: dashboards, saved searches, data views and the rule that makes alerts of our documents.

Edit ``content/*.yaml``, then run ``make dashboards``; nothing else needs to change for another panel. The same definition
gives the Kibana panel (``saved``), its Elasticsearch query (``query``) and its picture from real documents (``preview``).
``python -m tools.dashboards`` writes the files that an installed Spanwatch imports; a test holds them to the definitions.
"""

from __future__ import annotations

from typing import Any

import msgspec

from tools.dashboards.load import content
from tools.dashboards.rule import rules
from tools.dashboards.saved import Builder, tag_object, view_object

__all__ = ["ndjson", "rules", "rules_ndjson", "saved_objects"]


def saved_objects(*, for_package: bool = False) -> list[dict[str, Any]]:
    """Return every saved object, what is referred to before what refers to it.

    ``for_package`` gives the variant of an integration package: no data views, references to those of Fleet.
    Raises ``ContentError`` when a definition has a mistake.
    """
    found = content()
    builder = Builder(found, for_package)
    views = [] if for_package else [view_object(view) for view in found.basis.views]
    searches = [builder.search(search) for search in found.basis.searches]
    return [tag_object(found.basis.tag), *views, *searches, *map(builder.dashboard, found.dashboards)]


def ndjson(*, for_package: bool = False) -> bytes:
    """Return the saved objects as Kibana's import takes them: one per line, the same bytes every time."""
    return b"".join(msgspec.json.encode(each) + b"\n" for each in saved_objects(for_package=for_package))


def rules_ndjson() -> bytes:
    """Return the detection rules as Kibana's import of rules takes them: one per line."""
    return b"".join(msgspec.json.encode(each) + b"\n" for each in rules())
