"""The laws that every protocol keeps, on the messages of its ``vectors.txt``: no capture from elsewhere is needed.

A message is decided by its own bytes; cutting the stream anywhere changes nothing; parsing has three outcomes; each protocol
knows its own messages and leaves those of all others alone; what it declares is what documents and policies know.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dissectors.attributes import NAMES
from dissectors.base.dissector import Dissector
from dissectors.base.message import MAYBE, NO, YES, Message
from dissectors.facts import ChannelOpened, Exchange, OperationFirst, Violation
from dissectors.registry import BY_NAME, DISSECTORS, PROTOCOLS
from dissectors.spec import Protocol
from dissectors.words import VERBS
from sensor.documents.fields import FIELDS
from tests.dissectors.harness import SECOND, Conversation, cut, of, reported, run, total
from tests.dissectors.vectors import Vector, package_of, vectors_of

EDGES = (0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x7F, 0x80, 0xFE, 0xFF)
BEFORE, BEHIND = b"\x41\x00\xff" * 5, b"\xff\x00\x03" * 30
SWEPT = 60
"""Bytes of a message that are changed one by one."""
STREAMED = 24
"""Messages whose bytes are changed one by one in a stream."""

each_dissector = pytest.mark.parametrize("dissector", DISSECTORS, ids=package_of)
each_protocol = pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.name)


def port_of(dissector: Dissector) -> int:
    """The TCP port of a dissector, 0 when it has no streams."""
    doors = [door for row in PROTOCOLS if row.dissector is dissector for door in row.doors]
    return next((door.number for door in doors if door.kind == "tcp" and not door.encrypted), 0)


def streamed(dissector: Dissector) -> int:
    port = port_of(dissector)
    if not port:
        pytest.skip("this protocol has no streams")
    return port


def parsed(dissector: Dissector, data: bytes, start: int, end: int, from_client: bool) -> object:
    message = dissector.parse(data, start, end, from_client)
    return None if message is None else message.as_tuple()


def damaged(vector: Vector) -> Iterator[bytes]:
    for at in range(min(len(vector.data), SWEPT)):
        for edge in EDGES:
            if vector.data[at] != edge:
                yield vector.data[:at] + bytes((edge,)) + vector.data[at + 1 :]


@each_dissector
def test_its_vectors_are_messages_without_a_fault(dissector: Dissector) -> None:
    rows = vectors_of(package_of(dissector))
    if port_of(dissector):
        assert {vector.from_client for vector in rows} == {True, False} and len(rows) >= 8
    messages = [dissector.parse(row.data, 0, len(row.data), row.from_client) for row in rows]
    assert sum(message is not None for message in messages) > len(rows) // 2
    assert [row.comment for row, message in zip(rows, messages, strict=True) if message and message.violations] == []


@each_dissector
def test_a_message_is_decided_by_its_own_bytes(dissector: Dissector) -> None:
    for vector in vectors_of(package_of(dissector)):
        size = len(vector.data)
        for from_client in (True, False):
            alone = parsed(dissector, vector.data, 0, size, from_client)
            among = BEFORE + vector.data + BEHIND
            assert parsed(dissector, among, len(BEFORE), len(BEFORE) + size, from_client) == alone, vector.comment


@each_dissector
def test_no_byte_of_a_message_breaks_the_parser_or_changes_its_reach(dissector: Dissector) -> None:
    for vector in vectors_of(package_of(dissector)):
        for data in damaged(vector):
            size = len(data)
            alone = parsed(dissector, data, 0, size, vector.from_client)
            assert parsed(dissector, data + BEHIND, 0, size, vector.from_client) == alone, data.hex()
            assert dissector.recognise(data, 0, size, True) in {YES, NO, MAYBE}
            assert dissector.from_client(data, 0, size) in {-1, 0, 1}


@each_dissector
def test_a_message_cut_short_is_no_message_and_none_that_is_refused(dissector: Dissector) -> None:
    for vector in vectors_of(package_of(dissector)):
        for size in range(len(vector.data)):
            assert dissector.recognise(vector.data, 0, size, True) != NO, (vector.comment, size)
            assert dissector.from_client(vector.data, 0, size) in {-1, 0, 1}


@each_dissector
def test_it_knows_its_own_messages(dissector: Dissector) -> None:
    rows = vectors_of(package_of(dissector))
    found = [dissector.recognise(row.data, 0, len(row.data), True) for row in rows]
    assert NO not in found and YES in found
    for row in rows:
        assert dissector.from_client(row.data, 0, len(row.data)) in {-1, int(row.from_client)}, row.comment


@each_dissector
def test_it_leaves_the_messages_of_all_others_alone(dissector: Dissector) -> None:
    for other in DISSECTORS:
        if other is not dissector:
            rows = vectors_of(package_of(other))
            wrong = [row.comment for row in rows if dissector.recognise(row.data, 0, len(row.data), False) == YES]
            assert wrong == [], f"messages of {package_of(other)}"


def conversation(dissector: Dissector) -> Conversation:
    """All vectors on one connection, in their order."""
    talk = Conversation(server_port=streamed(dissector)).handshake()
    for vector in vectors_of(package_of(dissector)):
        talk.say(vector.side, vector.data)
    return talk


@each_dissector
def test_cutting_the_stream_anywhere_changes_nothing(dissector: Dissector) -> None:
    talk = conversation(dissector)
    whole = reported(run(talk.packets()))
    assert whole
    for ways in (
        lambda size: range(1, size),
        lambda size: [size // 2],
        lambda size: [1, size - 1],
        lambda size: [4, 9],
    ):
        pieces = [
            piece
            for segment in talk.segments
            for piece in cut(segment, *(at for at in ways(len(segment.data)) if 0 < at < len(segment.data)))
            or [segment]
        ]
        assert reported(run(talk.packets(pieces))) == whole


@each_dissector
def test_a_stream_with_any_byte_at_an_edge_is_read_to_its_end(dissector: Dissector) -> None:
    port = streamed(dissector)
    rows = vectors_of(package_of(dissector))
    talk = Conversation(server_port=port, step=100_000).handshake()
    for vector in rows[:: max(1, len(rows) // STREAMED)]:
        for number, data in enumerate(damaged(vector)):
            talk.say(vector.side if number % 2 else 1 - vector.side, data)
    facts = run(talk.packets())
    doors = {door for row in PROTOCOLS if row.dissector is dissector for door in row.doors}
    beside = {f"not_{row.name}" for row in PROTOCOLS if doors & set(row.doors)}
    declared = {fault.name for row in PROTOCOLS if row.dissector is dissector for fault in row.violations} | beside
    named = {fact.name for fact in of(facts, Violation)}
    assert named and named <= declared


@each_dissector
def test_a_conversation_of_its_messages_speaks_declared_words(dissector: Dissector) -> None:
    facts = run(conversation(dissector).packets())
    for opened in of(facts, ChannelOpened):
        assert opened.protocol in BY_NAME and opened.recognised_by == "bytes"
    for fact in (*of(facts, OperationFirst), *of(facts, Exchange)):
        assert fact.verb in VERBS, fact.label


def messages(protocol: Protocol) -> Iterator[Message]:
    for vector in vectors_of(package_of(protocol.dissector)):
        found = protocol.dissector.parse(vector.data, 0, len(vector.data), vector.from_client)
        if found is not None:
            yield found


@each_protocol
def test_what_a_device_says_of_itself_is_a_declared_attribute(protocol: Protocol) -> None:
    assert {said.attribute for message in messages(protocol) for said in message.identity} - NAMES == set()


@each_protocol
def test_every_declared_field_is_in_the_field_catalogue(protocol: Protocol) -> None:
    catalogue = {field.name: field.type for field in FIELDS}
    for field in protocol.fields:
        assert catalogue[f"spanwatch.{protocol.family}.{field.name}"] == field.type
    assert bool(protocol.fields) is bool(protocol.family)
    assert all(other.fields == protocol.fields for other in PROTOCOLS if other.family == protocol.family)


@each_protocol
def test_its_declaration_is_whole(protocol: Protocol) -> None:
    assert protocol.title and protocol.doors and protocol.dissector in DISSECTORS
    assert protocol.series or not protocol.industrial
    names = [fault.name for fault in protocol.violations]
    assert len(names) == len(set(names))
    functions = {function.name for function in protocol.functions}
    if functions:
        assert protocol.not_configuring | protocol.from_server <= functions


@each_dissector
@pytest.mark.parametrize("ending", ["closed", "open", "waiting"])
def test_a_first_message_that_never_becomes_whole_hides_no_conversation(dissector: Dissector, ending: str) -> None:
    """Sixty kilobytes under the head of one message are a conversation all the same: the policy must see it."""
    port = streamed(dissector)
    for vector in vectors_of(package_of(dissector)):
        for size in range(1, len(vector.data), max(1, len(vector.data) // 4)):
            conversation = Conversation(server_port=port).handshake().say(vector.side, vector.data[:size])
            if ending == "closed":
                conversation.finish()
            elif ending == "waiting":
                conversation.pause(10 * SECOND).say(1 - vector.side, b"")
            facts = run(conversation.packets())
            opened = [(fact.server.port, fact.state) for fact in of(facts, ChannelOpened)]
            assert opened and set(opened) == {(port, "established")}, (vector.comment, size)
            assert total(facts, "packets_client") + total(facts, "packets_server") == len(conversation.segments)
