"""The wire: packets in, facts out. Puts the parts together and lets the packet clock drive them. Compiled with mypyc."""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.recorder import Recorder
from dissectors.wire.addresses import Addresses
from dissectors.wire.clock import Clock
from dissectors.wire.decode import Decoder
from dissectors.wire.delivery import Delivery
from dissectors.wire.doors import Doors
from dissectors.wire.doubles import Doubles
from dissectors.wire.failures import Failures
from dissectors.wire.flows import Flows
from dissectors.wire.health import HealthCounters
from dissectors.wire.layer2 import Layer2
from dissectors.wire.link import Link
from dissectors.wire.naming import Naming
from dissectors.wire.neighbours import Arp
from dissectors.wire.numbers import LINK_ETHERNET
from dissectors.wire.recognise import Recogniser
from dissectors.wire.reorder import Reorder
from dissectors.wire.repeats import Repeats
from dissectors.wire.sink import PacketSink
from dissectors.wire.streams import Streams
from dissectors.wire.sweep import Sweep
from dissectors.wire.tcp import Tcp


@final
class Wire(PacketSink):
    """Turns the packets of one source into facts."""

    def __init__(self, doors: Doors, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder
        self.link = Link()
        self.clock = Clock()
        self.channel_table = ChannelTable(recorder)
        self.addresses = Addresses(recorder)
        self.naming = Naming(self.channel_table, doors)
        self.streams = Streams()
        self.recogniser = Recogniser(doors, recorder, self.channel_table, self.naming, self.streams)
        self.repeats = Repeats(recorder, self.naming)
        delivery = Delivery(recorder, self.recogniser, self.streams)
        self.reorder = Reorder(recorder, delivery, self.repeats, self.streams)
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
            Tcp(recorder, self.naming, delivery, self.repeats, self.reorder),
        )
        self.neighbours = Arp(recorder, self.channel_table, self.link, self.addresses)
        self.layer2 = Layer2(self.link, self.flows, self.naming, self.recogniser)
        self.decoder = Decoder(recorder, self.link, self.flows, self.neighbours, self.layer2)
        self.failures = Failures(recorder, self.streams, self.reorder)
        self.sweep = Sweep(recorder, self.flows, self.naming, self.reorder, self.failures)
        self.doubles = Doubles()
        self.health = HealthCounters()

    def packet(self, block: bytes, start: i64, captured: i64, original: i64, time: i64, link: i64) -> None:
        """Take one packet."""
        self.packets += 1
        self.byte_count += original
        recorder = self.recorder
        clock = self.clock
        frame: i64 = recorder.frame + 1
        try:
            if time >= clock.next_second or time < clock.now:
                time = self._advance(time)
            clock.now = time
            recorder.now = time
            recorder.frame = frame
            recorder.block = block
            recorder.base = start
            self.doubles.look(block, start, captured, time)
            if captured < original:
                self.link.cut_frame = frame
            if link == LINK_ETHERNET and captured >= 14:
                self.decoder.depth = 0
                self.decoder.ethernet(block, start, start + captured)
            else:
                self.decoder.packet(link, block, start, start + captured)
        except Exception as error:  # noqa: BLE001  # whatever it is: no packet may end the sensor
            clock.now = max(clock.now, time)
            recorder.now = clock.now
            recorder.frame = frame
            self.failures.packet(error, self.flows.last, frame)

    def source(self, name: str, interface: str) -> None:
        """Name where the following packets come from."""
        if name != self.recorder.source:
            self.clock.file_end = self.recorder.frame
        self.recorder.source = name
        self.recorder.interface = interface

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
                self._advance(time)
            clock.now = time

    def finish(self) -> None:
        """Report what is still open: the capture ends here."""
        clock = self.clock
        if clock.runs():
            self.recorder.now = clock.now
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
        if clock.is_sweep_due(time):
            self.recorder.now = time
            self.sweep.run(time)
        if time >= clock.window_end:
            clock.forgive()
            self._close_window(clock.window_end)
            clock.start_window(time)
        clock.reach(time)
        self.channel_table.window_start = clock.window_start
        return time

    def _close_window(self, end: i64) -> None:
        self.recorder.now = end
        clock = self.clock
        clock.window += 1
        self.addresses.close_window()
        self.neighbours.close_window()
        self.flows.close_window()
        self.channel_table.close_window(clock.window_start, end)
        table = self.channel_table
        network = self.decoder.network
        totals = {
            "packets": self.packets,
            "bytes": self.byte_count,
            "not_decoded": self.decoder.not_decoded + network.not_decoded + self.flows.malformed,
            "truncated": network.truncated + self.layer2.truncated,
            "clock_jumps": clock.jumps,
            "overlap_conflicts": self.repeats.conflicts,
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
        if self.repeats.uncompared:
            totals["segments_uncompared"] = self.repeats.uncompared
        if self.naming.unread:
            totals["conversations_passed_over"] = self.naming.unread
        if self.failures.count:
            totals["dissector_failures"] = self.failures.count
        if table.evicted_protocol_state:
            totals["evicted_protocol_state"] = table.evicted_protocol_state
        if self.doubles.count:
            totals["duplicate_frames"] = self.doubles.count
        if table.resynchronised:
            totals["resynchronised"] = table.resynchronised
        self.health.report(
            self.recorder, clock.window_start, end, totals, self.flows.table.count, i64(len(table.channels))
        )
