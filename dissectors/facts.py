"""The vocabulary of the narrow waist: what the worker reports to the pipeline.

A fact is emitted when something is new, is not a routine read, is wrong, or when a window closes; thousands of
packets make one fact. Facts are frozen records with one codec: it carries them between processes, records them
in the store and types them on the way back. Nothing above this file ever sees a packet.

Conventions. Times are integers, nanoseconds since 1970 UTC, taken from packets. Frames are numbered from 1 over
the whole input (a directory of captures counts on). ``channel`` is a content-derived id that a ``ChannelOpened``
has introduced before. Addresses are text: IPs as usual, MACs lower case with colons ("" when not seen).
The words they use are in ``dissectors.words``. This module stays interpreted: compiled code only makes facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

Value = int | float | str


class Endpoint(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One side of a conversation as seen on the wire."""

    ip: str = ""
    mac: str = ""
    port: int = 0


FURTHER: Final = "further"
"""The kind of the last target of a message that names more of them than are kept, or whose rest could not be read."""


class Target(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A range of process objects.

    ``kind`` is the table, in the words that the protocol's declaration lists (a register table, an object group, a data
    block), or FURTHER; the declaration also says what its numbers count. ``first`` and ``last`` are inclusive; -1 means all.
    """

    kind: str
    first: int = -1
    last: int = -1


class Fact(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=True):
    """What every fact carries: its place in the one total order (time, source, frame, sequence)."""

    time: int
    source: str
    frame: int
    sequence: int


class Sighting(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """An attribute of a device was observed. Sent once per (device, attribute, value, method).

    The device is ``mac`` and ``ip`` on ``vlan`` plus, behind a gateway, ``unit`` of ``protocol``. ``attribute`` is one
    of ``dissectors.attributes``; "address" has the ip as its value, "asked_for" the target of an ARP request. ``method`` names
    the source: "arp", "nd" (IPv6), "ip", or the protocol with the place in its messages. ``interface`` and ``vlan`` are where it was seen,
    ``network`` is the plan of addresses that the ip is of, as in ``ChannelOpened``.
    """

    ip: str
    mac: str
    vlan: int
    protocol: str
    unit: str
    attribute: str
    value: str
    method: str
    confidence: str
    channel: str = ""
    interface: str = ""
    network: str = ""


class ChannelOpened(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """A client talks to a server over a protocol and unit for the first time, or the state of that changed.

    Sent when state and protocol are known; again (same ``channel``) when the state changes. ``protocol`` is the
    recognised one or "" (then transport and server port name the conversation); ``unit`` is the device behind the
    address as the protocol's declaration names it ("1", a pair "1>10" of client and server, "0/2"), else "". A publisher
    on layer 2 or to a group is the client of the address it sends to. ``decided_by`` says how client and
    server were told apart: "handshake", "messages", "port", "direction_bit" or "first_packet". ``recognised_by`` is "bytes", "port", or "silence"
    while nothing has been sent. ``network`` is the plan of addresses that the conversation belongs to: "" for the usual one,
    else the name given in the configuration, or the place where the same addresses are other devices ("vlan 20",
    "interface eth1"). ``silent`` is the end ("client" or "server") that had sent nothing yet though the state does not say so:
    its MAC is the one that frames to it go to, which may be another's. ``tunnel`` is the tunnel that the conversation came in, by
    its first packet: kind, number if it has one, outer sender and receiver ("vxlan 7 10.0.0.5 > 10.0.0.6"), the outermost first;
    whoever sent it wrote all addresses inside, so they prove nobody's presence. It is "" outside of tunnels and in mirror sessions. ``framing`` names how
    messages are framed where that is not the protocol's usual way. ``against_handshake``: by its handshake, which anybody may
    forge, the server opened the TCP connection.
    """

    channel: str
    protocol: str
    unit: str
    transport: str
    client: Endpoint
    server: Endpoint
    vlan: int
    state: str
    decided_by: str
    recognised_by: str
    first: int
    first_frame: int
    flow: str
    visibility: str
    interface: str = ""
    inner_vlan: int = 0
    network: str = ""
    silent: str = ""
    tunnel: str = ""
    framing: str = ""
    against_handshake: bool = False


class OperationFirst(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """A channel carries this (verb, function, target) for the first time. ``operation`` is ``verb_noun``."""

    channel: str
    verb: str
    operation: str
    code: str
    label: str
    targets: tuple[Target, ...]
    detail: Mapping[str, Value]
    visibility: str
    flow: str
    client_port: int


class TransitionFirst(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """``label`` followed ``previous`` (both labels of operations) on a connection for the first time."""

    channel: str
    previous: str
    label: str
    visibility: str


class Exchange(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """A request that is not a routine successful read, with its answer; also unanswered, unmatched and one-way ones.

    Each stands for 1 + ``repeats`` exchanges of its window, so that sums over them are exact. Identical repeats (equal in
    everything but numbers and times) are told together: the last of them, before the next different one or at the end of the
    window. So are, for each outcome, those beyond the first of a window that are told in full; then ``detail`` may hold "min",
    "max" of their values. ``values`` are asked (written), ``answers`` returned, both in the order of the points of ``targets``.
    Then too ``ranges`` has, for each of ``values``, the least and greatest of every range that the exchanges wrote; one empty range
    says that they did not all write the same points. ``outcome`` "unseen": no answer was seen and none can be missed, for the input
    ended first or the capture lost bytes. "late": the answer to a request reported unanswered (or unseen) before; the exchange is
    told twice and is one.
    ``request_frame`` or ``response_frame`` is 0 where there is none. ``excerpt`` is the first 32 bytes of the
    deciding message, ``offset`` its place in the frame (-1 when it spans frames), ``length`` its whole length.
    """

    channel: str
    verb: str
    operation: str
    code: str
    label: str
    targets: tuple[Target, ...]
    values: tuple[Value, ...]
    answers: tuple[Value, ...]
    outcome: str
    error_code: int
    error: str
    latency: int
    request_time: int
    request_frame: int
    response_frame: int
    repeats: int
    detail: Mapping[str, Value]
    visibility: str
    flow: str
    client_port: int
    excerpt: bytes
    offset: int
    length: int
    ranges: tuple[tuple[Value, ...], ...] = ()


class ValueChange(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """Points of one table changed in one answer or report: parallel tuples of index, value and previous.

    At most 64 points a fact; ``more`` counts the rest.
    """

    channel: str
    kind: str
    points: tuple[int, ...]
    values: tuple[Value, ...]
    previous: tuple[Value, ...]
    more: int
    visibility: str


class OperationCount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One operation in one window. Gaps are between requests, in microseconds; ``peak`` in one second."""

    label: str
    verb: str
    requests: int
    failures: int
    peak: int
    gap_count: int
    gap_sum: int
    gap_squares: int
    gap_min: int
    gap_max: int


class TransitionCount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How often ``label`` followed ``previous`` in one window."""

    previous: str
    label: str
    count: int


class ChannelWindow(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """What a channel did in one window [start, end). Latencies in microseconds; ``last`` is its last packet's time.

    ``late`` are answers to requests counted as ``unanswered`` before, in this window or an earlier one. Packets and bytes of a
    connection to several units are those that carried this unit's messages, and what followed them without any message.
    ``copies`` are packets that were seen before, here or at another place; ``places`` are the other places where packets of
    this channel were seen ("untagged", "vlan 20"), beside that of ``ChannelOpened``.
    """

    channel: str
    start: int
    end: int
    first_frame: int
    last_frame: int
    packets_client: int
    packets_server: int
    bytes_client: int
    bytes_server: int
    requests: int
    responses: int
    reports: int
    failures: int
    unanswered: int
    unmatched: int
    attempts: int
    refused: int
    connections: int
    resets: int
    retransmissions: int
    gaps: int
    peak_packets: int
    latency_count: int
    latency_sum: int
    latency_min: int
    latency_max: int
    value_changes: int
    operations: tuple[OperationCount, ...]
    transitions: tuple[TransitionCount, ...]
    visibility: str
    last: int = 0
    late: int = 0
    copies: int = 0
    places: tuple[str, ...] = ()


class Violation(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """A message that is wrong but readable, or bytes that are not the protocol they claim.

    ``name`` is from the protocol's list of violations, ``at`` the offset in the message, ``clause`` the place
    in the standard, ``text`` one sentence with the values. Each stands for 1 + ``repeats`` violations of its name in its channel
    and window, so that sums over them are exact.
    """

    channel: str
    protocol: str
    name: str
    at: int
    clause: str
    text: str
    from_client: bool
    visibility: str
    flow: str
    client_port: int
    excerpt: bytes
    offset: int
    length: int
    repeats: int = 0


class Visibility(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """A stream became complete, midstream, one_sided or encrypted, or has gaps; ``reason`` is one sentence."""

    channel: str
    state: str
    reason: str
    missing_bytes: int = 0
    flow: str = ""


class Health(Fact, frozen=True, array_like=True, gc=False, tag=True):
    """Counters of one source over one window [start, end); ``counters`` are totals of this window.

    ``unread`` are the frames of this window that were not read, by the name of what stopped the reading.
    """

    start: int
    end: int
    interface: str
    counters: Mapping[str, int]
    unread: Mapping[str, int] = {}


AnyFact = (
    Sighting
    | ChannelOpened
    | OperationFirst
    | TransitionFirst
    | Exchange
    | ValueChange
    | ChannelWindow
    | Violation
    | Visibility
    | Health
)

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyFact] = msgspec.msgpack.Decoder(AnyFact)
_list_decoder: msgspec.msgpack.Decoder[list[AnyFact]] = msgspec.msgpack.Decoder(list[AnyFact])


def encode(fact: AnyFact) -> bytes:
    """Return the MessagePack bytes of one fact."""
    return _encoder.encode(fact)


def decode(data: bytes) -> AnyFact:
    """Return the fact in ``data``. Raises ``msgspec.ValidationError`` for anything else."""
    return _decoder.decode(data)


def encode_all(facts: Iterable[AnyFact]) -> bytes:
    """Return the MessagePack bytes of a batch of facts, in order."""
    return _encoder.encode(list(facts))


def decode_all(data: bytes) -> list[AnyFact]:
    """Return the batch in ``data``. Raises ``msgspec.ValidationError`` for anything else."""
    return _list_decoder.decode(data)
