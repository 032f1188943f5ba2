"""A socket that only listens: AF_PACKET with a TPACKET_V3 receive ring on one interface (packet(7), packet_mmap.rst).

Passive by construction: there is no transmit ring, and nothing in this package hands bytes to a packet socket. The socket is
opened with protocol 0, which hears nothing, and bound to its interface when all is set, so no packet of another interface is
ever in the ring. Promiscuous mode is a membership of the socket: it ends with it, also when the process is killed.

The system may still speak on the interface by itself (``sensor.live.device.speaks`` says how to silence it).

Outgoing frames of the sensor itself are kept, but for loopback (where each frame would come twice): on a mirror port there are
none, on a bridge or a server's own interface they are half of every conversation, and a sensor that speaks on its mirror port
should be seen doing so.

Counting: the kernel counts a packet either into the ring or as dropped, so arrived = taken + dropped + still in the ring.
Its counts begin anew at each reading; the ring counters keep the totals. A frame longer than a block (offloads merge segments to 64
KiB, which fits) is cut to the block and reported as truncated by its original length.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import select
import socket
import struct
import threading
from typing import Final, Self

import msgspec

from sensor.live import device, fanout
from sensor.live.error import LiveError
from sensor.live.mapping import Mapping
from sensor.live.ring_counters import RingCounters
from sensor.live.silence import FIRST_DESCRIPTOR

SOL_PACKET: Final = 263
PACKET_ADD_MEMBERSHIP: Final = 1
PACKET_RX_RING: Final = 5
PACKET_STATISTICS: Final = 6
PACKET_VERSION: Final = 10
PACKET_IGNORE_OUTGOING: Final = 23
PACKET_MR_PROMISC: Final = 1
TPACKET_V3: Final = 2
ETH_P_ALL: Final = 3
FRAME_BYTES: Final = 2048
"""Only how the kernel checks the size of a version 3 ring; packets lie packed behind each other."""

STATUS_AT: Final = 8
PACKETS_AT: Final = 12
USED_AT: Final = 20
SEQUENCE_AT: Final = 24
LAST_AT: Final = 40
USER: Final = 1
_WORD: Final = struct.Struct("=I")
_LONG: Final = struct.Struct("=Q")
_STAMP: Final = struct.Struct("=II")

NO_PRIVILEGE: Final = (
    "watching needs the capability CAP_NET_RAW; run as root, or grant it: "
    "sudo setcap cap_net_raw+ep PYTHON (the interpreter that runs spanwatch), "
    "or in a systemd unit: AmbientCapabilities=CAP_NET_RAW"
)


class RingSize(msgspec.Struct, frozen=True):
    """How big a ring is. ``block_bytes`` is a power of two of at least 64 KiB, and bounds the longest frame."""

    block_bytes: int = 1 << 17
    blocks: int = 256
    retire_milliseconds: int = 50
    """A block that is not full is handed over after this time."""

    @property
    def byte_count(self) -> int:
        """Bytes of the whole ring, in the kernel's memory."""
        return self.block_bytes * self.blocks


class Ring:
    """The packets of one interface for one worker. Opened by the parent, mapped and read by the worker process."""

    def __init__(self, name: str, worker: int, workers: int, size: RingSize) -> None:
        """Open and bind; packets are kept from now on. Raises ``LiveError``."""
        self.name = name
        self.size = size
        self.device = device.find(name)
        self.program = fanout.share(worker, workers, ethernet=self.device.link == device.ETHERNET)
        self.shared = workers > 1
        self.ring_counters = RingCounters()
        self.place = 0
        self.mapping: Mapping | None = None
        self.memory = memoryview(b"")
        self._order = threading.Lock()
        try:
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        except PermissionError:
            self.ring_counters.close()
            raise LiveError(f"interface {name}: {NO_PRIVILEGE}") from None
        try:
            self._keep_apart()
            self._prepare()
            self.bind()
        except OSError as error:
            self.close()
            raise LiveError(f"interface {name}: {error.strerror or error}; {self._advice(error)}") from None

    def _keep_apart(self) -> None:
        """Give the socket a number that no other descriptor has, so that sending can be refused by it; without room it keeps its own."""
        with contextlib.suppress(OSError):
            apart = fcntl.fcntl(self.socket.fileno(), fcntl.F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR)
            self.socket.close()
            self.socket = socket.socket(fileno=apart)

    def _prepare(self) -> None:
        size = self.size
        frames = size.block_bytes // FRAME_BYTES * size.blocks
        ring = struct.pack("=7I", size.block_bytes, size.blocks, FRAME_BYTES, frames, size.retire_milliseconds, 0, 0)
        self.socket.setsockopt(SOL_PACKET, PACKET_VERSION, TPACKET_V3)
        self.socket.setsockopt(SOL_PACKET, PACKET_RX_RING, ring)
        if self.shared:
            fanout.attach(self.socket, self.program)
        if self.device.loopback:
            self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)

    def _advice(self, error: OSError) -> str:
        if error.errno == errno.ENOMEM:
            return f"a ring of {self.size.byte_count >> 20} MiB does not fit: choose a smaller one or fewer workers"
        return "is it still there? See: ip -brief link"

    def bind(self) -> None:
        """Listen on the interface that has the name now. Needs no privilege. Raises ``OSError`` when there is none."""
        self.socket.bind((self.name, ETH_P_ALL))
        index = self.device.index
        self.socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, struct.pack("=iHH8x", index, PACKET_MR_PROMISC, 0))

    def find_again(self) -> bool:
        """Listen on a new interface of the old name, when there is one of the same kind; say whether."""
        try:
            found = device.find(self.name)
            if found.link != self.device.link:
                return False
            self.device = found
            self.bind()
        except (LiveError, OSError):
            return False
        return True

    def state(self) -> str:
        """Return "up", "down" or "gone", and take note that the socket has said so."""
        self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return device.state(self.device)

    # Reading, in the worker process.

    def map(self) -> None:
        """Map the ring and find the block that comes next, also where a process before this one had read."""
        if self.mapping is not None:
            self.mapping.close()
        self.mapping = Mapping(self.socket.fileno(), self.size.byte_count)
        self.memory = memory = self.mapping.view
        order = [
            (
                self._word(place, STATUS_AT) & USER == 0,
                _LONG.unpack_from(memory, self._at(place) + SEQUENCE_AT)[0],
                place,
            )
            for place in range(self.size.blocks)
        ]
        ready = [row for row in order if not row[0]]
        self.place = min(ready)[2] if ready else max(order, key=lambda row: (row[1], -row[2]))[2]

    def _at(self, place: int) -> int:
        return place * self.size.block_bytes

    def _word(self, place: int, at: int) -> int:
        return int(_WORD.unpack_from(self.memory, self._at(place) + at)[0])

    def ready(self, ahead: int = 0) -> bool:
        """Say whether the block ``ahead`` of the next one is filled; the ring may be full, then all are."""
        return ahead < self.size.blocks and bool(self._word((self.place + ahead) % self.size.blocks, STATUS_AT) & USER)

    def last_stamp(self, ahead: int) -> int:
        """Return the time of the last packet in a filled block, in nanoseconds."""
        at = self._at((self.place + ahead) % self.size.blocks) + LAST_AT
        seconds, nanoseconds = _STAMP.unpack_from(self.memory, at)
        return int(seconds) * 1_000_000_000 + int(nanoseconds)

    def take(self) -> bytes:
        """Copy the next block, which must be ready, and give it back to the kernel at once."""
        with self._order:  # its barrier keeps the processor from reading the packets before the status
            packets = self._word(self.place, PACKETS_AT)
            at = self._at(self.place)
            block = bytes(self.memory[at : at + max(48, self._word(self.place, USED_AT))])
        with self._order:
            _WORD.pack_into(self.memory, at + STATUS_AT, 0)
        self.place = (self.place + 1) % self.size.blocks
        self.ring_counters.taken += packets
        return block

    def count(self) -> None:
        """Add what the kernel counted since the last call to the ring counters."""
        arrived, dropped, _ = struct.unpack("=III", self.socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 12))
        self.ring_counters.arrived += arrived
        self.ring_counters.dropped += dropped

    def shut(self) -> None:
        """Let no further packet in; what is in the ring stays. The kernel counts nothing it refuses here."""
        fanout.attach(self.socket, fanout.nothing())

    def drained(self) -> bool:
        """Say whether every packet that arrived was taken or dropped. Call ``shut`` before."""
        self.count()
        return self.ring_counters.arrived == self.ring_counters.taken + self.ring_counters.dropped

    def fileno(self) -> int:
        """Return the descriptor to poll; it is readable while a block is filled."""
        return self.socket.fileno()

    def close(self) -> None:
        """Close the socket, and with it promiscuous mode; the ring is freed when no process maps it."""
        if self.mapping is not None:
            self.mapping.close()
        self.socket.close()
        self.ring_counters.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def wait(rings: list[Ring], seconds: float) -> None:
    """Wait until a block is filled, an interface has failed, or the time is over."""
    poll = select.poll()
    for ring in rings:
        poll.register(ring, select.POLLIN | select.POLLERR)
    poll.poll(max(0.0, seconds) * 1000)
