"""What a protocol is to the wire: a name, how its messages begin, and the bytes that decide it. Compiled with mypyc."""

from __future__ import annotations

from mypy_extensions import i64, mypyc_attr

from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.message import LONGEST_MESSAGE, NO, NOT_MINE, Message
from dissectors.base.recorder import Recorder
from dissectors.base.session import Session


@mypyc_attr(allow_interpreted_subclasses=True)
class Dissector:
    """One protocol, or several that share their first bytes. Its doors stand in the declaration; they propose.

    ``first_bytes`` are those that its messages may begin with, b"" for any: off its ports it is asked only then.
    ``weighs_roles`` says that its messages tell who is the client, and that what contradicts the port or the handshake waits for
    what both ends exchange (``wire.roles``): read the wrong way round, nothing would be true, and whom a packet was forged for would
    be named as the one who asked. ``reads_alike`` says that a message is read the same whoever is the client: one that does not tell
    need not wait.
    No station sends a message of more than ``longest`` bytes: more that fits no message is not the rest of one.
    """

    def __init__(
        self,
        name: str,
        first_bytes: bytes = b"",
        weighs_roles: bool = False,
        reads_alike: bool = False,
        longest: int = LONGEST_MESSAGE,
    ) -> None:
        self.name: str = name
        self.first_bytes: bytes = first_bytes
        self.weighs_roles: bool = weighs_roles
        self.reads_alike: bool = reads_alike
        self.longest: i64 = i64(longest)

    def recognise(self, data: bytes, start: i64, end: i64, proposed: bool) -> i64:
        """Return YES, NO or MAYBE for the first bytes of one direction; ``proposed`` says that the port is its own.

        Frames of its ethertype, service access point or SNAP number are its own without asking.
        """
        return NO

    def measure(self, data: bytes, start: i64, end: i64) -> i64:
        """Return the length of the message at ``start``, NEED_MORE, or NOT_MINE. Reads only [start, end)."""
        return NOT_MINE

    def from_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return 1 when the message at ``start`` is surely a client's, 0 when a server's, -1 when unsure."""
        return -1

    def claims_client(self, data: bytes, start: i64, end: i64) -> i64:
        """Return what the sender of a message says of itself, 1 client, 0 server, -1 nothing: asked when nothing else tells."""
        return -1

    def parse(self, data: bytes, start: i64, end: i64, from_client: bool) -> Message | None:
        """Return the message that ``data[start:end]`` is, None when it is not this protocol's. Reads nothing else."""
        return None

    def session(self, connection: Connection, recorder: Recorder, channel_table: ChannelTable) -> Session:
        """Return a new session for one connection, or for what one publisher sends to one address."""
        return Session(self.name, connection, recorder, channel_table)
