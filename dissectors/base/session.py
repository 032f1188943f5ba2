"""One connection of one protocol, as the wire drives it. Compiled with mypyc.

A dissector's session implements ``measure`` (how long is the message here), ``message`` (count a known routine operation, or
hand the parsed message to ``conversation.take``) and ``resync`` (where could a message begin). What it shares with the
others lies in its parts: ``framing`` cuts, ``units``, ``operations`` and ``pairing`` count and pair, ``reporting`` reports.
"""

from __future__ import annotations

from mypy_extensions import i64, mypyc_attr

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.conversation import Conversation
from dissectors.base.framing import Frames, Framing
from dissectors.base.message import NEED_MORE, ProtocolViolation
from dissectors.base.operations import Operations
from dissectors.base.pairing import ANSWER_NANOSECONDS, Pairing
from dissectors.base.recorder import Recorder
from dissectors.base.reporting import Reporting
from dissectors.base.units import Units


@mypyc_attr(allow_interpreted_subclasses=True)
class Session(Frames):
    """The two directions of one connection."""

    def __init__(self, protocol: str, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        self.connection: Connection = connection
        self.recorder: Recorder = recorder
        self.conversation: Conversation = Conversation(protocol, connection, recorder, channel_table)
        self.units: Units = self.conversation.units
        self.operations: Operations = self.conversation.operations
        self.pairing: Pairing = self.conversation.pairing
        self.reporting: Reporting = self.conversation.reporting
        self.framing: Framing = Framing()

    def expire(self, now: i64) -> None:
        """Give up what waited too long besides requests (half-built fragments of the protocol)."""

    def violation_of_stream(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Report that the bytes at ``start`` are not this protocol's."""
        protocol = self.units.protocol
        found = ProtocolViolation("not_" + protocol, 0, "", f"the bytes are no {protocol} message")
        self.reporting.violation(self.units.current(), found, side, data, start, end)

    # What the wire calls.

    def feed(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Take every whole message of ``data[start:end]``; return the offset of the first byte not used."""
        framing = self.framing
        pairing = self.pairing
        now: i64 = self.recorder.now
        if now >= pairing.next_look or now - pairing.time > ANSWER_NANOSECONDS:
            pairing.look(now)
        at: i64 = start
        if framing.hunting != 0 and framing.hunts(side):
            at = framing.hunt(self, side, data, at, end)
            if framing.hunts(side):
                return at
        while at < end:
            size: i64 = self.measure(side, data, at, end)
            if size == NEED_MORE:
                break
            if size < 0:
                at = framing.foreign(self, side, data, at, end)
                if framing.hunts(side):
                    return at
                continue
            if at + size > end:
                break
            framing.after_gap = False
            self.message(side, data, at, at + size)
            at += size
        return at

    def frame(self, side: i64, data: bytes, start: i64, end: i64, is_cut: bool) -> bool:
        """Take the one message of a frame without IP, what follows it is padding; return False when the capture cut it off."""
        self.pairing.look(self.recorder.now)
        size: i64 = self.measure(side, data, start, end)
        if size > 0 and start + size <= end:
            self.message(side, data, start, start + size)
        elif is_cut:
            return False
        else:
            self.violation_of_stream(side, data, start, end)
        return True

    def gap(self, side: i64, since: i64) -> None:
        """Bytes of one direction were lost: look for its next message.

        Answers may have been lost with them: what was asked before ``since`` is forgotten and not reported unanswered.
        """
        self.operations.last = None
        if side != self.connection.client_side:
            self.pairing.forget_before(since)
        self.framing.gap(side)

    def time_out_waiting(self, now: i64) -> None:
        """Report the requests that have waited too long; let the protocol give up its own."""
        self.pairing.time_out_late(now)
        self.expire(now)
