"""Sends the frames of a capture into one end of a cable at a set rate: the load for the bench of watching.

The only place of this project that sends frames. It refuses to send anywhere but in a namespace whose interfaces are only
those the bench has made there. Frames go out with sendmmsg(2), BATCH a call, straight from the mapped capture.
"""

from __future__ import annotations

import ctypes
import mmap
import os
import socket
import struct
import time
from pathlib import Path
from typing import Final

PACKET_QDISC_BYPASS: Final = 20
SOL_PACKET: Final = 263
BATCH: Final = 64
FILE_HEADER: Final = 24
RECORD_HEADER: Final = 16
_VECTOR: Final = struct.Struct("=QQ")
_MESSAGE: Final = struct.Struct("=QI4xQQQQi4xI4x")


class Sender:
    """The frames of a nanosecond pcap file, ready to send from ``interface``. The file must outlive it."""

    def __init__(self, capture: Path, interface: str) -> None:
        others = {name for _, name in socket.if_nameindex()} - {"lo", interface}
        if others:
            raise ValueError(f"this namespace has other interfaces than {interface}: {', '.join(sorted(others))}")
        with capture.open("rb") as file:
            self.memory = mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_QDISC_BYPASS, 1)
        self.socket.bind((interface, 0))
        self.library = ctypes.CDLL(None, use_errno=True)
        self.frames = 0
        self._prepare()

    def _prepare(self) -> None:
        """Make the message headers of all frames once."""
        base = ctypes.addressof(ctypes.c_char.from_buffer(self.memory))
        places = list(self._places())
        self.frames = len(places)
        self.vectors = ctypes.create_string_buffer(_VECTOR.size * self.frames)
        self.messages = ctypes.create_string_buffer(_MESSAGE.size * self.frames)
        vectors = ctypes.addressof(self.vectors)
        for number, (start, length) in enumerate(places):
            _VECTOR.pack_into(self.vectors, number * _VECTOR.size, base + start, length)
            vector = vectors + number * _VECTOR.size
            _MESSAGE.pack_into(self.messages, number * _MESSAGE.size, 0, 0, vector, 1, 0, 0, 0, 0)

    def _places(self) -> list[tuple[int, int]]:
        places = []
        at = FILE_HEADER
        while at < len(self.memory):
            (length,) = struct.unpack_from("=I", self.memory, at + 8)
            places.append((at + RECORD_HEADER, length))
            at += RECORD_HEADER + length
        return places

    def send(self, frames: int, rate: float) -> tuple[int, float]:
        """Send the first ``frames`` at ``rate`` per second (0: as fast as it goes); return how many went and the seconds."""
        descriptor = self.socket.fileno()
        messages = ctypes.addressof(self.messages)
        sendmmsg = self.library.sendmmsg
        end = min(frames, self.frames)
        sent = 0
        begun = time.perf_counter()
        while sent < end:
            if rate:
                ahead = sent / rate - (time.perf_counter() - begun)
                if ahead > 0:
                    time.sleep(ahead)
            size = min(BATCH, end - sent)
            went = int(sendmmsg(descriptor, ctypes.c_void_p(messages + sent * _MESSAGE.size), size, 0))
            if went < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            sent += went
        return sent, time.perf_counter() - begun
