"""The application functions: number, name, verb, what kind of message each is, and whether its objects carry data.

IEEE 1815 clause 4.2.2.5. Verbs group as the models do: freezes and class assignment are writes, what stops or
restarts is start_stop, what changes the running configuration is program, who may report is control. The verb of a
message may be narrowed by its first object (time, file, auth, diagnostic). Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.message import ONE_WAY, REPORT, REQUEST, RESPONSE

CONFIRM: Final = 0
READ: Final = 1
WRITE: Final = 2
SELECT: Final = 3
DIRECT_OPERATE_NO_RESPONSE: Final = 6
FREEZE_AT_TIME: Final = 11
FREEZE_AT_TIME_NO_RESPONSE: Final = 12
OPEN_FILE: Final = 25
DELETE_FILE: Final = 27
GET_FILE_INFORMATION: Final = 28
AUTHENTICATION_REQUEST: Final = 32
FIRST_FROM_OUTSTATION: Final = 129
RESPONSE_FUNCTION: Final = 129
UNSOLICITED_RESPONSE: Final = 130
AUTHENTICATION_RESPONSE: Final = 131

CLAUSE: Final = "4.2.2.5"


@final
class Function:
    """One function code. ``data`` says whether its objects carry values and not only headers."""

    def __init__(self, code: i64, name: str, verb: str, kind: i64, data: bool) -> None:
        self.code: i64 = code
        self.name: str = name
        self.verb: str = verb
        self.kind: i64 = kind
        self.data: bool = data
        self.known: bool = True


ROWS: Final = (
    Function(0, "confirm", "session", ONE_WAY, False),
    Function(1, "read", "read", REQUEST, False),
    Function(2, "write", "write", REQUEST, True),
    Function(3, "select", "control", REQUEST, True),
    Function(4, "operate", "control", REQUEST, True),
    Function(5, "direct_operate", "control", REQUEST, True),
    Function(6, "direct_operate_no_response", "control", ONE_WAY, True),
    Function(7, "immediate_freeze", "write", REQUEST, False),
    Function(8, "immediate_freeze_no_response", "write", ONE_WAY, False),
    Function(9, "freeze_clear", "write", REQUEST, False),
    Function(10, "freeze_clear_no_response", "write", ONE_WAY, False),
    Function(11, "freeze_at_time", "write", REQUEST, False),
    Function(12, "freeze_at_time_no_response", "write", ONE_WAY, False),
    Function(13, "cold_restart", "start_stop", REQUEST, False),
    Function(14, "warm_restart", "start_stop", REQUEST, False),
    Function(15, "initialize_data", "start_stop", REQUEST, False),
    Function(16, "initialize_application", "start_stop", REQUEST, True),
    Function(17, "start_application", "start_stop", REQUEST, True),
    Function(18, "stop_application", "start_stop", REQUEST, True),
    Function(19, "save_configuration", "program", REQUEST, True),
    Function(20, "enable_unsolicited", "control", REQUEST, False),
    Function(21, "disable_unsolicited", "control", REQUEST, False),
    Function(22, "assign_class", "write", REQUEST, False),
    Function(23, "delay_measure", "diagnostic", REQUEST, False),
    Function(24, "record_current_time", "time", REQUEST, False),
    Function(25, "open_file", "file", REQUEST, True),
    Function(26, "close_file", "file", REQUEST, True),
    Function(27, "delete_file", "file", REQUEST, True),
    Function(28, "get_file_information", "file", REQUEST, True),
    Function(29, "authenticate_file", "file", REQUEST, True),
    Function(30, "abort_file", "file", REQUEST, True),
    Function(31, "activate_configuration", "program", REQUEST, True),
    Function(32, "authentication_request", "auth", REQUEST, True),
    Function(33, "authentication_request_no_response", "auth", ONE_WAY, True),
    Function(129, "response", "read", RESPONSE, True),
    Function(130, "unsolicited_response", "report", REPORT, True),
    Function(131, "authentication_response", "auth", RESPONSE, True),
)


def _table() -> list[Function]:
    """Return a row for each of the 256 codes; an unknown number keeps its number in its name."""
    table: list[Function] = []
    for code in range(256):
        row = Function(code, f"unknown_0x{code:02x}", "unknown", RESPONSE if code > 127 else REQUEST, True)
        row.known = False
        table.append(row)
    for row in ROWS:
        table[row.code] = row
    return table


FUNCTIONS: Final[list[Function]] = _table()
