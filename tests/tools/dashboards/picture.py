"""Makes a screenshot small: a PNG of true colour becomes one with a palette of its most frequent colours."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np

HEAD = b"\x89PNG\r\n\x1a\n"
MAX_COLOURS = 256


def _chunks(data: bytes) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    at = len(HEAD)
    while at < len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name = data[at + 4 : at + 8]
        found[name] = found.get(name, b"") + data[at + 8 : at + 8 + length]
        at += 12 + length
    return found


def _row(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    """Undo the filter of one row of pixels in place (PNG, section 9.2)."""
    for at in range(len(line) if kind else 0):
        left = line[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        up = above[at]
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = up
        elif kind == 3:
            guess = (left + up) // 2
        else:
            near = (abs(up - corner), abs(left - corner), abs(left + up - 2 * corner))
            guess = left if near[0] <= near[1] and near[0] <= near[2] else up if near[1] <= near[2] else corner
        line[at] = (line[at] + guess) & 0xFF


def pixels(data: bytes) -> np.ndarray:
    """Rows of red, green and blue of an 8-bit PNG without interlace."""
    chunks = _chunks(data)
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, interlace) == (8, 0)
    step = {2: 3, 6: 4}[colour]
    raw = zlib.decompress(chunks[b"IDAT"])
    rows = np.empty((height, width * step), np.uint8)
    above = bytearray(width * step)
    for number in range(height):
        start = number * (width * step + 1)
        line = bytearray(raw[start + 1 : start + 1 + width * step])
        _row(raw[start], line, above, step)
        rows[number] = np.frombuffer(line, np.uint8)
        above = line
    return rows.reshape(height, width, step)[:, :, :3]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def smaller(path: Path) -> None:
    """Write the picture again with at most 256 colours; rare ones become the nearest frequent one."""
    rows = pixels(path.read_bytes())
    height, width, _ = rows.shape
    packed = rows.reshape(-1, 3).astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
    colours, inverse, counts = np.unique(packed, return_inverse=True, return_counts=True)
    kept = colours[np.argsort(-counts, kind="stable")[:MAX_COLOURS]]
    parts = [np.stack([each >> 16, (each >> 8) & 0xFF, each & 0xFF], axis=1) for each in (colours, kept)]
    nearest = np.array([np.abs(parts[1] - each).sum(axis=1).argmin() for each in parts[0]], np.uint8)
    lines = nearest[inverse].reshape(height, width)
    raw = b"".join(b"\0" + line.tobytes() for line in lines)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = parts[1].astype(np.uint8).tobytes()
    path.write_bytes(
        HEAD
        + _chunk(b"IHDR", header)
        + _chunk(b"PLTE", palette)
        + _chunk(b"IDAT", zlib.compress(raw, 9))
        + _chunk(b"IEND", b"")
    )
