"""Shipping beside a replay: check before the first packet, ship while it runs, say at the end what arrived and what waits.

Shipping never stops a replay and never changes its exit code, but for settings that cannot work, which are refused
before anything is read.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

import click

from dissectors.base.singular import singular
from sensor.cli.elastic_options import ElasticOptions, refuse_wrong_cluster, settings_or_none
from sensor.cli.exit import refuse

if TYPE_CHECKING:
    from sensor.elastic.settings import Settings
    from sensor.elastic.start import ShipperProcess

MAX_SENTENCE: Final = 2_000


def _report(text: str) -> None:
    from sensor.cli.terminal.escape import plain  # noqa: PLC0415

    click.echo(plain(text, MAX_SENTENCE), err=True)


def wanted_target(elastic: ElasticOptions, store: Path | None, site: str, sensor: str) -> Settings | None:
    """Return where to ship to, None for nowhere; ends with exit code 2 for what cannot work.

    A store is required: what the cluster does not take at once must wait somewhere that outlives the replay.
    """
    settings = settings_or_none(elastic, site, sensor)
    if settings is None:
        return None
    if store is None:
        refuse("--elastic needs --store FILE: documents wait there until the cluster has taken them")
    if problem := refuse_wrong_cluster(settings):
        _report(f"note: {problem}. Documents wait in {store} meanwhile")
    return settings


class Shipment:
    """The shipper of one replay; does nothing without ``settings``. A context manager: it starts and stops the process."""

    def __init__(self, store: Path | None, settings: Settings | None) -> None:
        self._store = store
        self._settings = settings
        self._process: ShipperProcess | None = None

    def __enter__(self) -> Self:
        """Start the shipper; the store must exist."""
        if self._store is not None and self._settings is not None:
            from sensor.elastic.start import start_shipper  # noqa: PLC0415

            try:
                self._process = start_shipper(self._store, self._settings)
            except OSError as error:
                _report(f"spanwatch: the shipper cannot be started ({error.strerror or error})")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the shipper."""
        if self._process is not None:
            self._process.stop()

    def _left(self) -> int:
        from sensor.store import Store, StoreError  # noqa: PLC0415

        try:
            with Store(self._store, read_only=True) as opened:  # type: ignore[arg-type]  # there when shipping
                return opened.spool.size()[0]
        except StoreError:
            return 0

    def finish(self, quiet: bool) -> None:
        """Wait until everything has arrived or nothing moves; say what did not arrive and how to ship it later."""
        if self._store is None or self._settings is None:
            return
        from sensor.elastic.run import PATIENCE_SECONDS  # noqa: PLC0415
        from sensor.elastic.status import read_status  # noqa: PLC0415
        from sensor.store import Store, StoreError  # noqa: PLC0415

        try:
            if self._process is not None:
                if not quiet:
                    _report(
                        f"waiting for Elasticsearch, at most {PATIENCE_SECONDS:.0f} s without progress (Ctrl-C: later)"
                    )
                self._process.drain(left=self._left)
        except KeyboardInterrupt:
            _report("spanwatch: not waiting for Elasticsearch any longer")
            if self._process is not None:
                self._process.stop()
        try:
            with Store(self._store, read_only=True) as opened:
                status = read_status(opened)
        except StoreError as error:
            _report(f"spanwatch: {error}")
            return
        if status.spool.documents:
            arguments = shlex.join(["--store", str(self._store), *self._settings.arguments(), "--until-empty"])
            why = f" ({status.tally.reason})" if status.tally.reason else ""
            _report(singular(f"spanwatch: {status.spool.documents} documents wait for Elasticsearch{why}"))
            click.echo(f"ship them with: spanwatch elastic ship {arguments}", err=True)
        elif not quiet:
            click.echo(f"everything arrived at {', '.join(self._settings.urls)}", err=True)
        if status.tally.dead_letter or status.tally.dropped:
            _report(
                f"spanwatch: {status.tally.dead_letter + status.tally.dropped} documents of this store were refused; "
                f"see {status.letters}"
            )


__all__ = ["Shipment", "wanted_target"]
