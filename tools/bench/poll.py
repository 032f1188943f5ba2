"""One poll of each protocol of the mix: requests and answers as bytes, with values that change now and then."""

from __future__ import annotations

import random
import struct
from typing import Final

_DNP_POLYNOMIAL: Final = 0xA6BC


def _crc_table() -> tuple[int, ...]:
    table = []
    for octet in range(256):
        value = octet
        for _ in range(8):
            value = (value >> 1) ^ (_DNP_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC: Final = _crc_table()


def crc(data: bytes) -> bytes:
    """Return the DNP3 CRC of a block, as sent."""
    value = 0
    for octet in data:
        value = (value >> 8) ^ _CRC[(value ^ octet) & 0xFF]
    return struct.pack("<H", value ^ 0xFFFF)


class ModbusPoll:
    """A client that reads one to four blocks of registers in turn and writes now and then."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.transaction = chance.randrange(65536)
        self.blocks = [
            (chance.choice((3, 3, 3, 4)), chance.randrange(0, 9000), chance.randrange(10, 126))
            for _ in range(chance.randrange(1, 5))
        ]
        self.values = [bytearray(chance.randbytes(count * 2)) for _, _, count in self.blocks]
        self.turn = 0

    def poll(self) -> tuple[bytes, bytes]:
        """Return a read request and its answer; every tenth answer changes one to three registers."""
        number = self.turn % len(self.blocks)
        self.turn += 1
        function, first, count = self.blocks[number]
        values = self.values[number]
        if self.chance.random() < 0.1:
            for _ in range(self.chance.randrange(1, 4)):
                place = self.chance.randrange(count) * 2
                values[place + 1] = (values[place + 1] + 1) & 0xFF
        self.transaction = (self.transaction + 1) & 0xFFFF
        request = struct.pack(">HHHBBHH", self.transaction, 0, 6, 1, function, first, count)
        answer = struct.pack(">HHHBBB", self.transaction, 0, 3 + len(values), 1, function, len(values))
        return request, answer + bytes(values)

    def write(self) -> tuple[bytes, bytes]:
        """Return a write of two registers and its answer."""
        self.transaction = (self.transaction + 1) & 0xFFFF
        head = struct.pack(">HHHBBHH", self.transaction, 0, 11, 1, 16, 100, 2)
        values = struct.pack(">BHH", 4, self.chance.randrange(20, 80), self.chance.randrange(0, 35))
        return head + values, struct.pack(">HHHBBHH", self.transaction, 0, 6, 1, 16, 100, 2)


class Dnp3Poll:
    """A master that asks for events of classes 1 to 3; some answers bring events."""

    def __init__(self, chance: random.Random, master: int, outstation: int) -> None:
        self.chance = chance
        self.master = master
        self.outstation = outstation
        self.sequence = 0
        self.made: dict[tuple[bool, bytes], bytes] = {}

    def _frame(self, from_master: bool, user: bytes) -> bytes:
        made = self.made.get((from_master, user))
        if made is not None:
            return made
        if from_master:
            head = struct.pack("<BBBBHH", 5, 0x64, 5 + len(user), 0xC4, self.outstation, self.master)
        else:
            head = struct.pack("<BBBBHH", 5, 0x64, 5 + len(user), 0x44, self.master, self.outstation)
        frame = head + crc(head)
        for at in range(0, len(user), 16):
            frame += user[at : at + 16] + crc(user[at : at + 16])
        if len(self.made) < 4096:
            self.made[(from_master, user)] = frame
        return frame

    def poll(self) -> tuple[bytes, bytes]:
        """Return a class poll and its answer, every fifth with one to three events."""
        self.sequence = (self.sequence + 1) & 15
        control = 0xC0 | self.sequence
        transport = 0xC0 | (self.sequence & 63)
        ask = bytes((transport, control, 1, 60, 2, 6, 60, 3, 6, 60, 4, 6))
        events = b""
        if self.chance.random() < 0.2:
            count = self.chance.randrange(1, 4)
            events = bytes((32, 1, 0x17, count))
            for _ in range(count):
                events += struct.pack("<BBi", self.chance.randrange(16), 1, self.chance.randrange(100))
        answer = bytes((transport, control, 129, 0, 0)) + events
        return self._frame(True, ask), self._frame(False, answer)


class S7Poll:
    """A client that reads several items of data blocks with one job."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.reference = chance.randrange(65536)
        self.items = [
            (chance.randrange(1, 40), chance.randrange(0, 200), chance.randrange(2, 33) * 2)
            for _ in range(chance.randrange(2, 7))
        ]
        self.parameters = bytes((4, len(self.items))) + b"".join(
            struct.pack(">BBBBHHB", 0x12, 0x0A, 0x10, 2, size, block, 0x84) + (first * 8).to_bytes(3, "big")
            for block, first, size in self.items
        )
        self.values = [bytearray(chance.randbytes(size)) for _, _, size in self.items]

    def poll(self) -> tuple[bytes, bytes]:
        """Return a read job and its answer; every tenth answer changes one byte."""
        self.reference = (self.reference + 1) & 0xFFFF
        if self.chance.random() < 0.1:
            values = self.chance.choice(self.values)
            place = self.chance.randrange(len(values))
            values[place] = (values[place] + 1) & 0xFF
        job = struct.pack(">BBHHHH", 0x32, 1, 0, self.reference, len(self.parameters), 0) + self.parameters
        data = b"".join(struct.pack(">BBH", 0xFF, 4, len(values) * 8) + bytes(values) for values in self.values)
        head = struct.pack(">BBHHHHBB", 0x32, 3, 0, self.reference, 2, len(data), 0, 0)
        return _iso(job), _iso(head + bytes((4, len(self.items))) + data)


def _iso(payload: bytes) -> bytes:
    return struct.pack(">BBHBBB", 3, 0, len(payload) + 7, 2, 0xF0, 0x80) + payload
