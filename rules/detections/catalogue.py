"""The alert catalogue: the explicit list of every entry. A new alert is one more entry in one of these files."""

from __future__ import annotations

from typing import Final

from rules.detections.baseline_alerts import NEWCOMER_ALERTS
from rules.detections.dnp3_alerts import DNP3_COMMANDS
from rules.detections.dnp3_counted_alerts import DNP3_CONTROLS
from rules.detections.dnp3_state_alerts import DNP3_STATE
from rules.detections.dnp3_violation_alerts import DNP3_VIOLATIONS
from rules.detections.entry import Entry
from rules.detections.inventory_alerts import INVENTORY_ALERTS
from rules.detections.modbus_alerts import MODBUS_COMMANDS, MODBUS_VIOLATIONS
from rules.detections.modbus_counted_alerts import MODBUS_COUNTED
from rules.detections.modbus_scan_alerts import MODBUS_SCANS
from rules.detections.model_alerts import MODEL_ALERTS
from rules.detections.network_alerts import NETWORK_ALERTS
from rules.detections.policy_alerts import POLICY_ALERTS
from rules.detections.s7_alerts import S7_COMMANDS
from rules.detections.s7_counted_alerts import S7_COUNTED
from rules.detections.s7_program_alerts import S7_PROGRAMS
from rules.detections.scan_alerts import SCAN_ALERTS
from rules.detections.sensor_alerts import SENSOR_ALERTS
from rules.detections.sensor_event_alerts import SENSOR_EVENT_ALERTS
from rules.detections.visibility_alerts import VISIBILITY_ALERTS

CATALOGUE: Final[tuple[Entry, ...]] = tuple(
    sorted(
        (
            *MODBUS_COMMANDS,
            *MODBUS_VIOLATIONS,
            *MODBUS_COUNTED,
            *MODBUS_SCANS,
            *DNP3_COMMANDS,
            *DNP3_VIOLATIONS,
            *DNP3_CONTROLS,
            *DNP3_STATE,
            *S7_COMMANDS,
            *S7_COUNTED,
            *S7_PROGRAMS,
            *NETWORK_ALERTS,
            *SCAN_ALERTS,
            *POLICY_ALERTS,
            *INVENTORY_ALERTS,
            *MODEL_ALERTS,
            *NEWCOMER_ALERTS,
            *VISIBILITY_ALERTS,
            *SENSOR_ALERTS,
            *SENSOR_EVENT_ALERTS,
        ),
        key=lambda entry: entry.id,
    )
)
