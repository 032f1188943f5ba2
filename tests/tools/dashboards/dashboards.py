"""Makes the pages and pictures of ``docs/dashboards`` again: the sample plant in a real server, asked by every panel.

``python -m tests.tools.dashboards.dashboards`` (needs what the tests with servers and browser need).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.repository import ROOT
from tests.servers.elasticsearch import VERSIONS, Elasticsearch
from tests.tools.dashboards.browser import pictures
from tests.tools.dashboards.plant import loaded
from tools.dashboards import preview

FOLDER = ROOT / "docs" / "dashboards"
SECONDS = 1800
"""How much of the plant the pages show: captures recorded hours apart would be hairlines in a chart of time."""


def main() -> None:
    """Start a server, fill it, write pages and pictures."""
    with Elasticsearch(next(iter(VERSIONS))) as server, tempfile.TemporaryDirectory() as folder:
        preview.write(FOLDER, loaded(server.admin, Path(folder), SECONDS))
    pictures(FOLDER)


if __name__ == "__main__":
    main()
