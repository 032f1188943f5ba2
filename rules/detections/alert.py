"""The alert: one revision of one incident, with everything an analyst needs to judge it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dissectors.context import AssetView, Verdict
from dissectors.facts import Endpoint, Target, Value

SEVERITIES: tuple[str, ...] = ("low", "medium", "high", "critical")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of an incident; the catalogue entry gives id, name, severity, techniques and texts.

    ``weighed`` says why the severity is not the shipped one. ``tunnel`` is the tunnel that it came in (``ChannelOpened.tunnel``). ``incident`` is content-derived, the same in every run. ``why_kind`` is "violation", "policy", "counter",
    "mismatch", "identity", "health", "score" or "command" and ``why`` its facts. ``frames`` are the proving frames (at most 16, first
    and last always among them); ``excerpt`` the first 32 bytes of the deciding message.
    """

    id: str
    name: str
    version: int
    severity: str
    risk: float
    incident: str
    revision: int
    status: str
    time: int
    first: int
    last: int
    count: int
    review: bool = False
    weighed: str = ""
    client: AssetView | None = None
    server: AssetView | None = None
    client_endpoint: Endpoint = Endpoint()
    server_endpoint: Endpoint = Endpoint()
    channel: str = ""
    protocol: str = ""
    unit: str = ""
    transport: str = ""
    vlan: int = 0
    inner_vlan: int = 0
    flow: str = ""
    operation: str = ""
    verb: str = ""
    code: str = ""
    targets: tuple[Target, ...] = ()
    values: tuple[Value, ...] = ()
    answers: tuple[Value, ...] = ()
    outcome: str = ""
    error: str = ""
    message: str = ""
    reason: str = ""
    expected: str = ""
    observed: str = ""
    why_kind: str = ""
    why: Mapping[str, Value] = {}
    verdict: Verdict | None = None
    source: str = ""
    interface: str = ""
    tunnel: str = ""
    frames: tuple[int, ...] = ()
    offset: int = -1
    length: int = 0
    excerpt: bytes = b""
    visibility: str = "complete"
    false_positives: str = ""
    normal: str = ""
    techniques: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    category: str = ""
    detail: Mapping[str, Value] = {}
    sequence: int = 0
    sent_by_server: bool = False
    """The frame that raised it came from the server: what a violation or an operation of its own is about."""
