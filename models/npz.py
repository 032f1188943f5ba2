"""Arrays in an .npz file that numpy reads, written with the same bytes each time and read without trust.

Only one-dimensional arrays of three number types, headers in exactly the form written here. Sizes are checked before
anything is unpacked, so a zip bomb costs nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

MAGIC: Final = b"\x93NUMPY\x01\x00"
HEADER: Final = re.compile(rb"\{'descr': '(<i2|<i4|<f8)', 'fortran_order': False, 'shape': \((\d{1,8}),\), \} *\n")
LONGEST_HEADER: Final = 512
HEADER_MAX: Final = LONGEST_HEADER + len(MAGIC) + 2
"""Bytes that the longest header adds to an array."""
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The least date a zip file can hold: no wall clock in the file."""
UNIX: Final = 3
FILE_MODE: Final = 0o600 << 16


def pack(arrays: Mapping[str, Array]) -> bytes:
    """Return the .npz file of one-dimensional arrays."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, array in arrays.items():
            info = zipfile.ZipInfo(f"{name}.npy", EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = UNIX
            info.external_attr = FILE_MODE
            archive.writestr(info, _encode(array))
    return target.getvalue()


def unpack(data: bytes, names: tuple[str, ...], most_bytes: int) -> dict[str, Array]:
    """Return the arrays called ``names``, exactly these. Raises ``ValueError`` with a clause on what is wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if [entry.filename for entry in entries] != [f"{name}.npy" for name in names]:
                raise ValueError("does not hold exactly the arrays its baseline names")
            if sum(entry.file_size for entry in entries) > most_bytes:
                raise ValueError(f"would unpack to more than {most_bytes} bytes")
            return {name: _read(archive, entry) for name, entry in zip(names, entries, strict=True)}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        OverflowError,
    ) as error:
        raise ValueError(f"is not a sound .npz file ({error})") from error


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Array:
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise ValueError("uses another compression than deflate")
    with archive.open(entry) as member:
        data = member.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise ValueError(f"lies about the size of {entry.filename}")
    return _decode(data, entry.filename)


def _encode(array: Array) -> bytes:
    head = f"{{'descr': '{array.dtype.str}', 'fortran_order': False, 'shape': ({len(array)},), }}".encode()
    head += b" " * (-(len(MAGIC) + 2 + len(head) + 1) % 64) + b"\n"
    return MAGIC + len(head).to_bytes(2, "little") + head + array.tobytes()


def _decode(data: bytes, name: str) -> Array:
    begin = len(MAGIC) + 2
    length = int.from_bytes(data[len(MAGIC) : begin], "little")
    if data[: len(MAGIC)] != MAGIC or length > LONGEST_HEADER:
        raise ValueError(f"has another header than Spanwatch writes in {name}")
    found = HEADER.fullmatch(data[begin : begin + length])
    if found is None:
        raise ValueError(f"has another type, order or shape than Spanwatch writes in {name}")
    kind = np.dtype(found[1].decode())
    body = data[begin + length :]
    if len(body) != int(found[2]) * kind.itemsize:
        raise ValueError(f"announces another length than it holds in {name}")
    return np.frombuffer(body, dtype=kind)
