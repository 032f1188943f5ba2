"""Which points of a plain read have another value than in the last answer. MODBUS V1.1b3, 6.1 to 6.4. Compiled with mypyc."""

from __future__ import annotations

from librt.strings import read_i16_be
from mypy_extensions import i64

from dissectors.base.channel import Channel, Operation
from dissectors.base.reporting import Reporting
from dissectors.facts import Value
from dissectors.modbus.fields import u16
from dissectors.modbus.table import READ_BITS, function_of


def report_changes(reporting: Reporting, channel: Channel, operation: Operation, data: bytes, at: i64) -> None:
    """Report the points that differ between the last answer of an operation and the one whose values begin at ``at``."""
    old = operation.reply
    target = operation.targets[0]
    points: list[int] = []
    values: list[Value] = []
    previous: list[Value] = []
    size: i64 = i64(len(old))
    spot: i64 = 0
    if function_of((operation.key >> 32) & 0xFF).form == READ_BITS:
        count: i64 = target.last - target.first + 1
        while spot < size:
            if data[at + spot] != old[spot]:
                difference: i64 = i64(data[at + spot]) ^ i64(old[spot])
                bit: i64 = 0
                while bit < 8 and spot * 8 + bit < count:
                    if (difference >> bit) & 1:
                        points.append(target.first + int(spot * 8 + bit))
                        values.append((int(data[at + spot]) >> int(bit)) & 1)
                        previous.append((int(old[spot]) >> int(bit)) & 1)
                    bit += 1
            spot += 1
    else:
        while spot + 1 < size:
            if read_i16_be(data, at + spot) != read_i16_be(old, spot):
                points.append(target.first + int(spot >> 1))
                values.append(int(u16(data, at + spot)))
                previous.append(int(u16(old, spot)))
            spot += 2
    reporting.changed(channel, target.kind, points, values, previous)
