"""The alert catalogue: the explicit list of every entry.

What a protocol declares (dangers and patterns) needs no line here; what is special is one more entry in a file of its
subject.
"""

from __future__ import annotations

from typing import Final

from dissectors.registry import PROTOCOLS
from rules.detections.catalogue.baseline import BASELINE_ALERTS
from rules.detections.catalogue.dnp3_command import DNP3_COMMANDS
from rules.detections.catalogue.dnp3_control import DNP3_CONTROLS
from rules.detections.catalogue.dnp3_state import DNP3_STATE
from rules.detections.catalogue.flood import FLOOD_ALERTS
from rules.detections.catalogue.inventory import INVENTORY_ALERTS
from rules.detections.catalogue.modbus import MODBUS_ALERTS
from rules.detections.catalogue.models import MODEL_ALERTS
from rules.detections.catalogue.network import NETWORK_ALERTS
from rules.detections.catalogue.policy import POLICY_ALERTS
from rules.detections.catalogue.role import ROLE_ALERTS
from rules.detections.catalogue.s7 import S7_ALERTS
from rules.detections.catalogue.s7_program import S7_PROGRAMS
from rules.detections.catalogue.scan import SCAN_ALERTS
from rules.detections.catalogue.sensor import SENSOR_ALERTS
from rules.detections.catalogue.visibility import VISIBILITY_ALERTS
from rules.detections.entry import Entry
from rules.detections.patterns.declared import declared_entries

CATALOGUE: Final[tuple[Entry, ...]] = tuple(
    sorted(
        (
            *declared_entries(PROTOCOLS),
            *MODBUS_ALERTS,
            *DNP3_COMMANDS,
            *DNP3_CONTROLS,
            *DNP3_STATE,
            *S7_ALERTS,
            *S7_PROGRAMS,
            *NETWORK_ALERTS,
            *ROLE_ALERTS,
            *SCAN_ALERTS,
            *FLOOD_ALERTS,
            *POLICY_ALERTS,
            *INVENTORY_ALERTS,
            *MODEL_ALERTS,
            *BASELINE_ALERTS,
            *VISIBILITY_ALERTS,
            *SENSOR_ALERTS,
        ),
        key=lambda entry: entry.id,
    )
)
