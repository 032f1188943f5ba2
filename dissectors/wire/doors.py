"""Where protocols come in: ports, ethertypes and LLC addresses propose a dissector, first bytes narrow down the others.

Built once from the declarations by ``dissectors.registry``; packets only read it. A door of TLS proposes nothing: what comes
through it is recognised as TLS or, like anything else, by its bytes. Compiled with mypyc.
"""

from __future__ import annotations

from typing import final

from mypy_extensions import i64

from dissectors.base.dissector import Dissector


@final
class Doors:
    """The doors of all protocols. Protocols that share one are asked in the order in which they were added."""

    def __init__(self) -> None:
        self.dissectors: list[Dissector] = []
        self._ports: dict[str, dict[int, list[Dissector]]] = {"tcp": {}, "udp": {}}
        self._encrypted: set[str] = set()
        self._frames: dict[int, Dissector] = {}
        self._by_first: list[list[Dissector]] = [[] for _ in range(256)]

    def add(self, dissector: Dissector) -> None:
        """Let a dissector be asked by first bytes; one that serves several protocols is added once."""
        if dissector in self.dissectors:
            return
        self.dissectors.append(dissector)
        for byte in dissector.first_bytes or bytes(range(256)):
            self._by_first[byte].append(dissector)

    def add_port(self, port: str, dissector: Dissector, encrypted: bool) -> None:
        """Open a port, e.g. "tcp/502"."""
        if encrypted:
            self._encrypted.add(port)
            return
        transport, _, number = port.partition("/")
        sharers = self._ports[transport].setdefault(int(number), [])
        if dissector not in sharers:
            sharers.append(dissector)

    def add_frame(self, key: int, dissector: Dissector) -> None:
        """Let frames of an ethertype, LLC or SNAP key (``ethertype``, ``llc_key``, ``snap_key``) lead to a dissector."""
        if self._frames.setdefault(key, dissector) is not dissector:
            raise ValueError(f"two dissectors claim frames of 0x{key:x}")

    def owner(self, transport: str, port: i64) -> Dissector | None:
        """Return who is proposed for a port: the first protocol declared for it."""
        sharers = self._sharers(transport, port)
        return sharers[0] if sharers is not None else None

    def leads(self, transport: str, port: i64, dissector: Dissector) -> bool:
        """Return whether a port is one of this dissector's."""
        sharers = self._sharers(transport, port)
        return sharers is not None and dissector in sharers

    def is_declared(self, transport: str, port: i64) -> bool:
        """Return whether a port is a server's by a declaration."""
        return self._sharers(transport, port) is not None or f"{transport}/{int(port)}" in self._encrypted

    def _sharers(self, transport: str, port: i64) -> list[Dissector] | None:
        ports = self._ports.get(transport)
        return ports.get(int(port)) if ports is not None else None

    def candidates(self, data: bytes, start: i64, end: i64) -> list[Dissector]:
        """Return those whose messages may begin like ``data[start:end]``; all when there is nothing yet."""
        return self._by_first[data[start]] if start < end else self.dissectors

    def frame(self, key: i64) -> Dissector | None:
        """Return who takes the frames of a key, None when nobody does."""
        return self._frames.get(int(key))


def llc_key(access_point: i64) -> i64:
    """Return the key of frames to an LLC service access point (IEEE 802.2)."""
    return (1 << 16) | access_point


def snap_key(organisation: i64, number: i64) -> i64:
    """Return the key of SNAP frames: a protocol number of an organisation; those of organisation 0 are ethertypes."""
    return number if organisation == 0 else (1 << 48) | (organisation << 16) | number
