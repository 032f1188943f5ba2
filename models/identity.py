"""The name of a channel that is the same in every capture: who, with whom, over what.

Ports of the client, VLANs and channel ids are left out, so that a baseline of one capture fits another one.
"""

from __future__ import annotations

import msgspec

from dissectors.facts import ChannelOpened


class Conversation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Client, server (IP, else MAC), protocol (else transport/port) and unit of a channel."""

    client: str
    server: str
    protocol: str
    unit: str

    @property
    def name(self) -> str:
        """The channel as text, e.g. "10.0.0.1>10.0.0.2/PROTOCOL/1"."""
        return f"{self.client}>{self.server}/{self.protocol}" + (f"/{self.unit}" if self.unit else "")

    @property
    def pair(self) -> str:
        """The channel without its unit."""
        return f"{self.client}>{self.server}/{self.protocol}"


def protocol_of(channel: ChannelOpened) -> str:
    """Return the recognised protocol, else transport and port of the server."""
    return channel.protocol or f"{channel.transport}/{channel.server.port}"


def conversation_of(channel: ChannelOpened) -> Conversation:
    """Return who talks to whom on ``channel``."""
    return Conversation(
        channel.client.ip or channel.client.mac,
        channel.server.ip or channel.server.mac,
        protocol_of(channel),
        channel.unit,
    )


def is_conversation(channel: ChannelOpened) -> bool:
    """Whether two stations really conversation: established, over IP, with one address on each side.

    ARP, broadcasts and attempts that nobody answered are the business of the network rules.
    """
    if channel.state != "established" or not channel.client.ip or not channel.server.ip:
        return False
    return not _is_to_many(channel.server.ip, channel.server.mac)


def _is_to_many(ip: str, mac: str) -> bool:
    if mac and int(mac[:2], 16) & 1:
        return True
    if ":" in ip:
        return ip.startswith("ff")
    return ip == "255.255.255.255" or 224 <= int(ip.split(".", 1)[0]) <= 239
