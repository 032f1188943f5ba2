"""Hex vectors of S7comm and the frames around them, with a comment per field; made by hand from the message formats."""

from __future__ import annotations


def byte_count(*parts: str) -> bytes:
    """Return the bytes of hexadecimal text."""
    return bytes.fromhex("".join(parts).replace(" ", ""))


def frame(payload: bytes, eot: bool = True) -> bytes:
    """Return ``payload`` in a TPKT frame with a COTP data unit."""
    return b"\x03\x00" + (len(payload) + 7).to_bytes(2, "big") + b"\x02\xf0" + (b"\x80" if eot else b"\x00") + payload


def job(reference: int, parameters: bytes, data: bytes = b"") -> bytes:
    """Return a job with its lengths filled in."""
    return frame(_header(1, reference, parameters, data) + parameters + data)


def answer(reference: int, parameters: bytes, data: bytes = b"", error: int = 0) -> bytes:
    """Return an acknowledge with data."""
    return frame(_header(3, reference, parameters, data) + error.to_bytes(2, "big") + parameters + data)


def userdata(reference: int, parameters: bytes, data: bytes = b"") -> bytes:
    """Return a userdata message."""
    return frame(_header(7, reference, parameters, data) + parameters + data)


def _header(rosctr: int, reference: int, parameters: bytes, data: bytes) -> bytes:
    return (
        bytes((0x32, rosctr, 0, 0))
        + reference.to_bytes(2, "big")
        + len(parameters).to_bytes(2, "big")
        + len(data).to_bytes(2, "big")
    )


def ask(group: int, sub: int, data: bytes = b"\x0a\x00\x00\x00", reference: int = 7) -> bytes:
    """Return a userdata request: head 00 01 12, 4 more bytes, method 11, type 4 and group, subfunction, sequence."""
    return userdata(reference, bytes((0, 1, 0x12, 4, 0x11, 0x40 | group, sub, 0)), data)


def report(
    group: int, sub: int, data: bytes, error: int = 0, unit: int = 0, more: int = 0, reference: int = 7
) -> bytes:
    """Return a userdata response: as above with type 8, data unit reference, more follows, error."""
    head = bytes((0, 1, 0x12, 8, 0x12, 0x80 | group, sub, 1, unit, more)) + error.to_bytes(2, "big")
    return userdata(reference, head, data)


def octet_string(content: bytes, code: int = 0xFF) -> bytes:
    """Return a userdata data part: return code, transport size 9 (bytes), length, content."""
    return bytes((code, 9)) + len(content).to_bytes(2, "big") + content


CONNECT = byte_count(
    "03 00 00 16",  # TPKT: version 3, reserved, length 22
    "11 e0 00 00 00 2e 00",  # COTP: 17 bytes follow, CR, destination 0, source 0x002e, class 0
    "c0 01 0a",  # TPDU size 2^10
    "c1 02 01 00",  # calling TSAP
    "c2 02 01 02",  # called TSAP: PG, rack 0, slot 2
)
CONFIRM = byte_count(
    "03 00 00 16 11 d0",  # CC
    "00 2e 00 14 00",  # destination 0x002e (the client's source), source 0x0014
    "c0 01 0a c1 02 01 00 c2 02 01 02",
)
REFUSE = byte_count(
    "03 00 00 0b 06 80",  # DR, 6 bytes follow
    "00 2e 00 00 03",  # destination 0x002e, source 0, reason 3: address unknown
)
SETUP = job(0, byte_count("f0 00", "00 01", "00 01", "01 e0"))  # one job each way, PDU of 480 bytes
SETUP_ANSWER = answer(0, byte_count("f0 00 00 01 00 01 00 f0"))  # PDU of 240 bytes


def any_item(size: int, count: int, block: int, area: int, bit: int) -> bytes:
    """Return an S7ANY item: 12, 10 bytes follow, syntax 10, transport size, count, block, area, bit address."""
    return (
        bytes((0x12, 0x0A, 0x10, size))
        + count.to_bytes(2, "big")
        + block.to_bytes(2, "big")
        + bytes((area,))
        + bit.to_bytes(3, "big")
    )


def read(reference: int, *items: bytes) -> bytes:
    """Return a read job."""
    return job(reference, bytes((4, len(items))) + b"".join(items))


def datum(code: int, size: int, bits: int, content: bytes, pad: bool = False) -> bytes:
    """Return a data item: return code, transport size, length, content, fill byte."""
    return bytes((code, size)) + bits.to_bytes(2, "big") + content + (b"\x00" if pad else b"")
