"""The wire: packets in, facts out. Flows, their streams and sessions, and the packet clock. Compiled with mypyc.

The clock ticks with packet time: once a second the busiest-second counters turn over, every SWEEP_SECONDS late answers and
half-open connections are looked at, every WINDOW_SECONDS the windows of channels close. A jump of the clock is counted
and starts the windows anew; no tick is made up for the time in between.
"""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be, read_i32_be
from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.dissector import Dissector
from dissectors.base.recorder import Recorder
from dissectors.facts import Health, Sighting, Visibility
from dissectors.wire.address import ip4_text, ip6_text, is_group_ip4, is_group_mac, mac_text
from dissectors.wire.decode import VXLAN_PORT, Decoder
from dissectors.wire.flow import CLOSED, OPEN, OPENING, REFUSED, Flow
from dissectors.wire.flow_table import FlowTable, mix
from dissectors.wire.neighbours import Arp
from dissectors.wire.recognise import Identifier
from dissectors.wire.service import by_ethertype
from dissectors.wire.tcp import ACK, HOLE_NANOSECONDS, SYN, Tcp

SECOND: Final = 1_000_000_000
SWEEP_SECONDS: Final = 5
WINDOW_SECONDS: Final = 60
ANSWER_SECONDS: Final = 10
"""A connection attempt without an answer for this long is unanswered."""
ONE_SIDED_SECONDS: Final = 60
UDP_IDLE_SECONDS: Final = 180
CLOSED_IDLE_SECONDS: Final = 15
TCP_IDLE_SECONDS: Final = 3_600
JUMP_SECONDS: Final = 1
"""A clock that goes back further than this has jumped."""
LEAP_SECONDS: Final = 86_400
"""A clock that goes ahead further than this has jumped as well."""
MAX_BINDINGS: Final = 65_536
UNBOUND: Final = ("", "0.0.0.0", "::")  # noqa: S104  (compared, never bound)
"""What stands in for an address where there is none yet: no device's."""
MOVES_REPORTED: Final = 20
"""Moves of one address between MACs reported per window."""
TCP: Final = 6
UDP: Final = 17
ICMP: Final = 1
ICMP6: Final = 58
GRE: Final = 47
IP_IN_IP: Final = 4
IP6_IN_IP: Final = 41
SIX: Final = 1 << 8
LINK_ONLY: Final = 1 << 40


@final
class Wire(Decoder):
    """Turns the packets of one source into facts."""

    def __init__(self, dissectors: list[Dissector], recorder: Recorder) -> None:
        super().__init__(recorder)
        self.channel_table = ChannelTable(recorder)
        self.identifier = Identifier(dissectors, recorder, self.channel_table)
        self.tcp = Tcp(recorder, self.identifier)
        self.neighbours = Arp(recorder, self.channel_table)
        self.flows = FlowTable()
        self.last_flow: Flow | None = None
        self.touched: list[Flow] = []
        self.bindings: dict[str, i64] = {}
        self.moves: dict[str, i64] = {}
        self.now: i64 = -1
        self.first_time: i64 = -1
        self.second: i64 = 0
        self.next_second: i64 = -1
        self.next_sweep: i64 = 0
        self.window_start: i64 = 0
        self.window_end: i64 = 0
        self.window: i64 = 0
        self.clock_jumps: i64 = 0
        self.evicted_flows: i64 = 0
        self.evicted_bindings: i64 = 0
        self.window_packets: i64 = 0
        self.window_bytes: i64 = 0
        self.reported: dict[str, i64] = {}

    # Packets and the clock.

    def packet(self, block: bytes, start: i64, captured: i64, original: i64, time: i64, link: i64) -> None:
        """Take one packet."""
        self.packets += 1
        self.byte_count += original
        recorder = self.recorder
        if time >= self.next_second or time < self.now:
            self._advance(time)
        self.now = time
        recorder.now = time
        recorder.frame += 1
        recorder.block = block
        recorder.base = start
        if link == 1 and captured >= 14:
            self.vlan = 0
            self.inner_vlan = 0
            self.depth = 0
            self.ethernet(block, start, start + captured)
        else:
            self.link(link, block, start, start + captured)

    def source(self, name: str, interface: str) -> None:
        """Name where the following packets come from."""
        self.recorder.source = name
        self.recorder.interface = interface

    def end_of_block(self) -> None:
        """Let go of the block."""
        self.tcp.end_of_block()
        self.recorder.block = b""

    def tick(self, time: i64) -> None:
        """Let the clock reach ``time`` without a packet, on an idle wire; a time that has passed changes nothing."""
        if time >= self.next_second and time > self.now:
            self._advance(time)
        self.now = max(self.now, time)

    def _advance(self, time: i64) -> None:
        """Let the packet clock reach ``time``."""
        if self.next_second < 0:
            self.first_time = time
            self._start_window(time)
        elif time < self.now:
            if self.now - time <= JUMP_SECONDS * SECOND:
                return
            self._jump(time)
        elif time - self.now > LEAP_SECONDS * SECOND:
            self._jump(time)
        if time >= self.next_sweep:
            self.recorder.now = time
            self._sweep(time)
            self.next_sweep = (time // (SWEEP_SECONDS * SECOND) + 1) * (SWEEP_SECONDS * SECOND)
        if time >= self.window_end:
            self._close_window(self.window_end)
            self._start_window(time)
        self.second = time // SECOND
        self.next_second = (self.second + 1) * SECOND

    def _jump(self, time: i64) -> None:
        """The clock was set: close the windows, and let everything that waits wait from now on."""
        self.clock_jumps += 1
        self._close_window(self.now + 1)
        self._start_window(time)
        for flow in self.flows.all():
            flow.last = time
            flow.connection.first = time
            flow.half0.hole_since = time
            flow.half1.hole_since = time
            if flow.session is not None:
                flow.session.clock_set(time)

    def _start_window(self, time: i64) -> None:
        self.window_start = time // (WINDOW_SECONDS * SECOND) * (WINDOW_SECONDS * SECOND)
        self.window_end = self.window_start + WINDOW_SECONDS * SECOND
        self.next_sweep = 0
        self.next_second = 0

    def _close_window(self, end: i64) -> None:
        recorder = self.recorder
        recorder.now = end
        self.window += 1
        self.moves.clear()
        touched = self.touched
        self.touched = []
        for flow in touched:
            flow.push_counters()
        self.channel_table.close_window(self.window_start, end)
        self._report_health(end)

    def finish(self) -> None:
        """Report what is still open: the capture ends here."""
        if self.next_second < 0:
            return
        self.recorder.now = self.now
        self._sweep(self.now)
        for flow in self.flows.all():
            self._end_holes(flow, self.now + SECOND)
            self.identifier.name_unknown(flow)
            flow.push_counters()
        self._close_window(self.now + 1)

    def _sweep(self, now: i64) -> None:
        """Look at every flow: late answers, holes, half-open connections, idle ones."""
        for flow in self.flows.all():
            session = flow.session
            self._end_holes(flow, now)
            if session is not None:
                session.time_out_waiting(now)
                self._one_sided(flow, now)
            elif flow.channel is None and now - flow.connection.first > ANSWER_SECONDS * SECOND:
                self.identifier.name_unknown(flow)
                flow.push_counters()
            idle: i64 = now - flow.last
            limit: i64 = UDP_IDLE_SECONDS
            if flow.state == CLOSED or flow.state == REFUSED:
                limit = CLOSED_IDLE_SECONDS
            elif (flow.tag & 0xFF) == TCP:
                limit = TCP_IDLE_SECONDS
            if idle > limit * SECOND:
                self._end(flow)

    def _end_holes(self, flow: Flow, now: i64) -> None:
        if flow.half0.held and now - flow.half0.hole_since > HOLE_NANOSECONDS:
            self.tcp.give_up_hole(flow, 0, flow.half0)
        if flow.half1.held and now - flow.half1.hole_since > HOLE_NANOSECONDS:
            self.tcp.give_up_hole(flow, 1, flow.half1)
        if flow.half0.missed != 0 and now - flow.half0.hole_since > HOLE_NANOSECONDS:
            self.tcp.give_up_missed(flow, 0, flow.half0)
        if flow.half1.missed != 0 and now - flow.half1.hole_since > HOLE_NANOSECONDS:
            self.tcp.give_up_missed(flow, 1, flow.half1)

    def _one_sided(self, flow: Flow, now: i64) -> None:
        connection = flow.connection
        if flow.reported_one_sided or (connection.seen0 and connection.seen1):
            return
        if now - connection.first < ONE_SIDED_SECONDS * SECOND:
            return
        flow.reported_one_sided = True
        session = flow.session
        channel = session.channel if session is not None else None
        recorder = self.recorder
        recorder.facts.append(
            Visibility(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                channel.identity if channel is not None else "",
                "one_sided",
                "only one direction of the connection is seen",
                0,
                connection.flow(),
            )
        )

    def _end(self, flow: Flow) -> None:
        self.identifier.name_unknown(flow)
        flow.push_counters()
        for half in (flow.half0, flow.half1):
            self.identifier.drop_pending(half)
            self.tcp.held_bytes -= half.held_bytes
            half.held = []
            half.held_bytes = 0
        self.flows.remove(flow)
        if self.last_flow is flow:
            self.last_flow = None

    def _report_health(self, end: i64) -> None:
        """Report the counters of this window."""
        totals = {
            "packets": self.packets,
            "bytes": self.byte_count,
            "not_decoded": self.not_decoded,
            "truncated": self.truncated,
            "clock_jumps": self.clock_jumps,
            "overlap_conflicts": self.tcp.conflicts,
            "evicted_flows": self.evicted_flows + self.flows.crowded,
            "evicted_stream_messages": self.identifier.shed,
            "evicted_channels": self.channel_table.evicted,
            "evicted_operations": self.channel_table.evicted_operations,
            "evicted_requests": self.channel_table.evicted_requests,
            "evicted_fragments": self.fragments.evicted,
            "overlapping_fragments": self.fragments.overlaps,
            "evicted_neighbours": self.neighbours.evicted,
            "evicted_bindings": self.evicted_bindings,
        }
        if self.channel_table.evicted_protocol_state:
            totals["evicted_protocol_state"] = self.channel_table.evicted_protocol_state
        counters: dict[str, int] = {}
        for name, total in totals.items():
            counters[name] = int(total - self.reported.get(name, 0))
            self.reported[name] = total
        counters["flows"] = int(self.flows.count)
        counters["channels"] = len(self.channel_table.channels)
        recorder = self.recorder
        recorder.facts.append(
            Health(
                end,
                recorder.source,
                recorder.frame,
                recorder.number(),
                self.window_start,
                end,
                recorder.interface,
                counters,
            )
        )

    # Flows.

    def transport(
        self,
        protocol: i64,
        x_high: i64,
        x_low: i64,
        y_high: i64,
        y_low: i64,
        six: bool,
        block: bytes,
        start: i64,
        end: i64,
        missing: i64,
    ) -> None:
        """Take an IP payload from x to y."""
        tag: i64 = protocol | (self.vlan << 9) | (self.inner_vlan << 21)
        if six:
            tag |= SIX
        from_port: i64 = 0
        to_port: i64 = 0
        at: i64 = start
        if protocol == TCP:
            if end - start < 20:
                self.not_decoded += 1
                return
            from_port = i64(read_i16_be(block, start)) & 0xFFFF
            to_port = i64(read_i16_be(block, start + 2)) & 0xFFFF
            at = start + (i64(block[start + 12]) >> 4) * 4
            if at < start + 20 or at > end:
                self.not_decoded += 1
                return
        elif protocol == UDP:
            if end - start < 8:
                self.not_decoded += 1
                return
            from_port = i64(read_i16_be(block, start)) & 0xFFFF
            to_port = i64(read_i16_be(block, start + 2)) & 0xFFFF
            at = start + 8
            said: i64 = i64(read_i16_be(block, start + 4)) & 0xFFFF
            if said >= 8 and start + said < end:
                end = start + said
            if to_port == VXLAN_PORT and end - at > 22 and block[at] == 8:
                self.again(block, at + 8, end)
                return
        elif protocol == GRE or protocol == IP_IN_IP or protocol == IP6_IN_IP:
            self._unwrap(protocol, block, start, end)
            return
        straight = x_low < y_low or (
            x_low == y_low and (x_high < y_high or (x_high == y_high and from_port <= to_port))
        )
        flow: Flow | None
        replaced: Flow | None = None
        if straight:
            flow = self._find(x_high, x_low, y_high, y_low, (from_port << 16) | to_port, tag)
        else:
            flow = self._find(y_high, y_low, x_high, x_low, (to_port << 16) | from_port, tag)
        flags: i64 = i64(block[start + 13]) if protocol == TCP else 0
        if flow is not None and (flags & SYN) != 0 and self._is_new(flow, straight, flags, block, start):
            replaced = flow
            self._end(flow)
            flow = None
        if flow is None:
            if straight:
                flow = self._begin(x_high, x_low, y_high, y_low, (from_port << 16) | to_port, tag, True)
            else:
                flow = self._begin(y_high, y_low, x_high, x_low, (to_port << 16) | from_port, tag, False)
            if replaced is not None:
                self._succeed(replaced, flow)
        side: i64 = 0 if straight == flow.x_is_side0 else 1
        self._count(flow, side, end - start + missing)
        if protocol == TCP:
            sequence: i64 = i64(read_i32_be(block, start + 4)) & 0xFFFFFFFF
            self.tcp.segment(flow, side, sequence, flags, block, start, at, end, missing)
        elif protocol == UDP:
            self._datagram(flow, side, block, at, end)
        else:
            self._named_by_number(flow, protocol, side)

    def _find(self, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64) -> Flow | None:
        last = self.last_flow
        if (
            last is not None
            and last.x_low == x_low
            and last.y_low == y_low
            and last.ports == ports
            and last.tag == tag
            and last.x_high == x_high
            and last.y_high == y_high
        ):
            return last
        flow = self.flows.find(mix(x_high, x_low, y_high, y_low, ports, tag), x_high, x_low, y_high, y_low, ports, tag)
        if flow is not None:
            self.last_flow = flow
        return flow

    def _is_new(self, flow: Flow, straight: bool, flags: i64, block: bytes, start: i64) -> bool:
        """Return whether a SYN opens a new connection on the ends of an old one.

        While the old one is open, a SYN alone may be forged (RFC 5961 4): it counts once the other end has accepted it.
        """
        side: i64 = 0 if straight == flow.x_is_side0 else 1
        if (flags & ACK) != 0:
            return flow.rival_side == 1 - side and flow.rival == (i64(read_i32_be(block, start + 8)) & 0xFFFFFFFF)
        half = flow.half0 if side == 0 else flow.half1
        first: i64 = (i64(read_i32_be(block, start + 4)) + 1) & 0xFFFFFFFF
        if half.started and (half.next == first or (half.first == first and self.now - flow.connection.first < SECOND)):
            return False
        if flow.state != OPEN or not (flow.connection.seen0 and flow.connection.seen1):
            return True
        flow.rival = first
        flow.rival_side = side
        flow.attempts += 1
        return False

    def _succeed(self, old: Flow, flow: Flow) -> None:
        """A connection takes the place of ``old``, whose open requests get no answer any more.

        Should the SYN be a forged one, the bytes of the old connection go on where they stood, and are taken as late.
        """
        if old.session is not None:
            old.session.time_out_all()
        if old.state != CLOSED and old.state != REFUSED:
            same_way = old.x_is_side0 == flow.x_is_side0
            before0 = old.half0 if same_way else old.half1
            before1 = old.half1 if same_way else old.half0
            if before0.started:
                flow.half0.late = before0.next
            if before1.started:
                flow.half1.late = before1.next

    def _begin(self, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64, x_sends: bool) -> Flow:
        self._make_room()
        flow = Flow(x_high, x_low, y_high, y_low, ports, tag)
        flow.x_is_side0 = x_sends
        connection = Connection(transport_name(tag), self.vlan, self.inner_vlan)
        six = (tag & SIX) != 0
        x = ip6_text(x_high, x_low) if six else ip4_text(x_low)
        y = ip6_text(y_high, y_low) if six else ip4_text(y_low)
        connection.ip0 = x if x_sends else y
        connection.ip1 = y if x_sends else x
        connection.port0 = (ports >> 16) if x_sends else (ports & 0xFFFF)
        connection.port1 = (ports & 0xFFFF) if x_sends else (ports >> 16)
        self._initialise(flow, connection)
        self.flows.add(flow, mix(x_high, x_low, y_high, y_low, ports, tag))
        self.last_flow = flow
        return flow

    def _make_room(self) -> None:
        """End the flows idle longest when the table is full."""
        if self.flows.count >= self.flows.limit:
            for idle in self.flows.idle_longest():
                self._end(idle)
                self.evicted_flows += 1

    def _initialise(self, flow: Flow, connection: Connection) -> None:
        """Give a new flow its addresses, time and place."""
        connection.interface = self.recorder.interface
        connection.first = self.recorder.now
        connection.first_frame = self.recorder.frame
        connection.mac0 = mac_text(self.mac_from)
        connection.mac1 = "" if is_group_mac(self.mac_to) else mac_text(self.mac_to)
        flow.mac0 = self.mac_from
        flow.connection = connection
        self._bind(self.mac_from, connection.ip0, "ip")

    def _count(self, flow: Flow, side: i64, byte_count: i64) -> None:
        """Count a packet of a flow."""
        flow.last = self.now
        flow.last_frame = self.recorder.frame
        if flow.window != self.window:
            flow.window = self.window
            self.touched.append(flow)
            channel = flow.channel
            if channel is not None and not channel.active:
                self.channel_table.touch(channel)
        if flow.second != self.second:
            flow.second = self.second
            flow.in_second = 0
        flow.in_second += 1
        if flow.in_second > flow.peak:
            flow.peak = flow.in_second
        if side == 0:
            flow.packets0 += 1
            flow.bytes0 += byte_count
            if flow.mac0 != self.mac_from:
                flow.mac0 = self.mac_from
                self._bind(self.mac_from, flow.connection.ip0, "ip")
            if not flow.half0.sent:
                flow.half0.sent = True
                flow.connection.seen0 = True
        else:
            flow.packets1 += 1
            flow.bytes1 += byte_count
            if flow.mac1 != self.mac_from:
                flow.mac1 = self.mac_from
                flow.connection.mac1 = mac_text(self.mac_from)
                self._bind(self.mac_from, flow.connection.ip1, "ip")
            if not flow.half1.sent:
                flow.half1.sent = True
                flow.connection.seen1 = True

    def _datagram(self, flow: Flow, side: i64, block: bytes, at: i64, end: i64) -> None:
        """Take a UDP payload: each datagram stands for itself."""
        if side == 1 and flow.state == OPENING:
            flow.state = OPEN
            if flow.channel is not None:
                opened = flow.channel.opened
                flow.channel = self.channel_table.open(
                    flow.connection, opened.protocol, "", "established", opened.recognised_by
                )
        if flow.session is not None:
            self.identifier.feed(flow, side, block, at, end)
        elif not flow.identified and at < end:
            self.identifier.payload(flow, side, block, at, end)
        if flow.session is not None:
            self.identifier.drop_pending(flow.half0)
            self.identifier.drop_pending(flow.half1)

    def _named_by_number(self, flow: Flow, protocol: i64, side: i64) -> None:
        """ICMP and other IP protocols: a channel, nothing dissected."""
        if flow.channel is None:
            name = "icmp" if protocol in (ICMP, ICMP6) else f"ip-{int(protocol)}"
            self.identifier.open_undissected(flow, "attempted", name, "bytes")
        elif side == 1 and flow.state == OPENING:
            flow.state = OPEN
            self.identifier.open_undissected(flow, "established", flow.channel.opened.protocol, "bytes")

    def _unwrap(self, protocol: i64, block: bytes, start: i64, end: i64) -> None:
        if protocol == GRE:
            if not self.gre(block, start, end):
                self.not_decoded += 1
            return
        self.depth += 1
        if self.depth > 8:
            self.not_decoded += 1
            return
        self.raw(block, start, end)

    # Below IP.

    def arp(self, block: bytes, start: i64, end: i64) -> None:
        """Take an ARP message for IPv4 over Ethernet."""
        if end - start < 28 or read_i32_be(block, start) != 0x00010800:
            self.not_decoded += 1
            return
        operation: i64 = self.short(block, start + 6)
        mac: i64 = self.mac(block, start + 8)
        address: i64 = i64(read_i32_be(block, start + 14)) & 0xFFFFFFFF
        target: i64 = i64(read_i32_be(block, start + 24)) & 0xFFFFFFFF
        if address != 0 and not is_group_ip4(address) and not is_group_mac(mac):
            self._bind(mac, ip4_text(address), "arp")
        self.neighbours.message(operation, mac, address, target, self.vlan, end - start)

    def link_only(self, ethertype: i64, block: bytes, start: i64, end: i64) -> None:
        """Take a frame without IP: a conversation between two MAC addresses."""
        if self.mac_from < 0:
            self.not_decoded += 1
            return
        tag: i64 = LINK_ONLY | (self.vlan << 9) | (self.inner_vlan << 21)
        kind: i64 = ethertype if ethertype >= 1536 else 0
        straight = self.mac_from <= self.mac_to
        x: i64 = self.mac_from if straight else self.mac_to
        y: i64 = self.mac_to if straight else self.mac_from
        flow = self._find(0, x, 0, y, kind, tag)
        if flow is None:
            self._make_room()
            flow = Flow(0, x, 0, y, kind, tag)
            flow.x_is_side0 = straight
            connection = Connection("ethernet", self.vlan, self.inner_vlan)
            self._initialise(flow, connection)
            connection.mac1 = mac_text(self.mac_to)
            flow.state = OPEN
            flow.identified = True
            self.flows.add(flow, mix(0, x, 0, y, kind, tag))
            self.last_flow = flow
            self.identifier.open_undissected(flow, "attempted", by_ethertype(ethertype), "bytes")
        self._count(flow, 0 if straight == flow.x_is_side0 else 1, end - start)

    def _bind(self, mac: i64, ip: str, method: str) -> None:
        """Report that ``mac`` speaks for ``ip``: at first, and whenever another MAC did before."""
        if mac < 0 or is_group_mac(mac) or ip in UNBOUND:
            return
        key = f"{ip}|{self.vlan}|{method}"
        known = self.bindings.get(key)
        if known is not None and known == mac:
            return
        if known is None and len(self.bindings) >= MAX_BINDINGS:
            self.bindings.clear()
            self.evicted_bindings += 1
        self.bindings[key] = mac
        if known is not None:
            moves = self.moves.get(key, 0) + 1
            self.moves[key] = moves
            if moves > MOVES_REPORTED:
                return
        recorder = self.recorder
        recorder.facts.append(
            Sighting(
                recorder.now,
                recorder.source,
                recorder.frame,
                recorder.number(),
                ip,
                mac_text(mac),
                self.vlan,
                "",
                "",
                "address",
                ip,
                method,
                "medium" if method == "ip" else "strong",
            )
        )


def transport_name(tag: i64) -> str:
    """Return the name of the transport in a flow's tag."""
    number = int(tag & 0xFF)
    if number == TCP:
        return "tcp"
    if number == UDP:
        return "udp"
    if number == ICMP:
        return "icmp"
    if number == ICMP6:
        return "icmp6"
    return f"ip-{number}"
