"""The door of rtu-line: passes whole APDUs between a controlling station and lib60870, and carries out the process reset.

lib60870 under c104 knows no C_RP_NA_1 and refuses it as an unknown object. A substation confirms it and starts anew; so
this front confirms in the stack's place, with the sequence numbers the connection has reached (IEC 60870-5-104, 5.1),
and asks for the restart. Every other byte passes as it is.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from pcaps.plant import hosts

BACKEND = ("127.0.0.1", hosts.IEC104_PORT)
START, PREFIX_BYTES = 0x68, 2
RESET, ACTIVATION, CONFIRMATION = 105, 6, 7
TYPE, CAUSE, ASDU = 6, 8, 6
"""Where type, cause and the whole ASDU stand in an APDU of format I."""
WHOLE_CAUSE = 0x3F
THINKING_SECONDS = 0.02
"""What a substation takes for an order; c104 misses answers that come within a millisecond."""


def apdus(link: socket.socket) -> Iterator[bytes]:
    """Give one APDU after the other until the connection ends."""
    with link.makefile("rb") as stream:
        while len(prefix := stream.read(PREFIX_BYTES)) == PREFIX_BYTES and prefix[0] == START:
            yield prefix + stream.read(prefix[1])


def numbered(apdu: bytes) -> bool:
    """Say whether an APDU has format I."""
    return len(apdu) > ASDU and not apdu[2] & 1


def wants_reset(apdu: bytes) -> bool:
    """Say whether an APDU activates the reset of the process."""
    return numbered(apdu) and apdu[TYPE] == RESET and apdu[CAUSE] & WHOLE_CAUSE == ACTIVATION


class Passage:
    """One connection of a controlling station and its connection to the stack behind."""

    def __init__(self, outside: socket.socket, reset: threading.Event) -> None:
        """Begin to pass in both directions."""
        self.outside, self.reset = outside, reset
        self.inside = socket.create_connection(BACKEND)
        self.sent = self.received = 0
        self.turn = threading.Lock()
        for link in (self.outside, self.inside):
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for direction in (self._orders, self._answers):
            threading.Thread(target=direction, daemon=True).start()

    def _orders(self) -> None:
        with contextlib.suppress(OSError):
            for apdu in apdus(self.outside):
                self.received += numbered(apdu)
                if wants_reset(apdu):
                    self._confirm(apdu)
                else:
                    time.sleep(THINKING_SECONDS)
                    self.inside.sendall(apdu)
        self.close()

    def _answers(self) -> None:
        with contextlib.suppress(OSError):
            for apdu in apdus(self.inside):
                with self.turn:
                    self.outside.sendall(apdu)
                    self.sent += numbered(apdu)
        self.close()

    def _confirm(self, order: bytes) -> None:
        numbers = (self.sent << 1).to_bytes(2, "little") + (self.received << 1).to_bytes(2, "little")
        asdu = bytearray(order[ASDU:])
        asdu[CAUSE - ASDU] = CONFIRMATION
        with self.turn:
            self.outside.sendall(order[:PREFIX_BYTES] + numbers + asdu)
        self.reset.set()

    def close(self) -> None:
        """End both connections, as far as they are still open."""
        for link in (self.outside, self.inside):
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()


class Front:
    """The listener on the station's address; `reset` is set once the reset of the process has been confirmed."""

    def __init__(self) -> None:
        """Listen at once."""
        self.reset = threading.Event()
        self.listener = socket.create_server((hosts.RTU_LINE.ip, hosts.IEC104_PORT))
        self.passages: list[Passage] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self.passages.append(Passage(self.listener.accept()[0], self.reset))

    def stop(self) -> None:
        """Close the port and every connection."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for passage in self.passages:
            passage.close()
