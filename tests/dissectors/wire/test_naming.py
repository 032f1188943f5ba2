"""Conversations that nobody dissects: named by their bytes, else by their port, with what became of them."""

from __future__ import annotations

from collections import Counter

import pytest

from dissectors.facts import ChannelOpened
from tests.dissectors.harness import (
    MILLISECOND,
    SECOND,
    START,
    SYN,
    Conversation,
    Packet,
    Segment,
    channels,
    ethernet,
    ip4,
    of,
    run,
    talk,
    total,
    udp,
)


def only(facts: list[object], protocol: str = "modbus") -> ChannelOpened:
    (channel,) = {fact.channel: fact for fact in channels(facts, protocol)}.values()  # type: ignore[arg-type]
    return channel


HTTP = b"GET / HTTP/1.1\r\nHost: plc\r\n\r\n"


TLS = bytes.fromhex("160301004a010000460303") + bytes(68)


@pytest.mark.parametrize(
    ("payload", "port", "name"),
    [
        (b"SSH-2.0-x\r\n", 2222, "ssh"),
        (HTTP, 8081, "http"),
        (TLS, 8443, "tls"),
        (b"\x00\x00\x00\x20\xfeSMB", 445, "smb"),
        (b"whatever", 21, "ftp"),
        (b"whatever", 33333, ""),
    ],
)
def test_other_conversations_are_named_by_bytes_then_by_port(payload: bytes, port: int, name: str) -> None:
    facts = run(Conversation(server_port=port).handshake().say(0, payload).packets())
    assert only(facts, name).server.port == port


def test_an_attempt_that_is_refused() -> None:
    it = Conversation()
    it.segments = [Segment(0, 0, b"", SYN, START), Segment(1, 0, b"", 4 | 16, START + MILLISECOND, acked=1)]
    facts = run(it.packets())
    assert [channel.state for channel in of(facts, ChannelOpened)] == ["refused"]
    assert (total(facts, "refused"), total(facts, "attempts"), total(facts, "connections")) == (1, 1, 0)


def test_an_attempt_without_answer_and_its_repeats() -> None:
    it = Conversation()
    it.segments = [Segment(0, 0, b"", SYN, START + second * SECOND) for second in (0, 1, 3, 7, 15)]
    facts = run(it.packets())
    assert [channel.state for channel in of(facts, ChannelOpened)] == ["unanswered"]
    assert (total(facts, "unanswered"), total(facts, "attempts"), total(facts, "connections")) == (1, 5, 0)


def test_an_attempt_given_up_by_its_sender_is_not_established() -> None:
    it = Conversation()
    it.segments = [Segment(0, 0, b"", SYN, START), Segment(0, 1, b"", 4, START + SECOND)]
    assert [channel.state for channel in of(run(it.packets()), ChannelOpened)] == ["unanswered"]


def test_a_half_open_scan_of_an_open_port_is_established() -> None:
    it = Conversation()
    it.segments = [
        Segment(0, 0, b"", SYN, START),
        Segment(1, 0, b"", SYN | 16, START + 1000, acked=1),
        Segment(0, 1, b"", 4, START + 2000),
    ]
    assert [channel.state for channel in of(run(it.packets()), ChannelOpened)] == ["established"]


def test_an_unanswered_channel_becomes_established() -> None:
    first = Conversation()
    first.segments = [Segment(0, 0, b"", SYN, START)]
    other = Packet(ethernet(ip4(udp(b"x"), 17, "10.7.7.7")), START + 20 * SECOND)
    again = talk(Conversation(client_port=40001, time=START + 30 * SECOND, server_port=9999))
    first.server_port = 9999
    facts = run([*first.packets(), other, *again.packets()])
    assert Counter(fact.state for fact in of(facts, ChannelOpened) if fact.transport == "tcp") == {
        "unanswered": 1,
        "established": 1,
    }
