"""Who is the client of a flow, by the order of evidence of ``base.connection``. Compiled with mypyc.

Before any message the prior says it: who was answered on these ends before, else the port, else the handshake. Mostly the first message
agrees, and nothing waits. Where it contradicts, it may be forged as easily as a SYN: then the flow waits, within the bounds of
``Recogniser``, and what both ends exchange is counted (``evidence``):

1. Pairs of question and answer. Those for the prior decide at once, those against it when they are LEAD more; when nothing more
   can come, one more is enough.
2. Echoes: a message that fits both directions, and the same bytes back. For the prior they are pairs; against it they count
   when nothing more can come and there are no pairs.
3. The time before or the port, the more so with the handshake, against messages alone: questions and answers without their
   counterpart. When nothing more comes these must be LEAD at least, and all for one end.
4. Messages alone, all for one end, where the handshake is with them or nothing but the handshake is against them.
5. The port, then the handshake.

Where the wait is cut short because the bytes themselves are disputed, only LEAD more pairs outweigh the time before, or a port that the
handshake does not contradict. What is forged later, or in larger numbers, is corrected by the session (``base.session``). Limits: a message that waited has the time at which
it was read; a question and its answer both forged count as any pair.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.base.connection import LEAD
from dissectors.base.dissector import Dissector
from dissectors.wire.doors import Doors
from dissectors.wire.evidence import Evidence
from dissectors.wire.flow import Flow
from dissectors.wire.half import Half

UNKNOWN: i64 = -1

GOES_ON: Final = 0
DISPUTED: Final = 1
"""The wait is cut short: what was kept is not what the stream goes on with."""
OVER: Final = 2
"""Nothing more comes in time."""


@final
class Roles:
    """Decides who is the client."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors

    def decide(self, flow: Flow, dissector: Dissector, half: Half, data: bytes, start: i64, end: i64) -> bool:
        """Tell client from server by the first message; return False when it is to be weighed. Whoever sends to a group is its client."""
        connection = flow.connection
        if connection.to_group:
            connection.client_side = 0
            connection.peer.seen = True
            return True
        by_handshake: i64 = connection.opened_by
        if by_handshake >= 0 and not dissector.weighs_roles:
            return True
        by_port: i64 = self._by_port(flow, dissector)
        says: i64 = dissector.from_client(data, start, end)
        client: i64 = UNKNOWN
        if says >= 0:
            client = half.side if says == 1 else 1 - half.side
        if dissector.weighs_roles and connection.transport == "tcp":
            prior: i64 = prior_of(flow, by_handshake, by_port)
            connection.prior = prior
            if prior >= 0 and self._contradicts(dissector, prior, client, half.side, data, start, end):
                connection.take_client(prior, by_handshake, "port" if prior == by_port else "messages")
                return False
        if client >= 0:
            connection.asked = dissector.weighs_roles and (says == 1 or by_port == client)
            connection.take_client(client, by_handshake, "messages")
            return True
        if by_handshake >= 0 and by_port < 0:
            return True
        if by_port >= 0:
            connection.take_client(by_port, by_handshake, "port")
            return True
        says = dissector.claims_client(data, start, end)
        if says >= 0:
            connection.take_client(half.side if says == 1 else 1 - half.side, UNKNOWN, "direction_bit")
        return True

    def _contradicts(
        self, dissector: Dissector, prior: i64, client: i64, side: i64, data: bytes, start: i64, end: i64
    ) -> bool:
        """Return whether the first message says, or may say, that another one than ``prior`` is the client."""
        if client >= 0:
            return client != prior
        if not dissector.reads_alike:
            return side != prior
        claims: i64 = dissector.claims_client(data, start, end)
        return claims >= 0 and (claims == 1) != (side == prior)

    def _by_port(self, flow: Flow, dissector: Dissector) -> i64:
        """Return the side whose peer has a port of the protocol, UNKNOWN when both have or neither."""
        connection = flow.connection
        opener = self.doors.leads(connection.transport, connection.opener.port, dissector)
        peer = self.doors.leads(connection.transport, connection.peer.port, dissector)
        if opener == peer:
            return UNKNOWN
        return 1 if opener else 0

    def weigh(self, flow: Flow, stage: i64) -> bool:
        """Decide on the client by what both ends have said; return False to wait for more, when the stage is GOES_ON."""
        evidence = flow.evidence
        if evidence is None:
            return True
        connection = flow.connection
        by_handshake: i64 = connection.opened_by
        by_port: i64 = self._by_port(flow, evidence.dissector)
        prior: i64 = connection.prior
        client: i64 = by_pairs(evidence, prior)
        if client < 0 and stage == GOES_ON:
            return False
        decided_by = "messages"
        is_firm = connection.known >= 0 or (by_port >= 0 and by_handshake != 1 - by_port)
        if client < 0 and (stage == OVER or not is_firm):
            client = by_more(evidence, prior)
            if client < 0:
                client = by_messages(evidence, prior, is_firm)
        if client < 0:
            client = prior
            decided_by = "port" if client == by_port else "messages"
        connection.asked = evidence.of(client).pairs != 0 or (client == prior and evidence.of(client).alone != 0)
        connection.take_client(client, by_handshake, decided_by)
        return True


def prior_of(flow: Flow, by_handshake: i64, by_port: i64) -> i64:
    """Return the client as it is known before any message, UNKNOWN when nothing tells."""
    if flow.connection.known >= 0:
        return flow.connection.known
    return by_port if by_port >= 0 else by_handshake


def by_pairs(evidence: Evidence, prior: i64) -> i64:
    """Return the client when what was exchanged is enough, whatever else may come; UNKNOWN when it is not."""
    mine = evidence.of(prior)
    other = evidence.of(1 - prior)
    exchanged: i64 = mine.pairs + mine.echoes
    if other.pairs >= exchanged + LEAD:
        return 1 - prior
    if (mine.alone != 0 or exchanged > other.echoes) and other.pairs < exchanged + LEAD - 1:
        return prior
    return UNKNOWN


def by_more(evidence: Evidence, prior: i64) -> i64:
    """Return the client when nothing more comes: whose pairs are more, else whose echoes; UNKNOWN when neither are."""
    mine = evidence.of(prior)
    other = evidence.of(1 - prior)
    exchanged: i64 = mine.pairs + mine.echoes
    if exchanged == other.pairs and mine.pairs == 0:
        return prior if mine.echoes > other.echoes else 1 - prior if other.echoes > mine.echoes else UNKNOWN
    if exchanged == other.pairs:
        return UNKNOWN
    return prior if exchanged > other.pairs else 1 - prior


def by_messages(evidence: Evidence, prior: i64, is_firm: bool) -> i64:
    """Return the client as messages without their counterpart say, UNKNOWN when they do not tell or too little."""
    other = evidence.of(1 - prior)
    if other.alone == 0 or evidence.of(prior).alone != 0:
        return UNKNOWN
    return 1 - prior if not is_firm or other.alone >= LEAD else UNKNOWN
