"""What a session reports besides exchanges: violations, what a device says of itself, values that changed. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.channel import Channel
from dissectors.base.message import SENDER, Identity, ProtocolViolation
from dissectors.base.recorder import Recorder
from dissectors.base.units import Units
from dissectors.base.violations import repeats_of
from dissectors.facts import Value

MINUTE: Final = 60_000_000_000
MAX_CHANGED_POINTS: Final = 64
MAX_IDENTITIES: Final = 4_096
"""Identity claims remembered per connection so that each is reported once."""
NEW_IDENTITIES: Final = 64
"""New claims reported per connection and minute; what comes on top of them is counted."""


@final
class Reporting:
    """Reports for one connection."""

    def __init__(self, units: Units, recorder: Recorder) -> None:
        self.units = units
        self.connection = units.connection
        self.recorder = recorder
        self.identified: dict[str, i64] = {}
        self.minute: i64 = -1
        self.new: i64 = 0

    def violation(
        self, channel: Channel, found: ProtocolViolation, side: i64, data: bytes, start: i64, end: i64
    ) -> None:
        """Report what is wrong with a message, or count it."""
        self.units.touch(channel)
        seen: i64 = channel.violated(found.name)
        self.recorder.violation(
            self.connection,
            channel=channel.identity,
            protocol=self.units.protocol,
            name=found.name,
            at=found.at,
            clause=found.clause,
            text=found.text,
            side=side,
            data=data,
            start=start,
            end=end,
            repeats=repeats_of(seen),
            counted=channel.counted(seen),
        )

    def identify(self, channel: Channel, unit: str, side: i64, found: Identity) -> None:
        """Report something a device says of itself, once per connection and value.

        The device is the server, unless the message says that it speaks of its sender. What comes in a tunnel identifies nobody:
        its sender wrote it.
        """
        if self.connection.tunnel:
            return
        end = self.connection.side(side) if found.about == SENDER else self.connection.server()
        key = f"{end.number}|{unit}|{found.method}|{found.attribute}|{found.value}"
        if key in self.identified:
            return
        table = self.units.channel_table
        minute: i64 = self.recorder.now // MINUTE
        if minute != self.minute:
            self.minute = minute
            self.new = 0
        if self.new >= NEW_IDENTITIES:
            table.evicted_protocol_state += 1
            return
        self.new += 1
        if i64(len(self.identified)) >= MAX_IDENTITIES or table.identities >= table.identity_limit:
            self.release()
        self.identified[key] = self.recorder.now
        table.identities += 1
        self.recorder.sighting(
            ip=end.ip,
            mac=end.mac,
            vlan=self.connection.vlan,
            protocol=self.units.protocol,
            unit=unit,
            attribute=found.attribute,
            value=found.value,
            method=found.method,
            confidence="strong" if self.connection.visibility() == "complete" else "medium",
            channel=channel.identity,
            network=self.connection.network,
        )

    def release(self) -> None:
        """Forget the claims: the connection is over, or all connections together remember too many."""
        self.units.channel_table.identities -= i64(len(self.identified))
        self.identified.clear()

    def changed(
        self, channel: Channel, kind: str, points: list[int], values: list[Value], previous: list[Value]
    ) -> None:
        """Report points of one table that changed."""
        if not points:
            return
        channel.value_changes += i64(len(points))
        self.recorder.value_change(
            self.connection,
            channel=channel.identity,
            kind=kind,
            points=tuple(points[:MAX_CHANGED_POINTS]),
            values=tuple(values[:MAX_CHANGED_POINTS]),
            previous=tuple(previous[:MAX_CHANGED_POINTS]),
            more=max(0, len(points) - MAX_CHANGED_POINTS),
        )
