"""What every protocol on ISO transport shares: frames, the connect exchange, fragments, the way back after a gap.

A protocol implements ``payload``. A connection whose payload is nobody's is reported as protocol "iso". Bounds: MAX_MESSAGE
bytes of one message in fragments; beyond it the message is dropped and counted. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import ONE_WAY, Message, ProtocolViolation
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.iso import payload as carried
from dissectors.iso.cotp import CC, CR, DATA_HEADER, DC, DR, DT, ED, is_whole_data, measure, parse
from dissectors.iso.resync import next_frame
from dissectors.iso.tsap import protocol_of, rack_slot, unit_key
from dissectors.iso.unit import connection_message

MAX_MESSAGE: Final = 65_536
"""Bytes of one message collected from fragments, per direction."""
PROTOCOL_STEP: Final = 1 << 16
"""Distance of the unit keys of the protocols that one connection may carry."""
PROTOCOL_RANK: Final = {"iso": 0, "s7comm": 1, "s7commplus": 2}


@final
class Fragments:
    """The beginning of a message of one direction; ``dropping`` while the rest of one that is too long goes by."""

    def __init__(self) -> None:
        self.held: bytes = b""
        self.dropping: bool = False


class IsoSession(Session):
    """The two directions of one transport connection."""

    def __init__(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> None:
        super().__init__("iso", connection, recorder, channel_table)
        self.named: bool = False
        """The first connect or confirm named the called end."""
        self.units.of_connection = True
        self.unit: str = ""
        self.unit_number: i64 = 0
        self.from_opener: Fragments = Fragments()
        self.from_peer: Fragments = Fragments()
        self.encrypted: bool = False

    # What a protocol gives.

    def payload(self, side: i64, data: bytes, start: i64, end: i64, frame: i64) -> None:
        """Take the whole message ``data[start:end]``; ``frame`` is where its transport header begins, or ``start``."""
        self.foreign(side, data, start, end)

    # Frames to messages.

    def measure(self, side: i64, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the TPKT frame at ``start``."""
        return measure(data, start, end)

    def resync(self, data: bytes, start: i64, end: i64) -> i64:
        """Return where the next plausible frame begins."""
        return next_frame(data, start, end)

    def gap(self, side: i64, since: i64) -> None:
        """Forget half a message of the direction that lost bytes."""
        super().gap(side, since)
        fragments = self._fragments(side)
        self._let_go(fragments)
        fragments.dropping = False

    def close(self) -> None:
        """Give back the bytes of messages in parts too."""
        super().close()
        self._let_go(self.from_opener)
        self._let_go(self.from_peer)

    def _let_go(self, fragments: Fragments) -> None:
        self.units.channel_table.parts -= i64(len(fragments.held))
        fragments.held = b""

    def message(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Take one frame: hand over a whole message, collect a fragment, report anything else."""
        if is_whole_data(data, start, end):
            fragments = self.from_opener if side == 0 else self.from_peer
            if not fragments.held and not fragments.dropping:
                self.payload(side, data, start + DATA_HEADER, end, start)
                return
        tpdu = parse(data, start, end)
        if tpdu is None:
            return
        if tpdu.violations:
            channel = self.current_channel()
            for found in tpdu.violations:
                self.reporting.violation(channel, found, side, data, start, end)
            if tpdu.kind != CR and tpdu.kind != CC:
                return
        if tpdu.kind == DT or tpdu.kind == ED:
            self._collect(side, data, tpdu.body, end, tpdu.eot)
            return
        if (tpdu.kind == CR or tpdu.kind == CC) and not self.named and tpdu.called:
            self.named = True
            self.unit = rack_slot(tpdu.called)
            self.unit_number = unit_key(tpdu.called)
            if self.units.protocol == "iso":
                self.speak(protocol_of(tpdu.called))
        if tpdu.kind == DC:
            return  # it confirms a disconnect, which either end may ask for: no operation of its own
        if tpdu.kind == CR:
            self.asked_by(side)
        message = connection_message(tpdu, side == self.connection.client_side)
        asks = tpdu.kind == CR
        if (asks or tpdu.kind == CC) and asks != (side == self.connection.client_side):
            if not self.contradicted(side, message.tag, asks, True, data[start:end]):
                self.conversation.goes_back(message)
        if message.operation == "disconnect" and tpdu.kind == DR and self.pairing.asked(message.tag) is not None:
            message.operation = "connect"
        elif message.operation == "disconnect":
            message.kind = ONE_WAY
            message.error = ""
            message.error_code = 0
        self.place_on_unit(message)
        self.conversation.take(side, message, -1, data, start, end)

    def _fragments(self, side: i64) -> Fragments:
        return self.from_opener if side == 0 else self.from_peer

    def _collect(self, side: i64, data: bytes, start: i64, end: i64, last: bool) -> None:
        """Add a fragment; hand the message over when it was the last one."""
        fragments = self._fragments(side)
        table = self.units.channel_table
        full = i64(len(fragments.held)) + end - start > MAX_MESSAGE
        if not fragments.dropping and (full or (not last and table.parts + end - start > table.part_limit)):
            fragments.dropping = True
            self._let_go(fragments)
            self.conversation.units.channel_table.evicted_protocol_state += 1
            if full:
                text = f"a message in fragments passes {MAX_MESSAGE} bytes"
                found = ProtocolViolation("cotp_length", 4, "X.224 6.3", text)
                self.reporting.violation(self.current_channel(), found, side, data, start, end)
        if not fragments.dropping:
            fragments.held += data[start:end]
            table.parts += end - start
        if last:
            whole = fragments.held
            self._let_go(fragments)
            fragments.dropping = False
            if whole:
                self.payload(side, whole, 0, i64(len(whole)), 0)

    # Channels.

    def speak(self, protocol: str) -> None:
        """From now on the messages of this connection are ``protocol``'s."""
        if self.units.protocol != protocol:
            self.units.protocol = protocol
            self.units.channel = None

    def place_on_unit(self, message: Message) -> None:
        """Put the rack and slot of the connection on a message, apart for each protocol."""
        message.unit = self.unit
        message.unit_key = self.unit_number + PROTOCOL_RANK[self.units.protocol] * PROTOCOL_STEP

    def current_channel(self) -> Channel:
        """Return the channel of this connection's unit and protocol."""
        channel = self.units.channel
        if channel is not None:
            return channel
        return self.units.open(self.unit, self.unit_number + PROTOCOL_RANK[self.units.protocol] * PROTOCOL_STEP)

    # Payloads that are reported but not taken apart.

    def foreign(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Count a message of another protocol: MMS and its like, or one that nothing names."""
        self.speak("iso")
        message = Message(ONE_WAY, "transfer_data", "unknown", "0xf0")
        if carried.kind_of(data, start, end) == carried.ISO_SESSION:
            spdu = int(data[start])
            name = carried.SPDU[spdu]
            message = Message(ONE_WAY, f"session_{name}", "unknown" if spdu == 1 else "session", f"0x{spdu:02x}")
        message.routine = message.verb == "unknown"
        self.place_on_unit(message)
        channel = self.units.open(message.unit, message.unit_key)
        operation = self.operations.with_key(channel, (1 << 60) | i64(data[start]), message)
        self.operations.count(channel, operation, self.recorder.now)

    def note_encrypted(self, data: bytes, start: i64, end: i64) -> None:
        """Report once that the connection is TLS inside COTP and cannot be seen from here on."""
        if self.encrypted:
            return
        self.encrypted = True
        self.connection.encrypted = True
        self.speak("s7commplus")
        channel = self.current_channel()
        channel.visibility = "encrypted"
        reason = "TLS inside COTP: the messages of this connection are encrypted"
        self.recorder.visibility(self.connection, channel=channel.identity, state="encrypted", reason=reason)

    def violation_of_stream(self, side: i64, data: bytes, start: i64, end: i64) -> None:
        """Report that no TPKT frame begins where one belongs."""
        if data[start] != 3:
            text = f"version {data[start]} where a TPKT header with version 3 belongs"
            found = ProtocolViolation("tpkt_version", 0, "RFC 1006 6", text)
        else:
            text = f"length {(int(data[start + 2]) << 8) | int(data[start + 3])}, at least 7 belong"
            found = ProtocolViolation("tpkt_length", 2, "RFC 1006 6", text)
        self.reporting.violation(self.current_channel(), found, side, data, start, end)
