"""ISO transport on TCP: TPKT (RFC 1006) and COTP class 0 (ITU-T X.224, ISO 8073), the ground under S7 and MMS.

``cotp`` takes one frame apart, ``tsap`` names the ends of a connection, ``payload`` names what a connection carries,
``session`` reassembles and reports the connect. Limits: class 0 only (no retransmission, no explicit flow control), as
RFC 1006 asks for.
"""

from __future__ import annotations

from typing import Final

from dissectors.iso.dissector import DISSECTOR
from dissectors.spec import Protocol, tcp

PROTOCOL: Final[Protocol] = Protocol(
    name="iso",
    title="ISO transport (TPKT, COTP)",
    industrial=False,
    dissector=DISSECTOR,
    doors=(tcp(102),),
)
