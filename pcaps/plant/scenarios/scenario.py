"""The shape of a scenario, and the alerts that keep company with many of them."""

from __future__ import annotations

import msgspec

from pcaps.plant.hosts import Host, Module
from pcaps.plant.truth import Truth

BEFORE_SECONDS, AFTER_SECONDS = 11.0, 8.0
"""Normal polling on both sides of an attack."""

STRANGER = ("AST-001",)
"""The laptop is in no policy and was never seen."""

NOT_ALLOWED = ("NET-001", "NET-003")
"""A station in no zone has neither conduit nor rule; which of the two is reported first is the policy's affair."""

COMPANY = ("NET-009", "NET-010", "AST-014", "DNP-030")
"""A new connection, a new client, a short visit, a station in no zone; the outstation's restart flag at its start."""

MASTER_START = ("DNP-017", "DNP-035")
"""Companions of a DNP3 master's start-up: unsolicited off and on, restart flag, integrity poll, repeated reports."""


class Scenario(msgspec.Struct, frozen=True):
    """One capture: normal polling before, the actions of one station, normal polling after (seconds).

    ``pause_seconds`` follows each action but the last. ``roles`` are stations that behave otherwise than usual from the
    start; what they do differently begins with the actions and goes on for ``lasting_seconds``. ``servers`` and
    ``clients`` run in this scenario and not in every one (station, module and arguments), started before and after the
    capture; ``packages`` and ``programs`` are their stacks.
    """

    name: str
    sentence: str
    station: Host
    actions: tuple[tuple[str, str], ...]
    truth: Truth | None = None
    before_seconds: float = BEFORE_SECONDS
    after_seconds: float = AFTER_SECONDS
    pause_seconds: float = 0.0
    roles: tuple[tuple[str, str], ...] = ()
    lasting_seconds: float = 0.0
    servers: tuple[tuple[Host, Module], ...] = ()
    clients: tuple[tuple[Host, Module], ...] = ()
    packages: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


def attack(
    name: str, sentence: str, action: tuple[str, str], truth: Truth, *, after_seconds: float = AFTER_SECONDS
) -> Scenario:
    """Return a scenario of one action, played on the attacker's station."""
    return Scenario(name, sentence, truth.attacker, (action,), truth, after_seconds=after_seconds)
