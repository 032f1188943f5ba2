"""Whose checksums are right in this capture, and whose are left to a network card. Compiled with mypyc.

A capture made on a host shows its own frames before the card has put the checksums in: nearly all of them are wrong, and wrong
means nothing. Of a sender whose sums are right otherwise, a wrong one means that the target drops the packet. Bounds:
MAX_SENDERS are remembered, then the memory starts anew.
"""

from __future__ import annotations

from typing import Final, final

from mypy_extensions import i64

from dissectors.wire.checksum import RIGHT, UNKNOWN, WRONG

MAX_SENDERS: Final = 4_096
WRONG_FOR_ONE_RIGHT: Final = 4
"""So many wrong sums for one right one are still a sender who computes them, under attack; more are a card's work."""
LEFT_TO_CARD: Final = 8
"""So many wrong sums and none right: the network card of this sender computes them."""


@final
class Sender:
    """How often the checksums of one address were right and wrong."""

    def __init__(self) -> None:
        self.right: i64 = 0
        self.wrong: i64 = 0


@final
class Senders:
    """What is known of the checksums of all senders. ``dropped`` counts packets that their targets dropped for a wrong one."""

    def __init__(self) -> None:
        self.known: dict[str, Sender] = {}
        self.dropped: i64 = 0
        self.left_to_card: i64 = 0

    def note(self, address: str, result: i64) -> bool:
        """Count the result of one look at a packet of ``address``; return whether it is now known to leave its sums to a card."""
        if result == UNKNOWN:
            return False
        sender = self.known.get(address)
        if sender is None:
            if len(self.known) >= MAX_SENDERS:
                self.known.clear()
            sender = Sender()
            self.known[address] = sender
        if result == RIGHT:
            sender.right += 1
            return False
        sender.wrong += 1
        if sender.wrong != LEFT_TO_CARD or sender.right != 0:
            return False
        self.left_to_card += 1
        return True

    def means_dropped(self, address: str, result: i64) -> bool:
        """Return whether a packet of ``address`` with this result is one that its target drops."""
        if result != WRONG:
            return False
        sender = self.known.get(address)
        return sender is not None and sender.right > 0 and sender.right * WRONG_FOR_ONE_RIGHT >= sender.wrong
