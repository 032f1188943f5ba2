"""DNP3: one story that fires each alert and one, as normal as can be, that must not."""

from __future__ import annotations

from dissectors.context import Context
from dissectors.facts import Target
from tests.rules.detections.build import DNP, POINT, Input, Story, at, each, order, refused

STORIES: dict[str, Story] = {}


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
    each(10, lambda n: DNP.but(unit=f"1>{n}").window(20, requests=1)),
    each(10, lambda n: DNP.but(unit=f"{n}>10").window(20, requests=1)),
)
STORIES["DNP-042"] = ([DNP.violation("block_crc")], [DNP.violation("direction"), DNP.violation("unknown_object")])
STORIES["DNP-043"] = ([DNP.violation("unknown_object")], [DNP.violation("block_crc")])
STORIES["DNP-044"] = (each(5, lambda n: order("reset_link_states", n * 5, verb="session")), CALM)
STORIES["DNP-045"] = (
    each(3, lambda n: order("authentication_request", n, verb="auth", error="authentication_failed")),
    CALM,
)  # fmt: skip
STORIES["NET-039"] = ([DNP.violation("direction")], [DNP.violation("block_crc")])
