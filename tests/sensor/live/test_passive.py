"""The law of passiveness, read from the source: no module that watches can put a byte on a wire."""

from __future__ import annotations

import ast

import pytest

from tests.repository import modules

MODULES = modules()
WATCHING = sorted(name for name in MODULES if name.startswith("sensor/live/"))
SENDING = {"send", "sendall", "sendto", "sendmsg", "sendmmsg", "sendfile", "send_fds", "sendmsg_afalg"}
OPENERS = {"sensor/live/ring.py"}
"""Where packet sockets are opened."""


def calls(name: str) -> list[str]:
    return [
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(ast.parse(MODULES[name]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    ]


@pytest.mark.parametrize("name", WATCHING)
def test_no_module_that_watches_sends(name: str) -> None:
    assert not SENDING & set(calls(name))
    assert not SENDING & {node.attr for node in ast.walk(ast.parse(MODULES[name])) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.startswith("sensor/")))
def test_packet_sockets_are_opened_in_one_place_and_in_the_bench(name: str) -> None:
    if "AF_PACKET" in MODULES[name].split('"""', 2)[-1]:
        assert name in {*OPENERS, "tools/bench/sender.py"}


def test_a_ring_asks_for_no_transmit_ring() -> None:
    assert "TX_RING" not in MODULES["sensor/live/ring.py"]
