"""What the policy says of one conversation or one operation."""

from __future__ import annotations

import msgspec


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A judgement under one policy version.

    ``kind``: "allow", "deny", "default-deny", "exception", "identity-mismatch", "unparsed". ``missing`` is
    "conduit", "rule" or the dimension that the closest allow rule lacks ("functions", "objects", ...).
    ``flags`` are remarks that change nothing: "content: not verified", "direction: inferred", "direction: reversed".
    ``expires`` (nanoseconds UTC) is the end of the exception that allowed the flow, or that ``closest`` names; else 0.
    """

    kind: str
    rule: str = ""
    missing: str = ""
    closest: str = ""
    matches: tuple[str, ...] = ()
    conduit: str = ""
    client_zone: str = ""
    server_zone: str = ""
    client_asset: str = ""
    server_asset: str = ""
    expected: str = ""
    observed: str = ""
    reason: str = ""
    severity: str = ""
    safety: bool = False
    ticket: str = ""
    policy: str = ""
    version: int = 0
    sha256: str = ""
    flags: tuple[str, ...] = ()
    expires: int = 0

    @property
    def allows(self) -> bool:
        """Whether the flow may be: allowed by a rule or by a live exception."""
        return self.kind in {"allow", "exception"}
