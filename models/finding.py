"""What a model says: one odd thing with its reasons. The sensor hands it to the alert catalogue as data.

Fields carry the names of ``rules.anomaly``, which knows nothing of models; a test holds the two together.
"""

from __future__ import annotations

import msgspec

from dissectors.facts import Target


class Reason(msgspec.Struct, frozen=True):
    """One reason of a score: the feature, its share (0 to 1), what was seen and what is usual, as short texts."""

    feature: str
    weight: float
    observed: str = ""
    usual: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One odd thing. ``alert`` names the catalogue entry, ``reason`` with ``channel`` the incident it belongs to.

    ``expected``, ``observed`` and ``support`` are sentences: what is usual, what was seen, how much learning stands
    behind it; ``normal`` what would make it usual. ``p_value`` is None where nothing was calibrated.
    """

    alert: str
    reason: str
    model: str
    time: int
    source: str
    channel: str = ""
    first: int = 0
    last: int = 0
    frames: tuple[int, ...] = ()
    expected: str
    observed: str
    support: str
    normal: str = ""
    contributions: tuple[Reason, ...] = ()
    score: float = 0.0
    p_value: float | None = None
    window_seconds: int = 0
    severity: str = ""
    review: bool = False
    weak: bool = False
    baseline: str = ""
    verb: str = ""
    operation: str = ""
    code: str = ""
    targets: tuple[Target, ...] = ()
