"""S7: one story that fires each alert and one, as normal as can be, that must not."""

from __future__ import annotations

from dissectors.facts import Target
from tests.rules.detections.build import S7, Input, Story, at, each, job

STORIES: dict[str, Story] = {}


JOBS: list[Input] = [
    S7.opened(),
    S7.ask("setup_communication", 1, verb="session"),
    S7.ask("read_szl", 2, verb="read", targets=(Target("szl", 0x11, 0x11),)),
    S7.ask("write_var", 3, verb="write", targets=(Target("DB10", 0, 15),), values=(5,)),
    S7.ask("connect", 0.5, verb="session", detail={"tsap": "0x0102"}),
    at(300),
]


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
    each(3, lambda n: job("read_var", n, verb="read", targets=(Target("DB1", n, n),), error="wrong_pdu_size",
                          error_code=0x8500)),
)  # fmt: skip
STORIES["S7-034"] = (
    each(5, lambda n: job("connect", n, verb="session", detail={"tsap": f"0x010{n}"})),
    each(5, lambda n: job("connect", n, verb="session", outcome="unanswered", detail={"tsap": f"0x010{n % 2}"})),
)
STORIES["S7-039"] = ([S7.violation("tpkt_version")], JOBS)
STORIES["S7-040"] = ([job("read_var", 1, verb="read", outcome="unmatched")], JOBS)
STORIES["S7-041"] = (
    each(3, lambda n: job("write_var", 30 * n, verb="write", outcome="unanswered", values=(n,))),
    each(3, lambda n: job("read_var", 30 * n, verb="read", outcome="unanswered")),
)
STORIES["S7-043"] = (
    each(21, lambda n: job("write_var", n * 0.04, verb="write", targets=(Target("DB10", n, n),), values=(n,))),
    each(20, lambda n: job("write_var", n * 0.4, verb="write", targets=(Target("DB10", n, n),), values=(n,))),
)
