"""What the site says of itself: several network cards of one host, and addresses that devices share. Plain data."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Redundancy(msgspec.Struct, frozen=True, kw_only=True):
    """``cards`` maps the MAC of a further network card to the MAC that its host is known by. ``shared`` maps an IP to the
    MACs that lawfully use it, none for any. ``pairs`` maps the MAC of a redundant device to the names of its pairs.
    """

    cards: Mapping[str, str] = {}
    shared: Mapping[str, frozenset[str]] = {}
    pairs: Mapping[str, frozenset[str]] = {}

    def may_share(self, ip: str, one: str, other: str) -> bool:
        """Whether two MACs may use one IP in turn."""
        macs = self.shared.get(ip)
        return macs is not None and (not macs or {one, other} <= macs)

    def are_pair(self, one: str, other: str) -> bool:
        """Whether two devices stand in for one another, so that one identity at both contradicts nothing."""
        return bool(self.pairs.get(one, frozenset()) & self.pairs.get(other, frozenset()))


NO_REDUNDANCY = Redundancy()
