"""The list of dissectors. A new protocol is one line here."""

from __future__ import annotations

from typing import Final

from dissectors.base.dissector import Dissector
from dissectors.dnp3 import DISSECTOR as DNP3
from dissectors.iso import DISSECTOR as ISO
from dissectors.modbus.session import DISSECTOR as MODBUS
from dissectors.s7 import DISSECTOR as S7

DISSECTORS: Final[list[Dissector]] = [MODBUS, DNP3, S7, ISO]
