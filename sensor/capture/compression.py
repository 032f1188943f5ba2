"""Unpacks gzip (RFC 1952) and zstd (RFC 8878) while reading, a bounded piece at a time.

Both take and give an iterator of pieces. Everything that can be unpacked before a fault is given before
``CompressionError`` is raised, and no piece is larger than ``PIECE``, so an archive bomb costs time but no memory.
zstandard is used block by block: a block unpacks to 128 KiB at most, and a stream that ends early is noticed.
Limits: zstd windows above 128 MiB (``--ultra --long=28`` and up) are refused; dictionaries are not supported.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

import zstandard

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
SKIPPABLE_MAGIC: Final = b"\x2a\x4d\x18"
"""Bytes 2 to 4 of a skippable zstd frame; the first is 0x50 to 0x5F."""

PIECE: Final = 131_072
"""Bytes of the largest piece given."""

WINDOW: Final = 134_217_728
"""Bytes that a zstd stream may look back on."""

GZIP_FORMAT: Final = 31
LONGEST_FRAME_HEADER: Final = 18
RLE_BLOCK: Final = 1
RESERVED_BLOCK: Final = 3


class CompressionError(Exception):
    """The compressed data ends early or is damaged."""


def unpack_gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give the contents of all gzip members."""
    member = zlib.decompressobj(GZIP_FORMAT)
    begun = False
    for piece in pieces:
        data = piece
        while data:
            if not begun:
                data = data.lstrip(b"\0")  # padding of tapes and of block devices
                begun = bool(data)
                continue
            before = member.copy()
            try:
                out = member.decompress(data, PIECE)
            except zlib.error as error:
                yield from _salvage(before, data)
                raise CompressionError(f"the gzip data is damaged: {error}") from error
            if out:
                yield out
            data = member.unconsumed_tail
            if member.eof:
                data = member.unused_data
                member = zlib.decompressobj(GZIP_FORMAT)
                begun = False
    while begun and (out := member.decompress(b"", PIECE)):
        yield out
    if begun:
        raise CompressionError("the gzip data ends early")


def _salvage(member: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Give what can be unpacked before the fault that is known to be in ``data``."""
    try:
        for at in range(len(data)):
            if out := member.decompress(data[at : at + 1]):
                yield out
    except zlib.error:
        return


class _Pieces:
    """Takes exact numbers of bytes out of pieces of any size."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._kept = b""
        self._at = 0

    def take(self, size: int) -> bytes:
        """Take ``size`` bytes, fewer only at the end of everything."""
        parts = [self._kept[self._at : self._at + size]]
        self._at += len(parts[0])
        missing = size - len(parts[0])
        while missing > 0:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._kept, self._at = piece, min(missing, len(piece))
            parts.append(piece[:missing])
            missing -= self._at
        return b"".join(parts)

    def need(self, size: int) -> bytes:
        """Take ``size`` bytes."""
        data = self.take(size)
        if len(data) < size:
            raise CompressionError("the zstd data ends early")
        return data

    def skip(self, size: int) -> None:
        """Pass over ``size`` bytes."""
        while size > 0:
            size -= len(self.need(min(size, PIECE)))


def unpack_zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Give the contents of all zstd frames."""
    source = _Pieces(pieces)
    while magic := source.take(4):
        if magic[1:] == SKIPPABLE_MAGIC and magic[0] & 0xF0 == 0x50:
            source.skip(int.from_bytes(source.need(4), "little"))
        elif magic == ZSTD_MAGIC:
            try:
                yield from _zstd_frame(source)
            except zstandard.ZstdError as error:
                raise CompressionError(f"the zstd data is damaged: {error}") from error
        elif ZSTD_MAGIC.startswith(magic):
            raise CompressionError("the zstd data ends early")
        else:
            raise CompressionError("the zstd data is followed by something else")


def _zstd_frame(source: _Pieces) -> Iterator[bytes]:
    """Give the contents of one frame, whose magic has been taken, block by block."""
    header = ZSTD_MAGIC + source.need(1)
    header += source.need(zstandard.frame_header_size(header.ljust(LONGEST_FRAME_HEADER, b"\0")) - len(header))
    frame = zstandard.ZstdDecompressor(max_window_size=WINDOW).decompressobj()
    frame.decompress(header)
    last = False
    while not last:
        begin = source.need(3)
        word = int.from_bytes(begin, "little")
        last, kind, size = bool(word & 1), word >> 1 & 3, word >> 3
        if kind == RESERVED_BLOCK or (kind != RLE_BLOCK and size > PIECE):
            raise CompressionError("the zstd data is damaged: a block that cannot be")
        out = frame.decompress(begin + source.need(1 if kind == RLE_BLOCK else size))
        if out:
            yield out
    if zstandard.get_frame_parameters(header).has_checksum:
        out = frame.decompress(source.need(4))
        if out:
            yield out
