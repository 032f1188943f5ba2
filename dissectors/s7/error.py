"""Error numbers of S7comm: header class and code as one number, userdata errors, return codes of items.

Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

SUCCESS: Final = 0xFF

ITEM_CODES: Final = {
    0x00: "reserved",
    0x01: "hardware",
    0x03: "access_denied",
    0x05: "invalid_address",
    0x06: "type_not_supported",
    0x07: "type_inconsistent",
    0x0A: "object_does_not_exist",
}

ERRORS: Final = {
    0x0110: "invalid_block_number",
    0x0111: "invalid_request_length",
    0x0112: "invalid_parameter",
    0x0113: "invalid_block_type",
    0x0114: "block_not_found",
    0x0115: "block_already_exists",
    0x0116: "block_write_protected",
    0x0117: "block_too_large",
    0x0118: "invalid_block_number",
    0x0119: "incorrect_password",
    0x011A: "pg_resource_error",
    0x011B: "plc_resource_error",
    0x011C: "protocol_error",
    0x011D: "too_many_blocks",
    0x011E: "connection_lost",
    0x011F: "result_buffer_too_small",
    0x0120: "end_of_block_list",
    0x0140: "insufficient_memory",
    0x0141: "lack_of_resources",
    0x8001: "block_in_wrong_state",
    0x8003: "block_transfer_error",
    0x8100: "service_unknown",
    0x8104: "service_not_supported",
    0x8204: "object_type_inconsistent",
    0x8205: "copied_block_exists",
    0x8301: "insufficient_memory",
    0x8302: "too_few_resources",
    0x8304: "no_further_upload",
    0x8305: "function_not_available",
    0x8306: "insufficient_work_memory",
    0x8307: "insufficient_retentive_memory",
    0x8401: "invalid_service_sequence",
    0x8402: "object_in_wrong_state",
    0x8404: "function_cannot_be_performed",
    0x8405: "remote_block_disabled",
    0x8500: "wrong_pdu_size",
    0x8503: "service_canceled",
    0x8701: "invalid_address",
    0x8702: "service_not_supported_by_module",
    0x8703: "object_refused",
    0x8704: "object_damaged",
    0xD001: "illegal_job_number",
    0xD002: "illegal_job_variant",
    0xD003: "debugging_not_supported",
    0xD004: "illegal_job_status",
    0xD041: "illegal_szl_id",
    0xD042: "illegal_variable_address",
    0xD043: "job_not_found",
    0xD044: "illegal_variable_value",
    0xD05F: "coding_error",
    0xD081: "not_permitted_in_mode",
    0xD0A1: "not_permitted_at_protection_level",
    0xD0A2: "memory_being_modified",
    0xD0A4: "force_already_established",
    0xD0A5: "job_not_found",
    0xD0C1: "variable_access_error",
    0xD0C2: "changed_to_stop_or_hold",
    0xD201: "syntax_error_in_block_name",
    0xD202: "syntax_error_in_parameters",
    0xD205: "linked_block_in_ram",
    0xD206: "linked_block_in_eprom",
    0xD208: "too_many_copied_blocks",
    0xD209: "block_not_found",
    0xD20A: "too_many_blocks_to_link",
    0xD20B: "too_many_blocks_to_delete",
    0xD20C: "ob_without_priority_class",
    0xD20D: "sdb_not_interpretable",
    0xD20E: "no_further_block",
    0xD20F: "block_too_large",
    0xD210: "invalid_block_number",
    0xD216: "invalid_user_program",
    0xD217: "protection_level_not_permitted",
    0xD219: "incorrect_block_length",
    0xD21B: "cannot_compress",
    0xD232: "illegal_block_number",
    0xD234: "block_exists_twice",
    0xD235: "block_checksum_incorrect",
    0xD236: "block_without_checksum",
    0xD240: "coordination_rules_violated",
    0xD241: "protection_level",
    0xD242: "protection_violation_of_f_block",
    0xD2A1: "block_function_active",
    0xD2A3: "block_not_active",
    0xD401: "information_unavailable",
    0xD402: "information_unavailable",
    0xD403: "already_logged_on",
    0xD404: "too_many_nodes",
    0xD405: "service_not_supported",
    0xD406: "information_currently_unavailable",
    0xD407: "diagnostics_error",
    0xD408: "update_aborted",
    0xD409: "bus_error",
    0xD601: "syntax_error_in_parameters",
    0xD602: "incorrect_password",
    0xD603: "already_legitimized",
    0xD604: "already_enabled",
    0xD605: "no_password_exists",
    0xD801: "invalid_variable_address",
    0xD802: "job_does_not_exist",
    0xD803: "illegal_job_status",
    0xD804: "illegal_cycle_time",
    0xD805: "no_further_cyclic_job",
    0xD807: "cyclic_overload",
    0xDC01: "invalid_time",
    0xEF01: "protocol_error_id2",
    0xEF02: "protocol_error_id2",
}


def error_name(code: i64) -> str:
    """Return the name of a header or userdata error, "" for none; an unknown one keeps its number."""
    if code == 0:
        return ""
    return ERRORS.get(int(code), f"unknown_0x{int(code):04x}")


def item_error(code: i64) -> str:
    """Return the name of an item's return code, "" for success; an unknown one keeps its number."""
    if code == SUCCESS:
        return ""
    return ITEM_CODES.get(int(code), f"unknown_0x{int(code):02x}")
