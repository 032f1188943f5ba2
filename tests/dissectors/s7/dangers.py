"""One job or userdata request for every dangerous command of S7, on a connection to rack 0, slot 2."""

from __future__ import annotations

from tests.dissectors.s7.vectors import (
    CONFIRM,
    CONNECT,
    SETUP,
    SETUP_ANSWER,
    answer,
    any_item,
    ask,
    byte_count,
    job,
    octet_string,
    report,
)

PORT = 102
OPENING: list[tuple[int, bytes]] = [(0, CONNECT), (1, CONFIRM), (0, SETUP), (1, SETUP_ANSWER)]
EMPTY = byte_count("0a 00 00 00")  # a data part without data


def service(name: bytes, argument: bytes = b"") -> bytes:
    """Return a program service: 28, six fixed bytes and fd, length and bytes of the argument, length and name."""
    fixed = byte_count("28 00 00 00 00 00 00 fd")
    return job(9, fixed + len(argument).to_bytes(2, "big") + argument + bytes((len(name),)) + name)


def written(area: int, content: int = 1) -> bytes:
    """Return a write of one byte of an area: 05, one item; data: reserved, transport size 4, 8 bits, the byte."""
    return job(9, byte_count("05 01") + any_item(2, 1, 0, area, 0), bytes((0, 4, 0, 8, content)))


DONE = answer(9, byte_count("28"))
WRITTEN = answer(9, byte_count("05 01"), byte_count("ff"))

MESSAGES: dict[str, tuple[bytes, bytes]] = {
    "plc_stop": (job(9, byte_count("29 00 00 00 00 00 09") + b"P_PROGRAM"), answer(9, byte_count("29"))),
    "delete_block": (service(b"_DELE", byte_count("01 00") + b"0800001P"), DONE),
    "copy_ram_to_rom": (service(b"_MODU"), DONE),
    "compress_memory": (service(b"_GARB"), DONE),
    "write_var I": (written(0x81), WRITTEN),
    "write_var Q": (written(0x82), WRITTEN),
    "write_var P": (written(0x80), WRITTEN),
    "write_var data_record": (written(0x01), WRITTEN),
    "memory_reset": (ask(1, 0x0C), report(1, 0x0C, EMPTY)),
    "force": (ask(1, 0x09, octet_string(bytes(8))), report(1, 0x09, EMPTY)),
    "force_selection": (ask(1, 0x07), report(1, 0x07, EMPTY)),
    "modify_variable": (ask(1, 0x08, octet_string(bytes(8))), report(1, 0x08, EMPTY)),
    "breakpoint": (ask(1, 0x0A), report(1, 0x0A, EMPTY)),
    "leave_hold": (ask(1, 0x0B), report(1, 0x0B, EMPTY)),
    "disable_job": (ask(1, 0x0D), report(1, 0x0D, EMPTY)),
    "enable_job": (ask(1, 0x0E), report(1, 0x0E, EMPTY)),
    "delete_job": (ask(1, 0x0F), report(1, 0x0F, EMPTY)),
    "replace_job": (ask(1, 0x12), report(1, 0x12, EMPTY)),
    "lock_alarms": (ask(4, 0x07), report(4, 0x07, EMPTY)),
    "unlock_alarms": (ask(4, 0x08), report(4, 0x08, EMPTY)),
}
"""By operation, with the area where that decides: the request and its answer."""
