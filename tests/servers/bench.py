"""Documents per second into a real server on this machine: ``python -m tests.servers.bench [DOCUMENTS [VERSION]]``.

Server and shipper share the machine, so the figure is what both together reach; the shipper's own processor time is
reported beside it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from sensor.elastic.settings import Settings
from tests.servers.elasticsearch import VERSIONS, Elasticsearch
from tools.bench.documents import SITE
from tools.bench.ship import Shipped, measure_shipping

DOCUMENTS = 100_000
WARM_UP = 100_000
"""Documents before the measurement: the server compiles itself meanwhile."""


def measure(server: Elasticsearch, documents: int, folder: Path) -> Shipped:
    """Ship to a server that is set up, warm it first, and return the figures."""
    secret = folder / "password"
    secret.touch(0o600)
    secret.write_text(server.password, encoding="utf-8")
    settings = Settings(urls=(server.url,), ca=server.ca, user=server.user, password_file=secret, site=SITE)
    measure_shipping(settings, WARM_UP, "warm", folder)
    return measure_shipping(settings, documents, "measured", folder)


def main() -> None:
    """Start the server, measure, print."""
    documents = int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS
    version = sys.argv[2] if len(sys.argv) > 2 else list(VERSIONS)[-1]
    with Elasticsearch(version, quick_start=False) as server, tempfile.TemporaryDirectory() as folder:
        server.set_up()
        shipped = measure(server, documents, Path(folder))
        there = server.refresh_and_count(f"logs-spanwatch.operation-{SITE}")
    print(f"Elasticsearch {version}: {shipped.rate:.0f} documents/s ({shipped.documents} in {shipped.seconds:.1f} s)")
    print(f"{shipped.byte_count / documents:.0f} bytes a document; shipper {shipped.processor:.1f} s of processor time")
    if there != documents + WARM_UP or shipped.waiting or shipped.refused:
        raise SystemExit(
            f"{there} documents are there, {shipped.waiting} wait, {shipped.refused} refused: {shipped.reason}"
        )


if __name__ == "__main__":
    main()
