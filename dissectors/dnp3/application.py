"""What a DNP3 session does with parsed messages: pairing, indications, values, links. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.conversation import Conversation
from dissectors.base.message import ANYTHING, PLAIN_READ, REPORT, RESPONSE, Message, fold
from dissectors.dnp3.function import FIRST_FROM_OUTSTATION
from dissectors.dnp3.indication import ERRORS, STATES, names_of
from dissectors.dnp3.link import MIN_LENGTH, PRIMARY
from dissectors.dnp3.objects import MAX_VALUES
from dissectors.dnp3.pair import Pair
from dissectors.dnp3.parse import (
    AUTHENTICATION_TAG,
    CONTINUES,
    FIRST,
    MIN_RESPONSE,
    SEQUENCE,
    parse_fragment,
    parse_link,
)
from dissectors.dnp3.repeat import first_block_end

MAX_PAIRS: Final = 1_024
FUNCTION: Final = 12


@final
class Application:
    """The general path of one connection, and the link pairs on it."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.pair: Pair | None = None
        """The pair that spoke last."""
        self.pairs: dict[int, Pair] = {}

    def find_pair(self, key: i64, backwards: bool = False) -> Pair:
        """Return the state of a link pair, making it and its channel when new; ``backwards`` when the server is its master."""
        pair = self.pairs.get(int(key))
        if pair is None:
            if i64(len(self.pairs)) >= MAX_PAIRS:
                self.conversation.units.channel_table.evicted_protocol_state += i64(len(self.pairs))
                self.release()
            unit = f"{key >> 16}>{key & 0xFFFF}"
            channel = self._channel_back(unit) if backwards else self.conversation.units.open(unit, key)
            pair = Pair(key, channel, self.conversation.recorder.now, self.conversation.units.channel_table)
            pair.is_backwards = backwards
            self.pairs[int(key)] = pair
        elif pair.is_backwards:
            pair.move(self._channel_back(f"{key >> 16}>{key & 0xFFFF}"))
        elif pair.channel is not self.conversation.units.channel:
            self.conversation.units.turn_to(pair.channel, key)
        self.pair = pair
        return pair

    def _channel_back(self, unit: str) -> Channel:
        """Return the channel of a pair whose master is the server: one of its own once a command was answered."""
        reverse = self.conversation.reverse
        own = reverse.known(unit) if reverse is not None else None
        return own if own is not None else self.conversation.units.current()

    def turn_round(self) -> None:
        """Forget the pairs: client and server have changed places, and their channels are opened anew."""
        self.release()
        self.pair = None

    def release(self) -> None:
        """Forget all pairs."""
        for pair in self.pairs.values():
            pair.release()
        self.pairs.clear()

    # Frames without user data.

    def take_link(
        self, side: i64, pair: Pair, control: i64, source: i64, destination: i64, data: bytes, start: i64, end: i64
    ) -> None:
        """Count a link function; its first use on the channel is reported."""
        channel = pair.channel
        conversation = self.conversation
        now: i64 = conversation.recorder.now
        length: i64 = i64(data[start + 2])
        known = pair.links.get(int(control & 0x4F)) if length == MIN_LENGTH else None
        if known is not None:
            conversation.operations.count(channel, known, now)
            return
        message = parse_link(control, source, destination, length)
        conversation.remarks(side, channel, message, data, start, end)
        if not control & PRIMARY:
            conversation.units.touch(channel)
            channel.responses += 1
            return
        operation = conversation.operations.of(channel, message)
        if not message.violations and not pair.is_backwards:
            pair.links[int(control & 0x4F)] = operation
        conversation.operations.count(channel, operation, now)

    # Application fragments.

    def take_fragment(
        self,
        side: i64,
        apdu: bytes,
        at: i64,
        control: i64,
        source: i64,
        destination: i64,
        data: bytes,
        start: i64,
        end: i64,
    ) -> None:
        """Take the application fragment ``apdu[at:]``; ``data[start:end]`` is the frame that completed it."""
        size: i64 = i64(len(apdu))
        message = parse_fragment(apdu, at, size, control, source, destination)
        asks = message.kind != RESPONSE
        backwards = message.kind != REPORT and asks != (side == self.conversation.connection.client_side)
        if backwards:
            self.conversation.goes_back(message)
        pair = self.find_pair(message.unit_key, backwards)
        if message.kind == RESPONSE:
            self._take_response(side, pair, message, apdu, at, data, start, end)
        elif message.kind == REPORT:
            self._take_report(side, pair, message, apdu, at, data, start, end)
        elif message.operation == "confirm" and message.routine:
            operations = self.conversation.operations
            pair.confirm = operations.of(pair.channel, message)
            operations.count(pair.channel, pair.confirm, self.conversation.recorder.now)
        else:
            known = self.conversation.take(side, message, -1, data, start, end)
            if known is not None and known.routine and message.routine and at == 1 and not pair.is_backwards:
                known.request = data[start:end]
                pair.remember_request(fold(data, start + FUNCTION, first_block_end(start, end)), known)
        self.conversation.backwards = False

    def _take_response(
        self, side: i64, pair: Pair, message: Message, apdu: bytes, at: i64, data: bytes, start: i64, end: i64
    ) -> None:
        pairing = self.conversation.pairing
        if message.tag & AUTHENTICATION_TAG and pairing.asked(message.tag) is None:
            message.tag &= ~AUTHENTICATION_TAG
        self._place(message, i64(apdu[at]) & FIRST != 0)
        operation = pairing.fitting(message.tag, message.mirror)
        if not self.conversation.backwards or pair.is_backwards:
            self._take_points(pair, message, apdu, at)
        if not message.final and operation is not None:
            self._hold(side, pair, message, data, start, end)
            return
        self._indicate(pair, message)
        if pair.held_tag == message.tag:
            message.values = (pair.held + message.values)[:MAX_VALUES]
        pair.held = []
        pair.held_tag = -1
        self.conversation.take(side, message, -1, data, start, end)

    def _place(self, message: Message, is_first: bool) -> None:
        """Find out to what kind of request a response belongs that does not say it itself."""
        pairing = self.conversation.pairing
        tag: i64 = message.tag
        if pairing.asked(tag | CONTINUES) is not None and (not is_first or pairing.asked(tag) is None):
            message.tag = tag | CONTINUES
        elif message.mirror == ANYTHING and not message.error and message.operation == "response":
            # Nothing at all answers a read. Stations repeat a control; those that do not are believed when no read waits.
            if pairing.fitting(tag, PLAIN_READ) is not None or pairing.given_up.fits(tag, PLAIN_READ):
                message.mirror = PLAIN_READ
        elif message.error and pairing.fitting(tag, message.mirror) is None:
            if not pairing.given_up.fits(tag, message.mirror):
                message.mirror = ANYTHING

    def _hold(self, side: i64, pair: Pair, message: Message, data: bytes, start: i64, end: i64) -> None:
        """Keep a request open whose answer goes on in the next fragment, or that is challenged first."""
        self.conversation.remarks(side, pair.channel, message, data, start, end)
        tag: i64 = message.tag
        if message.operation == "response":
            tag = (tag & ~SEQUENCE) | ((tag + 1) & SEQUENCE) | CONTINUES
            before = pair.held if pair.held_tag == message.tag else []
            pair.held = (before + message.values)[:MAX_VALUES]
            pair.held_tag = tag
        if self.conversation.pairing.match_fitting(message.tag, message.mirror):
            self.conversation.pairing.reopen(tag)

    def _take_report(
        self, side: i64, pair: Pair, message: Message, apdu: bytes, at: i64, data: bytes, start: i64, end: i64
    ) -> None:
        plain_values = self._take_points(pair, message, apdu, at)
        self._indicate(pair, message)
        operation = self.conversation.take(side, message, -1, data, start, end)
        is_plain = plain_values and not pair.is_backwards
        if operation is not None and is_plain and message.final and not message.violations and not message.error:
            pair.remember_report(operation)

    def _indicate(self, pair: Pair, message: Message) -> bool:
        """Report in ``message`` which indications rose and fell; return whether any did, or these are the first."""
        bits = message.detail.get("iin")
        if not isinstance(bits, int):
            return False
        states: i64 = i64(bits) & STATES
        before: i64 = pair.indications
        pair.indications = states
        if before == states:
            return False
        message.routine = False
        known: i64 = before if before >= 0 else 0
        rose: i64 = (states & ~known) | (i64(bits) & ERRORS)
        fell: i64 = known & ~states
        if rose:
            message.detail["iin_set"] = names_of(rose)
        if fell:
            message.detail["iin_cleared"] = names_of(fell)
        return True

    # Values.

    def _take_points(self, pair: Pair, message: Message, apdu: bytes, at: i64) -> bool:
        """Take the points of a response or report; False when it is more than values, or has no objects part."""
        size: i64 = i64(len(apdu))
        if size - at < MIN_RESPONSE or apdu[at + 1] < FIRST_FROM_OUTSTATION or not message.code:
            return False
        if message.operation != "response" and message.operation != "unsolicited_response":
            return False
        return self.take_values(pair, apdu, at + MIN_RESPONSE, size)

    def take_values(self, pair: Pair, data: bytes, start: i64, end: i64) -> bool:
        """Take the values of ``data[start:end]`` and report what changed; False when it is more than values."""
        points = pair.points
        whole = points.take(data, start, end)
        self.conversation.units.channel_table.evicted_protocol_state += points.take_refused()
        changes = points.changes
        if changes:
            points.changes = []
            self.conversation.units.touch(pair.channel)
            reporting = self.conversation.reporting
            for change in changes:
                reporting.changed(pair.channel, change.kind, change.points, change.values, change.previous)
        return whole
