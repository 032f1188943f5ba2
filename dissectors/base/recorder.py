"""Where facts are written down: the packet clock, the frame under the needle, and the facts so far.

Packet time is the only clock. ``now`` is the time of the current packet (or of the tick that closes a window),
``frame`` its running number. Each kind of fact has a method that adds its place in the order: time, source, frame,
sequence; what it says is given by keyword. Compiled with mypyc.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.connection import Connection
from dissectors.base.singular import singular
from dissectors.facts import (
    AnyFact,
    ChannelOpened,
    Health,
    OperationFirst,
    Sighting,
    Target,
    TransitionFirst,
    Value,
    ValueChange,
    Violation,
    Visibility,
)

EXCERPT_BYTES: Final = 32
"""How much of a message a fact carries."""


@final
class Recorder:
    """Collects the facts of one worker in order."""

    def __init__(self) -> None:
        self.now: i64 = 0
        self.frame: i64 = 0
        self.source: str = ""
        self.interface: str = ""
        self.facts: list[AnyFact] = []
        self.block: bytes = b""
        self.base: i64 = 0
        self.other_reading: bool = False
        """The message at hand is of another reading of bytes that came twice."""
        self._numbered_time: i64 = -1
        self._sequence: i64 = 0

    def number(self) -> i64:
        """Return the sequence number of the next fact of this time; a segment held back may belong to an earlier frame."""
        if self._numbered_time != self.now:
            self._numbered_time = self.now
            self._sequence = 0
        else:
            self._sequence += 1
        return self._sequence

    def place(self, data: bytes, start: i64) -> i64:
        """Return the offset in the current frame of ``data[start]``, or -1 where data spans frames."""
        if data is self.block:
            return start - self.base
        return -1

    def drain(self) -> list[AnyFact]:
        """Return the facts recorded since the last call."""
        facts = self.facts
        self.facts = []
        return facts

    # One method for each kind of fact; exchanges and windows are made where all their fields are.

    def sighting(
        self,
        *,
        ip: str,
        mac: str,
        vlan: i64,
        attribute: str,
        value: str,
        method: str,
        confidence: str,
        protocol: str = "",
        unit: str = "",
        channel: str = "",
        network: str = "",
    ) -> None:
        """Write down an attribute of a device."""
        self.facts.append(
            Sighting(
                time=self.now,
                source=self.source,
                frame=self.frame,
                sequence=self.number(),
                ip=ip,
                mac=mac,
                vlan=vlan,
                protocol=protocol,
                unit=unit,
                attribute=attribute,
                value=value,
                method=method,
                confidence=confidence,
                channel=channel,
                interface=self.interface,
                network=network,
            )
        )

    def channel_opened(
        self, connection: Connection, *, channel: str, protocol: str, unit: str, state: str, recognised_by: str
    ) -> ChannelOpened:
        """Write down that a client talks to a server, or that the state of that changed; return the fact."""
        opened = ChannelOpened(
            time=self.now,
            source=self.source,
            frame=self.frame,
            sequence=self.number(),
            channel=channel,
            protocol=protocol,
            unit=unit,
            transport=connection.transport,
            client=connection.end(connection.client()),
            server=connection.end(connection.server()),
            vlan=connection.vlan,
            state=state,
            decided_by=connection.decided_by,
            recognised_by=recognised_by,
            first=connection.first,
            first_frame=connection.first_frame,
            flow=connection.flow(),
            visibility=connection.visibility(),
            interface=connection.interface,
            inner_vlan=connection.inner_vlan,
            network=connection.network,
            silent=connection.silent(state),
            tunnel=connection.tunnel,
            framing=connection.framing,
            against_handshake=connection.is_against_handshake(),
        )
        self.facts.append(opened)
        return opened

    def operation_first(
        self,
        connection: Connection,
        *,
        channel: str,
        verb: str,
        operation: str,
        code: str,
        label: str,
        targets: tuple[Target, ...],
        detail: dict[str, Value],
    ) -> None:
        """Write down that a channel carries an operation for the first time."""
        self.facts.append(
            OperationFirst(
                time=self.now,
                source=self.source,
                frame=self.frame,
                sequence=self.number(),
                channel=channel,
                verb=verb,
                operation=operation,
                code=code,
                label=label,
                targets=targets,
                detail=detail,
                visibility=connection.visibility(),
                flow=connection.flow(),
                client_port=connection.client().port,
            )
        )

    def transition_first(self, connection: Connection, *, channel: str, previous: str, label: str) -> None:
        """Write down that one operation followed another for the first time."""
        self.facts.append(
            TransitionFirst(
                time=self.now,
                source=self.source,
                frame=self.frame,
                sequence=self.number(),
                channel=channel,
                previous=previous,
                label=label,
                visibility=connection.visibility(),
            )
        )

    def value_change(
        self,
        connection: Connection,
        *,
        channel: str,
        kind: str,
        points: tuple[int, ...],
        values: tuple[Value, ...],
        previous: tuple[Value, ...],
        more: i64,
    ) -> None:
        """Write down points that changed."""
        self.facts.append(
            # By position: most facts of a busy plant are these, and the names would cost a quarter of making one.
            ValueChange(
                self.now,
                self.source,
                self.frame,
                self.number(),
                channel,
                kind,
                points,
                values,
                previous,
                more,
                connection.visibility(),
            )
        )

    def violation(
        self,
        connection: Connection,
        *,
        channel: str,
        protocol: str,
        name: str,
        text: str,
        side: i64,
        data: bytes,
        start: i64,
        end: i64,
        at: i64 = 0,
        clause: str = "",
        repeats: i64 = 0,
        counted: dict[str, Violation] | None = None,
    ) -> None:
        """Write down what is wrong with ``data[start:end]``, sent by ``side``; among the ``counted`` it is not told for itself."""
        fact = Violation(
            time=self.now,
            source=self.source,
            frame=self.frame,
            sequence=self.number() if counted is None else 0,
            channel=channel,
            protocol=protocol,
            name=name,
            at=at,
            clause=clause,
            text=singular(text),
            from_client=side == connection.client_side,
            visibility=connection.visibility(),
            flow=connection.flow(),
            client_port=connection.client().port,
            excerpt=data[start : min(end, start + EXCERPT_BYTES)],
            offset=self.place(data, start),
            length=end - start,
            repeats=repeats,
        )
        if counted is None:
            self.facts.append(fact)
        else:
            counted[name] = fact

    def visibility(
        self, connection: Connection, *, channel: str, state: str, reason: str, missing_bytes: i64 = 0
    ) -> None:
        """Write down what limits the view of a connection."""
        self.facts.append(
            Visibility(
                time=self.now,
                source=self.source,
                frame=self.frame,
                sequence=self.number(),
                channel=channel,
                state=state,
                reason=reason,
                missing_bytes=missing_bytes,
                flow=connection.flow(),
            )
        )

    def health(self, *, start: i64, end: i64, counters: dict[str, int], unread: dict[str, int]) -> None:
        """Write down the counters of one window."""
        self.facts.append(
            Health(
                time=end,
                source=self.source,
                frame=self.frame,
                sequence=self.number(),
                start=start,
                end=end,
                interface=self.interface,
                counters=counters,
                unread=unread,
            )
        )
