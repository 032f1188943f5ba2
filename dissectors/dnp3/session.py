"""One DNP3 connection: frames to fragments. Compiled with mypyc.

A frame that repeats what is known goes through ``Routine`` and makes no Message; everything else is parsed and goes through
``Application``.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_le, read_i64_le
from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import REQUEST, RESPONSE, ProtocolViolation
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.dnp3.application import Application
from dissectors.dnp3.link import (
    FROM_MASTER,
    HEADER,
    MIN_LENGTH,
    bad_block,
    destination_of,
    measure,
    next_frame,
    source_of,
    user_data,
    wrong_header,
)
from dissectors.dnp3.pair import Pair
from dissectors.dnp3.parse import (
    TRANSPORT_FIRST,
    TRANSPORT_LAST,
    TRANSPORT_SEQUENCE,
    WHOLE,
    block_fault,
    is_user_data,
    parse_frame,
    sender,
)
from dissectors.dnp3.routine import Routine
from dissectors.dnp3.transport import DONE, TOO_LONG, WRONG

MIN_WHOLE: Final = MIN_LENGTH + 3


@final
class LastHeader:
    """The last good header of one direction, whose CRC need not be computed again; ``lost`` after one that was not good."""

    def __init__(self) -> None:
        self.head: i64 = 0
        self.crc: i64 = 0
        self.size: i64 = 0
        self.lost: bool = False
        self.bit_told: bool = False
        """A function has told who sends frames with direction bit ``bit``: a master when ``by_master``."""
        self.bit: bool = False
        self.by_master: bool = False


@final
class Dnp3Session(Session):
    """One connection, or one pair of UDP ends."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        super().__init__("dnp3", connection, recorder, channel_table)
        self.conversation.exchanges.numbering = frozenset({"iin", "auth_sequence"})
        self.application = Application(self.conversation)
        self.routine = Routine(self.application)
        self.from_opener = LastHeader()
        self.from_peer = LastHeader()

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the frame at ``start``; the last good header of each side is not checked again."""
        if start + HEADER > end:
            return measure(data, start, end)
        last = self.from_opener if side == 0 else self.from_peer
        head: i64 = read_i64_le(data, start)
        crc: i64 = i64(read_i16_le(data, start + 8))
        if head == last.head and crc == last.crc:
            return last.size
        size: i64 = measure(data, start, end)
        if size > 0:
            last.head = head
            last.crc = crc
            last.size = size
        return size

    def resync(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the next 0x0564 with a good header CRC."""
        return next_frame(data, start, end)

    def violation_of_stream(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Report once per stretch of foreign bytes what is wrong with its begin."""
        last = self.from_opener if side == 0 else self.from_peer
        if last.lost:
            return
        last.lost = True
        found = wrong_header(data, start, end)
        stop: i64 = start + found.at
        found.at = 0
        pair = self.application.pair
        channel = self.units.open("", -1) if pair is None else pair.channel
        self.reporting.violation(channel, found, side, data, start, stop)

    def gap(self, side: i64, since: i64) -> None:
        """Forget half-built fragments too."""
        super().gap(side, since)
        for pair in self.application.pairs.values():
            pair.gap()

    def close(self) -> None:
        """Give back what the pairs hold too."""
        super().close()
        self.application.release()

    def expire(self, now: i64) -> None:
        """Give up fragments whose parts never came."""
        for pair in self.application.pairs.values():
            for assembly in (pair.from_master, pair.from_outstation):
                if assembly.has_waited(now):
                    text = f"a fragment of {int(assembly.byte_count)} bytes in {len(assembly.parts)} parts has no end"
                    assembly.give_up()
                    side: i64 = self.connection.client_side
                    if assembly is pair.from_outstation:
                        side = 1 - side
                    found = ProtocolViolation("endless_fragment", HEADER, "8.2", text)
                    self.reporting.violation(pair.channel, found, side, b"", 0, 0)

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Take one whole frame with a good header."""
        last = self.from_opener if side == 0 else self.from_peer
        last.lost = False
        length: i64 = i64(data[start + 2])
        control: i64 = i64(data[start + 3])
        source: i64 = source_of(data, start)
        destination: i64 = destination_of(data, start)
        by_master = control & FROM_MASTER != 0
        if by_master != (side == self.connection.client_side) or not self.connection.asked:
            by_master = self._is_master(side, by_master, data, start, end)
        key: i64 = source << 16 | destination if by_master else destination << 16 | source
        application = self.application
        pair = application.pair
        if pair is None or pair.key != key:
            pair = application.find_pair(key, by_master != (side == self.connection.client_side))
        if length == MIN_LENGTH or not is_user_data(control):
            application.take_link(side, pair, control, source, destination, data, start, end)
            return
        transport: i64 = i64(data[start + HEADER])
        if transport & WHOLE == WHOLE and length >= MIN_WHOLE:
            assembly = pair.from_master if by_master else pair.from_outstation
            if assembly.byte_count == 0 and self.routine.repeated(pair, by_master, length, data, start, end):
                return
        bad: i64 = bad_block(data, start, end)
        if bad >= 0:
            self.reporting.violation(pair.channel, block_fault(bad), side, data, start, end)
            return
        user = user_data(data, start, end)
        if transport & WHOLE == WHOLE:
            self._interrupted(side, pair, by_master, data, start, end)
            application.take_fragment(side, user, 1, control, source, destination, data, start, end)
            return
        self._part(side, pair, by_master, user, control, source, destination, data, start, end)

    def _is_master(self, side: i64, by_bit: bool, data: bytes, start: i64, end: i64) -> bool:
        """Return whether a master sends the frame: by its function, else as the last frame of its side with this bit, else by it."""
        last = self.from_opener if side == 0 else self.from_peer
        says: i64 = sender(data, start, end)
        if says < 0:
            return last.by_master if last.bit_told and last.bit == by_bit else by_bit
        last.bit_told = True
        last.bit = by_bit
        last.by_master = says == 1
        if says == 1:
            self.asked_by(side)
        if last.by_master != (side == self.connection.client_side):
            message = parse_frame(data, start, end)
            if message is not None and (message.kind == REQUEST or message.kind == RESPONSE):
                self.contradicted(side, message.tag, last.by_master, True, data[start:end])
        return last.by_master

    def turn_round(self, client: i64) -> None:
        """Forget the pairs too."""
        super().turn_round(client)
        self.application.turn_round()

    def _part(
        self,
        side: i64,
        pair: Pair,
        by_master: bool,
        user: bytes,
        control: i64,
        source: i64,
        destination: i64,
        data: bytes,
        start: i64,
        end: i64,
    ) -> None:
        """Take a frame that holds a part of a fragment."""
        assembly = pair.from_master if by_master else pair.from_outstation
        transport: i64 = i64(user[0])
        first = transport & TRANSPORT_FIRST != 0
        if first:
            assembly.started = self.recorder.now
        state: i64 = assembly.add(first, transport & TRANSPORT_LAST != 0, transport & TRANSPORT_SEQUENCE, user[1:])
        if state == WRONG:
            self._broken(side, pair, assembly.text, data, start, end)
        elif state == TOO_LONG:
            found = ProtocolViolation("endless_fragment", HEADER, "8.2", assembly.text)
            self.reporting.violation(pair.channel, found, side, data, start, end)
        if state != DONE:
            return
        joined = assembly.joined
        assembly.joined = b""
        if not by_master and self.routine.assembled(pair, joined):
            return
        self.application.take_fragment(side, joined, 0, control, source, destination, data, start, end)

    def _interrupted(self, side: i64, pair: Pair, by_master: bool, data: bytes, start: i64, end: i64) -> None:
        """Report that a whole fragment came where a part of another was due."""
        assembly = pair.from_master if by_master else pair.from_outstation
        if assembly.byte_count == 0:
            return
        text = f"a whole fragment came where part {assembly.sequence} of another was due"
        assembly.give_up()
        self._broken(side, pair, text, data, start, end)

    def _broken(self, side: i64, pair: Pair, text: str, data: bytes, start: i64, end: i64) -> None:
        found = ProtocolViolation("transport_sequence", HEADER, "8.2", text)
        self.reporting.violation(pair.channel, found, side, data, start, end)
