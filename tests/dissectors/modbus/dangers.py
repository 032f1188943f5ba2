"""One request (and the answer, where that is the point) for every dangerous command of Modbus, as PDUs in hex."""

from __future__ import annotations

from tests.dissectors.harness import modbus

PORT = 502
OPENING: list[tuple[int, bytes]] = []

PDUS: dict[str, tuple[str, str]] = {
    "8/1": ("08 0001 ff00", "08 0001 ff00"),  # diagnostics | restart communications | and clear the log
    "8/3": ("08 0003 0d00", "08 0003 0d00"),  # change the delimiter to CR
    "8/4": ("08 0004 0000", ""),  # force listen only: never answered
    "8/10": ("08 000a 0000", "08 000a 0000"),  # clear counters and diagnostic register
    "8/20": ("08 0014 0000", "08 0014 0000"),  # clear the overrun counter
    "9": ("09 00", "09 00"),  # program 484
    "13": ("0d 00", "0d 00"),  # program 584 and 984
    "18": ("12 00", "12 00"),  # program 884
    "40": ("28 00", "28 00"),  # program Concept
    "90/64": ("5a 00 40 ff00", "5a 00 fe"),  # UMAS session 0 | start
    "90/65": ("5a 00 41 ff00", "5a 00 fe"),  # UMAS session 0 | stop
    "125": ("7d 00", "7d 00"),  # firmware replacement
    "126": ("7e 00", "7e 00"),  # program 584 and 984, second code
    "server_device_failure": ("03 0000 0001", "83 04"),
    "memory_parity_error": ("03 0000 0001", "83 08"),
}
MESSAGES: dict[str, tuple[bytes, bytes]] = {
    word: (modbus(1, 1, bytes.fromhex(asked)), modbus(1, 1, bytes.fromhex(answered)) if answered else b"")
    for word, (asked, answered) in PDUS.items()
}
"""By code or error: the request and its answer, b"" for none."""
