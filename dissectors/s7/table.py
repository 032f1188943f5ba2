"""Every function of S7comm once: jobs, program services, userdata groups, block types, modes. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

JOB: Final = 1
ACK: Final = 2
ACK_DATA: Final = 3
USERDATA: Final = 7

READ_VAR: Final = 0x04
WRITE_VAR: Final = 0x05
REQUEST_DOWNLOAD: Final = 0x1A
DOWNLOAD_BLOCK: Final = 0x1B
DOWNLOAD_ENDED: Final = 0x1C
START_UPLOAD: Final = 0x1D
UPLOAD: Final = 0x1E
END_UPLOAD: Final = 0x1F
SERVICE: Final = 0x28
STOP: Final = 0x29
SETUP: Final = 0xF0

FUNCTIONS: Final = {
    0x00: ("cpu_services", "diagnostic"),
    READ_VAR: ("read_var", "read"),
    WRITE_VAR: ("write_var", "write"),
    REQUEST_DOWNLOAD: ("request_download", "program"),
    DOWNLOAD_BLOCK: ("download_block", "program"),
    DOWNLOAD_ENDED: ("download_ended", "program"),
    START_UPLOAD: ("start_upload", "program"),
    UPLOAD: ("upload", "program"),
    END_UPLOAD: ("end_upload", "program"),
    SERVICE: ("program_service", "program"),
    STOP: ("plc_stop", "start_stop"),
    SETUP: ("setup_communication", "session"),
}
SERVER_JOBS: Final = frozenset({DOWNLOAD_BLOCK, DOWNLOAD_ENDED})
"""In a download the controller asks for the blocks: these jobs come from the server."""

SERVICES: Final = {
    "P_PROGRAM": ("plc_start", "start_stop"),
    "_INSE": ("insert_block", "program"),
    "_INS2": ("insert_block_2", "program"),
    "_DELE": ("delete_block", "program"),
    "_MODU": ("copy_ram_to_rom", "program"),
    "_GARB": ("compress_memory", "control"),
    "_N_LOGIN_": ("nc_login", "auth"),
    "_N_LOGOUT": ("nc_logout", "auth"),
    "_N_CANCEL": ("nc_cancel_alarm", "control"),
    "_N_DASAVE": ("nc_save_data", "program"),
    "_N_DIGIOF": ("nc_digitize_off", "control"),
    "_N_DIGION": ("nc_digitize_on", "control"),
    "_N_DZERO_": ("nc_clear_d_numbers", "write"),
    "_N_ENDEXT": ("nc_end_external", "control"),
    "_N_F_OPER": ("nc_open_file", "file"),
    "_N_OST_OF": ("nc_override_store_off", "control"),
    "_N_OST_ON": ("nc_override_store_on", "control"),
    "_N_SCALE_": ("nc_scale", "control"),
    "_N_SETUFR": ("nc_activate_frames", "write"),
    "_N_STRTLK": ("nc_lock_start", "start_stop"),
    "_N_STRTUL": ("nc_unlock_start", "start_stop"),
    "_N_TMRASS": ("nc_reset_tool_assignment", "write"),
    "_N_F_DELE": ("nc_delete_file", "file"),
    "_N_EXTERN": ("nc_select_external", "program"),
    "_N_EXTMOD": ("nc_select_external_mode", "program"),
    "_N_F_DELR": ("nc_delete_file_rights", "file"),
    "_N_F_XFER": ("nc_transfer_file", "file"),
    "_N_LOCKE_": ("nc_lock_edit", "program"),
    "_N_SELECT": ("nc_select_program", "program"),
    "_N_SRTEXT": ("nc_mark_external", "program"),
    "_N_F_CLOS": ("nc_close_file", "file"),
    "_N_F_OPEN": ("nc_open_file", "file"),
    "_N_F_SEEK": ("nc_seek_file", "file"),
    "_N_ASUP__": ("nc_assign_interrupt", "program"),
    "_N_CHEKDM": ("nc_check_uniqueness", "diagnostic"),
    "_N_CHKDNO": ("nc_check_d_numbers", "diagnostic"),
    "_N_CONFIG": ("nc_reconfigure", "write"),
    "_N_CRCEDN": ("nc_create_cutting_edge", "write"),
    "_N_DELECE": ("nc_delete_cutting_edge", "write"),
    "_N_CREACE": ("nc_create_cutting_edge", "write"),
    "_N_CREATO": ("nc_create_tool", "write"),
    "_N_DELETO": ("nc_delete_tool", "write"),
    "_N_CRTOCE": ("nc_create_tool_edge", "write"),
    "_N_DELVAR": ("nc_delete_variable", "write"),
    "_N_F_COPY": ("nc_copy_file", "file"),
    "_N_F_DMDA": ("nc_delete_mda_memory", "file"),
    "_N_F_PROT": ("nc_protect_file", "file"),
    "_N_F_RENA": ("nc_rename_file", "file"),
    "_N_FINDBL": ("nc_find_block", "control"),
    "_N_IBN_SS": ("nc_set_commissioning_switch", "program"),
    "_N_MMCSEM": ("nc_semaphore", "control"),
    "_N_NCKMOD": ("nc_set_mode", "start_stop"),
    "_N_NEWPWD": ("nc_new_password", "auth"),
    "_N_SEL_BL": ("nc_select_block", "program"),
    "_N_SETTST": ("nc_activate_tool", "write"),
    "_N_TMAWCO": ("nc_active_wear_group", "write"),
    "_N_TMCRTC": ("nc_create_tool", "write"),
    "_N_TMCRTO": ("nc_create_tool", "write"),
    "_N_TMFDPL": ("nc_find_empty_place", "diagnostic"),
    "_N_TMFPBP": ("nc_find_empty_place", "diagnostic"),
    "_N_TMGETT": ("nc_get_tool_number", "diagnostic"),
    "_N_TMMVTL": ("nc_move_tool", "control"),
    "_N_TMPCIT": ("nc_set_piece_counter", "write"),
    "_N_TMPOSM": ("nc_position_magazine", "control"),
    "_N_TRESMO": ("nc_reset_monitoring", "write"),
    "_N_TSEARC": ("nc_search_tool", "diagnostic"),
}
SECRET_SERVICES: Final = frozenset({"_N_NEWPWD", "_N_LOGIN_"})
"""Services whose argument is a password: it is never reported."""
BLOCK_SERVICES: Final = frozenset({"_INSE", "_INS2", "_DELE"})

PUSH: Final = 0
REQUEST_TYPE: Final = 4
RESPONSE_TYPE: Final = 8
NC_TYPES: Final = {3: PUSH, 7: REQUEST_TYPE, 11: RESPONSE_TYPE}

MODE_GROUP: Final = 0
PROGRAMMER: Final = 1
CYCLIC: Final = 2
BLOCKS_GROUP: Final = 3
CPU: Final = 4
SECURITY: Final = 5
BSEND: Final = 6
CLOCK: Final = 7
NC_PROGRAM: Final = 15

GROUPS: Final = {
    MODE_GROUP: "mode",
    PROGRAMMER: "programmer",
    CYCLIC: "cyclic",
    BLOCKS_GROUP: "block",
    CPU: "cpu",
    SECURITY: "security",
    BSEND: "block_send",
    CLOCK: "clock",
    NC_PROGRAM: "nc",
}

READ_SZL: Final = 0x0401
PASSWORD: Final = 0x0501
BLOCK_INFO: Final = 0x0303
LIST_OF_TYPE: Final = 0x0302
SUBSCRIPTIONS: Final = frozenset({0x0201, 0x0205, 0x0207})
VARIABLE_JOBS: Final = frozenset({0x0102, 0x0108, 0x0109})
CLOCKS: Final = frozenset({0x0701, 0x0702, 0x0703, 0x0704})

SUBFUNCTIONS: Final = {
    0x0101: ("block_status", "diagnostic"),
    0x0102: ("variable_status", "diagnostic"),
    0x0103: ("output_istack", "diagnostic"),
    0x0104: ("output_bstack", "diagnostic"),
    0x0105: ("output_lstack", "diagnostic"),
    0x0106: ("time_measurement", "diagnostic"),
    0x0107: ("force_selection", "control"),
    0x0108: ("modify_variable", "write"),
    0x0109: ("force", "control"),
    0x010A: ("breakpoint", "control"),
    0x010B: ("leave_hold", "start_stop"),
    0x010C: ("memory_reset", "program"),
    0x010D: ("disable_job", "control"),
    0x010E: ("enable_job", "control"),
    0x010F: ("delete_job", "control"),
    0x0110: ("read_job_list", "diagnostic"),
    0x0111: ("read_job", "diagnostic"),
    0x0112: ("replace_job", "control"),
    0x0113: ("block_status_2", "diagnostic"),
    0x0116: ("flash_led", "diagnostic"),
    0x0201: ("cyclic_read", "read"),
    0x0204: ("cyclic_unsubscribe", "session"),
    0x0205: ("cyclic_read_changes", "read"),
    0x0207: ("cyclic_modify", "read"),
    0x0208: ("cyclic_read_record", "read"),
    0x0301: ("list_blocks", "diagnostic"),
    0x0302: ("list_blocks_of_type", "diagnostic"),
    0x0303: ("block_info", "diagnostic"),
    READ_SZL: ("read_szl", "diagnostic"),
    0x0402: ("message_service", "session"),
    0x0403: ("diagnostic_notice", "report"),
    0x0405: ("alarm_8_notice", "report"),
    0x0406: ("notify_notice", "report"),
    0x0407: ("lock_alarms", "control"),
    0x0408: ("unlock_alarms", "control"),
    0x0409: ("scan_notice", "report"),
    0x040B: ("acknowledge_alarm", "control"),
    0x040C: ("alarm_acknowledged_notice", "report"),
    0x040D: ("alarm_locked_notice", "report"),
    0x040E: ("alarm_unlocked_notice", "report"),
    0x0411: ("alarm_sq_notice", "report"),
    0x0412: ("alarm_s_notice", "report"),
    0x0413: ("query_alarms", "diagnostic"),
    0x0416: ("notify_8_notice", "report"),
    PASSWORD: ("set_password", "auth"),
    0x0502: ("clear_password", "auth"),
    0x0701: ("read_clock", "diagnostic"),
    0x0702: ("set_clock", "time"),
    0x0703: ("read_clock", "diagnostic"),
    0x0704: ("set_clock", "time"),
    0x0F01: ("nc_request_download", "program"),
    0x0F02: ("nc_download_block", "program"),
    0x0F03: ("nc_continue_download", "program"),
    0x0F04: ("nc_download_ended", "program"),
    0x0F06: ("nc_start_upload", "program"),
    0x0F07: ("nc_upload", "program"),
    0x0F08: ("nc_continue_upload", "program"),
}
"""Userdata by group and subfunction: 0x0401 is group 4, subfunction 1."""

MODES: Final = {
    0: "stop",
    1: "warm_restart",
    2: "run",
    3: "hot_restart",
    4: "hold",
    6: "cold_restart",
    9: "run_redundant",
    11: "link_up",
    12: "update",
}
"""Modes of a mode notice (group 0): the subfunction is the mode."""

BLOCKS: Final = {
    "08": "OB",
    "09": "CMOD",
    "0A": "DB",
    "0B": "SDB",
    "0C": "FC",
    "0D": "SFC",
    "0E": "FB",
    "0F": "SFB",
}
"""Block types as the two characters of a block name."""
