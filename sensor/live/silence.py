"""A process that receives and cannot send, by the kernel's word: a seccomp filter (seccomp(2), classic BPF) that nobody can take off.

A worker needs two writes, its pipe and standard error. Everything else that could put bytes on a wire is refused with EPERM: the
calls that send, that connect, that write to any other descriptor, that give a descriptor another number, that do either behind the
filter's back (io_uring), and that run another program. The process of the pipeline writes files and starts the shipper, so there the
same calls are refused for the packet sockets alone; they have numbers from FIRST_DESCRIPTOR on, which a shipper does not get to.

The filter knows the numbers of two machines. On any other, or where the kernel has no such filters, ``False`` is returned and the
privileges that were dropped are what is left.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

PR_SET_NO_NEW_PRIVS: Final = 38
PR_SET_SECCOMP: Final = 22
SECCOMP_MODE_FILTER: Final = 2
ALLOW: Final = 0x7FFF0000
REFUSE: Final = 0x00050000 | errno.EPERM
FIRST_DESCRIPTOR: Final = 700
"""Where packet sockets are put: below the usual limit of 1,024, above what a program opens by itself."""

LOAD: Final = 0x20
EQUAL: Final = 0x15
AT_LEAST: Final = 0x35
RETURN: Final = 0x06
NUMBER_AT: Final = 0
MACHINE_AT: Final = 4
FIRST_ARGUMENT_AT: Final = 16
SECOND_ARGUMENT_AT: Final = 24
X32: Final = 0x40000000
"""Numbers from here on are those of a second table on x86-64."""
DUPLICATES: Final = (0, 1030)
"""F_DUPFD and F_DUPFD_CLOEXEC of fcntl."""

SENDS: Final = ("sendto", "sendmsg", "sendmmsg", "sendfile")
WRITES: Final = ("write", "writev", "pwrite64", "pwritev", "pwritev2")
RENUMBERS: Final = ("dup", "dup2", "dup3")
BEHIND: Final = (
    "connect", "splice", "tee", "vmsplice", "io_uring_setup", "io_uring_enter", "io_uring_register", "execve", "execveat",
    "ptrace", "process_vm_writev", "pidfd_getfd",
)  # fmt: skip


class Machine(NamedTuple):
    """What the filter must know of a machine: its audit number, and the numbers of its calls."""

    audit: int
    numbers: dict[str, int]


_X86_64: Final = {
    "write": 1, "pwrite64": 18, "writev": 20, "dup": 32, "dup2": 33, "sendfile": 40, "connect": 42, "sendto": 44,
    "sendmsg": 46, "execve": 59, "fcntl": 72, "ptrace": 101, "splice": 275, "tee": 276, "vmsplice": 278, "dup3": 292,
    "pwritev": 296, "sendmmsg": 307, "process_vm_writev": 311, "execveat": 322, "pwritev2": 328, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "pidfd_getfd": 438,
}  # fmt: skip
_AARCH64: Final = {
    "dup": 23, "dup3": 24, "fcntl": 25, "write": 64, "writev": 66, "pwrite64": 68, "pwritev": 70, "sendfile": 71,
    "vmsplice": 75, "splice": 76, "tee": 77, "ptrace": 117, "connect": 203, "sendto": 206, "sendmsg": 211, "execve": 221,
    "sendmmsg": 269, "process_vm_writev": 271, "execveat": 281, "pwritev2": 287, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "pidfd_getfd": 438,
}  # fmt: skip
MACHINES: Final = {"x86_64": Machine(0xC000003E, _X86_64), "aarch64": Machine(0xC00000B7, _AARCH64)}


def silence_worker(pipe: int) -> bool:
    """Let this process, and what it starts, write to ``pipe`` and standard error and send nowhere. Return whether it holds."""
    return _install(lambda machine: worker_program(machine, (1, 2, pipe)))


def silence_sockets(descriptors: Sequence[int]) -> bool:
    """Let nobody in this process, and what it starts, send by these descriptors. Return whether it holds."""
    return _install(lambda machine: socket_program(machine, descriptors))


def worker_program(machine: Machine, writable: Sequence[int]) -> bytes:
    """Return the filter of a worker: it may write to ``writable`` alone."""
    numbers = machine.numbers
    program = _beginning(machine)
    for name in (*SENDS, *RENUMBERS, *BEHIND):
        if name in numbers:
            program += [_step(EQUAL, numbers[name], 0, 1), _step(RETURN, REFUSE)]
    for name in WRITES:
        allowed = [_step(EQUAL, number, len(writable) - place, 0) for place, number in enumerate(writable)]
        program += _when(numbers[name], [_step(LOAD, FIRST_ARGUMENT_AT), *allowed, _step(RETURN, REFUSE)])
    program += _when(numbers["fcntl"], [_step(LOAD, SECOND_ARGUMENT_AT), *_refused(DUPLICATES)])
    return b"".join([*program, _step(RETURN, ALLOW)])


def socket_program(machine: Machine, descriptors: Sequence[int]) -> bytes:
    """Return the filter of the pipeline: ``descriptors`` are not sent by, not written to and keep their numbers."""
    numbers = machine.numbers
    program = _beginning(machine)
    for name in (*SENDS, *WRITES, *RENUMBERS, "fcntl"):
        if name in numbers:
            inner = [_step(LOAD, FIRST_ARGUMENT_AT), *_refused(descriptors)]
            if name == "fcntl":  # its other uses are harmless
                inner = [_step(LOAD, SECOND_ARGUMENT_AT)]
                inner += [_step(EQUAL, DUPLICATES[0], 2, 0), _step(EQUAL, DUPLICATES[1], 1, 0), _step(RETURN, ALLOW)]
                inner += [_step(LOAD, FIRST_ARGUMENT_AT), *_refused(descriptors)]
            program += _when(numbers[name], inner)
    for name in ("io_uring_setup", "io_uring_enter", "io_uring_register", "pidfd_getfd", "ptrace"):
        program += [_step(EQUAL, numbers[name], 0, 1), _step(RETURN, REFUSE)]
    return b"".join([*program, _step(RETURN, ALLOW)])


def _beginning(machine: Machine) -> list[bytes]:
    """Return what refuses the numbers of other machines, and leaves the call's number to be looked at."""
    return [
        _step(LOAD, MACHINE_AT),
        _step(EQUAL, machine.audit, 1, 0),
        _step(RETURN, REFUSE),
        _step(LOAD, NUMBER_AT),
        _step(AT_LEAST, X32, 0, 1),
        _step(RETURN, REFUSE),
    ]


def _when(number: int, inner: list[bytes]) -> list[bytes]:
    """Return ``inner`` for the call ``number``; behind it all is allowed that it did not refuse."""
    return [_step(EQUAL, number, 0, len(inner) + 1), *inner, _step(RETURN, ALLOW)]


def _refused(values: Iterable[int]) -> list[bytes]:
    """Return what refuses the call when the value at hand is one of these."""
    return [step for value in values for step in (_step(EQUAL, value, 0, 1), _step(RETURN, REFUSE))]


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _install(program_of: Callable[[Machine], bytes]) -> bool:
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = program_of(machine)
    buffer = ctypes.create_string_buffer(program, len(program))
    argument = _Program(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    library = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if library.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero) != 0:
        return False
    return bool(
        library.prctl(PR_SET_SECCOMP, ctypes.c_ulong(SECCOMP_MODE_FILTER), ctypes.byref(argument), zero, zero) == 0
    )
