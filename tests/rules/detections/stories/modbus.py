"""Modbus: one story that fires each alert and one, as normal as can be, that must not."""

from __future__ import annotations

from dissectors.context import Context
from dissectors.facts import Target
from tests.rules.detections.build import MB, Story, Talk, each, refused, write

STORIES: dict[str, Story] = {}


def diagnose(code: str) -> Context:
    """Return a Modbus diagnostic request."""
    return MB.ask("diagnostics", code=code, verb="diagnostic")


QUIET = [MB.opened(), write(5, 7), write(65, 8), MB.ask("read_device_identification", 70, code="43/14", verb="read")]

for identifier, codes in {
    "MB-007": ("8/4",),
    "MB-008": ("8/1",),
    "MB-009": ("8/10", "8/20"),
    "MB-010": ("8/3",),
    "MB-031": ("90/64", "90/65"),
    "MB-032": ("90/48", "90/51"),
    "MB-034": ("9", "13", "18", "40", "126"),
    "MB-035": ("125",),
}.items():
    STORIES[identifier] = ([diagnose(code) for code in codes], [*QUIET, diagnose("8/0"), diagnose("90/2")])
for identifier, names in {
    "MB-020": ("illegal_function_code",),
    "MB-022": ("length", "not_modbus"),
    "MB-023": ("quantity", "byte_count", "coil_value"),
    "MB-024": ("response_mismatch",),
}.items():
    others = {"illegal_function_code", "not_modbus", "quantity"} - set(names)
    STORIES[identifier] = ([MB.violation(name) for name in names], [MB.violation(name) for name in sorted(others)])
STORIES["MB-025"] = ([write(1, outcome="unmatched")], QUIET)
STORIES["MB-004"] = (each(21, lambda n: write(n * 0.04, n)), each(20, lambda n: write(n * 0.4, n)))
STORIES["MB-005"] = (each(11, lambda n: write(n * 5, n % 2)), each(11, lambda n: write(n * 5, n)))
UNIT_ZERO = Talk(unit="0")
STORIES["MB-006"] = (
    [Talk(unit="1").opened(), Talk(unit="2").opened(), write(3, talk=UNIT_ZERO)],
    [Talk(unit="1").opened(), write(3, talk=UNIT_ZERO), write(4)],
)


def read_refused(address: int, seconds: float) -> Context:
    """Return a read that the device refuses because of its address."""
    target = (Target("holding_register", address, address + 9),)
    return MB.ask(
        "read_holding_registers", seconds, code="3", verb="read", targets=target, error="illegal_data_address"
    )


STORIES["MB-013"] = (each(3, lambda n: refused(str(n), n)), each(9, lambda n: refused("43/14", n)))
STORIES["MB-014"] = (each(5, lambda n: read_refused(10 * n, n)), each(4, lambda n: read_refused(10 * n, n)))
STORIES["MB-015"] = (
    each(10, lambda n: Talk(unit=str(n + 1)).window(20, requests=1, unanswered=1)),
    [
        *each(9, lambda n: Talk(unit=str(n + 1)).window(20, requests=1, unanswered=1)),
        *each(60, lambda n: Talk(unit=str(n + 10)).window(20, requests=3, responses=3)),
        *each(60, lambda n: Talk(unit=str(n + 70)).window(20, requests=6, responses=6, failures=6)),
    ],
)
STORIES["MB-016"] = (
    each(7, lambda n: MB.window(60 * (n + 1), failures=3)),
    each(5, lambda n: MB.window(60 * (n + 1), failures=4)),
)
BUSY = "server_device_busy"
STORIES["MB-017"] = (
    each(3, lambda n: refused(str(n), n, BUSY)),
    each(4, lambda n: refused(str(n), 31 * n, BUSY)),
)
STORIES["MB-018"] = ([refused("3", 1, "server_device_failure")], [refused("3", 1, "illegal_data_address")])
GATEWAY = "gateway_target_failed"
STORIES["MB-019"] = (
    [MB.window(60, responses=50), *each(3, lambda n: refused(str(n), 61 + n, GATEWAY))],
    # its very first request fails, so it was never seen to answer
    [refused("0", -0.8, GATEWAY), *each(5, lambda n: refused(str(n), 61 + n, GATEWAY))],
)
STORIES["MB-027"] = (
    each(3, lambda n: write(20 * n, n, outcome="unanswered")),
    [*each(2, lambda n: write(20 * n, n, outcome="unanswered")), *QUIET],
)
