"""Gives up every privilege for good, before the first packet is parsed (capabilities(7), prctl(2)).

After ``drop`` the process and all it starts hold no capability, can gain none by running a program (no_new_privs), and are the
user that was asked for. Packet sockets that are open stay open. It cannot be undone.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import struct
from pathlib import Path
from typing import Final

from sensor.live.error import LiveError

PR_CAPBSET_DROP: Final = 24
PR_SET_PDEATHSIG: Final = 1
PR_SET_NO_NEW_PRIVS: Final = 38
PR_CAP_AMBIENT: Final = 47
PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
CAPABILITY_VERSION_3: Final = 0x20080522
LAST_CAPABILITY: Final = Path("/proc/sys/kernel/cap_last_cap")
THREADS: Final = Path("/proc/self/task")


def drop(user: str | None = None) -> None:
    """Become ``user`` (only root can; None: stay who we are) and give up every capability.

    Call it from the only thread: capabilities belong to threads. Raises ``LiveError`` when it cannot be done completely.
    """
    threads = len(list(THREADS.iterdir()))
    if threads != 1:
        raise LiveError(f"privileges can only be dropped by a process with one thread; this one has {threads}")
    library = ctypes.CDLL(None, use_errno=True)
    _bound(library)
    if user is not None:
        _become(user)
    _call(library, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    _call(library, PR_SET_NO_NEW_PRIVS, 1)
    header = struct.pack("=Ii", CAPABILITY_VERSION_3, 0)
    if library.capset(header, bytes(24)) != 0:
        raise LiveError(f"capabilities could not be dropped: {os.strerror(ctypes.get_errno())}")


def end_with_parent(signal_number: int) -> None:
    """Have the kernel send this process a signal when its parent ends."""
    _call(ctypes.CDLL(None, use_errno=True), PR_SET_PDEATHSIG, signal_number)


def _bound(library: ctypes.CDLL) -> None:
    """Empty the bounding set; only who has CAP_SETPCAP can, and without it there is nothing to gain."""
    for number in range(int(LAST_CAPABILITY.read_text(encoding="ascii")) + 1):
        library.prctl(PR_CAPBSET_DROP, ctypes.c_ulong(number), 0, 0, 0)


def _become(name: str) -> None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise LiveError(f"there is no user {name!r} on this machine; make one: useradd --system {name}") from None
    if os.geteuid() == entry.pw_uid:
        return
    try:
        os.initgroups(name, entry.pw_gid)
        os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
        os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    except PermissionError:
        raise LiveError(f"only root can become user {name}; start as root, or as {name} with CAP_NET_RAW") from None


def _call(library: ctypes.CDLL, what: int, value: int) -> None:
    zero = ctypes.c_ulong(0)
    if library.prctl(what, ctypes.c_ulong(value), zero, zero, zero) != 0:
        raise LiveError(f"prctl {what} failed: {os.strerror(ctypes.get_errno())}")
