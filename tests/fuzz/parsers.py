"""Every dissector of the registry, given messages and streams that nobody checked.

Invariant: no input raises. A message is decided by its own bytes: what stands before and behind it changes nothing.
``recognise`` and ``from_client`` give one of their three answers. A session uses between none and all of the bytes it is
fed, wherever the stream is cut; and its facts survive their codec.
"""

from __future__ import annotations

from functools import partial

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NO, YES
from dissectors.base.recorder import Recorder
from dissectors.facts import decode_all, encode_all
from dissectors.registry import DISSECTORS, PROTOCOLS
from dissectors.wire.half import MAX_PENDING_BYTES
from tests.fuzz.parts import unpack
from tests.fuzz.samples import conversations
from tests.fuzz.target import Target

BEFORE, BEHIND = b"\x03\x00\x05\x64", b"\xff\x00" * 20
STEP = 50_000_000
"""Packet time between two pieces; enough pieces make requests late."""


def check(dissector: Dissector, data: bytes) -> None:
    """Parse each part in both directions, and feed all of them to one session, cut in two where the part says."""
    recorder = Recorder()
    recorder.now = 1_700_000_040_000_000_000
    connection = Connection("tcp", 0, 0)
    connection.ip0, connection.port0, connection.seen0 = "10.0.0.5", 40000, True
    connection.ip1, connection.port1, connection.seen1 = "10.0.0.9", 502, True
    session = dissector.session(connection, recorder, ChannelTable(recorder))
    pending = [b"", b""]
    for part in unpack(data):
        control, payload = part[0] if part else 0, part[1:]
        _message(dissector, payload)
        side, cut = control & 1, (control >> 1) * len(payload) // 128
        if control & 0x40:
            session.gap(side)
        for piece in (payload[:cut], payload[cut:]):
            recorder.now += STEP
            recorder.frame += 1
            pending[side] += piece
            used = session.feed(side, pending[side], 0, len(pending[side]))
            assert 0 <= used <= len(pending[side])
            pending[side] = pending[side][used : used + MAX_PENDING_BYTES]
    session.expire(recorder.now + 1_000 * STEP)
    session.time_out_waiting(1 << 60)
    facts = recorder.drain()
    assert decode_all(encode_all(facts)) == facts


def _message(dissector: Dissector, payload: bytes) -> None:
    size = len(payload)
    among = BEFORE + payload + BEHIND
    for flag in (True, False):
        assert dissector.recognise(payload, 0, size, flag) in {YES, NO, MAYBE}
        alone = dissector.parse(payload, 0, size, flag)
        other = dissector.parse(among, len(BEFORE), len(BEFORE) + size, flag)
        assert (alone is None) == (other is None)
        assert alone is None or other is None or repr(alone.as_tuple()) == repr(other.as_tuple())
    assert dissector.from_client(payload, 0, size) in {-1, 0, 1}


def _ports(dissector: Dissector) -> frozenset[str]:
    return frozenset(door.name for one in PROTOCOLS if one.dissector is dissector for door in one.doors)


TARGETS = tuple(
    Target(f"parser_{dissector.name}", partial(check, dissector), partial(conversations, _ports(dissector)))
    for dissector in DISSECTORS
)
