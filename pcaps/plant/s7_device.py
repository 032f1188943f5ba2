"""plc-filt: the filter controller, a python-snap7 server (rack 0, slot 2, port 102) with DB10 and DB20.

The server of python-snap7 answers reads, writes, stop, DB download and SZL. Its own identity lists name the library, so
they are replaced by the records of the controller this station stands for. It accepts any TSAP; a controller refuses
a slot without a CPU, so connections to other slots are closed here after the request, as an S7-300 does.
"""

from __future__ import annotations

import logging
import struct
import threading
import time

from snap7.server import CPUState, Server, ServerISOConnection
from snap7.type import SrvArea

from pcaps.plant import hosts
from pcaps.plant.process import FILTER

DB_NUMBER, DB_BYTES = 10, 256
RECIPE_NUMBER, RECIPE_BYTES = 20, 1000
REFRESH_SECONDS = 0.5
ORDER_NUMBER = b"6ES7 315-2EH14-0AB0 "
COMPONENTS = (
    (1, b"FILTER"),
    (2, b"CPU 315-2 PN/DP"),
    (3, b"FILTER HALL"),
    (4, b"Original Siemens Equipment"),
    (5, b"S C-C2UR28922012"),
    (7, b"CPU 315-2 PN/DP"),
)
MODULE_LIST, COMPONENT_LIST, MODE_LIST = 0x0011, 0x001C, 0x0424
BACKWASH_EVERY, BACKWASH_FROM = 30, 20
MODE_RUN, MODE_STOP = 0x08, 0x03


class FilterController(Server):
    """The library's server with the identity of the filter controller."""

    def _get_szl_data(self, szl_id: int, szl_index: int) -> bytes | None:
        """Return record length, record count and records of one list, None where the list does not exist."""
        if szl_id == MODULE_LIST:
            records = [struct.pack(">H20sHHH", number, ORDER_NUMBER, 0, 0x5603, 0x0302) for number in (1, 6)]
        elif szl_id == COMPONENT_LIST:
            records = [struct.pack(">H32s", number, text) for number, text in COMPONENTS]
        elif szl_id == MODE_LIST:
            mode = MODE_RUN if self.cpu_state == CPUState.RUN else MODE_STOP
            records = [struct.pack(">HBB", 0x5102, 0xFF, mode) + bytes(16)]
        else:
            return None
        return struct.pack(">HH", len(records[0]), len(records)) + b"".join(records)


def _refuse_other_slots() -> None:
    """Let the connection request fail for every rack and slot that holds no CPU."""
    parse = ServerISOConnection._parse_cotp_cr  # noqa: SLF001  # the library has no hook here

    def parse_and_check(connection: ServerISOConnection, data: bytes) -> bool:
        if not parse(connection, data):
            return False
        called = connection.called_tsap or b"\x00\x00"
        return called[-1] == (hosts.S7_RACK << 5) | hosts.S7_SLOT

    ServerISOConnection._parse_cotp_cr = parse_and_check  # type: ignore[assignment,method-assign]  # noqa: SLF001


def serve() -> None:
    """Answer and refresh DB10 until the process is ended."""
    logging.disable(logging.ERROR)
    _refuse_other_slots()
    block = bytearray(DB_BYTES)
    server = FilterController(log=False)
    server.register_area(SrvArea.DB, DB_NUMBER, block)
    server.register_area(SrvArea.DB, RECIPE_NUMBER, bytearray(RECIPE_BYTES))
    server.start(102)
    started = time.monotonic()
    pause = threading.Event()
    while not pause.wait(REFRESH_SECONDS):
        if server.cpu_state != CPUState.RUN:
            continue
        seconds = time.monotonic() - started
        for index, curve in enumerate(FILTER):
            struct.pack_into(">H", block, 2 * index, curve.at(seconds))
        struct.pack_into(">f", block, 32, FILTER[0].at(seconds) / 100)
        block[40] = 0b111 if int(seconds) % BACKWASH_EVERY >= BACKWASH_FROM else 0b101


if __name__ == "__main__":
    serve()
