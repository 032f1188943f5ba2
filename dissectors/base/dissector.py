"""What a protocol is to the wire: a name, the ports that propose it, and the bytes that decide it. Compiled with mypyc."""

from __future__ import annotations

from mypy_extensions import i64

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import NO, Message
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session


class Dissector:
    """One protocol. ``ports`` are "tcp/502" and alike; they propose, ``recognise`` decides."""

    def __init__(self, name: str, ports: frozenset[str]) -> None:
        self.name: str = name
        self.ports: frozenset[str] = ports

    def recognise(self, data: bytes, start: i64, end: i64, proposed: bool) -> i64:
        """Return YES, NO or MAYBE for the first bytes of one direction; ``proposed`` reports that the port fits."""
        return NO

    def from_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return 1 when the message at ``start`` is surely a client's, 0 when a server's, -1 when unsure."""
        return -1

    def parse(self, data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
        """Return the message that ``data[start:end]`` is, None when it is not this protocol's. Reads nothing else."""
        return None

    def session(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> Session:
        """Return a new session for one connection."""
        return Session(self.name, connection, recorder, channel_table)
