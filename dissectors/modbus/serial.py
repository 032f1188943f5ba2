"""Serial framings of Modbus inside TCP: RTU with its CRC and ASCII with its LRC. MODBUS over Serial Line V1.02, 2.5.

Gateways that only pass bytes on put serial frames into TCP as they are. A frame has no length: that of a known function follows from
its form, that of any other is where the checksum comes out right. ``wrapped`` gives a frame the header of Modbus/TCP, so that
everything behind it is read in one way; its transaction is a running number, the answer takes that of the oldest request of its
unit and function (a line carries one at a time).

One right CRC of two bytes is chance among foreign ones, so that it never counts alone: a frame fills its segment to the last byte,
or another one, or the beginning of one, follows it (``proof``). Limits: frames with a wrong checksum are passed over like foreign
bytes, and so are those of an unknown function directly behind what was lost, unless they begin a segment.

Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.message import NEED_MORE, NOT_MINE
from dissectors.modbus.fields import u16
from dissectors.modbus.table import EXCEPTIONS, FUNCTIONS

MBAP: Final = 0
"""The framing of Modbus/TCP itself."""
RTU: Final = 1
ASCII: Final = 2
UNDECIDED: Final = 3
NAMES: Final = ("tcp", "rtu over tcp", "ascii over tcp")

LAST_UNIT: Final = 247
SHORTEST: Final = 4
LONGEST: Final = 256
LONGEST_ASCII: Final = 513
COLON: Final = 0x3A
LINE_END: Final = b"\r\n"
MAX_OPEN: Final = 16
"""Requests of a line whose answers are still awaited."""
VARIABLE: Final = -1
"""The length of a frame does not follow from its form."""
UNSEEN: Final = -2
"""The byte that says the length has not come."""


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return table


CRC: Final = _crc_table()
PLAUSIBLE: Final = bytes(1 if code & 0x7F in FUNCTIONS else 0 for code in range(256))
"""1 for each function code of the standard, as request, answer or exception."""
LAST_EXCEPTION: Final = max(EXCEPTIONS)
NO_PROOF: Final = 0
HALF_PROOF: Final = 1
PROOF: Final = 2
CRC_STEPS: Final = 8
"""Bytes of checksums computed for each byte in which a frame is looked for, and LONGEST on top of that."""


def has_right_crc(data: bytes, start: i64, end: i64) -> bool:
    """Return whether ``data[start:end]`` ends with the CRC of what stands before it."""
    crc: i64 = 0xFFFF
    at: i64 = start
    while at < end:
        crc = (crc >> 8) ^ i64(CRC[(crc ^ i64(data[at])) & 0xFF])
        at += 1
    return crc == 0


def request_size(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of a request by its function, VARIABLE or UNSEEN."""
    function: i64 = i64(data[start + 1])
    if 1 <= function <= 6 or function == 8:
        return 8
    if function == 7 or function == 11 or function == 12 or function == 17:
        return 4
    if function == 15 or function == 16:
        return _counted(data, start, end, 6, 9)
    if function == 20 or function == 21:
        return _counted(data, start, end, 2, 5)
    if function == 22:
        return 10
    if function == 23:
        return _counted(data, start, end, 10, 13)
    if function == 24:
        return 6
    return 7 if function == 43 else VARIABLE


def answer_size(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of an answer by its function, VARIABLE or UNSEEN."""
    function: i64 = i64(data[start + 1])
    if function >= 0x80 or function == 7:
        return 5
    if 1 <= function <= 4 or function == 12 or function == 17 or function == 20 or function == 21 or function == 23:
        return _counted(data, start, end, 2, 5)
    if function == 5 or function == 6 or function == 8 or function == 11 or function == 15 or function == 16:
        return 8
    if function == 22:
        return 10
    if function == 24:
        return 6 + u16(data, start + 2) if end - start >= 4 else UNSEEN
    return VARIABLE


def _counted(data: bytes, start: i64, end: i64, place: i64, besides: i64) -> i64:
    return besides + i64(data[start + place]) if start + place < end else UNSEEN


def rtu_size(data: bytes, start: i64, end: i64, is_known: bool) -> i64:
    """Return the length of the RTU frame at ``start``, NEED_MORE or NOT_MINE; ``is_known`` says that the line speaks RTU.

    At most two lengths are tried, those of a request and of an answer; of a function without one, on a line that speaks RTU, the
    checksums of all lengths are computed in one go, and the frame is followed by nothing or by another.
    """
    have: i64 = end - start
    if data[start] > LAST_UNIT:
        return NOT_MINE
    if have < 2:
        return NEED_MORE
    longer = False
    varies = False
    if PLAUSIBLE[data[start + 1]] != 0:
        first: i64 = request_size(data, start, end)
        second: i64 = answer_size(data, start, end)
        if first == VARIABLE or second == VARIABLE:
            varies = True
        if (
            first == UNSEEN
            or second == UNSEEN
            or (first > have and first <= LONGEST)
            or (second > have and second <= LONGEST)
        ):
            longer = True
        if first > 0 and first <= have and first <= LONGEST and has_right_crc(data, start, start + first):
            return first
        if second > 0 and second <= have and second <= LONGEST and second != first:
            if has_right_crc(data, start, start + second):
                return second
    else:
        varies = True
    if varies and is_known:
        crc: i64 = 0xFFFF
        at: i64 = start
        while at < end and at - start < LONGEST:
            crc = (crc >> 8) ^ i64(CRC[(crc ^ i64(data[at])) & 0xFF])
            at += 1
            if crc == 0 and at - start >= SHORTEST:
                if at == end or rtu_size(data, at, end, False) != NOT_MINE:
                    return at - start
        longer = longer or have < LONGEST
    return NEED_MORE if longer else NOT_MINE


def ascii_size(data: bytes, start: i64, end: i64) -> i64:
    """Return the length of the ASCII frame at ``start``, NEED_MORE or NOT_MINE."""
    if data[start] != COLON:
        return NOT_MINE
    stop: i64 = i64(data.find(LINE_END, start, min(end, start + LONGEST_ASCII)))
    if stop < 0:
        return NEED_MORE if end - start < LONGEST_ASCII else NOT_MINE
    frame = _octets(data, start + 1, stop)
    if len(frame) < 3:
        return NOT_MINE
    total: i64 = 0
    for byte in frame:
        total += i64(byte)
    return stop + 2 - start if total & 0xFF == 0 else NOT_MINE


def _octets(data: bytes, start: i64, end: i64) -> bytes:
    """Return the bytes that pairs of hexadecimal digits stand for, b"" when they are no such pairs."""
    if (end - start) & 1:
        return b""
    for byte in data[start:end]:
        if not (0x30 <= byte <= 0x39 or 0x41 <= byte <= 0x46 or 0x61 <= byte <= 0x66):
            return b""
    return bytes.fromhex(data[start:end].decode("ascii"))


def serial_size(framing: i64, data: bytes, start: i64, end: i64) -> i64:
    """Return the length of the frame at ``start`` on a line whose framing is known."""
    return ascii_size(data, start, end) if framing == ASCII else rtu_size(data, start, end, True)


def framing_of(data: bytes, start: i64, end: i64) -> i64:
    """Return the framing of the whole frame at ``start``, UNDECIDED when it is in none of the serial ones."""
    if start >= end:
        return UNDECIDED
    if ascii_size(data, start, end) > 0:
        return ASCII
    return RTU if rtu_size(data, start, end, False) > 0 else UNDECIDED


def proof(framing: i64, data: bytes, start: i64, end: i64) -> i64:
    """Return how sure it is that the frame at ``start`` is no chance.

    PROOF: it is all there is, or another one follows. HALF_PROOF: another one may begin behind it. Else NO_PROOF. A frame in ASCII
    is proof by its form.
    """
    if framing == ASCII:
        return PROOF
    size: i64 = rtu_size(data, start, end, False)
    if size <= 0 or (data[start + 1] >= 0x80 and not 1 <= data[start + 2] <= LAST_EXCEPTION):
        return NO_PROOF
    if start + size == end:
        return PROOF
    size = rtu_size(data, start + size, end, False)
    if size > 0:
        return PROOF
    return HALF_PROOF if size == NEED_MORE else NO_PROOF


def find_frame(framing: i64, data: bytes, start: i64, end: i64) -> i64:
    """Return where in ``data[start:end]`` the next frame begins, ``end`` when there is none.

    The work is linear: once the checksums computed are CRC_STEPS times the bytes, the rest is given up.
    """
    at: i64 = start
    if framing == ASCII:
        at = i64(data.find(b":", start, end))
        while at >= 0 and ascii_size(data, at, end) <= 0:
            at = i64(data.find(b":", at + 1, end))
        return at if at >= 0 else end
    left: i64 = CRC_STEPS * (end - start) + LONGEST
    if start < end and rtu_size(data, start, end, True) > 0:
        return start
    while at + SHORTEST <= end and left > 0:
        if data[at] <= LAST_UNIT and PLAUSIBLE[data[at + 1]] != 0:
            left -= max(request_size(data, at, end), 0) + max(answer_size(data, at, end), 0)
            if proof(framing, data, at, end) != NO_PROOF:
                return at
        at += 1
    return end


def may_be_serial(data: bytes, start: i64, end: i64) -> bool:
    """Return whether a serial frame may begin at ``start`` whose end has not come."""
    return ascii_size(data, start, end) == NEED_MORE or rtu_size(data, start, end, False) == NEED_MORE


def wrapped(framing: i64, data: bytes, start: i64, end: i64, transaction: i64) -> bytes:
    """Return the frame ``data[start:end]`` with the header of Modbus/TCP in the place of its checksum."""
    body = _octets(data, start + 1, end - 2)[:-1] if framing == ASCII else data[start : end - 2]
    size: i64 = i64(len(body))
    return bytes((int(transaction >> 8), int(transaction & 0xFF), 0, 0, int(size >> 8), int(size & 0xFF))) + body


@final
class Line:
    """The open requests of one serial line, numbered."""

    def __init__(self) -> None:
        self.number: i64 = 0
        self.open: list[tuple[int, int]] = []

    def transaction(self, asks: bool, unit: i64, function: i64) -> i64:
        """Return the number of a request, or that of the request which this answers, 0 when none is open.

        A request of the unit and function of an open one has its number: which of them an answer belongs to is told by what it says.
        """
        key = int((unit << 8) | (function & 0x7F))
        if asks:
            asked: i64 = 0
            for wanted, number in self.open:
                if wanted == key:
                    asked = number
            if asked == 0:
                self.number = self.number % 0xFFFF + 1
                asked = self.number
            self.open.append((key, int(asked)))
            if len(self.open) > MAX_OPEN:
                del self.open[0]
            return asked
        for place, (wanted, number) in enumerate(self.open):
            if wanted == key:
                del self.open[: place + 1]
                return number
        return 0
