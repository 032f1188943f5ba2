"""A tunnel with industrial messages is stated once, on the conversation of its outer ends, and says who sent it."""

from __future__ import annotations

from dissectors.facts import ChannelOpened, Violation
from dissectors.wire.tunnel_report import INDUSTRIAL_INSIDE
from tests.dissectors.harness import CLIENT, SERVER, Packet, ethernet, ip4, of, run, talk, udp

TALK = talk()


def vxlan(frame: bytes, sender: str, receiver: str, network: int = 7) -> bytes:
    return ethernet(ip4(udp(b"\x08\0\0\0\0\0" + bytes((network, 0)) + frame, 5, 4789), 17, sender, receiver))


def test_the_outer_sender_is_named_and_the_inner_ends_are_said() -> None:
    packets = [Packet(vxlan(TALK.frame(one), "192.0.2.9", "192.0.2.1"), one.time) for one in TALK.segments]
    facts = run(packets)
    (stated,) = [fact for fact in of(facts, Violation) if fact.name == INDUSTRIAL_INSIDE]
    outer = next(fact for fact in of(facts, ChannelOpened) if fact.channel == stated.channel)
    assert (outer.client.ip, outer.server.ip, outer.server.port, stated.from_client) == (
        "192.0.2.9",
        "192.0.2.1",
        4789,
        True,
    )
    assert stated.text == f"vxlan 7 192.0.2.9 > 192.0.2.1 carries modbus from {CLIENT} to {SERVER}"


def test_a_tunnel_without_industrial_messages_is_only_a_conversation() -> None:
    inner = ethernet(ip4(udp(b"hello there", 5, 514), 17))
    facts = run([Packet(vxlan(inner, "192.0.2.9", "192.0.2.1"))])
    assert not of(facts, Violation)
    assert {fact.protocol for fact in of(facts, ChannelOpened)} == {"vxlan", "syslog"}
