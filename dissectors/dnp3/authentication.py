"""Secure authentication objects (g120): user, sequence, error; never a challenge, a key or a MAC.

IEEE 1815 clause A.45. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.message import Message, ProtocolViolation
from dissectors.dnp3.value import text_of, unsigned16, unsigned32

CHALLENGE: Final = 1
REPLY: Final = 2
AGGRESSIVE: Final = 3
STATUS_REQUEST: Final = 4
ERROR: Final = 7
USER_STATUS_CHANGE: Final = 10
UPDATE_KEY_REQUEST: Final = 11
CLAUSE: Final = "A.45"

NAMES: Final = {
    1: "challenge",
    2: "reply",
    3: "aggressive_mode_request",
    4: "session_key_status_request",
    5: "session_key_status",
    6: "session_key_change",
    7: "error",
    8: "user_certificate",
    9: "message_authentication_code",
    10: "user_status_change",
    11: "update_key_change_request",
    12: "update_key_change_reply",
    13: "update_key_change",
    14: "update_key_change_signature",
    15: "update_key_change_confirmation",
}
ERRORS: Final = {
    1: "authentication_failed",
    3: "aggressive_mode_not_permitted",
    4: "mac_algorithm_not_permitted",
    5: "key_wrap_algorithm_not_permitted",
    6: "authorization_failed",
    7: "update_key_change_method_not_permitted",
    8: "invalid_signature",
    9: "invalid_certification_data",
    10: "unknown_user",
    11: "max_session_key_status_requests_exceeded",
}
MIN_BYTES: Final = {1: 8, 2: 6, 3: 6, 4: 2, 5: 11, 6: 6, 7: 15, 10: 16, 11: 5, 12: 6, 13: 6}
NUMBERED: Final = frozenset({1, 2, 3, 5, 6, 7, 12, 13})
"""Variations that begin with a sequence number and a user number."""


def take_authentication(message: Message, variation: i64, data: bytes, start: i64, end: i64) -> None:
    """Put the authentication object ``data[start:end]`` into ``message.detail``."""
    detail = message.detail
    number = int(variation)
    if end - start < MIN_BYTES.get(number, 0):
        text = f"g120v{variation} has {end - start} bytes"
        message.violations.append(ProtocolViolation("object_length", start, CLAUSE, text))
        return
    if "authentication" not in detail:
        detail["authentication"] = NAMES.get(number, f"unknown_0x{number:02x}")
    if number in NUMBERED:
        detail["user"] = unsigned16(data, start + 4)
        detail["auth_sequence"] = unsigned32(data, start)
    elif number == STATUS_REQUEST:
        detail["user"] = unsigned16(data, start)
    elif number == USER_STATUS_CHANGE:
        _user_name(message, data, start + 16, end, unsigned16(data, start + 10))
    elif number == UPDATE_KEY_REQUEST:
        _user_name(message, data, start + 5, end, unsigned16(data, start + 1))
    if number == ERROR:
        code = int(data[start + 8])
        detail["error_code"] = code
        message.error = ERRORS.get(code, f"unknown_0x{code:02x}")
        message.error_code = code


def _user_name(message: Message, data: bytes, start: i64, end: i64, size: i64) -> None:
    if start + size <= end:
        message.detail["user"] = text_of(data, start, start + size)
