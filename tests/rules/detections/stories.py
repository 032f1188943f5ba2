"""One story that fires each alert of the catalogue and one, as normal as can be, that must not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from dissectors.context import Context, Verdict
from dissectors.facts import Target
from tests.rules.detections.contexts import Input, Talk, at

MB = Talk()
DNP = Talk(protocol="dnp3", port=20000, unit="1>10")
S7 = Talk(protocol="s7comm", port=102, unit="0/2")
TCP = Talk(protocol="", port=8080, unit="")
REGISTER = (Target("holding_register", 100, 100),)
POINT = (Target("g12v1", 3, 3),)
ALLOW = Verdict(kind="allow", rule="R-1")

Story = tuple[Sequence[Input], Sequence[Input]]
"""What fires and what stays silent."""
STORIES: Final[dict[str, Story]] = {}


def lacks(missing: str, **fields: Any) -> Verdict:
    """Return a default deny that lacks one dimension."""
    return Verdict(kind="default-deny", missing=missing, **fields)


def each(count: int, make: Callable[[int], Input]) -> list[Input]:
    """Return ``count`` inputs, made from 0, 1, 2, ..."""
    return [make(number) for number in range(count)]


def write(seconds: float, value: int = 1, talk: Talk = MB, **fields: Any) -> Context:
    """Return a write of one register."""
    return talk.ask(
        "write_single_register", seconds, code="6", verb="write", targets=REGISTER, values=(value,), **fields
    )


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


def refused(code: str, seconds: float, error: str = "illegal_function", talk: Talk = MB) -> Context:
    """Return a refused request."""
    return talk.ask(f"op_{code}", seconds, code=code, verb="read", error=error)


def read_refused(address: int, seconds: float) -> Context:
    """Return a read that the device refuses because of its address."""
    target = (Target("holding_register", address, address + 9),)
    return MB.ask(
        "read_holding_registers", seconds, code="3", verb="read", targets=target, error="illegal_data_address"
    )


STORIES["MB-013"] = (each(3, lambda n: refused(str(n), n)), each(9, lambda n: refused("43/14", n)))
STORIES["MB-014"] = (each(5, lambda n: read_refused(10 * n, n)), each(4, lambda n: read_refused(10 * n, n)))
STORIES["MB-015"] = (
    each(10, lambda n: Talk(unit=str(n + 1)).opened(n)),
    each(10, lambda n: Talk(unit=str(n % 3 + 1)).opened(n)),
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
    each(5, lambda n: refused(str(n), 61 + n, GATEWAY)),
)
STORIES["MB-027"] = (
    each(3, lambda n: write(20 * n, n, outcome="unanswered")),
    [*each(2, lambda n: write(20 * n, n, outcome="unanswered")), *QUIET],
)


def order(operation: str, seconds: float = 0.0, talk: Talk = DNP, **fields: Any) -> Context:
    """Return a DNP3 request."""
    return talk.ask(operation, seconds, **fields)


def select_operate(seconds: float, value: str = "latch_on", *, gap: float = 0.5, step: int = 1) -> list[Input]:
    """Return a select and the operate that follows it."""
    return [
        order("select", seconds, targets=POINT, values=("latch_on",), detail={"sequence": 15}),
        order("operate", seconds + gap, targets=POINT, values=(value,), detail={"sequence": (15 + step) % 16}),
    ]


CLASSES = (Target("g60v2"), Target("g60v3"), Target("g60v4"))
CALM: list[Input] = [
    DNP.opened(),
    order("disable_unsolicited", 1, targets=CLASSES),
    order("enable_unsolicited", 3, targets=CLASSES),
    order("read", 4, verb="read", targets=(Target("g60v1"),)),
    order("write", 5, verb="write", targets=(Target("g80v1", 7, 7),), values=(0,)),
    order("reset_link_states", 0.5, verb="session"),
    *select_operate(60),
    order("unsolicited_response", 70, verb="report", targets=(Target("g2v2", 1, 1),), outcome="one_way"),
    at(120),
]
for identifier, operations in {
    "DNP-012": ("cold_restart",),
    "DNP-013": ("warm_restart",),
    "DNP-014": ("stop_application", "start_application", "initialize_application"),
    "DNP-015": ("initialize_data", "save_configuration"),
    "DNP-016": ("activate_configuration",),
}.items():
    STORIES[identifier] = ([order(operation) for operation in operations], CALM)
STORIES["DNP-003"] = ([order("operate", 30, targets=POINT, values=("trip",))], CALM)
STORIES["DNP-004"] = (select_operate(10, "latch_off"), CALM)
STORIES["DNP-007"] = ([order("select", 1, detail={"status": "not_authorized"})], CALM)
STORIES["DNP-008"] = (
    [order("direct_operate_no_response", 1, talk=DNP.but(unit="1>65535"), outcome="one_way")],
    [*CALM, order("unsolicited_response", 71, talk=DNP.but(unit="1>65535"), verb="report")],
)
STORIES["DNP-009"] = (
    each(10, lambda n: order("direct_operate", n, targets=(Target("g12v1", n, n),))),
    [*CALM, *each(9, lambda n: order("direct_operate", 200 + n, targets=(Target("g12v1", n, n),)))],
)
STORIES["DNP-010"] = (
    each(5, lambda n: order("direct_operate", n * 10, targets=POINT, values=(("trip", "close")[n % 2],))),
    each(4, lambda n: order("direct_operate", n * 10, targets=POINT, values=(("trip", "close")[n % 2],))),
)
STORIES["DNP-017"] = ([order("disable_unsolicited", 1, targets=CLASSES), at(12)], CALM)
STORIES["DNP-024"] = (
    [order("open_file", 1, verb="file", detail={"file": "config.xml", "mode": "write"}), order("delete_file", 2)],
    [*CALM, order("open_file", 130, verb="file", detail={"file": "events.log", "mode": "read"})],
)
STORIES["DNP-026"] = (
    each(3, lambda n: refused(str(n), n, "no_func_code_support", DNP)),
    each(9, lambda n: refused("23", n, "no_func_code_support", DNP)),
)
STORIES["DNP-027"] = (
    each(5, lambda n: refused(str(n), n, "object_unknown", DNP)),
    each(5, lambda n: refused(str(n), n * 10, "object_unknown", DNP)),
)


def shows(names: str, seconds: float = 1.0) -> Context:
    """Return a change of the internal indications."""
    return order("read", seconds, verb="report", detail={"iin_set": names})


for identifier, shown in {
    "DNP-030": "device_restart",
    "DNP-031": "event_buffer_overflow",
    "DNP-032": "config_corrupt",
    "DNP-033": "need_time,local_control",
    "DNP-034": "reserved_2",
}.items():
    STORIES[identifier] = ([shows(shown)], [*CALM, shows("need_time", 80)])


def speak(seconds: float) -> Context:
    """Return an unsolicited response."""
    return order("unsolicited_response", seconds, verb="report", targets=(Target("g2v2", 1, 1),), outcome="one_way")


STORIES["DNP-035"] = (each(5, lambda n: speak(n * 2)), each(5, lambda n: speak(n * 3)))
STORIES["DNP-036"] = ([DNP.opened(), speak(5)], CALM)
STORIES["DNP-037"] = ([order("response", 3, outcome="unmatched")], CALM)
STORIES["DNP-038"] = (
    each(3, lambda n: order("select", n * 30, targets=(Target("g12v1", n, n),), outcome="unanswered")),
    each(5, lambda n: order("direct_operate_no_response", n * 30, outcome="unanswered")),
)
STORIES["DNP-040"] = (
    each(10, lambda n: DNP.but(unit=f"1>{n}").opened(n)),
    each(10, lambda n: DNP.but(unit=f"{n}>10").opened(n)),
)
STORIES["DNP-041"] = ([DNP.violation("direction")], [DNP.violation("block_crc")])
STORIES["DNP-042"] = ([DNP.violation("block_crc")], [DNP.violation("direction"), DNP.violation("unknown_object")])
STORIES["DNP-043"] = ([DNP.violation("unknown_object")], [DNP.violation("block_crc")])
STORIES["DNP-044"] = (each(5, lambda n: order("reset_link_states", n * 5, verb="session")), CALM)
STORIES["DNP-045"] = (
    each(3, lambda n: refused(str(n), n, "bad", DNP).__class__(
        fact=order("authentication_request", n, verb="auth", error="mac_wrong").fact, channel=DNP.channel())),
    CALM,
)  # fmt: skip

JOBS: list[Input] = [
    S7.opened(),
    S7.ask("setup_communication", 1, verb="session"),
    S7.ask("read_szl", 2, verb="read", targets=(Target("szl", 0x11, 0x11),)),
    S7.ask("write_var", 3, verb="write", targets=(Target("DB10", 0, 15),), values=(5,)),
    S7.ask("connect", 0.5, verb="session", detail={"tsap": "0x0102"}),
    at(300),
]


def job(operation: str, seconds: float = 0.0, **fields: Any) -> Context:
    """Return an S7 job."""
    return S7.ask(operation, seconds, **fields)


for identifier, operations in {
    "S7-001": ("plc_stop",),
    "S7-002": ("plc_start",),
    "S7-004": ("memory_reset",),
    "S7-005": ("request_download", "download_block"),
    "S7-008": ("insert_block",),
    "S7-009": ("delete_block",),
    "S7-010": ("copy_ram_to_rom",),
    "S7-011": ("compress_memory",),
    "S7-019": ("force",),
    "S7-020": ("modify_variable",),
    "S7-021": ("breakpoint", "leave_hold"),
    "S7-027": ("set_password",),
    "S7-030": ("lock_alarms",),
}.items():
    STORIES[identifier] = ([job(operation, 1) for operation in operations], JOBS)
STORIES["S7-003"] = (
    [job("mode_notice", 50, verb="report", outcome="one_way", detail={"mode": "stop"})],
    [job("plc_stop", 30), job("mode_notice", 50, verb="report", outcome="one_way", detail={"mode": "stop"})],
)
BLOCKS = [Target("SDB", 0, 0), Target("OB", 1, 1), *(Target("FC", n, n) for n in range(8))]
STORIES["S7-006"] = (
    each(10, lambda n: job("request_download", n, verb="program", targets=(BLOCKS[n],))),
    each(9, lambda n: job("request_download", n, verb="program", targets=(BLOCKS[n],))),
)
STORIES["S7-018"] = ([job("write_var", 1, verb="write", targets=(Target("Q", 0, 7),), values=(255,))], JOBS)
STORIES["S7-035"] = ([job("write_var", 1, verb="write", targets=(Target("data_record", 0, 7),))], JOBS)
STORIES["S7-024"] = (
    each(10, lambda n: job("read_szl", n, verb="read", targets=(Target("szl", 0x11 + n, 0x11 + n),))),
    each(9, lambda n: job("read_szl", n, verb="read", targets=(Target("szl", 0x11 + n, 0x11 + n),))),
)
STORIES["S7-028"] = (
    each(3, lambda n: job("read_var", n, verb="read", targets=(Target("DB1", n, n),), error="protection_level",
                          error_code=0xD241)),
    each(3, lambda n: job("read_var", n, verb="read", targets=(Target("DB1", n, n),), error="address",
                          error_code=0x8500)),
)  # fmt: skip
STORIES["S7-034"] = (
    each(5, lambda n: job("connect", n, verb="session", detail={"tsap": f"0x010{n}"})),
    each(5, lambda n: job("connect", n, verb="session", detail={"tsap": "0x0102"})),
)
STORIES["S7-039"] = ([S7.violation("tpkt_version")], JOBS)
STORIES["S7-040"] = ([job("read_var", 1, verb="read", outcome="unmatched")], JOBS)
STORIES["S7-041"] = (
    each(3, lambda n: job("write_var", 30 * n, verb="write", outcome="unanswered", values=(n,))),
    each(3, lambda n: job("read_var", 30 * n, verb="read", outcome="unanswered")),
)
