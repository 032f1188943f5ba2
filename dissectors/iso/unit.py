"""Transport units other than data as messages: connect, disconnect, error. Compiled with mypyc."""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.base.message import ONE_WAY, REQUEST, RESPONSE, Message
from dissectors.iso.cotp import CAUSES, CC, CR, DR, ERR, REASONS, Tpdu
from dissectors.iso.tsap import CONNECTION_TYPES

CONNECT_TAG: i64 = 1 << 40
"""Class 0 has one transport connection a TCP connection, and some servers mix up the references."""


def connection_message(tpdu: Tpdu, from_client: bool) -> Message:
    """Return what a transport unit that carries no data says."""
    kind: i64 = tpdu.kind
    if kind == CR:
        message = Message(REQUEST, "connect", "session", "0xe0")
        message.tag = CONNECT_TAG
        _ends(message, tpdu)
    elif kind == CC:
        message = Message(RESPONSE, "connect", "session", "0xd0")
        message.tag = CONNECT_TAG
        if tpdu.tpdu_size:
            message.detail["tpdu_size"] = int(tpdu.tpdu_size)
    elif kind == DR:
        message = Message(RESPONSE, "disconnect", "session", "0x80")
        message.tag = CONNECT_TAG
        message.error = "refused"
        message.error_code = tpdu.reason
        message.detail["reason"] = REASONS.get(int(tpdu.reason), f"unknown_0x{int(tpdu.reason):02x}")
    elif kind == ERR:
        message = Message(ONE_WAY, "transport_error", "session", "0x70")
        message.error_code = tpdu.reason
        message.error = CAUSES.get(int(tpdu.reason), f"unknown_0x{int(tpdu.reason):02x}")
    else:
        message = Message(ONE_WAY, f"unknown_0x{int(kind):02x}", "unknown", f"0x{int(kind):02x}")
    message.violations = tpdu.violations
    return message


def _ends(message: Message, tpdu: Tpdu) -> None:
    """Put both selectors, rack and slot into the detail of a connect."""
    message.detail["tsap"] = tpdu.called.hex()
    message.detail["calling_tsap"] = tpdu.calling.hex()
    if tpdu.tpdu_size:
        message.detail["tpdu_size"] = int(tpdu.tpdu_size)
    called = tpdu.called
    if len(called) == 2 and called[0] in CONNECTION_TYPES:
        message.detail["connection_type"] = CONNECTION_TYPES[called[0]]
        message.detail["rack"] = called[1] >> 5
        message.detail["slot"] = called[1] & 0x1F
