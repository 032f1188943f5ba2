"""Which end sends an S7comm message, by its kind: jobs and requests are a client's, their answers a server's. Compiled with mypyc.

Jobs of a download are the exception: the controller asks for the blocks. Notices and bare acknowledgements do not tell.
"""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.s7.parse import ANSWER_HEADER, HEADER
from dissectors.s7.table import ACK_DATA, JOB, REQUEST_TYPE, RESPONSE_TYPE, SERVER_JOBS, USERDATA
from dissectors.s7.userdata import type_of


def classic_direction(data: bytes, at: i64, end: i64) -> i64:
    """Return 1 when the S7comm message at ``at`` is a client's, 0 when a server's, -1 when unsure."""
    rosctr: i64 = i64(data[at + 1])
    if rosctr == JOB:
        return 0 if at + HEADER < end and int(data[at + HEADER]) in SERVER_JOBS else 1
    if rosctr == ACK_DATA:
        if at + ANSWER_HEADER >= end:
            return -1
        return 1 if int(data[at + ANSWER_HEADER]) in SERVER_JOBS else 0
    if rosctr == USERDATA and at + HEADER + 6 <= end:
        kind: i64 = type_of(i64(data[at + HEADER + 5]))
        if kind == REQUEST_TYPE:
            return 1
        return 0 if kind == RESPONSE_TYPE else -1
    return -1
