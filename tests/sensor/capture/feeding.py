"""Feeds bytes to a walker the way the reader does, cut into any pieces, and counts the steps it takes."""

from __future__ import annotations

from collections.abc import Iterable

from sensor.capture.file_type import walker_for
from sensor.capture.walker import Walker

from .recorder import Recorder


def feed(data: bytes, pieces: Iterable[bytes] | None = None) -> tuple[Walker, Recorder]:
    """Walk ``data``, or the ``pieces`` it is cut into; every promise of a walker about its progress is checked."""
    walker = walker_for("x", data)
    assert walker is not None
    sink = Recorder()
    waiting = b""
    for piece in [data] if pieces is None else pieces:
        waiting += piece
        if len(waiting) < walker.need or walker.stopped:
            continue
        before = walker.position
        used = walker.walk(waiting, sink)
        assert 0 <= used <= len(waiting)
        assert walker.position == before + used
        waiting = waiting[used:]
        assert walker.stopped or walker.need > len(waiting), "a walker asks for more than it left"
    assert walker.packets == len(sink.seen)
    assert 12 * walker.packets <= walker.position, "a packet costs its record at least"
    return walker, sink
