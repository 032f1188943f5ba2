"""What comes before the first message of a connection."""

from __future__ import annotations

from tests.dissectors.harness import read, registers
from tests.evasion.kind import kind
from tests.evasion.talker import Talker


@kind("a banner before Modbus on a port of no protocol")
def banner() -> Talker:
    it = Talker(port=4001, opened=False)
    it.open()
    it.say(1, b"Serial gateway 2.1 ready\r\n")
    it.attack()
    return it


@kind("a proxy's line before Modbus on a port of no protocol")
def proxy_line() -> Talker:
    it = Talker(port=8080, opened=False)
    it.open()
    it.say(0, b"CONNECT plc:502 HTTP/1.1\r\n\r\n")
    it.say(1, b"HTTP/1.1 200 OK\r\n\r\n")
    it.attack()
    return it


@kind("the tail of a message first, on a port of no protocol")
def tail_first() -> Talker:
    it = Talker(port=5020, opened=False)
    it.say(1, registers(5, *range(20))[15:])
    it.say(0, read(6, 0, 2))
    it.say(1, registers(6, 1, 2))
    it.attack()
    return it
