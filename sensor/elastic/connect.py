"""The connection: one client of ``elasticsearch``, set to do nothing on its own.

No retries (they would send a whole batch again at once, without pause), no sniffing, no ``info()`` or ``ping()``: a
sensor's key may only create documents. Answers have limits of time and size (``node``). Certificates are always checked, or the fingerprint is.
"""

from __future__ import annotations

import logging
import warnings
from typing import TYPE_CHECKING, Any, Final

from sensor.elastic.parallel import PARALLEL
from sensor.elastic.settings import Credential, Settings, plain_fingerprint

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

REQUEST_SECONDS: Final = 30.0
NOISY: Final = ("elastic_transport", "elasticsearch", "urllib3")


def connect(settings: Settings, credential: Credential | None, seconds: float = REQUEST_SECONDS) -> Elasticsearch:
    """Return a client for ``settings``, which were checked. It connects with its first request."""
    from elasticsearch import Elasticsearch, ElasticsearchWarning  # noqa: PLC0415  # 0.2 s that --help must not wait for

    from sensor.elastic.node import LimitedNode  # noqa: PLC0415

    for name in NOISY:
        # What goes wrong is reported once, by the shipper, in words of its own.
        logging.getLogger(name).setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", category=ElasticsearchWarning)
    trust: dict[str, Any] = {}
    if settings.ca is not None:
        trust["ca_certs"] = str(settings.ca)
    if settings.fingerprint:
        trust["ssl_assert_fingerprint"] = plain_fingerprint(settings.fingerprint)
    headers = {"authorization": credential.authorization} if credential is not None else {}
    return Elasticsearch(
        list(settings.urls),
        headers=headers,
        node_class=LimitedNode,
        http_compress=not settings.is_local,
        request_timeout=seconds,
        max_retries=0,
        retry_on_timeout=False,
        connections_per_node=PARALLEL,
        **trust,
    )
