"""Flows: found, begun, counted and ended; their payload goes to TCP or, datagram by datagram, to a session. Compiled with mypyc."""

from __future__ import annotations

from typing import Final, final

from librt.strings import read_i16_be, read_i64_be
from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.recorder import Recorder
from dissectors.wire.address import has_plan, ip4_text, ip6_text, is_group_ip4, is_group_mac, mac_text
from dissectors.wire.addresses import Addresses
from dissectors.wire.arrivals import Arrivals
from dissectors.wire.clock import Clock
from dissectors.wire.copies import Copies
from dissectors.wire.flow import CLOSED, OPEN, OPENING, Flow
from dissectors.wire.flow_table import SIX, TUNNEL_SHIFT, FlowTable, mix
from dissectors.wire.half import NO_STRANDS, Half
from dissectors.wire.handshake import SYN, begins_anew
from dissectors.wire.link import INNER_SHIFT, PLACE_SHIFT, Link
from dissectors.wire.naming import Naming
from dissectors.wire.neighbour_discovery import take_neighbour
from dissectors.wire.numbers import ICMP, ICMP6, TCP, UDP, VRRP, transport_name
from dissectors.wire.places import VLAN_BITS, Places
from dissectors.wire.recognise import Recogniser
from dissectors.wire.reorder import Reorder
from dissectors.wire.streams import Streams
from dissectors.wire.tcp import Tcp
from dissectors.wire.tunnel import udp_end

UDP_HEADER: Final = 8


@final
class Flows:
    """All flows of one worker. ``evicted`` counts those that made room for others."""

    def __init__(
        self,
        recorder: Recorder,
        link: Link,
        clock: Clock,
        channel_table: ChannelTable,
        addresses: Addresses,
        naming: Naming,
        streams: Streams,
        recogniser: Recogniser,
        reorder: Reorder,
        tcp: Tcp,
        places: Places,
        copies: Copies,
    ) -> None:
        self.recorder = recorder
        self.link = link
        self.clock = clock
        self.channel_table = channel_table
        self.addresses = addresses
        self.naming = naming
        self.streams = streams
        self.recogniser = recogniser
        self.reorder = reorder
        self.tcp = tcp
        self.places = places
        self.copies = copies
        self.arrivals = Arrivals(link, addresses, places, copies, reorder.repeats)
        self.table = FlowTable()
        self.last: Flow | None = None
        self.key: i64 = 0
        """The key of the ends that were looked for in vain."""
        self.found_elsewhere: bool = False
        """There are flows with this key, maybe between the same ends at another place."""
        self.touched: list[Flow] = []
        self.evicted: i64 = 0
        self.malformed: i64 = 0
        self.wrapping: str = ""
        """What the packet at hand is, when it is a tunnel's."""

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
        """Take an IP payload from x to y; ``missing`` bytes at its end were not captured."""
        link = self.link
        tag: i64 = protocol | (link.vlan << PLACE_SHIFT) | (link.inner_vlan << INNER_SHIFT) | link.interface
        if six:
            tag |= SIX
        from_port: i64 = 0
        to_port: i64 = 0
        sequence: i64 = 0
        number: i64 = 0
        flags: i64 = 0
        at: i64 = start
        if protocol == TCP:
            if end - start < 20:
                self.malformed += 1
                return
            words: i64 = read_i64_be(block, start)
            from_port = (words >> 48) & 0xFFFF
            to_port = (words >> 32) & 0xFFFF
            sequence = words & 0xFFFFFFFF
            words = read_i64_be(block, start + 8)
            number = (words >> 32) & 0xFFFFFFFF
            at = start + ((words >> 28) & 15) * 4
            if at < start + 20 or at > end:
                self.malformed += 1
                return
            flags = (words >> 16) & 0xFF
        elif protocol == UDP:
            if end - start < 8:
                self.malformed += 1
                return
            from_port = i64(read_i16_be(block, start)) & 0xFFFF
            to_port = i64(read_i16_be(block, start + 2)) & 0xFFFF
            at = start + 8
            end = udp_end(block, start, end)
        if link.tunnel != 0:
            from_port |= link.tunnel << TUNNEL_SHIFT
            to_port |= link.tunnel << TUNNEL_SHIFT
        straight = x_low < y_low or (
            x_low == y_low and (x_high < y_high or (x_high == y_high and from_port <= to_port))
        )
        flow: Flow | None
        if straight:
            flow = self.find(x_high, x_low, y_high, y_low, (from_port << 16) | to_port, tag)
        else:
            flow = self.find(y_high, y_low, x_high, x_low, (to_port << 16) | from_port, tag)
        if flow is None and self.found_elsewhere:
            if straight:
                flow = self.arrivals.joining.find(
                    self.table, self.key, x_high, x_low, y_high, y_low, (from_port << 16) | to_port, tag, True, flags, block, start, at, end,
                )  # fmt: skip
            else:
                flow = self.arrivals.joining.find(
                    self.table, self.key, y_high, y_low, x_high, x_low, (to_port << 16) | from_port, tag, False, flags, block, start, at, end,
                )  # fmt: skip
        replaced: Flow | None = None
        heirs: list[Half] = NO_STRANDS
        if flow is not None and (flags & SYN) != 0:
            half = flow.opener if straight == flow.x_opened else flow.peer
            is_wrong = missing == 0 and self.tcp.repeats.readings.is_wrong(flow, half, block, start, end)
            if not is_wrong and begins_anew(flow, half, flags, block, start, self.recorder.now):
                replaced = flow
                self.recogniser.settle(flow)
                heirs = self.tcp.strands.heirs(flow)
                if flow.session is not None:
                    flow.session.end(is_closed=True)
                self.end(flow)
                flow = None
        if flow is None:
            if straight:
                flow = self._begin(x_high, x_low, y_high, y_low, (from_port << 16) | to_port, tag, True)
            else:
                flow = self._begin(y_high, y_low, x_high, x_low, (to_port << 16) | from_port, tag, False)
            if replaced is not None:
                self.tcp.strands.succeed(heirs, replaced.x_opened == flow.x_opened, flow)
                flow.know_client_of(replaced)
        half = flow.opener if straight == flow.x_opened else flow.peer
        if half.tag != tag or half.mac != link.mac_from:
            if protocol == ICMP6:  # what a card says of itself, before what the header lets one think
                take_neighbour(self.addresses, link, half.end.ip, flow.connection.network, block, at, end)
            if self.arrivals.take(flow, half, tag, flags, block, start, at, end):
                return
        self.count(flow, half, end - start + missing)
        if protocol == TCP:
            self.tcp.segment(flow, half, sequence, number, flags, block, start, at, end, missing)
        elif protocol == UDP:
            self._datagram(flow, half, block, at, end)
        else:
            if protocol == ICMP6:
                take_neighbour(self.addresses, link, half.end.ip, flow.connection.network, block, at, end)
            if protocol == VRRP:
                self.arrivals.advertised(half.end.ip, tag, block, at, end)
            self._named_by_number(flow, half, protocol)

    def find(self, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64) -> Flow | None:
        """Return the flow between these ends, None when it is new. The last one is tried first."""
        last = self.last
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
        key: i64 = mix(x_high, x_low, y_high, y_low, ports, tag, self.table.secret)
        flow = self.table.find(key, x_high, x_low, y_high, y_low, ports, tag)
        if flow is not None:
            self.last = flow
        else:
            self.key = key
            self.found_elsewhere = key in self.table.flows
        return flow

    def _begin(self, x_high: i64, x_low: i64, y_high: i64, y_low: i64, ports: i64, tag: i64, x_sends: bool) -> Flow:
        """Begin a flow between IP addresses."""
        link = self.link
        connection = Connection(transport_name(int(tag & 0xFF)), link.vlan, link.inner_vlan)
        connection.tunnel = link.tunnel_text
        six = (tag & SIX) != 0
        x = connection.opener if x_sends else connection.peer
        y = connection.peer if x_sends else connection.opener
        x.ip = ip6_text(x_high, x_low) if six else ip4_text(x_low)
        y.ip = ip6_text(y_high, y_low) if six else ip4_text(y_low)
        x.port = (ports >> 16) & 0xFFFF
        y.port = ports & 0xFFFF
        to_group_mac = is_group_mac(link.mac_to)
        if not to_group_mac:
            connection.peer.mac = mac_text(link.mac_to)
        if (tag & 0xFF) == UDP:
            connection.to_group = to_group_mac or (not six and is_group_ip4(y_low if x_sends else x_low))
        flow = Flow(x_high, x_low, y_high, y_low, ports, tag, connection)
        flow.x_opened = x_sends
        places = self.places
        if not to_group_mac and has_plan(x_high, x_low, six) and has_plan(y_high, y_low, six):
            key: i64 = mix(x_high, x_low, y_high, y_low, 0, 0, self.table.secret)
            flow.pair = places.pair(key, x_high, x_low, y_high, y_low)
        connection.network = places.network(flow.pair, tag, x_sends)
        if flow.pair is not None:
            home: i64 = places.home(flow.pair, tag)
            connection.vlan = (home >> PLACE_SHIFT) & VLAN_BITS
            connection.inner_vlan = (home >> INNER_SHIFT) & VLAN_BITS
        self.add(flow)
        return flow

    def add(self, flow: Flow) -> None:
        """Keep a new flow, ending the ones idle longest when there is no room."""
        table = self.table
        full = table.count >= table.limit
        if full:
            for idle in table.idle_longest(self.recorder.now):
                self.end(idle)
                self.evicted += 1
        if full or i64(len(self.touched)) > 2 * table.limit:
            self.touched = [known for known in self.touched if not known.ended]
        connection = flow.connection
        connection.interface = self.recorder.interface
        connection.first = self.recorder.now
        connection.first_frame = self.recorder.frame
        connection.opener.mac = mac_text(self.link.mac_from)
        key = mix(flow.x_high, flow.x_low, flow.y_high, flow.y_low, flow.ports, flow.tag, table.secret)
        crowded = table.add(flow, key)
        if crowded is not None:
            self.end(crowded)
        self.last = flow

    def end(self, flow: Flow) -> None:
        """Report what is still open of a flow and forget it."""
        self.recogniser.settle(flow)
        self.naming.open_silent(flow)
        session = flow.session
        if session is not None:
            session.end(is_closed=flow.state == CLOSED)
            session.close()
        flow.push_counters()
        for half in (flow.opener, flow.peer):
            self.streams.drop(half)
            self.reorder.drop(half)
        self.streams.drop_early(flow)
        flow.ended = True
        self.table.remove(flow)
        if self.last is flow:
            self.last = None

    def count(self, flow: Flow, half: Half, byte_count: i64) -> None:
        """Count a packet of a flow."""
        clock = self.clock
        flow.last = clock.now
        flow.last_frame = self.recorder.frame
        if flow.window != clock.window:
            flow.window = clock.window
            self.touched.append(flow)
            channel = flow.channel
            if channel is not None and not channel.active:
                self.channel_table.touch(channel)
        if flow.second != clock.second:
            flow.second = clock.second
            flow.in_second = 0
        flow.in_second += 1
        if flow.in_second > flow.peak:
            flow.peak = flow.in_second
        flow.packet_side = half.side
        flow.packet_bytes = byte_count
        half.packets += 1
        half.bytes += byte_count

    def close_window(self) -> None:
        """Add the counters of the flows that spoke in this window to their channels."""
        touched = self.touched
        self.touched = []
        for flow in touched:
            if not flow.ended:
                flow.push_counters()

    def _datagram(self, flow: Flow, half: Half, block: bytes, at: i64, end: i64) -> None:
        """Take a UDP payload: each datagram stands for itself."""
        if half.side == 1 and flow.state == OPENING:
            flow.state = OPEN
            if flow.channel is not None:
                opened = flow.channel.opened
                flow.channel = self.channel_table.open(
                    flow.connection, opened.protocol, "", "established", opened.recognised_by
                )
        if self.copies.is_of_datagram(half, block, at, end):
            self.copies.take(flow)
            flow.uncount(half, end - at + UDP_HEADER)
            return
        self.copies.remember(half, block, at, end)
        if half.round != self.arrivals.repeats.round:
            self.arrivals.repeats.borrow(half)
        if flow.session is not None:
            self.streams.feed(flow, half, block, at, end)
        elif self.wrapping:
            if flow.channel is None or flow.channel.opened.protocol != self.wrapping:
                self.naming.open_tunnel(flow, self.wrapping)
        elif not flow.sealed and at < end:
            self.recogniser.payload(flow, half, block, at, end)
        if flow.session is not None:
            self.streams.drop(flow.opener)
            self.streams.drop(flow.peer)

    def _named_by_number(self, flow: Flow, half: Half, protocol: i64) -> None:
        """ICMP and other IP protocols: a channel, nothing dissected."""
        if flow.channel is None:
            name = "icmp" if protocol == ICMP or protocol == ICMP6 else self.wrapping or f"ip-{int(protocol)}"
            self.naming.open(flow, "attempted", name, "bytes")
        elif half.side == 1 and flow.state == OPENING:
            flow.state = OPEN
            self.naming.open(flow, "established", flow.channel.opened.protocol, "bytes")
