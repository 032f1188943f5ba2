"""Who made the network card: the IEEE registry that netaddr ships, offline. Always weak evidence.

The registry is loaded at the first question and answers are kept. Limits: 24-bit blocks; smaller blocks, private
and locally administered addresses have no vendor here.
"""

from __future__ import annotations

from functools import lru_cache

_NOBODY = frozenset({"IEEE Registration Authority", "Private"})


@lru_cache(maxsize=4_096)
def _organisation(block: int) -> str:
    from netaddr import OUI, NotRegisteredError  # noqa: PLC0415  loading it costs a tenth of a second

    try:
        name = OUI(block).registration().org
    except (NotRegisteredError, ValueError, IndexError, OSError):
        # The registry is a file: a user who may not read it gets no names, not an end.
        return ""
    return "" if name in _NOBODY else str(name).rstrip(", ")


@lru_cache(maxsize=4_096)
def vendor_of(mac: str) -> str:
    """Return the organisation that owns the block of ``mac``; "" when unknown or locally administered."""
    if len(mac) != 17 or int(mac[:2], 16) & 3:
        return ""
    return _organisation(int(mac[:8].replace(":", ""), 16))
