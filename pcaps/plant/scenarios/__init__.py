"""Every situation of the sample plant, in the order they are recorded."""

from __future__ import annotations

from pcaps.plant.scenarios import dnp3, iec104, lldp, modbus, plant, s7
from pcaps.plant.scenarios.scenario import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *plant.SCENARIOS,
    *modbus.SCENARIOS,
    *s7.SCENARIOS,
    *dnp3.SCENARIOS,
    *iec104.SCENARIOS,
    *lldp.SCENARIOS,
)

__all__ = ["SCENARIOS", "Scenario"]
