"""Gives the packets of several captures to a sink in the order of their time.

Each file is walked by itself, block by block; the packets of its block wait until no other file has an earlier one. Packets of
equal time come in the order of the files. A file is begun when its earliest packet is due, so only files of the same time are
open together. The frames of a file keep the numbers that they have when the files are read one after the other. A file whose own
times go backwards is given as it is; one whose clock differs is given with its times set right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heapreplace
from typing import Final

from dissectors.wire.sink import PacketSink

PACKETS_OF_A_BLOCK: Final = 512
"""After so many packets the sink is told that a block ends."""

Packet = tuple[bytes, int, int, int, int, int]


class Waiting(PacketSink):
    """The packets of one file that wait for their turn. ``frame`` is the number of the last one given on."""

    def __init__(self, more: Callable[[Waiting], bool], frame: int, earliest: int = 0, shift: int = 0) -> None:
        super().__init__()
        self.more = more
        """Walks the next block of the file into this sink; False when there is none."""
        self.frame = frame
        self.earliest = earliest
        self.shift = shift
        """Nanoseconds that are added to each time."""
        self.name = ""
        self.interface = ""
        self._came: list[tuple[Packet, str, str]] = []

    def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
        """Let one packet wait."""
        self._came.append(((block, start, captured, original, time + self.shift, link), self.name, self.interface))

    def source(self, name: str, interface: str) -> None:
        """Note where the following packets come from."""
        self.name = name
        self.interface = interface

    def packets_in_order(self) -> Iterator[tuple[Packet, str, str]]:
        """Give the packets of the whole file, a block at a time."""
        go_on = True
        while go_on:
            go_on = self.more(self)
            came, self._came = self._came, []
            yield from came


def merge(files: list[Waiting], sink: PacketSink, after_block: Callable[[], None]) -> None:
    """Give the packets of all ``files`` to ``sink`` by time; ``after_block`` is called after each PACKETS_OF_A_BLOCK."""
    streams = [file.packets_in_order() for file in files]
    heads: list[tuple[Packet, str, str] | None] = [None] * len(files)
    order = [(file.earliest, number) for number, file in enumerate(files)]
    heapify(order)
    last = -1
    shown = ("", "")
    given = 0
    while order:
        number = order[0][1]
        head = heads[number]
        if head is None:  # the file begins: its first packet may be later than its earliest one
            heads[number] = head = next(streams[number], None)
            if head is None:
                heappop(order)
            else:
                heapreplace(order, (head[0][4], number))
            continue
        packet, name, interface = head
        file = files[number]
        if number != last or (name, interface) != shown:
            last = number
            shown = (name, interface)
            sink.source(name, interface)
            sink.resume(file.frame)
        block, start, captured, original, time, link = packet
        sink.packet(block, start, captured, original, time, link)
        file.frame += 1
        given += 1
        if given % PACKETS_OF_A_BLOCK == 0:
            sink.end_of_block()
            after_block()
        heads[number] = head = next(streams[number], None)
        if head is None:
            heappop(order)
        else:
            heapreplace(order, (head[0][4], number))
    sink.end_of_block()
    after_block()
