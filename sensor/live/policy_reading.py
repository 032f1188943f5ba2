"""A policy read while watching goes on: a thread reads, checks and prepares the file, the loop takes what came of it.

Packets are taken all the while, with a pause of milliseconds at most; a policy of thousands of lines takes seconds. The
result is whole: a policy with its judge and its assets, ready to be swapped in between two facts, or a sentence on why not. One file
is read at a time; who asks again meanwhile gets the file as it is then, read once more.
"""

from __future__ import annotations

import threading
from pathlib import Path

import msgspec

from rules.policy import Judge, Policy
from sensor.inventory.known import KnownTable
from sensor.live.policy_in_use import PolicyRefused, read_policy
from sensor.pipeline.policy_assets import known_assets


class ReadPolicy(msgspec.Struct, frozen=True):
    """A policy with what the sensor makes of it."""

    policy: Policy
    judge: Judge
    assets: KnownTable


class PolicyReading:
    """Reads the policy in ``path`` aside."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread: threading.Thread | None = None
        self._asked_again = False
        self._result: ReadPolicy | PolicyRefused | None = None

    @property
    def is_reading(self) -> bool:
        """Whether a result is still to be taken."""
        return self._thread is not None

    def ask(self) -> None:
        """Read the file as it is now; what is being read already is read once more."""
        if self._thread is not None:
            self._asked_again = True
            return
        # It is given up with the process: nobody waits for a policy that will judge nothing.
        self._thread = threading.Thread(target=self._read, name="policy", daemon=True)
        self._thread.start()

    def take(self) -> ReadPolicy | PolicyRefused | None:
        """Return what came of the reading, once; None while it goes on or nobody asked."""
        if self._thread is None or self._thread.is_alive():
            return None
        self._thread = None
        result, self._result = self._result, None
        if self._asked_again:
            self._asked_again = False
            self.ask()
            return None
        return result

    def _read(self) -> None:
        try:
            policy = read_policy(self._path)
            self._result = ReadPolicy(policy, Judge([policy], early=True), known_assets(policy))
        except PolicyRefused as refused:
            self._result = refused
        except Exception as error:  # noqa: BLE001  # a thread that dies silently would leave the operator waiting
            self._result = PolicyRefused(f"{self._path}: the policy cannot be used ({error!r})")
