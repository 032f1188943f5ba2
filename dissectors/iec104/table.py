"""Every type identification, cause of transmission and control function of IEC 60870-5-104, once.

IEC 60870-5-101:2003, clauses 7.2.1 (types), 7.2.3 (causes) and 7.2.6 (elements); IEC 60870-5-104:2006, clause 5 (control
functions). A row is (number, acronym, name, verb, form of the element, length of the time tag). Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

SINGLE: Final = 1
DOUBLE: Final = 2
STEP: Final = 3
BITS32: Final = 4
NORMALIZED: Final = 5
SCALED: Final = 6
FLOAT: Final = 7
COUNTER: Final = 8
EVENT: Final = 9
EVENTS: Final = 10
OUTPUT_EVENTS: Final = 11
CHANGES: Final = 12
BARE_NORMALIZED: Final = 13
SINGLE_COMMAND: Final = 14
DOUBLE_COMMAND: Final = 15
STEP_COMMAND: Final = 16
NORMALIZED_POINT: Final = 17
SCALED_POINT: Final = 18
FLOAT_POINT: Final = 19
BITS32_COMMAND: Final = 20
BYTE: Final = 21
NONE: Final = 22
PATTERN: Final = 23
DELAY: Final = 24
COUNTED_TEST: Final = 25
FILE_READY: Final = 26
SECTION_READY: Final = 27
CALL_FILE: Final = 28
LAST_SECTION: Final = 29
FILE_ACK: Final = 30
SEGMENT: Final = 31
DIRECTORY: Final = 32
QUERY_LOG: Final = 33

SIZES: Final = {
    SINGLE: 1, DOUBLE: 1, STEP: 2, BITS32: 5, NORMALIZED: 3, SCALED: 3, FLOAT: 5, COUNTER: 5, EVENT: 3, EVENTS: 4,
    OUTPUT_EVENTS: 4, CHANGES: 5, BARE_NORMALIZED: 2, SINGLE_COMMAND: 1, DOUBLE_COMMAND: 1, STEP_COMMAND: 1,
    NORMALIZED_POINT: 3, SCALED_POINT: 3, FLOAT_POINT: 5, BITS32_COMMAND: 4, BYTE: 1, NONE: 0, PATTERN: 2, DELAY: 2,
    COUNTED_TEST: 2, FILE_READY: 6, SECTION_READY: 7, CALL_FILE: 4, LAST_SECTION: 5, FILE_ACK: 4, SEGMENT: -1,
    DIRECTORY: 6, QUERY_LOG: 16,
}  # fmt: skip
"""Bytes of one element without its time tag; a segment is as long as its fourth byte says."""

SHORT_TIME: Final = 3
LONG_TIME: Final = 7

MONITOR: Final = 0
COMMAND: Final = 1
FILE: Final = 2


@final
class Type:
    """One type identification. ``side`` is who sends it first: MONITOR the controlled station, COMMAND the controlling."""

    def __init__(self, code: i64, acronym: str, name: str, verb: str, form: i64, time: i64) -> None:
        self.code: i64 = code
        self.acronym: str = acronym
        self.name: str = name
        self.verb: str = verb
        self.form: i64 = form
        self.time: i64 = time
        self.size: i64 = SIZES.get(form, 0) + time if form != SEGMENT else -1
        self.side: i64 = MONITOR if code < 45 or code == 70 else FILE if code >= 120 else COMMAND


ROWS: Final = [
    Type(1, "M_SP_NA_1", "single_point", "report", SINGLE, 0),
    Type(2, "M_SP_TA_1", "single_point_short_time", "report", SINGLE, SHORT_TIME),
    Type(3, "M_DP_NA_1", "double_point", "report", DOUBLE, 0),
    Type(4, "M_DP_TA_1", "double_point_short_time", "report", DOUBLE, SHORT_TIME),
    Type(5, "M_ST_NA_1", "step_position", "report", STEP, 0),
    Type(6, "M_ST_TA_1", "step_position_short_time", "report", STEP, SHORT_TIME),
    Type(7, "M_BO_NA_1", "bitstring", "report", BITS32, 0),
    Type(8, "M_BO_TA_1", "bitstring_short_time", "report", BITS32, SHORT_TIME),
    Type(9, "M_ME_NA_1", "measured_normalized", "report", NORMALIZED, 0),
    Type(10, "M_ME_TA_1", "measured_normalized_short_time", "report", NORMALIZED, SHORT_TIME),
    Type(11, "M_ME_NB_1", "measured_scaled", "report", SCALED, 0),
    Type(12, "M_ME_TB_1", "measured_scaled_short_time", "report", SCALED, SHORT_TIME),
    Type(13, "M_ME_NC_1", "measured_float", "report", FLOAT, 0),
    Type(14, "M_ME_TC_1", "measured_float_short_time", "report", FLOAT, SHORT_TIME),
    Type(15, "M_IT_NA_1", "integrated_totals", "report", COUNTER, 0),
    Type(16, "M_IT_TA_1", "integrated_totals_short_time", "report", COUNTER, SHORT_TIME),
    Type(17, "M_EP_TA_1", "protection_event_short_time", "report", EVENT, SHORT_TIME),
    Type(18, "M_EP_TB_1", "protection_start_events_short_time", "report", EVENTS, SHORT_TIME),
    Type(19, "M_EP_TC_1", "protection_output_short_time", "report", OUTPUT_EVENTS, SHORT_TIME),
    Type(20, "M_PS_NA_1", "packed_single_points", "report", CHANGES, 0),
    Type(21, "M_ME_ND_1", "measured_normalized_bare", "report", BARE_NORMALIZED, 0),
    Type(30, "M_SP_TB_1", "single_point_time", "report", SINGLE, LONG_TIME),
    Type(31, "M_DP_TB_1", "double_point_time", "report", DOUBLE, LONG_TIME),
    Type(32, "M_ST_TB_1", "step_position_time", "report", STEP, LONG_TIME),
    Type(33, "M_BO_TB_1", "bitstring_time", "report", BITS32, LONG_TIME),
    Type(34, "M_ME_TD_1", "measured_normalized_time", "report", NORMALIZED, LONG_TIME),
    Type(35, "M_ME_TE_1", "measured_scaled_time", "report", SCALED, LONG_TIME),
    Type(36, "M_ME_TF_1", "measured_float_time", "report", FLOAT, LONG_TIME),
    Type(37, "M_IT_TB_1", "integrated_totals_time", "report", COUNTER, LONG_TIME),
    Type(38, "M_EP_TD_1", "protection_event_time", "report", EVENT, LONG_TIME),
    Type(39, "M_EP_TE_1", "protection_start_events_time", "report", EVENTS, LONG_TIME),
    Type(40, "M_EP_TF_1", "protection_output_time", "report", OUTPUT_EVENTS, LONG_TIME),
    Type(45, "C_SC_NA_1", "single_command", "control", SINGLE_COMMAND, 0),
    Type(46, "C_DC_NA_1", "double_command", "control", DOUBLE_COMMAND, 0),
    Type(47, "C_RC_NA_1", "regulating_step_command", "control", STEP_COMMAND, 0),
    Type(48, "C_SE_NA_1", "set_point_normalized", "control", NORMALIZED_POINT, 0),
    Type(49, "C_SE_NB_1", "set_point_scaled", "control", SCALED_POINT, 0),
    Type(50, "C_SE_NC_1", "set_point_float", "control", FLOAT_POINT, 0),
    Type(51, "C_BO_NA_1", "bitstring_command", "control", BITS32_COMMAND, 0),
    Type(58, "C_SC_TA_1", "single_command_time", "control", SINGLE_COMMAND, LONG_TIME),
    Type(59, "C_DC_TA_1", "double_command_time", "control", DOUBLE_COMMAND, LONG_TIME),
    Type(60, "C_RC_TA_1", "regulating_step_command_time", "control", STEP_COMMAND, LONG_TIME),
    Type(61, "C_SE_TA_1", "set_point_normalized_time", "control", NORMALIZED_POINT, LONG_TIME),
    Type(62, "C_SE_TB_1", "set_point_scaled_time", "control", SCALED_POINT, LONG_TIME),
    Type(63, "C_SE_TC_1", "set_point_float_time", "control", FLOAT_POINT, LONG_TIME),
    Type(64, "C_BO_TA_1", "bitstring_command_time", "control", BITS32_COMMAND, LONG_TIME),
    Type(70, "M_EI_NA_1", "end_of_initialisation", "report", BYTE, 0),
    Type(100, "C_IC_NA_1", "interrogation", "read", BYTE, 0),
    Type(101, "C_CI_NA_1", "counter_interrogation", "read", BYTE, 0),
    Type(102, "C_RD_NA_1", "read", "read", NONE, 0),
    Type(103, "C_CS_NA_1", "clock_synchronisation", "time", NONE, LONG_TIME),
    Type(104, "C_TS_NA_1", "test_command", "diagnostic", PATTERN, 0),
    Type(105, "C_RP_NA_1", "reset_process", "start_stop", BYTE, 0),
    Type(106, "C_CD_NA_1", "delay_acquisition", "time", DELAY, 0),
    Type(107, "C_TS_TA_1", "test_command_time", "diagnostic", COUNTED_TEST, LONG_TIME),
    Type(110, "P_ME_NA_1", "parameter_normalized", "write", NORMALIZED_POINT, 0),
    Type(111, "P_ME_NB_1", "parameter_scaled", "write", SCALED_POINT, 0),
    Type(112, "P_ME_NC_1", "parameter_float", "write", FLOAT_POINT, 0),
    Type(113, "P_AC_NA_1", "parameter_activation", "control", BYTE, 0),
    Type(120, "F_FR_NA_1", "file_ready", "file", FILE_READY, 0),
    Type(121, "F_SR_NA_1", "section_ready", "file", SECTION_READY, 0),
    Type(122, "F_SC_NA_1", "call_file", "file", CALL_FILE, 0),
    Type(123, "F_LS_NA_1", "last_section", "file", LAST_SECTION, 0),
    Type(124, "F_AF_NA_1", "acknowledge_file", "file", FILE_ACK, 0),
    Type(125, "F_SG_NA_1", "file_segment", "file", SEGMENT, 0),
    Type(126, "F_DR_TA_1", "file_directory", "file", DIRECTORY, LONG_TIME),
    Type(127, "F_SC_NB_1", "query_log", "file", QUERY_LOG, 0),
]
TYPES: Final = {int(row.code): row for row in ROWS}

SELECTABLE: Final = frozenset(
    {SINGLE_COMMAND, DOUBLE_COMMAND, STEP_COMMAND, NORMALIZED_POINT, SCALED_POINT, FLOAT_POINT}
)
"""Forms whose last byte carries select or execute; the parameters of 110 to 112 have another qualifier there."""
SELECT_SUFFIX: Final = "_select"

REQUESTED: Final = 5
ACTIVATION: Final = 6
CONFIRMATION: Final = 7
DEACTIVATION: Final = 8
DEACTIVATED: Final = 9
TERMINATION: Final = 10
FILE_TRANSFER: Final = 13
UNKNOWN_FIRST: Final = 44

CAUSES: Final = {
    1: "periodic",
    2: "background",
    3: "spontaneous",
    4: "initialised",
    REQUESTED: "requested",
    ACTIVATION: "activation",
    CONFIRMATION: "activation_confirmation",
    DEACTIVATION: "deactivation",
    DEACTIVATED: "deactivation_confirmation",
    TERMINATION: "activation_termination",
    11: "remote_command",
    12: "local_command",
    FILE_TRANSFER: "file_transfer",
    20: "station_interrogation",
    37: "counter_interrogation",
    UNKNOWN_FIRST: "unknown_type",
    45: "unknown_cause",
    46: "unknown_common_address",
    47: "unknown_object_address",
    **{20 + group: f"group_{group}_interrogation" for group in range(1, 17)},
    **{37 + group: f"counter_group_{group}_interrogation" for group in range(1, 5)},
}
"""Causes of transmission; 44 to 47 say that the station refuses what it mirrors."""

START_ACT: Final = 0x07
START_CON: Final = 0x0B
STOP_ACT: Final = 0x13
STOP_CON: Final = 0x23
TEST_ACT: Final = 0x43
TEST_CON: Final = 0x83

CONTROL: Final = {
    START_ACT: ("start_transfer", "session"),
    START_CON: ("start_transfer", "session"),
    STOP_ACT: ("stop_transfer", "session"),
    STOP_CON: ("stop_transfer", "session"),
    TEST_ACT: ("test_frame", "session"),
    TEST_CON: ("test_frame", "session"),
}
"""Unnumbered control functions, IEC 60870-5-104 5.3; the second of each pair confirms the first."""
CONFIRMS: Final = {START_CON: START_ACT, STOP_CON: STOP_ACT, TEST_CON: TEST_ACT}
