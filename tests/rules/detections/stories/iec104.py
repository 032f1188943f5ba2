"""IEC 60870-5-104: one story that fires each alert and one, as normal as can be, that must not."""

from __future__ import annotations

from typing import Any

from dissectors.context import Context
from dissectors.facts import Target
from tests.rules.detections.build import Input, Story, Talk, at, each

STORIES: dict[str, Story] = {}
IEC = Talk(protocol="iec104", port=2404, unit="41")
SWITCH = (Target("ioa", 4001, 4001),)


def command(operation: str, seconds: float = 0.0, **fields: Any) -> Context:
    """Return a command."""
    return IEC.ask(operation, seconds, **fields)


def unknown(seconds: float, error: str, operation: str = "read") -> Context:
    """Return a request that the station refuses."""
    return IEC.ask(operation, seconds, verb="read", outcome="failure", error=error, error_code=46)


USUAL: list[Input] = [
    IEC.opened(),
    command("start_transfer", 0, verb="session", code="U7"),
    command("single_command_select", 1, targets=SWITCH, values=(1,), code="45"),
    command("single_command", 2, targets=SWITCH, values=(1,), code="45"),
    at(120),
]
for identifier, operation, verb in (
    ("IEC-001", "reset_process", "start_stop"),
    ("IEC-002", "stop_transfer", "session"),
    ("IEC-003", "clock_synchronisation", "time"),
    ("IEC-004", "parameter_float", "write"),
    ("IEC-005", "file_segment", "file"),
):
    STORIES[identifier] = ([command(operation, 1, verb=verb)], USUAL)
STORIES["IEC-006"] = (
    each(20, lambda n: command("single_command", n / 4, targets=(Target("ioa", n, n),), values=(n % 2,))),
    each(19, lambda n: command("single_command", n / 4, targets=(Target("ioa", n, n),), values=(n % 2,))),
)
STORIES["IEC-007"] = (
    each(10, lambda n: unknown(n, "unknown_object_address")),
    each(9, lambda n: unknown(n, "unknown_object_address")),
)
STORIES["IEC-008"] = (
    each(3, lambda n: IEC.ask(f"type_{130 + n}", n, code=str(130 + n), verb="unknown", error="unknown_type")),
    each(2, lambda n: IEC.ask(f"type_{130 + n}", n, code=str(130 + n), verb="unknown", error="unknown_type")),
)
STORIES["IEC-009"] = (
    each(5, lambda n: unknown(n, "unknown_common_address", "interrogation")),
    each(4, lambda n: unknown(n, "unknown_common_address", "interrogation")),
)
STORIES["IEC-010"] = ([command("single_command", 1, targets=SWITCH, outcome="unmatched")], USUAL)
STORIES["IEC-011"] = ([IEC.violation("object_length", 1)], USUAL)
STORIES["IEC-012"] = (
    each(3, lambda n: command("single_command", 20 * n, targets=SWITCH, values=(n % 2,), outcome="unanswered")),
    USUAL,
)
STORIES["IEC-015"] = ([IEC.violation("sequence_number", 1)], USUAL)
STORIES["IEC-016"] = ([IEC.violation("not_iec104", 1)], USUAL)
LLDP = Talk(protocol="lldp", port=0, unit="", client="", server="", transport="ethernet")
STORIES["LLDP-001"] = ([LLDP.violation("tlv_length", 1)], [LLDP.opened()])
