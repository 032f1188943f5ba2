"""Recognises what a file is by its first bytes and chooses the walker for it."""

from __future__ import annotations

from typing import Final

from sensor.capture import pcap, pcapng
from sensor.capture.walker import Walker

MAGIC_BYTES: Final = 4
"""Bytes that decide."""

OTHER_FORMATS: Final = (
    (b"PK\x03\x04", "a ZIP archive; unpack it first"),
    (b"BZh", "bzip2 data; unpack it first, or pack it with gzip or zstd"),
    (b"\xfd7zX", "xz data; unpack it first, or pack it with gzip or zstd"),
    (b"\x04\x22\x4d\x18", "lz4 data; unpack it first, or pack it with gzip or zstd"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"\x1f\x8b", "gzip data inside compressed data; unpack it once"),
    (b"\x28\xb5\x2f\xfd", "zstd data inside compressed data; unpack it once"),
    (b"snoo", "a snoop capture; convert it with: editcap -F pcapng OLD NEW"),
    (b"GMBU", "a Network Monitor capture; convert it with: editcap -F pcapng OLD NEW"),
)
"""Known files that are no captures we read, and what to do with them."""


def walker_for(name: str, first: bytes) -> Walker | None:
    """Make the walker for a file that begins with ``first``, None when it is no capture."""
    magic = first[:MAGIC_BYTES]
    if magic in pcap.MAGICS:
        return pcap.PcapWalker(name)
    if magic == pcapng.MAGIC:
        return pcapng.PcapngWalker(name)
    return None


def refusal(first: bytes) -> str:
    """Say why a file that begins with ``first`` is not read and what to do."""
    if not first:
        return "the file is empty; was the capture stopped before anything was written?"
    for magic, what in OTHER_FORMATS:
        if first.startswith(magic):
            return f"not a capture but {what}"
    return (
        f"not a capture: it begins with {first[:MAGIC_BYTES].hex(' ')}, and no pcap, pcapng, gzip or zstd file does; "
        "other capture formats can be converted with: editcap -F pcapng OLD NEW"
    )
