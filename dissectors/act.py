"""What was done on a channel, as an exchange and an alert both know it: the record that document fields are read from.

This module stays interpreted.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from dissectors.facts import Target, Value


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One operation with its objects, its values and how it ended."""

    protocol: str
    unit: str
    operation: str = ""
    verb: str = ""
    code: str = ""
    label: str = ""
    targets: tuple[Target, ...] = ()
    values: tuple[Value, ...] = ()
    answers: tuple[Value, ...] = ()
    outcome: str = ""
    error: str = ""
    error_code: int | None = None
    detail: Mapping[str, Value] = {}

    @property
    def is_secret(self) -> bool:
        """Whether values, details and bytes may hold a password and stay out of every document."""
        return self.verb == "auth"

    @property
    def target(self) -> Target | None:
        """The first range of objects, None when the operation addresses none."""
        return self.targets[0] if self.targets else None

    @property
    def numbered(self) -> Target | None:
        """The first range of objects when it has numbers, None when it means all or has none."""
        return self.targets[0] if self.targets and self.targets[0].first >= 0 else None
