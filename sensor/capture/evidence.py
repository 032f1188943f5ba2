"""Cuts the evidence of an alert out of its captures: a small pcap with just the frames it names.

Written are nanosecond pcap files with the time, the bytes and the length on the wire unchanged. A pcap has one link
type: frames of another than the first one's are left out, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
from dpkt import pcap

from sensor.capture.frame_filter import FrameFilter
from sensor.capture.reader import read
from sensor.capture.walker import MAX_PACKET

MAX_FRAMES: Final = 10_000
"""Frames of one slice; of more only the lowest numbers are written."""

SECOND: Final = 1_000_000_000


class Slice(msgspec.Struct, frozen=True):
    """What was written: the frame numbers in the order of the file, and those that could not be."""

    written: tuple[int, ...]
    missing: tuple[int, ...]


class _AllFoundError(Exception):
    """Ends the reading early."""


def write_slice(captures: Sequence[Path | str], frames: Iterable[int], path: Path | str) -> Slice:
    """Write ``frames`` of ``captures`` to a new pcap at ``path``, in capture order; raises OSError.

    Frames are numbered from 1 over all ``captures``, which are those that were read then, in the same order.
    Packet 1 of the file is the first of ``written``, and so on.
    """
    wanted = sorted(set(frames))
    sink = FrameFilter(set(wanted[:MAX_FRAMES]))

    def enough() -> None:
        if len(sink.picked) == len(sink.frames):
            raise _AllFoundError

    with suppress(_AllFoundError):
        read(captures, sink, after_block=enough)
    link = sink.picked[0].link if sink.picked else 1
    chosen = [frame for frame in sink.picked if frame.link == link]
    with Path(path).open("wb") as file:
        file.write(bytes(pcap.FileHdr(magic=pcap.TCPDUMP_MAGIC_NANO, snaplen=MAX_PACKET, linktype=link)))
        for frame in chosen:
            seconds, nanoseconds = divmod(frame.time, SECOND)
            header = pcap.PktHdr(tv_sec=seconds, tv_usec=nanoseconds, caplen=len(frame.byte_count), len=frame.original)
            file.write(bytes(header))
            file.write(frame.byte_count)
    written = tuple(frame.frame for frame in chosen)
    have = set(written)
    return Slice(written, tuple(frame for frame in wanted if frame not in have))
