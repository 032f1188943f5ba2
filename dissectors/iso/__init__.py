"""ISO transport on TCP: TPKT (RFC 1006) and COTP class 0 (ITU-T X.224, ISO 8073), the ground under S7 and MMS.

``cotp`` takes one frame apart, ``tsap`` names the ends of a connection, ``payload`` names what a connection carries,
``session`` reassembles and reports the connect.

Four things of S7 are known here and not only in its folder: selectors with rack and slot (``tsap``, ``unit``), the first bytes
of its payloads (``payload``), the rank of its unit keys, and TLS inside COTP, which only S7CommPlus uses (``session``). Port 102
is shared: the called selector or the first payload decides whether a connection is S7 or something else, both dissectors ask
that of the same frames, and after a gap a frame is trusted when its payload is a known one. These functions are compiled and
run before anything is recognised. To free them of S7 takes a table of selectors and payloads that every protocol on this
transport fills; it is worth having when a second one gets a folder.

Limits: class 0 only (no retransmission, no explicit flow control), as RFC 1006 asks for.
"""

from __future__ import annotations

from typing import Final

from dissectors.iso.dissector import DISSECTOR
from dissectors.spec import Fault, Function, Protocol, tcp

FAULTS: Final = (
    Fault("tpkt_version", "RFC 1006 6", "a TPKT header has version 3"),
    Fault("tpkt_length", "RFC 1006 6", "a TPKT frame is at least 7 bytes long"),
    Fault("cotp_type", "X.224 13.2.2.2", "a transport unit is of a kind that class 0 knows"),
    Fault("cotp_length", "X.224 13.2.1", "the length of a transport unit fits its frame"),
    Fault("not_iso", "", "the bytes on the connection are TPKT frames", foreign=True),
)
TRANSPORT: Final = tuple(
    Function(name, "session", transport=True) for name in ("connect", "disconnect", "transport_error")
)
"""What protocols on this transport share."""

PROTOCOL: Final[Protocol] = Protocol(
    name="iso",
    title="ISO transport (TPKT, COTP)",
    industrial=False,
    dissector=DISSECTOR,
    doors=(tcp(102),),
    functions=TRANSPORT,
    violations=FAULTS,
)
