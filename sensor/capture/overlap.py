"""Which captures belong together: those of the same time, and of these the two legs of one tap.

A tap that gives each direction of a line to a port of its own makes two files: requests in one, answers in the other. They are
recognised by that: a conversation has one direction only in the first file and the other one only in the second. Other files of
the same time may show one network twice or two networks that use the same addresses; nobody but who took them can say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec

from dissectors.wire.numbers import LINK_ETHERNET
from dissectors.wire.sink import PacketSink
from sensor.capture.clocks import NO_DIFFERENCE, Difference, difference
from sensor.capture.sample import Sampler, walk
from sensor.capture.source import STANDARD_INPUT, shown

SAMPLED: Final = 4_000
"""Packets of each file that are looked at for their direction, from the begin of the time that the files share."""

SECOND: Final = 1_000_000_000

Talk = tuple[object, ...]


class Extent(msgspec.Struct, frozen=True):
    """How many packets a file holds and from when to when, in nanoseconds since 1970 UTC."""

    packets: int
    first: int
    last: int

    def overlaps(self, other: Extent) -> bool:
        """Whether the files have a part of their time in common; one that ends as the other begins follows it."""
        return self.first < other.last and other.first < self.last


NO_EXTENT: Final = Extent(0, 0, 0)
MAX_TOGETHER: Final = 16
"""Files of one time that are open and wait for each other; more are read one after the other, and a note says so."""


class Together(msgspec.Struct, frozen=True):
    """Files that are read by packet time, as indexes into the list given; a file that stands alone is read as it is."""

    files: tuple[int, ...]
    same_time: bool = False
    """They are not merged, but of the same time as others."""
    too_many: bool = False
    """It would be read together with others, but more than ``MAX_TOGETHER`` are of one time."""
    shifts: tuple[int, ...] = ()
    """What is added to the times of each file, in nanoseconds; empty when the clocks agree."""
    remarks: tuple[str, ...] = ()
    """Sentences about clocks that do not agree."""


def extent(file: str) -> Extent | None:
    """Walk a whole file; None for one that is no capture, has no packets, can be read only once or not at all."""
    if file == STANDARD_INPUT or not Path(file).is_file():
        return None
    walker = walk(file, PacketSink())
    return Extent(int(walker.packets), int(walker.earliest), int(walker.latest)) if walker and walker.packets else None


def arrange(files: Sequence[str], extents: Sequence[Extent | None], merge: bool | None) -> list[Together]:
    """Say which files are read together, in the order of the first of each.

    ``merge`` is True for all files of the same time, False for none, None for the legs of taps.
    """
    leader = list(range(len(files)))
    meets: set[int] = set()
    for later, extent_later in enumerate(extents):
        for earlier in range(later):
            extent_earlier = extents[earlier]
            if extent_later is None or extent_earlier is None or not extent_later.overlaps(extent_earlier):
                continue
            begin = max(extent_later.first, extent_earlier.first)
            if merge or (merge is None and are_legs(files[earlier], files[later], begin)):
                one, two = sorted((leader[earlier], leader[later]))
                leader = [one if number == two else number for number in leader]
            else:
                meets.update((earlier, later))
    groups: dict[int, list[int]] = {}
    for file, first in enumerate(leader):
        groups.setdefault(first, []).append(file)
    together: list[Together] = []
    for group in groups.values():
        if most_at_once([extent for file in group if (extent := extents[file]) is not None]) > MAX_TOGETHER:
            together += [Together((file,), too_many=True) for file in group]
        else:
            together.append(_together(files, extents, group, any(file in meets for file in group)))
    return sorted(together, key=_first_of)


def most_at_once(extents: Sequence[Extent]) -> int:
    """Return how many of ``extents`` share a moment at most."""
    begins_and_ends = sorted([(one.first, 0) for one in extents] + [(one.last, 1) for one in extents])
    most = now = 0
    for _, ends in begins_and_ends:
        now += -1 if ends else 1
        most = max(most, now)
    return most


def _first_of(together: Together) -> int:
    return together.files[0]


def _together(files: Sequence[str], extents: Sequence[Extent | None], group: list[int], same_time: bool) -> Together:
    """Return the files of one group; their clocks are compared with that of an earlier one of the same time."""
    shifts: dict[int, int] = {}
    remarks: list[str] = []
    for file in group:
        shifts[file] = 0
        for other in group[: group.index(file)]:
            found = _difference(files, extents, other, file)
            if found.proof:
                shifts[file] = shifts[other] + (found.shift or 0)
                remarks += _remark(files[other], files[file], found)
                break
    moved = tuple(shifts.values()) if any(shifts.values()) else ()
    return Together(tuple(group), same_time, shifts=moved, remarks=tuple(remarks))


def _difference(files: Sequence[str], extents: Sequence[Extent | None], one: int, two: int) -> Difference:
    """Compare the clocks of two files that have a part of their time in common."""
    earlier, later = extents[one], extents[two]
    if earlier is None or later is None or not earlier.overlaps(later):
        return NO_DIFFERENCE
    return difference(files[one], files[two], max(earlier.first, later.first))


def _remark(one: str, two: str, found: Difference) -> list[str]:
    """Say what was found of two clocks and what was done about it."""
    if found.shift is None:
        text = (
            f"the times of {shown(one)} and {shown(two)} contradict each other ({found.proof}); "
            "what follows from the order or the number of their packets may be wrong"
        )
        return [text]
    if found.shift == 0:
        return []
    side = "behind" if found.shift > 0 else "ahead of"
    text = (
        f"the clock of {shown(two)} is {abs(found.shift) / SECOND:.3f} s {side} that of {shown(one)} ({found.proof}); "
        f"its packets are read with the times of {shown(one)}"
    )
    return [text]


def are_legs(one: str, two: str, begin: int) -> bool:
    """Whether most conversations seen in both files have one direction in the first and the other in the second only."""
    left, right = _directions(one, begin), _directions(two, begin)
    shared = left.keys() & right.keys()
    split = [talk for talk in shared if len(left[talk]) == 1 and len(right[talk]) == 1 and left[talk] != right[talk]]
    return len(split) > len(shared) / 2


def _directions(file: str, begin: int) -> dict[Talk, set[bool]]:
    """The conversations at the begin of a span of time, each with the directions that were seen."""
    sink = _Directions(begin)
    walk(file, sink)
    return sink.seen


class _Directions(Sampler):
    """Notes in which direction the packets of each conversation go."""

    def __init__(self, begin: int) -> None:
        super().__init__(begin, SAMPLED)
        self.seen: dict[Talk, set[bool]] = {}

    def packet(self, block: bytes, start: int, captured: int, original: int, time: int, link: int) -> None:
        """Note the direction of one packet."""
        import dpkt  # noqa: PLC0415  # slow to import, and few runs need it

        if time < self.begin or self.left == 0 or link != LINK_ETHERNET:
            return
        self.left -= 1
        try:
            ip = dpkt.ethernet.Ethernet(block[start : start + captured]).data
        except (dpkt.UnpackError, IndexError, ValueError):
            return
        if not isinstance(ip, dpkt.ip.IP | dpkt.ip6.IP6) or not isinstance(ip.data, dpkt.tcp.TCP | dpkt.udp.UDP):
            return
        one, two = (bytes(ip.src), ip.data.sport), (bytes(ip.dst), ip.data.dport)
        self.seen.setdefault((ip.p, *min((one, two), (two, one))), set()).add(one < two)
