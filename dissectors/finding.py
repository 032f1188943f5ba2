"""What a model says: one odd thing with its reasons, as data.

Models make findings and raise no alerts; the alert catalogue reads them and imports no model.
"""

from __future__ import annotations

import msgspec

from dissectors.facts import Target


class Contribution(msgspec.Struct, frozen=True):
    """One reason of a score: the feature, its share (0 to 1), what was seen and what is usual, as short texts."""

    feature: str
    weight: float
    observed: str = ""
    usual: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding of one model.

    ``alert`` is the catalogue id (MDL-001, ...), ``reason`` the code that joins findings into an incident together with
    the channel (M1.T2.write, M3.missing, ...). ``expected``, ``observed`` and ``support`` are sentences for an analyst:
    what is usual, what was seen, how much learning stands behind it. ``normal`` says what would make it usual.
    ``p_value`` is None where nothing was calibrated. ``review`` marks what needs a decision, not a reaction; ``weak``
    that the explanation is not to be relied on. ``baseline`` is the digest of the baseline, ``frames`` the evidence.
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
    contributions: tuple[Contribution, ...] = ()
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
