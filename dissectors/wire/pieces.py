"""The segments remembered of a direction and of its holes, and the bytes that they make together. Compiled with mypyc."""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.wire.flow import Flow
from dissectors.wire.half import MAX_PENDING_BYTES, Half
from dissectors.wire.seen import Seen, ring_of, signed


def segments_of(flow: Flow, half: Half) -> list[Seen]:
    """Return what is remembered of a direction with its holes, in the order in which it came."""
    whole = flow.half(half.side)
    if whole is half and not half.strands:
        return [] if half.seen is None else ring_of(half.seen)
    found: list[Seen] = []
    for known in [whole, *whole.strands]:
        last = known.seen
        if last is not None and (known is half or known.stop >= 0 or (known is whole and half.stop >= 0)):
            found += ring_of(last)
    return sorted(found, key=_frame)


def _frame(seen: Seen) -> int:
    return seen.frame


def base_of(segments: list[Seen], sequence: i64) -> i64:
    """Return where the bytes begin that are remembered without a hole before ``sequence``."""
    base: i64 = sequence
    moved = True
    while moved:
        moved = False
        for seen in segments:
            if signed(seen.sequence - base) < 0 and signed(seen.stop - base) >= 0:
                base = seen.sequence
                moved = True
    return base


def text_of(segments: list[Seen], base: i64, newest: bool) -> bytes:
    """Return the bytes remembered from ``base`` on up to the first hole; of two versions the newest or the oldest."""
    whole = bytearray()
    known = bytearray()
    for seen in segments if newest else segments[::-1]:
        at: i64 = signed(seen.sequence - base)
        start: i64 = seen.start
        if at < 0:
            start -= at
            at = 0
        if start >= seen.end or at > MAX_PENDING_BYTES:
            continue
        stop: i64 = at + seen.end - start
        if stop > i64(len(whole)):
            more = bytes(int(stop - i64(len(whole))))
            whole += more
            known += more
        whole[at:stop] = seen.block[start : seen.end]
        known[at:stop] = b"\x01" * int(stop - at)
    hole: i64 = i64(known.find(0))
    return bytes(whole) if hole < 0 else bytes(whole[:hole])
