"""Requests to a multicast or broadcast address, whose answers come from addresses of their own. Compiled with mypyc.

Nobody in particular owes an answer, so such a request is never unanswered. A response that nothing on its own connection asked
for is looked up here by asker, protocol and tag. Bound: MAX_ASKED requests, the oldest goes.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.connection import Connection

MAX_ASKED: Final = 1_024
GROUP_SECONDS: Final = 10
"""An answer to a group that comes later is unmatched."""


@final
class Asked:
    """A request to a group: when, and in which frame."""

    def __init__(self, time: i64, frame: i64) -> None:
        self.time: i64 = time
        self.frame: i64 = frame


@final
class GroupRequests:
    """What the clients of one worker asked groups."""

    def __init__(self) -> None:
        self.asked: dict[str, Asked] = {}
        self.evicted: i64 = 0

    def ask(self, protocol: str, connection: Connection, tag: i64, time: i64, frame: i64) -> None:
        """Remember a request; the same one again takes its place."""
        key = key_of(protocol, connection, tag)
        self.asked.pop(key, None)
        if len(self.asked) >= MAX_ASKED:
            del self.asked[next(iter(self.asked))]
            self.evicted += 1
        self.asked[key] = Asked(time, frame)

    def find(self, protocol: str, connection: Connection, tag: i64, now: i64) -> Asked | None:
        """Return the request that a response with ``tag`` to this connection's client answers, None when there is none."""
        if not self.asked:
            return None
        asked = self.asked.get(key_of(protocol, connection, tag))
        if asked is None or asked.time > now or now - asked.time > GROUP_SECONDS * 1_000_000_000:
            return None
        return asked


def key_of(protocol: str, connection: Connection, tag: i64) -> str:
    """Return what a request to a group and its answers have in common."""
    client = connection.client()
    return f"{protocol}|{client.ip or client.mac}|{client.port}|{connection.vlan}|{connection.inner_vlan}|{tag}"
