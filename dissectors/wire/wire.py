"""The wire: packets in, facts out. Puts the parts together and lets the packet clock drive them. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.recorder import Recorder
from dissectors.wire.addresses import Addresses
from dissectors.wire.clock import Clock
from dissectors.wire.copies import Copies
from dissectors.wire.decode import Decoder
from dissectors.wire.delivery import Delivery
from dissectors.wire.doors import Doors
from dissectors.wire.failures import Failures
from dissectors.wire.flows import Flows
from dissectors.wire.health import HealthCounters
from dissectors.wire.holes import Holes
from dissectors.wire.layer2 import Layer2
from dissectors.wire.link import Link
from dissectors.wire.mirrors import Mirrors
from dissectors.wire.naming import Naming
from dissectors.wire.neighbours import Arp
from dissectors.wire.numbers import LINK_ETHERNET
from dissectors.wire.places import Places
from dissectors.wire.readings import Readings
from dissectors.wire.recognise import Recogniser
from dissectors.wire.reorder import Reorder
from dissectors.wire.repeats import Repeats
from dissectors.wire.senders import Senders
from dissectors.wire.sink import PacketSink
from dissectors.wire.strands import Strands
from dissectors.wire.streams import Streams
from dissectors.wire.sweep import Sweep
from dissectors.wire.tcp import Tcp
from dissectors.wire.unread import Unread


@final
class Wire(PacketSink):
    """Turns the packets of one source into facts."""

    def __init__(
        self, doors: Doors, recorder: Recorder, networks: dict[str, str] | None = None, mirrors: Mirrors | None = None
    ) -> None:
        super().__init__()
        self.recorder = recorder
        self.link = Link()
        self.clock = Clock()
        self.channel_table = ChannelTable(recorder)
        self.addresses = Addresses(recorder)
        self.places = Places(self.link, networks)
        self.copies = Copies(recorder, self.link)
        self.naming = Naming(self.channel_table, doors)
        self.streams = Streams()
        self.recogniser = Recogniser(doors, recorder, self.channel_table, self.naming, self.streams)
        self.senders = Senders()
        self.readings = Readings(recorder, self.naming, self.recogniser, self.streams, self.senders)
        self.repeats = Repeats(recorder, self.readings)
        delivery = Delivery(recorder, self.recogniser, self.streams)
        self.reorder = Reorder(recorder, delivery, self.repeats, self.streams)
        strands = Strands(self.repeats, self.recogniser, self.reorder)
        holes = Holes(delivery, self.repeats, self.streams, self.reorder)
        self.flows = Flows(
            recorder,
            self.link,
            self.clock,
            self.channel_table,
            self.addresses,
            self.naming,
            self.streams,
            self.recogniser,
            self.reorder,
            Tcp(recorder, self.link, self.naming, delivery, self.repeats, self.reorder, self.copies, strands, holes),
            self.places,
            self.copies,
        )
        self.neighbours = Arp(recorder, self.channel_table, self.link, self.addresses)
        self.unread = Unread()
        self.layer2 = Layer2(self.link, self.flows, self.naming, self.recogniser, self.unread)
        self.decoder = Decoder(recorder, self.link, self.flows, self.neighbours, self.layer2, mirrors or Mirrors())
        self.failures = Failures(recorder, self.streams, self.reorder)
        self.sweep = Sweep(recorder, self.flows, self.naming, self.reorder, self.failures)
        self.health = HealthCounters()
        self.counted_apart: dict[str, i64] = {}

    def packet(self, block: bytes, start: i64, captured: i64, original: i64, time: i64, link: i64) -> None:
        """Take one packet."""
        recorder = self.recorder
        clock = self.clock
        frame: i64 = recorder.frame + 1
        try:
            if time >= clock.next_second or time < clock.now:
                time = self._advance(time)
            self.packets += 1
            self.byte_count += original
            clock.now = time
            recorder.now = time
            recorder.frame = frame
            recorder.block = block
            recorder.base = start
            if captured < original:
                self.link.cut_frame = frame
            if self.decoder.depth != 0:
                self.decoder.forget()
            if link == LINK_ETHERNET and captured >= 14:
                self.decoder.ethernet(block, start, start + captured)
            else:
                self.decoder.packet(link, block, start, start + captured)
        except Exception as error:  # noqa: BLE001  # whatever it is: no packet may end the sensor
            if recorder.frame != frame:
                self.packets += 1
                self.byte_count += original
            clock.now = max(clock.now, time)
            recorder.now = clock.now
            recorder.frame = frame
            self.decoder.forget()
            self.flows.wrapping = ""
            self.failures.packet(error, self.flows.last, frame)

    def source(self, name: str, interface: str) -> None:
        """Name where the following packets come from."""
        if name != self.recorder.source:
            self.clock.file_end = self.recorder.frame
        self.recorder.source = name
        self.recorder.interface = interface
        self.places.turn_to(interface)

    def resume(self, frame: i64) -> None:
        """Count the frames on from ``frame``."""
        self.recorder.frame = frame
        self.clock.file_end = -1

    def end_of_block(self) -> None:
        """Let go of the block."""
        self.repeats.end_of_block()
        self.recorder.block = b""

    def tick(self, time: i64) -> None:
        """Let the clock reach ``time`` without a packet, on an idle wire; a time that has passed changes nothing."""
        clock = self.clock
        if time > clock.now:
            if time >= clock.next_second:
                time = self._advance(time)
            clock.now = time

    def finish(self) -> None:
        """Report what is still open: the capture ends here."""
        clock = self.clock
        if clock.runs():
            self.recorder.now = clock.now
            self.decoder.network.unfinished.finish()
            self.sweep.finish(clock.now)
            self._close_window(clock.now + 1)

    def _advance(self, time: i64) -> i64:
        """Let the packet clock reach ``time``; return the time it is, another one where a jump is not believed."""
        clock = self.clock
        if not clock.runs():
            clock.first = time
            clock.start_window(time)
        elif clock.has_jumped(time):
            if not clock.jump(self.recorder.frame):
                return clock.now
            self._close_window(clock.now + 1)
            clock.start_window(time)
            self.sweep.clock_set(time)
        elif time < clock.now:
            return time
        if time >= clock.window_end:
            self.recorder.now = clock.window_end - 1
            self._sweep(clock.window_end - 1)
            clock.forgive(time)
            self._close_window(clock.window_end)
            clock.start_window(time)
        self.channel_table.window_start = clock.window_start
        if clock.is_sweep_due(time):
            self.recorder.now = time
            self._sweep(time)
        clock.reach(time)
        return time

    def _sweep(self, now: i64) -> None:
        self.decoder.network.unfinished.run(now)
        self.sweep.run(now)

    def _close_window(self, end: i64) -> None:
        self.recorder.now = end
        clock = self.clock
        clock.window += 1
        self.addresses.close_window()
        self.neighbours.close_window()
        self.naming.close_window()
        self.flows.close_window()
        self.channel_table.close_window(clock.window_start, end)
        table = self.channel_table
        network = self.decoder.network
        self._count_unread("IP header cut short or wrong", network.not_decoded)
        self._count_unread("TCP or UDP header cut short or wrong", self.flows.malformed)
        self._count_unread("IP fragments without the rest", network.fragments.unread)
        self._count_unread("IP fragments cut by the capture (snap length)", network.unfinished.cut)
        totals = {
            "packets": self.packets,
            "bytes": self.byte_count,
            "not_decoded": self.unread.total,
            "truncated": network.truncated + self.layer2.truncated,
            "clock_jumps": clock.jumps,
            "overlap_conflicts": self.readings.conflicts,
            "evicted_flows": self.flows.evicted + self.flows.table.crowded,
            "evicted_stream_messages": self.streams.shed,
            "evicted_channels": table.evicted,
            "evicted_operations": table.evicted_operations,
            "evicted_requests": table.evicted_requests + table.group_requests.evicted,
            "evicted_fragments": network.fragments.evicted,
            "overlapping_fragments": network.fragments.overlaps,
            "evicted_neighbours": self.neighbours.evicted,
            "evicted_bindings": self.addresses.evicted,
        }
        rare = {
            "segments_uncompared": self.repeats.uncompared,
            "conversations_passed_over": self.naming.unread,
            "dissector_failures": self.failures.count,
            "wrong_checksums": self.senders.dropped,
            "senders_without_checksums": self.senders.left_to_card,
            "evicted_protocol_state": table.evicted_protocol_state,
            "targets_left_out": table.targets_left_out,
            "duplicates": self.copies.count,
            "resynchronised": table.resynchronised,
            "joined_flows": self.flows.arrivals.joining.joined,
            "separated_pairs": self.places.separated,
            "evicted_pairs": self.places.evicted,
            "ring_copies": self.decoder.ring.copies,
            "evicted_ring_senders": self.decoder.ring.evicted,
            "evicted_tunnels": self.decoder.tunnels.crowded,
            "evicted_strands": self.reorder.evicted,
        }
        totals |= {name: total for name, total in rare.items() if total != 0}
        self.health.report(
            self.recorder,
            clock.window_start,
            end,
            totals,
            self.flows.table.count,
            i64(len(table.channels)),
            self.unread.drain(),
        )

    def _count_unread(self, name: str, total: i64) -> None:
        """Count what a part has counted by itself, as far as it is new."""
        news: i64 = total - self.counted_apart.get(name, 0)
        if news != 0:
            self.counted_apart[name] = total
            self.unread.count_many(name, news)
