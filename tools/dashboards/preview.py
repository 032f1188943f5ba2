"""Previews: each dashboard as an HTML page from the documents of a cluster, for the documentation and for review.

``python -m tools.dashboards.preview --output docs/dashboards https://elastic.example.com:9200 --ca ca.pem`` writes one
page for each dashboard. The account needs ``read`` on our streams only; its name and password are read from the
environment, so that they stand in no list of processes. The range is that of the documents found.
"""

from __future__ import annotations

import argparse
import base64
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from tools.dashboards.definition import Content, Dashboard
from tools.dashboards.load import content
from tools.dashboards.page import page
from tools.dashboards.query import Span, Table, request, table

Search = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Sends the body of a search to an index pattern and returns the answer."""

USER: Final = "SPANWATCH_ELASTIC_USER"
PASSWORD: Final = "SPANWATCH_ELASTIC_PASSWORD"  # noqa: S105 (the name of a variable)
SECONDS: Final = 60
MAX_BYTES: Final = 1 << 26


class PreviewError(Exception):
    """A cluster that gives no previews; the message says why and what to do."""


def span_of(search: Search, found: Content) -> Span:
    """Return the range of time of all documents. Raises ``PreviewError`` when there are none."""
    ends: list[float] = []
    for index in sorted({view.indices for view in found.basis.views}):
        edge = {"first": {"min": {"field": "@timestamp"}}, "last": {"max": {"field": "@timestamp"}}}
        answer = search(index, {"size": 0, "aggs": edge}).get("aggregations", {})
        ends += [each["value"] for each in answer.values() if each["value"] is not None]
    if not ends:
        raise PreviewError("there is no Spanwatch document in this cluster; send some and try again")
    return Span(int(min(ends)), int(max(ends)))


def results(dashboard: Dashboard, found: Content, search: Search, span: Span) -> dict[str, Table]:
    """Return the table of each panel of a dashboard by the panel's id."""
    tables: dict[str, Table] = {}
    for panel in dashboard.panels:
        asked = request(panel, found, span)
        if asked is not None:
            tables[panel.id] = table(panel, found, search(asked.index, asked.body))
    return tables


def write(folder: Path, search: Search) -> list[Path]:
    """Write a page for each dashboard into ``folder`` and return their paths."""
    found = content()
    span = span_of(search, found)
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for dashboard in found.dashboards:
        path = folder / f"{dashboard.id.removeprefix('spanwatch-')}.html"
        path.write_text(page(dashboard, found, results(dashboard, found, search, span), span), encoding="utf-8")
        written.append(path)
    return written


def cluster(url: str, ca: str = "") -> Search:
    """Return a search of the cluster at ``url``. Raises ``PreviewError`` for an address that is none."""
    if not url.startswith(("https://", "http://")):
        raise PreviewError(f"{url} is no address of a cluster; write https://HOST:9200")
    context = ssl.create_default_context(cafile=ca or None) if url.startswith("https://") else None
    headers = {"Content-Type": "application/json"}
    if os.environ.get(USER):
        account = f"{os.environ[USER]}:{os.environ.get(PASSWORD, '')}"
        headers["Authorization"] = f"Basic {base64.b64encode(account.encode()).decode()}"

    def search(index: str, body: dict[str, Any]) -> dict[str, Any]:
        address = f"{url.rstrip('/')}/{index}/_search?ignore_unavailable=true"
        asked = urllib.request.Request(address, msgspec.json.encode(body), headers, method="POST")  # noqa: S310 (http only, see above)
        try:
            with urllib.request.urlopen(asked, timeout=SECONDS, context=context) as answer:  # noqa: S310
                return msgspec.json.decode(answer.read(MAX_BYTES), type=dict[str, Any])
        except urllib.error.HTTPError as error:
            reason = error.read(2000).decode("utf-8", "replace")
            raise PreviewError(f"{url} refuses the search of {index} ({error.code}): {reason}") from None
        except (OSError, msgspec.DecodeError) as error:
            raise PreviewError(f"{url} cannot be asked: {error}; check address, --ca and {USER}") from None

    return search


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the previews; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards.preview", description="Write dashboard previews.")
    parser.add_argument("url", help="address of Elasticsearch, e.g. https://elastic.example.com:9200")
    parser.add_argument("--output", type=Path, required=True, help="folder of the pages")
    parser.add_argument("--ca", default="", help="PEM file of the authority that signed the cluster's certificate")
    given = parser.parse_args(arguments)
    try:
        for path in write(given.output, cluster(given.url, given.ca)):
            print(path)  # noqa: T201 (the answer of the command)
    except PreviewError as error:
        parser.exit(1, f"{error}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
