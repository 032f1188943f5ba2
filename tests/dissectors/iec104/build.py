"""APDUs by hand: a data unit of one object, and the unnumbered functions."""

from __future__ import annotations

START_ACT, START_CON, STOP_ACT, STOP_CON, TEST_ACT, TEST_CON = (
    bytes((0x68, 4, function, 0, 0, 0)) for function in (0x07, 0x0B, 0x13, 0x23, 0x43, 0x83)
)


def apdu(code: int, cause: int, element: str, *, number: int = 0, ioa: int = 0, unit: int = 41) -> bytes:
    """One object of a type behind its header; ``number`` is the send number."""
    body = (
        (number << 1).to_bytes(2, "little")  # send number
        + bytes(2)  # receive number
        + bytes((code, 1, cause, 0))  # type, one object, cause, originator
        + unit.to_bytes(2, "little")  # common address
        + ioa.to_bytes(3, "little")  # information object
        + bytes.fromhex(element)
    )
    return bytes((0x68, len(body))) + body
