"""Which end sends a Modbus message, by its form: only requests or only answers fit it. MODBUS V1.1b3, 6. Compiled with mypyc.

Writes of one point do not tell: their answers repeat them.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.modbus.parse import measure, parse
from dissectors.modbus.table import FUNCTIONS

WRITE_FILE_RECORD: Final = 21
"""Its answer repeats the whole request."""
READ_FIFO_QUEUE: Final = 24
"""Its answer begins like a request."""


def direction(data: bytes, start: i64, end: i64) -> i64:
    """Return 1 when the message at ``start`` fits a client only, 0 a server only, -1 when it fits both or is not whole."""
    size: i64 = measure(data, start, end)
    if size <= 0 or start + size > end:
        return -1
    if data[start + 7] >= 0x80:
        return 0
    if data[start + 7] == WRITE_FILE_RECORD or data[start + 7] == READ_FIFO_QUEUE:
        return -1
    asks = clean(data, start, start + size, True)
    answers = clean(data, start, start + size, False)
    if asks == answers:
        return -1
    return 1 if asks else 0


def clean(data: bytes, start: i64, end: i64, from_client: bool) -> bool:
    """Return whether the message is a standard one of this direction without any violation."""
    code = int(data[start + 7])
    if code not in FUNCTIONS or code > 24:
        return False
    message = parse(data, start, end, from_client)
    return message is not None and not message.violations and bool(message.targets or message.values)
