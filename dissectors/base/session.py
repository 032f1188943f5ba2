"""One connection of one protocol, as the wire drives it. Compiled with mypyc.

A dissector's session implements ``measure`` (how long is the message here), ``message`` (count a known routine operation, or
hand the parsed message to ``conversation.take``) and ``resync`` (where could a message begin). Here streams are cut; the rest of
what protocols share lies in the parts of ``conversation``: ``units``, ``operations`` and ``pairing`` count and pair,
``reporting`` reports.
"""

from __future__ import annotations

from mypy_extensions import i64, mypyc_attr

from dissectors.base.channel import Channel
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import LEAD, Connection
from dissectors.base.contrary import Contrary
from dissectors.base.conversation import Conversation
from dissectors.base.message import LONGEST_MESSAGE, NEED_MORE, ProtocolViolation
from dissectors.base.operations import Operations
from dissectors.base.pairing import ANSWER_NANOSECONDS, Pairing
from dissectors.base.recorder import Recorder
from dissectors.base.reporting import Reporting
from dissectors.base.reverse import BACKWARDS
from dissectors.base.units import Units


@mypyc_attr(allow_interpreted_subclasses=True)
class Session:
    """The two directions of one connection."""

    def __init__(self, protocol: str, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        self.connection: Connection = connection
        self.recorder: Recorder = recorder
        self.conversation: Conversation = Conversation(protocol, connection, recorder, channel_table)
        self.units: Units = self.conversation.units
        self.operations: Operations = self.conversation.operations
        self.pairing: Pairing = self.conversation.pairing
        self.reporting: Reporting = self.conversation.reporting
        self.hunting: i64 = 0
        """The bit of a side is set while its next message is looked for."""
        self.after_gap: i64 = 0
        """The bit of a side is set from a gap in it until its next message."""
        self.longest: i64 = LONGEST_MESSAGE
        """The rest of a message after a gap is of no more bytes."""
        self.foreign_opener: i64 = 0
        """Bytes of a side passed over after a gap since its last message."""
        self.foreign_peer: i64 = 0
        self.contrary: Contrary | None = None
        """What speaks against the roles; most connections never have any."""

    # What a protocol gives.

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the message at ``start``, NEED_MORE, or NOT_MINE. Reads only [start, end)."""
        return NEED_MORE

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Take the whole message ``data[start:end]``."""

    def resync(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the offset in [start, end) of the next plausible message, or ``end``.

        Everything before the returned offset is given up. Work is bounded by the bytes given.
        """
        return end

    def undecided(self, data: bytes, start: i64, end: i64) -> i64:
        """Return where in [start, end) a message may begin whose end has not come; ``end`` when nowhere.

        Asked when ``resync`` found nothing; bytes from there on are kept and looked at again with those that follow.
        """
        return end

    def expire(self, now: i64) -> None:
        """Give up what waited too long besides requests (half-built fragments of the protocol)."""

    def close(self) -> None:
        """Give back what counts in the bounds of all connections: this one is over."""
        self.units.release()
        self.units.traffic = None
        self.pairing.release()
        self.reporting.release()
        if self.contrary is not None:
            self.contrary.release()

    def violation_of_stream(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Report that the bytes at ``start`` are not this protocol's."""
        protocol = self.units.protocol
        found = ProtocolViolation("not_" + protocol, 0, "", f"the bytes are no {protocol} message")
        self.reporting.violation(self.current_channel(), found, side, data, start, end)

    def current_channel(self) -> Channel:
        """Return the channel that what belongs to no message is reported of."""
        return self.units.current()

    # What the wire calls.

    def feed(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Take every whole message of ``data[start:end]``; return the offset of the first byte not used."""
        pairing = self.pairing
        now: i64 = self.recorder.now
        if now >= pairing.next_look or now - pairing.time > ANSWER_NANOSECONDS:
            pairing.look(now)
        at: i64 = start
        if self.hunting != 0 and self._hunts(side):
            at = self._hunt(side, data, at, end)
            if self._hunts(side):
                return at
        while at < end:
            size: i64 = self.measure(side, data, at, end)
            if size == NEED_MORE:
                break
            if size < 0:
                at = self._foreign(side, data, at, end)
                if self._hunts(side):
                    return at
                continue
            if at + size > end:
                break
            if self.after_gap != 0:
                self._end_gap(side)
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

    def asked_by(self, side: i64) -> bool:
        """Take it that ``side`` sent what only a client sends; return whether it was taken for the server until now.

        Its channels are opened anew the right way round. The first that asks is the client, but where the port, the handshake or
        the time before say otherwise: against these a question alone turns nobody round, what is answered may (``contradicted``).
        """
        connection = self.connection
        if connection.asked or connection.to_group:
            return False
        if side != connection.client_side and connection.prior == connection.client_side:
            return False
        connection.asked = True
        if side == connection.client_side:
            return False
        self.turn_round(side)
        return True

    def contradicted(self, side: i64, tag: i64, asks: bool, is_sure: bool, data: bytes) -> bool:
        """Take a question of the server, or an answer of the client; return whether the roles were turned round by it.

        They are when what the server asked and was answered outweighs what the client was: by more of it, for the one whom
        the port, the handshake or the time before call the client sooner, against them only when the client was never answered.
        Then what was kept has been read again the right way round, and the message at hand is to be read so, too.
        """
        connection = self.connection
        if connection.to_group:
            return False
        contrary = self.contrary
        if asks:
            if contrary is None:
                contrary = Contrary(self.units.channel_table)
                self.contrary = contrary
            contrary.question(side, tag, is_sure, data, self.recorder.frame)
            return False
        asked = contrary.asked(tag) if contrary is not None else None
        if contrary is None or asked is None:
            return False
        pairing = self.pairing
        contrary.count(asked, is_sure)
        if not self._is_outweighed(contrary.pairs):
            waits = pairing.asked(tag | BACKWARDS)
            if waits is not None:
                pairing.answered -= 1
            if waits is not None and waits.stray:
                contrary.forget(asked)  # it is told at once, as what the server asked
            else:
                contrary.answer(asked, is_sure, data, self.recorder.frame)
            return False
        self._turn_over(contrary, 1 - side)
        return True

    def _is_outweighed(self, pairs: i64) -> bool:
        """Return whether ``pairs`` of exchanges the other way round say more than those this way round."""
        connection = self.connection
        answered: i64 = self.pairing.answered
        if connection.prior < 0:
            return pairs > answered
        if connection.prior == connection.client_side:
            return answered == 0 and pairs >= LEAD
        return pairs > 0 and answered < pairs + LEAD - 1

    def _turn_over(self, contrary: Contrary, client: i64) -> None:
        """Turn the roles round and read what was kept again; what was asked the other way round is told as nobody's answer."""
        self.contrary = None
        kept = contrary.kept
        contrary.release()
        pending = self.pairing.take_pending()
        keys = [self.units.key_of(request.channel) for request in pending]
        self.turn_round(client)
        self.pairing.answered = 0
        self.connection.asked = True
        frame: i64 = self.recorder.frame
        for one in kept:
            if one.data:
                self.recorder.frame = one.frame
                self.read_again(one.side, one.data)
        self.recorder.frame = frame
        for place, request in enumerate(pending):
            if not request.by_server and all(one.tag != request.tag for one in kept):
                request.channel = self.units.open(request.channel.opened.unit, keys[place])
                self.conversation.exchanges.asked_by_server(request)

    def read_again(self, side: i64, data: bytes) -> None:
        """Take a message that was read with the roles the other way round."""
        self.message(side, data, 0, i64(len(data)))

    def turn_round(self, client: i64) -> None:
        """Make ``client`` the side that asks: what was known of the channels the other way round is forgotten."""
        connection = self.connection
        connection.client_side = client
        connection.decided_by = "handshake" if client == connection.opened_by else "messages"
        self.operations.last = None
        self.units.turn_round()

    def gap(self, side: i64, since: i64) -> None:
        """Bytes of one direction were lost: look for its next message.

        Answers may have been lost with them: what was asked before ``since`` is not reported unanswered.
        """
        self.operations.last = None
        if side != self.connection.client_side:
            self.pairing.gap(since)
        self.after_gap |= side + 1
        self.hunting |= side + 1

    def end(self, *, is_closed: bool) -> None:
        """Report what is open: the connection is over and nobody answers any more, or nothing more of it will be seen."""
        if is_closed:
            self.pairing.time_out_all()
        else:
            self.pairing.end_unseen()
        self.units.traffic = None

    def time_out_waiting(self, now: i64) -> None:
        """Report the requests that have waited too long; let the protocol give up its own."""
        self.pairing.time_out_late(now)
        self.expire(now)

    # The way back into a stream.

    def _hunts(self, side: i64) -> bool:
        return (self.hunting & (side + 1)) != 0

    def _foreign(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Report that no message begins at ``start`` and look for the next one; return where to go on."""
        if (self.after_gap & (side + 1)) == 0:
            self.violation_of_stream(side, data, start, end)
            if self.connection.with_gaps:
                self.after_gap |= side + 1  # for all that is known there was a gap here, too
        self.units.channel_table.resynchronised += 1
        return self._hunt(side, data, start + 1, end)

    def _hunt(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Look for the next message; return where it begins, or from where on the bytes are to be kept."""
        found: i64 = self.resync(data, start, end)
        if found >= end:
            found = max(start, min(end, self.undecided(data, start, end)))
            self.hunting |= side + 1
        else:
            self.hunting &= ~(side + 1)
        if found > start and (self.after_gap & (side + 1)) != 0:
            self._pass_over(side, data, start, found)
        return found

    def _end_gap(self, side: i64) -> None:
        """A message came: what one direction lost lies behind it."""
        self.after_gap &= ~(side + 1)
        if side == 0:
            self.foreign_opener = 0
        else:
            self.foreign_peer = 0

    def _pass_over(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Count bytes passed over after a gap; report them, once, when they are more than the rest of a message can be.

        Another gap does not begin the count anew: who forges gaps would never be reported.
        """
        before: i64 = self.foreign_opener if side == 0 else self.foreign_peer
        passed: i64 = before + end - start
        if side == 0:
            self.foreign_opener = passed
        else:
            self.foreign_peer = passed
        if before <= self.longest < passed:
            protocol = self.units.protocol
            text = f"{int(passed)} bytes behind a gap are no {protocol} message: no message has so many"
            found = ProtocolViolation("not_" + protocol, int(passed), "", text)
            self.reporting.violation(self.current_channel(), found, side, data, start, end)
