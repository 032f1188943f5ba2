"""The bounds of the packet path: what grows with the traffic, what happens when it is full, and which counter says so."""

from __future__ import annotations

from typing import Final, NamedTuple


class Bound(NamedTuple):
    """One bound: the constant, what it bounds, what happens at it, and the counter (or why there is none)."""

    constant: str
    what: str
    full: str
    counter: str


WIRE: Final = (
    Bound("dissectors.wire.flow_table.MAX_FLOWS", "flows", "a tenth, idle longest, is ended", "Health `evicted_flows`"),
    Bound(
        "dissectors.wire.naming.MAX_UNREAD",
        "new channels of a window that nobody dissects or answers",
        "counted; opened in a later window",
        "Health `conversations_passed_over`",
    ),
    Bound(
        "dissectors.wire.streams.MAX_STREAM_BYTES",
        "bytes of unfinished messages, and as many out of order, of all streams",
        "what comes then is a gap",
        "Health `evicted_stream_messages`",
    ),
    Bound(
        "dissectors.wire.seen.MAX_COPIED",
        "bytes copied to compare repeats, and as many of other versions of them, of all flows",
        "repeats are counted, not compared",
        "Health `segments_uncompared`",
    ),
    Bound(
        "dissectors.wire.half.MAX_HELD_BYTES",
        "bytes out of order, per direction",
        "the hole is reported as a gap",
        "Visibility `gaps`, channel gaps",
    ),
    Bound(
        "dissectors.wire.half.MAX_HELD_SEGMENTS",
        "segments out of order, per direction",
        "the same",
        "Visibility `gaps`, channel gaps",
    ),
    Bound(
        "dissectors.wire.half.MAX_STRANDS",
        "holes given up and numbers of other SYNs that are still read, per direction",
        "one that is full or carried nothing goes first, then what the other end acknowledged, then the newest",
        "none for holes; of numbers that carried bytes the violation `two_numberings`",
    ),
    Bound(
        "dissectors.wire.reorder.MAX_ALL_STRANDS",
        "the same over all directions",
        "a direction keeps as many as it has, and gets no first one",
        "Health `evicted_strands`",
    ),
    Bound(
        "dissectors.wire.holes.MAX_ACROSS",
        "messages known to be read across the ends of holes, per direction",
        "the oldest is forgotten, and may be read twice",
        "none: only who fills many holes in other orders reaches it",
    ),
    Bound(
        "dissectors.wire.others.MAX_DOUBTS",
        "unfinished messages of other readings that are followed, per direction",
        "the oldest but the first are not followed",
        "none: that there are two readings was said before",
    ),
    Bound(
        "dissectors.wire.half.MAX_PENDING_BYTES",
        "bytes of an unfinished message",
        "the rest is cut off",
        "none: no message of these protocols is longer",
    ),
    Bound(
        "dissectors.wire.flow.MAX_EARLY_BYTES",
        "bytes before a protocol is known",
        "the flow is named by its port",
        "`ChannelOpened.recognised_by`",
    ),
    Bound(
        "dissectors.wire.repeats.BLOCKS_KEPT",
        "blocks kept for comparing, and up to as many again",
        "older segments are copied",
        "none: nothing is lost",
    ),
    Bound(
        "dissectors.wire.seen.MAX_KEPT",
        "segments not acknowledged, kept for comparing, per direction",
        "the oldest goes",
        "none: a repeat of it is counted as one",
    ),
    Bound(
        "dissectors.wire.seen.MAX_GROWN",
        "the same over all flows",
        "each direction keeps one",
        "none: as above",
    ),
    Bound(
        "dissectors.wire.senders.MAX_SENDERS",
        "senders whose checksums are known",
        "begins anew",
        "none: what differs is read both ways",
    ),
    Bound(
        "dissectors.wire.fragments.MAX_DATAGRAMS",
        "IP datagrams in fragments",
        "oldest goes",
        "Health `evicted_fragments`",
    ),
    Bound("dissectors.wire.unwrap.MAX_DEPTH", "wrappings in each other", "not read further", "Health `not_decoded`"),
    Bound(
        "dissectors.wire.unread.MAX_NAMES",
        "names of what was not read, per window",
        "the others share one",
        "Health `not_decoded`",
    ),
    Bound(
        "dissectors.wire.tunnel_table.MAX_TUNNELS",
        "tunnels told apart",
        "further ones share a number",
        "Health `evicted_tunnels`",
    ),
    Bound("dissectors.wire.ring.MAX_SENDERS", "nodes of rings", "begins anew", "Health `evicted_ring_senders`"),
    Bound(
        "dissectors.wire.assembly.MAX_PIECES",
        "fragments of an IP datagram",
        "further ones are left out",
        "Health `evicted_fragments`, `not_decoded`",
    ),
    Bound(
        "dissectors.wire.assembly.MAX_VERSIONS",
        "versions of one part of a datagram",
        "the first ones and the last are kept",
        "Health `evicted_fragments`",
    ),
    Bound(
        "dissectors.wire.assembly.MAX_READINGS",
        "chains of parts read of one datagram",
        "the others are not tried",
        "Health `evicted_fragments`",
    ),
    Bound(
        "dissectors.wire.network.MAX_TAKEN",
        "readings of one fragment handed on",
        "the others are not dissected",
        "Health `evicted_fragments`",
    ),
    Bound("dissectors.wire.neighbours.MAX_SENDERS", "ARP senders", "begins anew", "Health `evicted_neighbours`"),
    Bound("dissectors.wire.neighbours.MAX_ASKED", "addresses asked for", "begins anew", "Health `evicted_neighbours`"),
    Bound(
        "dissectors.wire.datagrams.MAX_BURST",
        "datagrams before the last, per direction",
        "copies of older ones are dissected again",
        "none: nothing is lost",
    ),
    Bound(
        "dissectors.wire.places.MAX_PAIRS",
        "pairs of addresses with their places",
        "begins anew",
        "Health `evicted_pairs`",
    ),
    Bound(
        "dissectors.wire.places.MAX_PAIR_PLACES",
        "places of one pair of addresses",
        "further ones are not remembered: each connection there is judged by itself",
        "none: nothing is lost",
    ),
    Bound(
        "dissectors.wire.places.MAX_FURTHER",
        "places behind the first, of all pairs of addresses",
        "as for one pair",
        "none: nothing is lost",
    ),
    Bound(
        "dissectors.wire.places.MAX_INTERFACES",
        "interfaces told apart",
        "further ones count as one",
        "none: pcapng names so many only by mistake",
    ),
    Bound(
        "dissectors.wire.joining.MAX_ELSEWHERE",
        "other places of one flow",
        "the oldest is looked for again",
        "none: nothing is lost",
    ),
    Bound(
        "dissectors.wire.recognise.MIDSTREAM_TRIES",
        "segments of an old connection asked about",
        "the flow is named by its port",
        "`ChannelOpened.recognised_by`",
    ),
    Bound("dissectors.wire.addresses.MAX_BINDINGS", "MAC and IP bindings", "begins anew", "Health `evicted_bindings`"),
    Bound(
        "dissectors.wire.addresses.MAX_NEW",
        "new bindings of a window",
        "taken in a later window",
        "Health `evicted_bindings`",
    ),
    Bound(
        "dissectors.wire.neighbours.MAX_NEW",
        "new ARP senders, and new questions, of a window",
        "taken in a later window",
        "Health `evicted_neighbours`",
    ),
    Bound(
        "dissectors.wire.clock.FREE_JUMPS",
        "jumps of a clock believed at once",
        "believed after some packets, twice as many each time",
        "Health `clock_jumps`",
    ),
    Bound(
        "dissectors.base.group.MAX_ASKED",
        "requests to groups remembered",
        "oldest goes; its answers count as unmatched",
        "Health `evicted_requests`",
    ),
    Bound(
        "dissectors.base.channel_table.MAX_CHANNELS",
        "channels of a worker",
        "a tenth, idle longest",
        "Health `evicted_channels`",
    ),
    Bound(
        "dissectors.base.channel.MAX_OPERATIONS",
        "operations of a channel",
        "counted as one overflow operation for each function",
        "Health `evicted_operations`",
    ),
    Bound(
        "dissectors.base.channel.MAX_TRANSITIONS",
        "transitions of a channel",
        "counted, not reported",
        "Health `evicted_operations`",
    ),
    Bound(
        "dissectors.base.channel_table.MAX_ATTACHED",
        "channels that connections keep at hand, of all connections",
        "looked up anew",
        "none: nothing is lost",
    ),
    Bound(
        "dissectors.base.channel_table.MAX_ALL_OPERATIONS",
        "operations of all channels",
        "counted as one overflow operation",
        "Health `evicted_operations`",
    ),
    Bound(
        "dissectors.base.channel_table.MAX_ALL_TRANSITIONS",
        "transitions of all channels",
        "counted, not reported",
        "Health `evicted_operations`",
    ),
    Bound(
        "dissectors.base.channel_table.MAX_ALL_POINTS",
        "points with a last value, of all connections",
        "further points are not followed",
        "Health `evicted_protocol_state`",
    ),
    Bound(
        "dissectors.base.channel_table.MAX_PROTOCOL_BYTES",
        "bytes of messages in parts, of all connections",
        "message dropped",
        "Health `evicted_protocol_state`",
    ),
    Bound(
        "dissectors.base.channel_table.MAX_ALL_IDENTITIES",
        "claims of identity remembered, of all connections",
        "a connection forgets its own",
        "none: they are reported again",
    ),
    Bound(
        "dissectors.base.reporting.NEW_IDENTITIES",
        "new claims of identity of a connection and minute",
        "not reported",
        "Health `evicted_protocol_state`",
    ),
    Bound(
        "dissectors.dnp3.objects.MAX_TARGETS",
        "DNP3 targets of one message",
        "no rule about certain objects allows it",
        "Health `targets_left_out`",
    ),
    Bound(
        "dissectors.base.spread.MAX_RANGES",
        "ranges of one written point, told together",
        "the two nearest become one",
        "none: no value is outside of a range",
    ),
    Bound(
        "dissectors.base.repeats.REPORTED_IN_FULL",
        "exchanges reported in full per window",
        "for each outcome the last is reported, with the ranges of each written point",
        "`Exchange` repeats",
    ),
    Bound(
        "dissectors.base.repeats.MAX_HELD",
        "errors of an operation counted apart per window",
        "further ones are counted by outcome",
        "`Exchange` repeats",
    ),
    Bound(
        "dissectors.base.exchanges.MAX_STRAYS",
        "kinds of unasked answers counted apart per window",
        "further ones are counted by function",
        "`Exchange` repeats",
    ),
    Bound(
        "dissectors.base.pairing.MAX_WAITING",
        "requests outstanding",
        "the new one is reported unseen, as many answers are taken as theirs",
        "Health `evicted_requests`",
    ),
    Bound(
        "dissectors.base.given_up.MAX_GIVEN_UP",
        "unanswered requests whose answer may come late",
        "oldest goes; its answer counts as unmatched",
        "none: an answer so late is rare",
    ),
    Bound(
        "dissectors.base.channel_table.MAX_ALL_WAITING",
        "requests outstanding or given up over all connections",
        "as for one connection",
        "Health `evicted_requests`",
    ),
    Bound("dissectors.base.units.MAX_UNITS", "units of a connection", "looked up anew", "none: nothing is lost"),
    Bound("dissectors.iso.session.MAX_MESSAGE", "ISO message in parts", "dropped", "Health `evicted_protocol_state`"),
    Bound(
        "dissectors.dnp3.application.MAX_PAIRS",
        "DNP3 link pairs of a connection",
        "begins anew",
        "Health `evicted_protocol_state`",
    ),
    Bound(
        "dissectors.dnp3.points.MAX_POINTS",
        "DNP3 points with a last value",
        "further points are not followed",
        "Health `evicted_protocol_state`",
    ),
    Bound(
        "dissectors.s7.transfer.MAX_TRANSFERS", "S7 transfers at once", "oldest goes", "Health `evicted_protocol_state`"
    ),
)
"""In the order of the data: flows and their bytes, places, channels, pairing, protocols."""
