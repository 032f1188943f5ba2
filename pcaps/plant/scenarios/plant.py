"""The normal day of the plant, and what concerns more than one protocol or lies below them."""

from __future__ import annotations

from pcaps.plant.hosts import EWS, LAPTOP, PLC_CHEM, PLC_FILT, RTU_RES, SCADA
from pcaps.plant.scenarios.scenario import COMPANY, MASTER_START, NOT_ALLOWED, STRANGER, Scenario, attack
from pcaps.plant.truth import Truth

NORMAL = Scenario(
    "plant/normal",
    "scada-1 and hmi-1 poll the dosing and filter controllers, scada-1 the reservoir outstation (events, unsolicited, "
    "pump commands with select before operate, time set) and the historian; hmi-1 changes setpoints within limits; "
    "ews-1 reads the mode of the filter controller once. Nothing here deserves an alert of medium or above.",
    EWS,
    (("operators", "ews-1"),),
    before_seconds=12.0,
    after_seconds=60.0,
)

NORMAL_LONG = Scenario(
    "plant/normal_long",
    "The same normal plant for more than nine minutes, to learn from: every poll, setpoint change, pump command and "
    "trend record many times, and four mode checks by ews-1.",
    EWS,
    (("operators", "ews-1"),) * 4,
    before_seconds=12.0,
    after_seconds=150.0,
    pause_seconds=115.0,
)

NORMAL_LATER = Scenario(
    "plant/normal_later",
    "The same normal plant at another time, started anew: what a baseline learned from normal_long must find normal.",
    EWS,
    (("operators", "ews-1"),),
    before_seconds=40.0,
    after_seconds=160.0,
)

SCENARIOS = (
    NORMAL,
    NORMAL_LONG,
    NORMAL_LATER,
    attack(
        "plant/port_scan",
        "An unknown laptop tries forty TCP ports of plc-chem.",
        ("attacks.network", "ports"),
        Truth(
            LAPTOP,
            (PLC_CHEM,),
            "T0846.001",
            (*STRANGER, "NET-018"),
            one_of=(NOT_ALLOWED,),
            may=("NET-014", *COMPANY),
        ),
    ),
    attack(
        "plant/address_scan",
        "An unknown laptop tries port 502 of eighty addresses of the site network, through the router; only the router "
        "answers, that some are unreachable.",
        ("attacks.network", "site"),
        Truth(
            LAPTOP,
            (),
            "T0846",
            (*STRANGER, "NET-017"),
            may=("NET-001", "NET-003", "NET-019", "NET-026", "NET-032", *COMPANY),
        ),
    ),
    attack(
        "plant/arp_scan",
        "An unknown laptop asks for a hundred addresses of the cell by ARP; nobody answers.",
        ("attacks.network", "arp"),
        Truth(LAPTOP, (), "T0846.002", (*STRANGER, "NET-020"), may=("NET-024", *COMPANY)),
    ),
    attack(
        "plant/arp_spoof",
        "An unknown laptop claims the addresses of scada-1 and plc-chem towards each other for fourteen seconds and "
        "forwards their traffic, so the mirror port shows it twice, with other MACs and a smaller time to live.",
        ("attacks.network", "spoof"),
        Truth(
            LAPTOP,
            (SCADA, PLC_CHEM),
            "T0830",
            ("NET-022", "NET-023"),
            may=(*STRANGER, *NOT_ALLOWED, "AST-006", "NET-024", "NET-025", "MB-024", "MB-025", "SEN-005", *COMPANY),
        ),
    ),
    Scenario(
        "plant/identity",
        "ews-1 asks every controller who it is: Modbus device identification, S7 system status lists 0x0011 and "
        "0x001C, DNP3 device attributes (which the outstation does not have).",
        EWS,
        (("attacks.modbus", "identify"), ("attacks.s7", "identify"), ("attacks.dnp3", "identify")),
        Truth(
            EWS,
            (PLC_CHEM, PLC_FILT, RTU_RES),
            "T0888",
            ("NET-003", "NET-004"),
            with_baseline=("MB-012", "S7-023", "DNP-029"),
            may=(*MASTER_START, "DNP-027", "DNP-039", "MDL-011", *COMPANY),
        ),
        after_seconds=15.0,
    ),
)
