"""What a store hands back: stored facts of life of channels, captures and waiting documents."""

from __future__ import annotations

import msgspec

from dissectors.context import Verdict
from dissectors.facts import ChannelOpened, OperationFirst


class ChannelRow(msgspec.Struct, frozen=True, kw_only=True):
    """A channel with the policy's verdict and the sums of its recorded windows; ``last`` is its last activity."""

    opened: ChannelOpened
    verdict: Verdict | None
    first: int
    last: int
    packets: int = 0
    byte_count: int = 0
    requests: int = 0
    failures: int = 0


class OperationRow(msgspec.Struct, frozen=True, kw_only=True):
    """The first time a channel carried an operation, with the policy's verdict."""

    fact: OperationFirst
    verdict: Verdict | None


class Capture(msgspec.Struct, frozen=True, kw_only=True):
    """A capture that was read: which frames of the evidence are in it."""

    name: str
    sha256: str = ""
    first_frame: int = 0
    packets: int = 0
    first: int = 0
    last: int = 0


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A document that waits for shipping; ``place`` orders and names it."""

    place: int
    stream: str
    id: str
    body: bytes


class Spooled(msgspec.Struct, frozen=True, kw_only=True):
    """What waits in the spool now, and how many documents it had to drop since the store was made."""

    documents: int
    byte_count: int
    oldest_age_seconds: int
    dropped: int
