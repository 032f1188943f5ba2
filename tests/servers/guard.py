"""Runs a server and ends it when whoever started it is gone, however that ended; then its folder goes as well.

``python guard.py FOLDER USER COMMAND...``: the starter holds the other end of standard input. Prints the number of the
server's process group. Knows nothing but the standard library, so that it starts at once.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading


def _end_with_starter(group: int, gone: threading.Event) -> None:
    while os.read(0, 1):  # not sys.stdin: its lock would be held when the interpreter ends
        pass
    gone.set()
    _kill(group)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


def main() -> int:
    """Run the server until it ends by itself or the starter is gone."""
    folder, user, *command = sys.argv[1:]
    rights = {"user": user, "group": user, "extra_groups": []} if user else {}
    server = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True, cwd=folder, **rights
    )
    print(server.pid, flush=True)
    gone = threading.Event()
    threading.Thread(target=_end_with_starter, args=(server.pid, gone), daemon=True).start()
    code = server.wait()
    _kill(server.pid)
    if gone.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    raise SystemExit(main())
