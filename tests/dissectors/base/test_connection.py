"""Two sides, of which one is the client."""

from __future__ import annotations

import pytest

from dissectors.base.connection import Connection, community_id
from dissectors.facts import Endpoint


def made() -> Connection:
    connection = Connection("tcp", 0, 0)
    connection.opener.ip, connection.opener.port = "10.0.0.9", 502
    connection.peer.ip, connection.peer.port = "10.0.0.5", 40000
    return connection


def test_the_opener_is_the_client_until_something_better_is_known() -> None:
    connection = made()
    assert connection.client() is connection.opener is connection.side(0)
    assert connection.server() is connection.peer is connection.side(1)
    connection.client_side = 1
    assert connection.client().end() == Endpoint("10.0.0.5", "", 40000)
    assert connection.server().end() == Endpoint("10.0.0.9", "", 502)


@pytest.mark.parametrize(
    ("names", "state"),
    [
        ((), "complete"),
        (("midstream",), "midstream"),
        (("midstream", "with_gaps"), "gaps"),
        (("midstream", "with_gaps", "encrypted"), "encrypted"),
    ],
)
def test_the_worst_limits_the_view(names: tuple[str, ...], state: str) -> None:
    connection = made()
    assert connection.visibility() == "one_sided"
    connection.opener.seen = connection.peer.seen = True
    for name in names:
        setattr(connection, name, True)
    assert connection.visibility() == state


def test_a_flow_has_one_community_id_in_both_directions() -> None:
    assert made().flow() == community_id("10.0.0.5", "10.0.0.9", 40000, 502, 6)
    assert Connection("ethernet", 0, 0).flow() == ""
