"""One SQLite file holds what the sensor knows: assets with evidence, channels, operations, alerts, facts, the spool.

Write-ahead log, so that readers (the command line, the shipper) never stop the sensor. One sensor writes at a time.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sensor.store.error import StoreError, explained
from sensor.store.opening import open_to_read, open_to_write
from sensor.store.query import Query
from sensor.store.retention import Retention
from sensor.store.row import Capture
from sensor.store.schema import SchemaError, examine, is_current, prepare
from sensor.store.spool import SPOOL_BYTES, Spool
from sensor.store.writer import Writer

LOW_SHARE: Final = 0.1
"""Share of free space on the file system under which a store says so, long before it is full."""


class Store(Query):
    """An open store. Raises ``StoreError`` for a file of another program, of a newer version, or beyond use.

    ``writer`` is the sink that takes what the pipeline reports; ``spool`` the documents to ship.
    """

    def __init__(
        self,
        path: Path | str,
        bounds: Retention | None = None,
        spool_bytes: int = SPOOL_BYTES,
        read_only: bool = False,
    ) -> None:
        place = Path(path)
        if read_only and not place.is_file():
            raise StoreError(f"{place}: does not exist. Make it with: spanwatch replay CAPTURE --store {place}")
        with explained(place):
            connection = open_to_read(place) if read_only else open_to_write(place)
        super().__init__(place, connection)
        try:
            with explained(place):
                if read_only:
                    is_current(connection)
                    examine(connection)
                else:
                    prepare(connection)
                    examine(connection)
                    connection.execute("PRAGMA journal_mode = WAL")
                    connection.execute("PRAGMA synchronous = NORMAL")
        except SchemaError as error:
            connection.close()
            raise StoreError(f"{place}: {error}") from error
        except BaseException:
            connection.close()
            raise
        self.writer = Writer(place, connection, bounds or Retention())
        self.spool = Spool(place, connection, spool_bytes)

    def note(self, key: str, value: str) -> None:
        """Keep ``value`` under ``key`` durably (sensor name, epoch, policy digest, start of the population)."""
        with explained(self.path):
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def captured(self, capture: Capture) -> None:
        """Keep durably which frames a capture holds."""
        row = (capture.name, capture.sha256, capture.first_frame, capture.packets, capture.first, capture.last)
        with explained(self.path):
            self._connection.execute("INSERT OR REPLACE INTO captures VALUES (?, ?, ?, ?, ?, ?)", row)

    def is_low(self) -> bool:
        """Whether the file system has less than ``LOW_SHARE`` of its space left."""
        usage = shutil.disk_usage(self.path.parent)
        return usage.free < usage.total * LOW_SHARE

    def close(self) -> None:
        """Close the file; what was not committed is gone."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Return the open store."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()
