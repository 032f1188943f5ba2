"""The readings of a stream beside the first: their messages are taken as they get whole, and named. Compiled with mypyc.

``versions`` searches them; here is what was taken before, and where a message is unfinished (``unread``) until more bytes come.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.message import label_of
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session
from dissectors.wire.flow import Flow
from dissectors.wire.half import NO_PLACES, Half
from dissectors.wire.pieces import segments_of
from dissectors.wire.recognise import Recogniser
from dissectors.wire.seen import SPACE, Seen, signed
from dissectors.wire.streams import Streams
from dissectors.wire.versions import Versions, Whole

LOOK_BACK: Final = 2_048
"""How far in front of a byte the begin of its message is looked for, but for that of the message at hand."""
MAX_DOUBTS: Final = 8
"""Unfinished messages of other readings of one direction, the newest."""
MAX_NAMES: Final = 3
"""Operations that a finding names."""


@final
class Others:
    """Follows the other readings of all directions."""

    def __init__(self, recorder: Recorder, recogniser: Recogniser, streams: Streams) -> None:
        self.recorder = recorder
        self.recogniser = recogniser
        self.streams = streams

    def message_start(self, flow: Flow, half: Half, data: bytes, base: i64, altered: i64) -> i64:
        """Return where in ``data`` the message with byte ``altered`` begins; a segment's begin is one of the places tried."""
        session = flow.session
        size: i64 = i64(len(data))
        if session is None or altered >= size:
            return min(altered, size)
        places = {int(altered)}
        for seen in segments_of(flow, half):
            place: i64 = signed(seen.sequence - base)
            if max(0, altered - LOOK_BACK) <= place < altered:
                places.add(int(place))
        for begin in sorted(places):
            at: i64 = begin
            length: i64 = session.measure(half.side, data, at, size)
            while length > 0 and at + length <= altered:
                at += length
                length = session.measure(half.side, data, at, size)
            if length >= 0:
                return at
        return altered

    def named(self, flow: Flow, half: Half, data: bytes, begin: i64) -> str:
        """Return the operation of the message at ``begin``, in words."""
        session = flow.session
        dissector = flow.dissector
        size: i64 = i64(len(data))
        if session is None or dissector is None or begin >= size:
            return "other bytes"
        length: i64 = session.measure(half.side, data, begin, size)
        if length == 0 or begin + length > size:
            return "a part of a message"
        if length < 0:
            return "no message"
        message = dissector.parse(data, begin, begin + length, half.side == flow.connection.client_side)
        return "a message" if message is None else label_of(message.operation, message.targets)

    def offer(self, flow: Flow, half: Half, data: bytes, begin: i64) -> None:
        """Let the other reading say what is spoken, when that is not known yet."""
        if not flow.identified and data:
            self.streams.kept -= flow.evict_early(half.side)
            self.recogniser.payload(flow, half, data, begin, i64(len(data)))

    def starts(self, half: Half, segments: list[Seen], likely: i64, altered: i64) -> list[i64]:
        """Return where the message with byte ``altered`` may begin, the first of them first."""
        begun: i64 = (half.next - i64(len(half.pending))) & SPACE
        places = {0, int(signed(likely - altered)), int(signed(begun - altered))}
        for seen in segments:
            places.add(int(signed(seen.sequence - altered)))
        starts: list[i64] = []
        if half.unread >= 0:
            starts = [half.unread, *[known for known in half.doubts if known != half.unread]]
        for place in sorted(places):
            start: i64 = (altered + place) & SPACE
            if place <= 0 and (place > -LOOK_BACK or start == begun) and start not in starts:
                starts.append(start)
        return starts

    def follow(
        self, flow: Flow, half: Half, newest: Seen | None, segments: list[Seen], starts: list[i64], urgent: i64
    ) -> str:
        """Take the messages that ``newest`` made whole in other readings, and note where one is unfinished; return their names."""
        session = flow.session
        if session is None:
            return ""
        versions = Versions(session, half.side, segments, newest, half.urgent, urgent)
        was_open: i64 = half.unread
        were_open = half.doubts
        half.unread = -1
        half.doubts = NO_PLACES
        begun: i64 = (half.next - i64(len(half.pending))) & SPACE
        alone: i64 = newest.sequence if newest is not None else begun
        names: list[str] = []
        taken: set[tuple[int, bytes]] = set()
        is_found = False
        for start in starts:
            if is_found and start != begun and start != alone and start not in were_open:
                continue
            has_new = versions.search(start)
            if has_new or start == was_open or start in were_open:
                self._note_unread(flow, half, versions, start)
            for whole in versions.found if has_new else []:
                is_found = True
                key = (int((start + whole.begin) & SPACE), whole.data)
                if key in taken or self._is_taken(session, half, versions, whole):
                    continue
                taken.add(key)
                name = self.named(flow, half, whole.data, 0)
                if name not in names:
                    names.append(name)
                self.recorder.other_reading = True
                session.message(half.side, whole.data, 0, i64(len(whole.data)))
                self.recorder.other_reading = False
        if half.unread < 0 and half.urgent:
            self._wait_for_urgent(half)
        return " or ".join(names[:MAX_NAMES])

    def _is_taken(self, session: Session, half: Half, versions: Versions, whole: Whole) -> bool:
        """Return whether a message was read before, as a part of the first reading or when these bytes were judged."""
        if whole.is_other:
            return versions.is_repeated
        if (session.hunting & (half.side + 1)) != 0:
            return False
        begun: i64 = (half.next - i64(len(half.pending))) & SPACE
        return signed(begun - versions.begin - whole.end) >= 0

    def _note_unread(self, flow: Flow, half: Half, versions: Versions, start: i64) -> None:
        """Note where the first message begins that is not whole in a reading other than the first."""
        session = flow.session
        hunting = session is not None and (session.hunting & (half.side + 1)) != 0
        begun: i64 = (half.next - i64(len(half.pending))) & SPACE
        for way in versions.fronts:
            begin: i64 = (start + way.begin) & SPACE
            if begin == begun and way.data == half.pending and not hunting:
                continue
            if half.unread < 0 or signed(begin - half.unread) < 0:
                half.unread = begin
            if begin not in half.doubts:
                half.doubts = [*half.doubts[-MAX_DOUBTS + 1 :], begin]

    def _wait_for_urgent(self, half: Half) -> None:
        """Keep the urgent bytes that have not come, and with them the message at hand."""
        half.urgent = [place for place in half.urgent if signed(place - half.next) >= 0]
        if half.urgent:
            half.unread = (half.next - i64(len(half.pending))) & SPACE
