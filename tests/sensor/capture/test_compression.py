"""gzip and zstd: whole, cut and damaged streams; what can be unpacked is given, the rest is said."""

from __future__ import annotations

import gzip
import random
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
import zstandard

from sensor.capture.compression import PIECE, CompressionError, unpack_gzip, unpack_zstd

Unpack = Callable[[Iterator[bytes]], Iterator[bytes]]
DATA = bytes(random.Random(7).choices(range(32), k=200_000))


def zstd(data: bytes, *, checksum: bool = True) -> bytes:
    """One zstd frame."""
    return zstandard.ZstdCompressor(write_checksum=checksum).compress(data)


GZIP, ZSTD = gzip.compress(DATA, mtime=0), zstd(DATA)
BOTH = pytest.mark.parametrize(("unpack", "packed"), [(unpack_gzip, GZIP), (unpack_zstd, ZSTD)], ids=["gzip", "zstd"])


def run(unpack: Unpack, packed: bytes, size: int = 65_536) -> tuple[bytes, str]:
    """Unpack from pieces of ``size`` bytes; give the contents and what was wrong."""
    out = b""
    try:
        for piece in unpack(packed[at : at + size] for at in range(0, len(packed), size)):
            assert 0 < len(piece) <= PIECE
            out += piece
    except CompressionError as error:
        return out, str(error)
    return out, ""


@BOTH
@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 20])
def test_contents_do_not_depend_on_how_the_input_is_cut(unpack: Unpack, packed: bytes, size: int) -> None:
    assert run(unpack, packed, size) == (DATA, "")


@BOTH
def test_several_streams_in_a_row_are_one(unpack: Unpack, packed: bytes) -> None:
    empty = gzip.compress(b"", mtime=0) if unpack is unpack_gzip else zstd(b"")
    for size in (5, 1 << 20):
        assert run(unpack, packed + empty + packed, size) == (DATA + DATA, "")


def test_padding_behind_gzip_is_no_fault() -> None:
    assert run(unpack_gzip, GZIP + bytes(1000)) == (DATA, "")


def test_skippable_zstd_frames_are_skipped() -> None:
    skippable = b"\x5a\x2a\x4d\x18\x05\x00\x00\x00hello"
    assert run(unpack_zstd, skippable + ZSTD + skippable) == (DATA, "")
    assert run(unpack_zstd, ZSTD + skippable[:-1]) == (DATA, "the zstd data ends early")


@pytest.mark.parametrize("checksum", [False, True])
def test_zstd_without_checksum_or_with_stored_and_repeated_blocks(checksum: bool) -> None:
    for data in (b"", b"a", bytes(1_000_000), random.Random(1).randbytes(300_000)):
        assert run(unpack_zstd, zstd(data, checksum=checksum)) == (data, "")


@BOTH
def test_a_stream_cut_anywhere_gives_what_there_is_and_says_so(unpack: Unpack, packed: bytes) -> None:
    name = "gzip" if unpack is unpack_gzip else "zstd"
    given = []
    for cut in [*range(1, 40), *range(40, len(packed), 9973), *range(len(packed) - 12, len(packed))]:
        out, fault = run(unpack, packed[:cut])
        assert DATA.startswith(out)
        assert fault == f"the {name} data ends early"
        given.append(len(out))
    assert given == sorted(given)
    assert given[-1] == len(DATA)


@BOTH
def test_a_damaged_stream_gives_what_comes_before_the_damage(unpack: Unpack, packed: bytes) -> None:
    name = "gzip" if unpack is unpack_gzip else "zstd"
    wrong_sum = packed[:-4] + bytes(4)
    out, fault = run(unpack, wrong_sum)
    assert DATA.startswith(out)
    assert len(out) == len(DATA)
    assert fault.startswith(f"the {name} data is damaged")
    out, fault = run(unpack, packed + b"some more text")
    assert out == DATA
    assert fault
    for at in range(0, len(packed), 4001):
        run(unpack, packed[:at] + b"\xff\xff\xff" + packed[at + 3 :])


@BOTH
def test_an_archive_bomb_takes_no_memory(unpack: Unpack, packed: bytes) -> None:
    size = 64 << 20
    bomb = gzip.compress(bytes(size), mtime=0) if packed is GZIP else zstd(bytes(size))
    tracemalloc.start()
    total = sum(len(piece) for piece in unpack(iter([bomb])))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == size
    assert peak < 4 << 20


def test_a_zstd_window_beyond_the_bound_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=28)
    packed = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    data = packed.compress(b"x" * 1000) + packed.flush()
    out, fault = run(unpack_zstd, data)
    assert not out
    assert "memory" in fault
