"""Every Modbus function, sub-function, exception and identification object, once.

MODBUS Application Protocol Specification V1.1b3, sections 5 to 7; functions of older Modicon products from PI-MBUS-300.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

COIL: Final = "coil"
DISCRETE: Final = "discrete_input"
HOLDING: Final = "holding_register"
INPUT: Final = "input_register"

READ_BITS: Final = 1
READ_WORDS: Final = 2
WRITE_COIL: Final = 3
WRITE_WORD: Final = 4
WRITE_COILS: Final = 5
WRITE_WORDS: Final = 6
MASK: Final = 7
READ_WRITE: Final = 8
DIAGNOSTIC: Final = 9
INTERFACE: Final = 10
FILE: Final = 11
FIFO: Final = 12
PLAIN_WORDS: Final = 13
SERVER_ID: Final = 14
UMAS: Final = 15
OTHER: Final = 16


@final
class Function:
    """One function code: its name, verb, the table it addresses, the form of its messages, and the largest quantity."""

    def __init__(self, code: i64, name: str, verb: str, form: i64, table: str = "", max_quantity: i64 = 0) -> None:
        self.code: i64 = code
        self.name: str = name
        self.verb: str = verb
        self.form: i64 = form
        self.table: str = table
        self.max_quantity: i64 = max_quantity


_ROWS: Final = [
    Function(1, "read_coils", "read", READ_BITS, COIL, 2000),
    Function(2, "read_discrete_inputs", "read", READ_BITS, DISCRETE, 2000),
    Function(3, "read_holding_registers", "read", READ_WORDS, HOLDING, 125),
    Function(4, "read_input_registers", "read", READ_WORDS, INPUT, 125),
    Function(5, "write_single_coil", "write", WRITE_COIL, COIL, 1),
    Function(6, "write_single_register", "write", WRITE_WORD, HOLDING, 1),
    Function(7, "read_exception_status", "diagnostic", OTHER),
    Function(8, "diagnostics", "diagnostic", DIAGNOSTIC),
    Function(9, "program_484", "program", OTHER),
    Function(10, "poll_484", "program", OTHER),
    Function(11, "get_comm_event_counter", "diagnostic", OTHER),
    Function(12, "get_comm_event_log", "diagnostic", OTHER),
    Function(13, "program_584_984", "program", OTHER),
    Function(14, "poll_584_984", "program", OTHER),
    Function(15, "write_multiple_coils", "write", WRITE_COILS, COIL, 1968),
    Function(16, "write_multiple_registers", "write", WRITE_WORDS, HOLDING, 123),
    Function(17, "report_server_id", "diagnostic", SERVER_ID),
    Function(18, "program_884", "program", OTHER),
    Function(19, "reset_communication_link", "control", OTHER),
    Function(20, "read_file_record", "read", FILE, "file"),
    Function(21, "write_file_record", "write", FILE, "file"),
    Function(22, "mask_write_register", "write", MASK, HOLDING, 1),
    Function(23, "read_write_multiple_registers", "write", READ_WRITE, HOLDING, 125),
    Function(24, "read_fifo_queue", "read", FIFO, HOLDING),
    Function(40, "program_concept", "program", OTHER),
    Function(41, "vendor_0x29", "unknown", OTHER),
    Function(42, "vendor_0x2a", "unknown", OTHER),
    Function(43, "encapsulated_interface_transport", "diagnostic", INTERFACE),
    Function(90, "umas", "unknown", UMAS),
    Function(91, "vendor_0x5b", "unknown", OTHER),
    Function(125, "firmware_replacement", "firmware", OTHER),
    Function(126, "program_584_984_second", "program", OTHER),
    Function(127, "report_local_address", "unknown", OTHER),
]
FUNCTIONS: Final = {int(row.code): row for row in _ROWS}
USER_DEFINED: Final = frozenset(range(65, 73)) | frozenset(range(100, 111))
WRITE_QUANTITY_OF_23: Final = 121

SUBFUNCTIONS: Final = {
    0: ("return_query_data", "diagnostic"),
    1: ("restart_communications_option", "start_stop"),
    2: ("return_diagnostic_register", "diagnostic"),
    3: ("change_ascii_input_delimiter", "write"),
    4: ("force_listen_only_mode", "start_stop"),
    10: ("clear_counters_and_diagnostic_register", "control"),
    11: ("return_bus_message_count", "diagnostic"),
    12: ("return_bus_communication_error_count", "diagnostic"),
    13: ("return_bus_exception_error_count", "diagnostic"),
    14: ("return_server_message_count", "diagnostic"),
    15: ("return_server_no_response_count", "diagnostic"),
    16: ("return_server_nak_count", "diagnostic"),
    17: ("return_server_busy_count", "diagnostic"),
    18: ("return_bus_character_overrun_count", "diagnostic"),
    20: ("clear_overrun_counter_and_flag", "control"),
    21: ("get_clear_modbus_plus_statistics", "diagnostic"),
}
LISTEN_ONLY: Final = 4
"""The one request that is never answered."""

INTERFACES: Final = {
    13: ("canopen_general_reference", "unknown"),
    14: ("read_device_identification", "diagnostic"),
}

EXCEPTIONS: Final = {
    1: "illegal_function",
    2: "illegal_data_address",
    3: "illegal_data_value",
    4: "server_device_failure",
    5: "acknowledge",
    6: "server_device_busy",
    7: "negative_acknowledge",
    8: "memory_parity_error",
    10: "gateway_path_unavailable",
    11: "gateway_target_failed",
}

OBJECTS: Final = {
    0: "manufacturer",
    1: "product_code",
    2: "firmware_version",
    3: "url",
    4: "product_name",
    5: "model",
    6: "application",
}
"""Objects of function 43/14, section 6.21, by the attribute of the asset that they give."""

UMAS_CODES: Final = {
    0x01: ("umas_init_communication", "session"),
    0x02: ("umas_read_id", "diagnostic"),
    0x03: ("umas_read_project_info", "diagnostic"),
    0x04: ("umas_read_plc_info", "diagnostic"),
    0x06: ("umas_read_card_info", "diagnostic"),
    0x0A: ("umas_repeat", "diagnostic"),
    0x10: ("umas_take_reservation", "auth"),
    0x11: ("umas_release_reservation", "auth"),
    0x12: ("umas_keep_alive", "session"),
    0x20: ("umas_read_memory_block", "read"),
    0x21: ("umas_write_memory_block", "write"),
    0x22: ("umas_read_variables", "read"),
    0x23: ("umas_write_variables", "write"),
    0x24: ("umas_read_coils_registers", "read"),
    0x25: ("umas_write_coils_registers", "write"),
    0x30: ("umas_initialize_upload", "program"),
    0x31: ("umas_upload_block", "program"),
    0x32: ("umas_end_upload", "program"),
    0x33: ("umas_initialize_download", "program"),
    0x34: ("umas_download_block", "program"),
    0x35: ("umas_end_download", "program"),
    0x39: ("umas_read_ethernet_master_data", "read"),
    0x40: ("umas_start_plc", "start_stop"),
    0x41: ("umas_stop_plc", "start_stop"),
    0x50: ("umas_monitor_plc", "read"),
    0x58: ("umas_check_plc", "diagnostic"),
    0x70: ("umas_read_io_object", "read"),
    0x71: ("umas_write_io_object", "write"),
    0x73: ("umas_get_module_status", "diagnostic"),
}
"""Sub-codes of Schneider's function 90. Not published; open decoders agree on these, but not on who sends 0x30-0x35."""
UMAS_SUCCESS: Final = 0xFE
UMAS_FAILURE: Final = 0xFD


def function_of(code: i64) -> Function:
    """Return the row of a function code; a code in no row keeps its number in its name."""
    row = FUNCTIONS.get(int(code))
    if row is not None:
        return row
    if int(code) in USER_DEFINED:
        return Function(code, f"user_defined_0x{int(code):02x}", "unknown", OTHER)
    return Function(code, f"unknown_0x{int(code):02x}", "unknown", OTHER)


def exception_name(code: i64) -> str:
    """Return the name of an exception code; an unknown one keeps its number."""
    return EXCEPTIONS.get(int(code), f"exception_0x{int(code):02x}")
