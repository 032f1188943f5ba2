"""A sink: whoever takes what comes out of the pipeline. Files, the spool, the store and the screen are sinks.

All are called from one thread, in the total order of the facts, and never see a wall clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec

from dissectors.context import AssetEvent, Context
from dissectors.facts import (
    ChannelOpened,
    ChannelWindow,
    Exchange,
    Fact,
    Health,
    OperationFirst,
    Sighting,
    TransitionFirst,
    ValueChange,
    Violation,
    Visibility,
)
from rules.detections.alert import Alert
from sensor.inventory.record import AssetRecord

if TYPE_CHECKING:
    from sensor.documents.origin import Origin
    from sensor.pipeline.options import Options
    from sensor.store import Store

FACT_TYPES: Final[frozenset[type[Fact]]] = frozenset(
    {
        Sighting,
        ChannelOpened,
        OperationFirst,
        TransitionFirst,
        Exchange,
        ValueChange,
        ChannelWindow,
        Violation,
        Visibility,
        Health,
    }
)
"""Every kind of fact."""
OWN_SOURCE: Final = "pipeline"
"""Source of the facts that the pipeline makes itself. They are not recorded: whoever judges again makes them again."""


class Sink:
    """Takes facts with what is known around them, alerts and assets. A sink overrides what it has a use for.

    ``wants`` are the kinds of fact ``take`` is called with, ``keeps_assets`` whether it is given every asset that was
    seen again, once a minute; others get all assets once a day and at the end. Both are read once.
    """

    wants: frozenset[type[Fact]] = frozenset()
    keeps_assets: bool = False

    def begin(self, origin: Origin) -> None:
        """Learn which run this is; called once, before anything else."""

    def take(self, context: Context) -> None:
        """Take one wanted fact."""

    def alert(self, alert: Alert) -> None:
        """Take one revision of an incident."""

    def asset(self, asset: AssetRecord, event: AssetEvent | None) -> None:
        """Take an asset as it is now. ``event`` says why; None is a refresh."""

    def commit(self) -> None:
        """Make everything taken so far durable. What cannot be written is kept for the next call, and raised."""

    def finish(self) -> None:
        """Give out what is held back: the run is over. One ``commit`` follows."""

    def abandon(self) -> None:
        """Close and leave nothing half done: the run may have failed. Harmless after the end."""

    def waiting(self) -> int:
        """Return how many facts and documents are not durable yet."""
        return 0

    def give_up(self) -> int:
        """Forget what could not be made durable; return how many facts, rows and documents that was."""
        return 0


class SinkKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of sink, as ``sensor.sinks.registry`` lists it.

    ``asked_by`` names the options of which any asks for it, ``live`` whether only watching (True) or only a replay (False)
    has it. ``make`` gives the sink, or None where it has no place; it raises with a sentence what cannot be written.
    """

    name: str
    asked_by: tuple[str, ...]
    make: Callable[[Options, Store | None], Sink | None]
    live: bool | None = None
