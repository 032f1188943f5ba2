"""The options of a run: the one record that replay, watch and train share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from dissectors.wire.mirrors import MirrorSession
from rules.policy import Policy
from sensor.inventory.redundancy import NO_REDUNDANCY, Redundancy

if TYPE_CHECKING:
    from sensor.elastic.settings import Settings


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a run. ``captures`` are read or ``interfaces`` watched.

    ``merge`` says which captures of the same time are read together: all, none, or the legs of taps (None).
    ``baseline`` is the folder of a trained baseline; one that is damaged is reported and not used. ``spool`` puts documents
    into the store for a shipper that runs by itself; ``elastic`` does too, and says where they are shipped to.
    ``settings`` overrides numbers of the alert catalogue by alert id; ``{"enabled": False}`` switches an alert off.
    ``exceptions`` are devices (name, IP or MAC) by alert id about which that alert says nothing.
    ``networks`` are names of networks by place (``dissectors.wire.places``), ``redundancy`` what the site says of its devices.
    ``mirrors`` are the mirror sessions that the operator names.
    """

    captures: tuple[str, ...] = ()
    merge: bool | None = None
    interfaces: tuple[str, ...] = ()
    policy: Policy | None = None
    baseline: Path | None = None
    store: Path | None = None
    output: Path | None = None
    site: str = "default"
    sensor: str = "spanwatch"
    spool: bool = False
    elastic: Settings | None = None
    settings: dict[str, dict[str, int | float]] = {}
    exceptions: dict[str, frozenset[str]] = {}
    networks: dict[str, str] = {}
    redundancy: Redundancy = NO_REDUNDANCY
    mirrors: tuple[MirrorSession, ...] = ()

    @property
    def live(self) -> bool:
        """Whether interfaces are watched, not captures read."""
        return bool(self.interfaces)
