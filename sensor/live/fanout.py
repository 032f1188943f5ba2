"""Which worker takes which packet: by the unordered pair of IP addresses, decided in the kernel by classic BPF.

Every conversation of two hosts, all its connections, both directions and all fragments, goes to one worker, so the number
of workers changes nothing in what is understood. Each worker has a socket of its own on each interface, and its filter
passes exactly the packets of its share; the shares are disjoint and together they are everything. The share is a pure
function of the packet: it does not depend on the interface, on the order in which sockets were opened, or on an interface
that went away and came back. (A PACKET_FANOUT group numbers its members in the order they join and joins them anew when the
interface comes up, and its sockets can never be bound to a re-created interface. The price of filters is one short program
per worker and packet.)

Read are Ethernet with up to two VLAN tags in band (the outermost tag is usually taken off by the kernel before), IPv4 and
IPv6. Everything else goes to the first worker: ARP, other layer-2 protocols, MPLS, PPPoE, frames too short to decide.

Limits: tunnels are shared out by their outer addresses, so one mirror session (ERSPAN, VXLAN) is one worker's, and a
conversation seen inside and outside of a tunnel may be seen by two. An ICMP error is the conversation of who sends it.
Two workers each report a MAC and IP binding that both see.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Sequence
from typing import Final

MAX_WORKERS: Final = 64

SO_ATTACH_FILTER: Final = 26

LOAD_WORD: Final = 0x40  # BPF_LD | BPF_W | BPF_IND: at X + k
LOAD_HALF_AT: Final = 0x28  # BPF_LD | BPF_H | BPF_ABS
LOAD_BYTE_AT: Final = 0x30  # BPF_LD | BPF_B | BPF_ABS
LOAD_LENGTH: Final = 0x80  # BPF_LD | BPF_W | BPF_LEN
LOAD_KEPT: Final = 0x60  # BPF_LD | BPF_MEM
KEEP: Final = 0x02  # BPF_ST
SET_X: Final = 0x01  # BPF_LDX | BPF_IMM
KEPT_TO_X: Final = 0x61  # BPF_LDX | BPF_MEM
KEEP_X: Final = 0x03  # BPF_STX
A_TO_X: Final = 0x07  # BPF_MISC | BPF_TAX
MINUS_X: Final = 0x1C  # BPF_ALU | BPF_SUB | BPF_X
XOR_X: Final = 0xAC  # BPF_ALU | BPF_XOR | BPF_X
TIMES: Final = 0x24  # BPF_ALU | BPF_MUL | BPF_K
MODULO: Final = 0x94  # BPF_ALU | BPF_MOD | BPF_K
SHIFT_RIGHT: Final = 0x74  # BPF_ALU | BPF_RSH | BPF_K
GO: Final = 0x05  # BPF_JMP | BPF_JA
IF_EQUAL: Final = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
IF_AT_MIN: Final = 0x35  # BPF_JMP | BPF_JGE | BPF_K
RETURN: Final = 0x06  # BPF_RET | BPF_K

PASS: Final = 0x7FFFFFFF
SPREAD: Final = 0x9E3779B1
"""2 ** 32 divided by the golden ratio, odd: neighbouring address pairs get far results."""

Row = tuple[str, int, int, str, str]
"""A line of a program: label or "", code, k, and where to go when true and when false ("" = the next line)."""


def share(worker: int, workers: int, *, ethernet: bool) -> bytes:
    """Return the program (an array of sock_filter) that passes the share of ``worker`` of ``workers``."""
    if not 0 <= worker < workers <= MAX_WORKERS:
        raise ValueError(f"worker {worker} of {workers}; at most {MAX_WORKERS}")
    rows = [*(_ethernet() if ethernet else _bare()), *_addresses(worker, workers)]
    return _assemble(rows)


def nothing() -> bytes:
    """Return the program that passes no packet; what it refuses the kernel does not count."""
    return _assemble([("", RETURN, 0, "", "")])


def attach(to: socket.socket, program: bytes) -> None:
    """Put ``program`` in front of a socket, in place of the one before."""
    rows = ctypes.create_string_buffer(program, len(program))
    to.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(program) // 8, ctypes.addressof(rows)))


def _ethernet() -> list[Row]:
    """X becomes the start of the network header, A the ethertype; then go to ip4, ip6 or other."""
    rows: list[Row] = [("", LOAD_LENGTH, 0, "", ""), ("", IF_AT_MIN, 22, "", "other")]
    for depth, at in enumerate((12, 16, 20)):
        rows += [(f"tag{depth}", SET_X, at + 2, "", ""), ("", LOAD_HALF_AT, at, "", "")]
        if depth < 2:
            rows += [("", IF_EQUAL, tag, f"tag{depth + 1}", "") for tag in (0x8100, 0x88A8, 0x9100)]
            rows.append(("", GO, 0, "kind", ""))
    return [*rows, ("kind", IF_EQUAL, 0x0800, "ip4", ""), ("", IF_EQUAL, 0x86DD, "ip6", "other")]


def _bare() -> list[Row]:
    return [
        ("", LOAD_LENGTH, 0, "", ""),
        ("", IF_AT_MIN, 1, "", "other"),
        ("", SET_X, 0, "", ""),
        ("", LOAD_BYTE_AT, 0, "", ""),
        ("", SHIFT_RIGHT, 4, "", ""),
        ("", IF_EQUAL, 4, "ip4", ""),
        ("", IF_EQUAL, 6, "ip6", "other"),
    ]


def _addresses(worker: int, workers: int) -> list[Row]:
    """Fold both addresses into one word that their order does not change, spread it, and compare with the share.

    A load behind the end of a frame would end the program with "no", in every worker; so lengths are looked at first.
    """
    rows: list[Row] = []
    for name, header, words in (("ip4", 20, (12, 16)), ("ip6", 40, tuple(range(8, 40, 4)))):
        rows += [
            (name, KEEP_X, 1, "", ""),
            ("", LOAD_LENGTH, 0, "", ""),
            ("", MINUS_X, 0, "", ""),
            ("", IF_AT_MIN, header, "", "other"),
            ("", LOAD_WORD, words[0], "", ""),
            ("", KEEP, 0, "", ""),
        ]
        for at in words[1:]:
            rows += [
                ("", KEPT_TO_X, 1, "", ""),
                ("", LOAD_WORD, at, "", ""),
                ("", KEPT_TO_X, 0, "", ""),
                ("", XOR_X, 0, "", ""),
                ("", KEEP, 0, "", ""),
            ]
        rows.append(("", GO, 0, "spread", ""))
    return [
        *rows,
        ("spread", LOAD_KEPT, 0, "", ""),
        *_folded(16),
        ("", TIMES, SPREAD, "", ""),
        *_folded(15),
        ("", MODULO, workers, "", ""),
        ("", IF_EQUAL, worker, "", "no"),
        ("", RETURN, PASS, "", ""),
        ("no", RETURN, 0, "", ""),
        ("other", RETURN, PASS if worker == 0 else 0, "", ""),
    ]


def _folded(bits: int) -> list[Row]:
    """A becomes A xor (A >> bits)."""
    return [
        ("", KEEP, 2, "", ""),
        ("", SHIFT_RIGHT, bits, "", ""),
        ("", A_TO_X, 0, "", ""),
        ("", LOAD_KEPT, 2, "", ""),
        ("", XOR_X, 0, "", ""),
    ]


def _assemble(rows: Sequence[Row]) -> bytes:
    places = {label: place for place, (label, *_) in enumerate(rows) if label}
    made = bytearray()
    for place, (_, code, k, true, false) in enumerate(rows):
        yes, no = (places[label] - place - 1 if label else 0 for label in (true, false))
        made += struct.pack("=HBBI", code, 0, 0, yes) if code == GO else struct.pack("=HBBI", code, yes, no, k)
    return bytes(made)
