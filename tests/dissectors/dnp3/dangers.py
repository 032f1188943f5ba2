"""One request for every dangerous command of DNP3, from master 1 to outstation 10, with a null response."""

from __future__ import annotations

from tests.dissectors.dnp3.wire import answer, ask

PORT = 20000
OPENING: list[tuple[int, bytes]] = []

APDUS: dict[str, str] = {
    "cold_restart": "c0 0d",
    "warm_restart": "c0 0e",
    "initialize_data": "c0 0f",
    "initialize_application": "c0 10 5a 01 5b 01 04 00 61 70 70 31",  # g90v1, free format: one identifier "app1"
    "start_application": "c0 11 5a 01 5b 01 04 00 61 70 70 31",
    "stop_application": "c0 12 5a 01 5b 01 04 00 61 70 70 31",
    "save_configuration": "c0 13 5a 01 5b 01 04 00 61 70 70 31",
    "activate_configuration": "c0 1f 46 08 5b 01 04 00 63 66 67 31",  # g70v8, free format: the file "cfg1"
}
MESSAGES: dict[str, tuple[bytes, bytes]] = {word: (ask(apdu), answer("c0 81 00 00")) for word, apdu in APDUS.items()}
"""By operation: the request and its answer."""
