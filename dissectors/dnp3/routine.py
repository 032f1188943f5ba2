"""What repeats on a DNP3 connection: known reads, and answers with values already seen or readable in place.

Such a frame makes no Message; it is compared, its block CRCs are checked, and it is counted. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_le
from mypy_extensions import i64

from dissectors.base.channel import Operation
from dissectors.base.message import fold, same
from dissectors.dnp3.application import FUNCTION, Application
from dissectors.dnp3.function import CONFIRM, READ, RESPONSE_FUNCTION, UNSOLICITED_RESPONSE
from dissectors.dnp3.indication import ERRORS, STATES
from dissectors.dnp3.link import HEADER, MIN_LENGTH, bad_block, user_data
from dissectors.dnp3.pair import Pair
from dissectors.dnp3.parse import MIN_RESPONSE, SEQUENCE, UNSOLICITED, WHOLE, tag_of
from dissectors.dnp3.repeat import first_block_end, first_block_sealed, repeats

OBJECTS: Final = 15
"""Offset of the first object in a frame that holds a whole response."""
EMPTY_RESPONSE: Final = MIN_LENGTH + 5
MIN_WHOLE: Final = MIN_LENGTH + 3
ONE_BLOCK: Final = MIN_LENGTH + 16


@final
class Routine:
    """The fast path of one connection."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.conversation = application.conversation

    def repeated(self, pair: Pair, by_master: bool, length: i64, data: bytes, start: i64, end: i64) -> bool:
        """Count a frame that needs no parsing; False when it does, and nothing has been counted."""
        control: i64 = i64(data[start + 11])
        function: i64 = i64(data[start + FUNCTION])
        if control & WHOLE != WHOLE:
            return False
        if by_master:
            if function == READ and not control & UNSOLICITED:
                return self._known_request(pair, control, data, start, end)
            confirm = pair.confirm
            if function != CONFIRM or length != MIN_WHOLE or confirm is None:
                return False
            if not first_block_sealed(data, start, end):
                return False
            self.conversation.operations.count(pair.channel, confirm, self.conversation.recorder.now)
            return True
        if length < EMPTY_RESPONSE:
            return False
        if function == RESPONSE_FUNCTION and not control & UNSOLICITED:
            return self._known_response(pair, length, control, data, start, end)
        if function == UNSOLICITED_RESPONSE:
            return self._known_report(pair, length, data, start, end)
        return False

    def _known_request(self, pair: Pair, control: i64, data: bytes, start: i64, end: i64) -> bool:
        operation = self.conversation.operations.usual()
        if operation is None or not repeats(data, start, end, operation.request, FUNCTION):
            key: i64 = fold(data, start + FUNCTION, first_block_end(start, end))
            operation = pair.requests.get(int(key))
            if operation is None or not repeats(data, start, end, operation.request, FUNCTION):
                return False
        if not first_block_sealed(data, start, end):
            return False
        conversation = self.conversation
        conversation.operations.count(pair.channel, operation, conversation.recorder.now)
        conversation.pairing.ask(pair.channel, operation, tag_of(pair.key, control & SEQUENCE), None)
        return True

    def _expected(self, pair: Pair, tag: i64, bits: i64) -> Operation | None:
        """Return the plain operation that a response with ``tag`` answers, when its indications say nothing new."""
        if bits & (STATES | ERRORS) != pair.indications:
            return None
        operation = self.conversation.pairing.asked(tag)
        return operation if operation is not None and operation.routine else None

    def _known_response(self, pair: Pair, length: i64, control: i64, data: bytes, start: i64, end: i64) -> bool:
        tag: i64 = tag_of(pair.key, control & SEQUENCE)
        operation = self._expected(pair, tag, i64(read_i16_le(data, start + 13)) & 0xFFFF)
        if operation is None:
            return False
        if length == EMPTY_RESPONSE:
            if not first_block_sealed(data, start, end):
                return False
            self.conversation.answered_routine(tag)
            return True
        points = pair.points
        if operation.reply_key == points.version and repeats(data, start, end, operation.reply, OBJECTS):
            if not first_block_sealed(data, start, end):
                return False
            self.conversation.answered_routine(tag)
            return True
        if bad_block(data, start, end) >= 0 or not self._values(pair, length, data, start, end):
            return False
        operation.reply = data[start:end]
        operation.reply_key = points.version
        self.conversation.answered_routine(tag)
        return True

    def _values(self, pair: Pair, length: i64, data: bytes, start: i64, end: i64) -> bool:
        """Take the values of a whole response in one frame: in place when it has one block."""
        if length <= ONE_BLOCK:
            return self.application.take_values(pair, data, start + OBJECTS, end - 2)
        user = user_data(data, start, end)
        return self.application.take_values(pair, user, OBJECTS - HEADER, i64(len(user)))

    def assembled(self, pair: Pair, joined: bytes) -> bool:
        """Count a response put together from parts like one in a single frame."""
        if i64(len(joined)) < MIN_RESPONSE or joined[1] != RESPONSE_FUNCTION:
            return False
        control: i64 = i64(joined[0])
        if control & (WHOLE | UNSOLICITED) != WHOLE:
            return False
        tag: i64 = tag_of(pair.key, control & SEQUENCE)
        operation = self._expected(pair, tag, i64(read_i16_le(joined, 2)) & 0xFFFF)
        if operation is None:
            return False
        size: i64 = i64(len(joined))
        points = pair.points
        if operation.reply_key != points.version or not same(joined, 4, size, operation.reply):
            if not self.application.take_values(pair, joined, 4, size):
                return False
            operation.reply = joined[4:]
            operation.reply_key = points.version
        self.conversation.answered_routine(tag)
        return True

    def _known_report(self, pair: Pair, length: i64, data: bytes, start: i64, end: i64) -> bool:
        if i64(read_i16_le(data, start + 13)) & (STATES | ERRORS) != pair.indications or not pair.reports:
            return False
        if bad_block(data, start, end) >= 0 or not self._values(pair, length, data, start, end):
            return False
        operation = pair.reports.get(int(pair.points.kinds))
        if operation is None:
            return False
        self.conversation.operations.report(pair.channel, operation, self.conversation.recorder.now)
        return True
