"""One shipper for each store. The system gives the lock back when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

TRIES: Final = 20
TRY_SECONDS: Final = 0.1
"""A look at the lock by ``is_shipped``, or a shipper that is just ending, holds it for a moment."""


class LockedError(Exception):
    """Another shipper works on the store; the message says which process."""


def lock_path(store: Path) -> Path:
    """Return the lock file of a store."""
    return store.with_name(f"{store.name}.shipper.lock")


class StoreLock:
    """Held while the block runs. Raises ``LockedError`` when another process holds it, ``OSError``."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._descriptor = os.open(lock_path(store), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        for _ in range(TRIES):
            if self._is_taken():
                break
            time.sleep(TRY_SECONDS)
        else:
            holder = os.read(self._descriptor, 32).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise LockedError(
                f"{store}: another shipper works on this store (process {holder or 'unknown'}). Let it work, or stop it"
            )
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def _is_taken(self) -> bool:
        """Try to take the lock."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def __enter__(self) -> Self:
        """Hold the lock."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the lock back. The file stays: removing it would race with the next holder."""
        os.close(self._descriptor)


def is_shipped(store: Path) -> bool:
    """Whether a shipper works on ``store`` now."""
    try:
        descriptor = os.open(lock_path(store), os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
