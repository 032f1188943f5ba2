"""What the tests with real servers share: servers with our templates applied."""

from __future__ import annotations

import pytest

from tests.servers.elasticsearch import Elasticsearch


@pytest.fixture(scope="session")
def server(elasticsearch: Elasticsearch) -> Elasticsearch:
    """Both ends of the supported range, set up."""
    elasticsearch.set_up()
    return elasticsearch


@pytest.fixture(scope="session")
def newest(newest_elasticsearch: Elasticsearch) -> Elasticsearch:
    """The newest supported server, set up."""
    newest_elasticsearch.set_up()
    return newest_elasticsearch
