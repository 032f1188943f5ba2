"""Fixtures with real servers, one of each for a whole test run, started when the first test asks for it.

A test that needs one is marked ``servers`` and is skipped with the reason where Java, Maven or the network is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.servers.artifact import UnavailableError
from tests.servers.elasticsearch import VERSIONS, Elasticsearch
from tests.servers.opensearch import OpenSearch

Servers = Callable[[str], Elasticsearch]


@pytest.fixture(scope="session")
def elasticsearch_servers() -> Iterator[Servers]:
    """Give the running server of a version; one of each version for the whole run."""
    with ExitStack() as stack:
        running: dict[str, Elasticsearch] = {}

        def server(version: str) -> Elasticsearch:
            if version not in running:
                try:
                    running[version] = stack.enter_context(Elasticsearch(version))
                except UnavailableError as missing:
                    pytest.skip(f"no Elasticsearch {version}: {missing}")
            return running[version]

        yield server


@pytest.fixture(scope="session", params=list(VERSIONS))
def elasticsearch(request: pytest.FixtureRequest, elasticsearch_servers: Servers) -> Elasticsearch:
    """Both ends of the supported range, one after the other."""
    version: str = request.param
    return elasticsearch_servers(version)


@pytest.fixture(scope="session")
def newest_elasticsearch(elasticsearch_servers: Servers) -> Elasticsearch:
    """The newest supported server, for what does not depend on the version."""
    return elasticsearch_servers(list(VERSIONS)[-1])


@pytest.fixture(scope="session")
def opensearch() -> Iterator[OpenSearch]:
    """One OpenSearch node for the whole run."""
    try:
        node = OpenSearch()
    except UnavailableError as missing:
        pytest.skip(f"no OpenSearch: {missing}")
    with node:
        yield node
