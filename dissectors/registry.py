"""The list of dissectors. A new protocol is one line here."""

from __future__ import annotations

from typing import Final

from dissectors.dissector import Dissector
from dissectors.modbus.session import DISSECTOR as MODBUS

DISSECTORS: Final[list[Dissector]] = [MODBUS]
