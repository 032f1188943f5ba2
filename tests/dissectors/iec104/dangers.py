"""One command (and its confirmation) for every dangerous command of IEC 60870-5-104."""

from __future__ import annotations

from tests.dissectors.iec104.build import START_ACT, START_CON, STOP_ACT, STOP_CON, apdu

PORT = 2404
OPENING: list[tuple[int, bytes]] = [(0, START_ACT), (1, START_CON)]
NOON = "60ea0c0c1b0b1a"
"""27 November 2026, 12:12 and 60 s: milliseconds, minute, hour, day, month, year."""

COMMANDS: dict[str, tuple[int, str]] = {
    "reset_process": (105, "01"),  # general reset
    "clock_synchronisation": (103, NOON),
    "parameter_normalized": (110, "004001"),  # value | threshold
    "parameter_scaled": (111, "640001"),
    "parameter_float": (112, "0000c84201"),
    "parameter_activation": (113, "03"),
}
FILES: dict[str, tuple[int, str]] = {
    "file_ready": (120, "0100 100000 00"),  # name | length | qualifier
    "section_ready": (121, "0100 01 100000 00"),  # name | section | length | qualifier
    "call_file": (122, "0100 00 01"),  # name | section | select file
    "last_section": (123, "0100 01 01 00"),  # name | section | file without deactivation | checksum
    "acknowledge_file": (124, "0100 01 01"),
    "file_segment": (125, "0100 01 04 deadbeef"),  # name | section | length | content
    "query_log": (127, f"0100 {NOON} {NOON}"),
}
MESSAGES: dict[str, tuple[bytes, bytes]] = {
    "stop_transfer": (STOP_ACT, STOP_CON),
    **{word: (apdu(code, 6, element), apdu(code, 7, element)) for word, (code, element) in COMMANDS.items()},
    **{word: (apdu(code, 13, element), b"") for word, (code, element) in FILES.items()},
}
"""By operation: the command and its confirmation, b"" for none."""
