"""One run writes to a store, and one to a folder of documents: a second one would take the files from under the first.

The lock is on the store or the folder itself (``flock``), so no file is left behind, and the system gives it back when its holder
ends, however it ends. Where a file system has no such locks (some network file systems) nothing is refused.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import Final

TRIES: Final = 10
TRY_SECONDS: Final = 0.1
"""A run that is just ending holds the lock for a moment."""


class InUseError(Exception):
    """Another run writes there."""


class Alone:
    """Holds ``path``, which is there, until ``release``. Raises ``InUseError`` when another run holds it."""

    def __init__(self, path: Path) -> None:
        self._descriptor = -1
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return  # whoever opens it next says what is wrong
        for _ in range(TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(TRY_SECONDS)
            except OSError:
                break  # no locks on this file system
            else:
                self._descriptor = descriptor
                return
        else:
            os.close(descriptor)
            raise InUseError(str(path))
        os.close(descriptor)

    def release(self) -> None:
        """Let others write there."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        """Let others write there, also when a run ended without a word."""
        self.release()
