"""What happens to plc-chem over Modbus."""

from __future__ import annotations

from pcaps.plant.hosts import EWS, HMI, LAPTOP, PLC_CHEM, SCADA
from pcaps.plant.scenarios.scenario import COMPANY, NOT_ALLOWED, STRANGER, Scenario, attack
from pcaps.plant.truth import Truth

ODD = ("MDL-005", "MDL-010", "MDL-011")
"""What models may say besides of a channel that is used in another way than usual."""

SCENARIOS = (
    attack(
        "modbus/unauthorised_write",
        "ews-1 writes setpoint 100 beyond its limit (95), registers 102-105 and coil 4 of plc-chem.",
        ("attacks.modbus", "write"),
        Truth(
            EWS,
            (PLC_CHEM,),
            "T1692.001",
            ("NET-003",),
            with_baseline=("MB-001",),
            may=("MB-001", "MB-002", "MB-003", "NET-004", *COMPANY),
        ),
    ),
    attack(
        "modbus/setpoint_beyond_limit",
        "hmi-1, which may write setpoints, writes 95 to setpoint 100 (limit 80) and 0 to register 104 of plc-chem, on "
        "a second connection.",
        ("attacks.modbus", "setpoint"),
        Truth(HMI, (PLC_CHEM,), "T0836", ("MB-002", "MB-003"), may=("MB-001", "NET-004", "MDL-011", *COMPANY)),
    ),
    attack(
        "modbus/write_burst",
        "An unknown laptop writes setpoint 100 of plc-chem ninety times in two seconds.",
        ("attacks.modbus", "burst"),
        Truth(
            LAPTOP,
            (PLC_CHEM,),
            "T0806",
            (*STRANGER, "MB-004"),
            with_baseline=("MB-001",),
            one_of=(NOT_ALLOWED,),
            may=("MB-001", "MB-002", "MB-003", "NET-005", *COMPANY),
        ),
    ),
    attack(
        "modbus/function_scan",
        "An unknown laptop tries seventeen function codes on plc-chem; thirteen are refused with exception 1.",
        ("attacks.modbus", "functions"),
        Truth(
            LAPTOP,
            (PLC_CHEM,),
            "T0888",
            (*STRANGER, "MB-013"),
            one_of=(NOT_ALLOWED,),
            may=("MB-012", "MB-016", *COMPANY),
        ),
    ),
    attack(
        "modbus/register_scan",
        "An unknown laptop reads one holding register of plc-chem every fifty addresses; 39 of 40 are refused with "
        "exception 2.",
        ("attacks.modbus", "addresses"),
        Truth(LAPTOP, (PLC_CHEM,), "T0861", (*STRANGER, "MB-014"), one_of=(NOT_ALLOWED,), may=("MB-016", *COMPANY)),
    ),
    attack(
        "modbus/listen_only",
        "ews-1 sends plc-chem an echo test and then forces it into listen-only mode (8, sub-function 4); the "
        "controller is silent from then on, and the polls of scada-1 and hmi-1 stay without answer.",
        ("attacks.modbus", "listen_only"),
        Truth(
            EWS,
            (PLC_CHEM,),
            "T0814",
            ("NET-003", "MB-007"),
            may=("MB-027", "NET-004", "NET-032", "MDL-005", *COMPANY),
        ),
        after_seconds=14.0,
    ),
    attack(
        "modbus/new_master",
        "An unknown laptop polls plc-chem every second as an operator station does.",
        ("attacks.modbus", "poll"),
        Truth(LAPTOP, (PLC_CHEM,), "T0848", STRANGER, with_baseline=("NET-010",), one_of=(NOT_ALLOWED,), may=COMPANY),
    ),
    attack(
        "modbus/connection_flood",
        "An unknown laptop opens eighty connections to port 502 of plc-chem in four seconds.",
        ("attacks.modbus", "flood"),
        Truth(LAPTOP, (PLC_CHEM,), "T0814", (*STRANGER, "NET-026"), one_of=(NOT_ALLOWED,), may=COMPANY),
    ),
    Scenario(
        "modbus/stopped_poll",
        "scada-1 leaves out its poll of the measurements of plc-chem for seventy-five seconds; its polls of states, pumps "
        "and setpoints on the same connection go on, so nothing is unreachable and only one picture stands still.",
        SCADA,
        (),
        Truth(SCADA, (PLC_CHEM,), "T1691.002", (), with_baseline=("MDL-005",), may=(*ODD, "DNP-030")),
        before_seconds=46.0,
        lasting_seconds=75.0,
        after_seconds=35.0,
        roles=(("scada-1", "scada-1 blind"),),
    ),
    Scenario(
        "modbus/poll_storm",
        "hmi-1 asks plc-chem for the measurements it always asks for, on a second connection and twelve times a second "
        "for fifty seconds; the policy allows twenty.",
        HMI,
        (("attacks.modbus", "storm"),),
        Truth(HMI, (PLC_CHEM,), "T0814", (), with_baseline=("MDL-005", "MDL-011"), may=(*ODD, "DNP-030")),
        before_seconds=40.0,
        after_seconds=25.0,
    ),
    Scenario(
        "modbus/replayed_command",
        "The operator's last order to plc-chem (60 and 19 to setpoints 100 and 101) is sent again six times, from hmi-1 "
        "and each time on a connection of its own; writer, function, registers and values are all allowed and usual.",
        HMI,
        (("attacks.modbus", "replay"),),
        Truth(HMI, (PLC_CHEM,), "T1692.001", (), with_baseline=("MDL-011",), may=(*ODD, "DNP-030")),
        before_seconds=62.0,
        after_seconds=35.0,
    ),
    Scenario(
        "modbus/register_sweep",
        "hmi-1 reads all measurements and setpoints of plc-chem one by one, a register every two seconds, on a second "
        "connection; each may be read, but none was ever read alone.",
        HMI,
        (("attacks.modbus", "sweep"),),
        Truth(HMI, (PLC_CHEM,), "T0861", (), with_baseline=("MDL-003",), may=(*ODD, "DNP-030")),
        before_seconds=40.0,
        after_seconds=25.0,
    ),
)
