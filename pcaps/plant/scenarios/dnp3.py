"""What happens to rtu-res over DNP3. Each intruder is an OpenDNP3 master, so its start-up sequence comes first."""

from __future__ import annotations

from pcaps.plant.hosts import EWS, LAPTOP, RTU_RES
from pcaps.plant.scenarios.scenario import COMPANY, MASTER_START, NOT_ALLOWED, STRANGER, attack
from pcaps.plant.truth import Truth

AFTER_SECONDS = 15.0
"""The real master comes back after eight seconds."""

SCENARIOS = (
    attack(
        "dnp3/cold_restart",
        "ews-1 takes over the connection to the reservoir outstation (link address 3) and orders a cold restart; the "
        "outstation is gone for three seconds and comes back with its restart flag set.",
        ("attacks.dnp3", "cold_restart"),
        Truth(
            EWS,
            (RTU_RES,),
            "T0816",
            ("DNP-012", "NET-003"),
            with_baseline=("DNP-039",),
            may=(*MASTER_START, "DNP-039", "NET-004", *COMPANY),
        ),
        after_seconds=AFTER_SECONDS + 3,
    ),
    attack(
        "dnp3/new_master",
        "An unknown laptop polls the reservoir outstation as master 3 and pushes the real master off its connection "
        "for eight seconds.",
        ("attacks.dnp3", "poll"),
        Truth(
            LAPTOP,
            (RTU_RES,),
            "T0848",
            STRANGER,
            with_baseline=("NET-010", "DNP-039"),
            one_of=(NOT_ALLOWED,),
            may=(*MASTER_START, "DNP-037", "DNP-039", *COMPANY),
        ),
        after_seconds=AFTER_SECONDS,
    ),
    attack(
        "dnp3/time_change",
        "An unknown laptop with the link address of the real master sets the outstation's clock to 2020.",
        ("attacks.dnp3", "set_time"),
        Truth(
            LAPTOP,
            (RTU_RES,),
            "T0836",
            STRANGER,
            with_baseline=("DNP-021",),
            one_of=(NOT_ALLOWED,),
            may=(*MASTER_START, "DNP-021", "AST-006", *COMPANY),
        ),
        after_seconds=AFTER_SECONDS,
    ),
    attack(
        "dnp3/direct_operate",
        "An unknown laptop with the link address of the real master switches two pumps off without a select.",
        ("attacks.dnp3", "direct_operate"),
        Truth(
            LAPTOP,
            (RTU_RES,),
            "T1692.001",
            STRANGER,
            with_baseline=("DNP-001",),
            one_of=(NOT_ALLOWED,),
            may=(*MASTER_START, "DNP-001", "DNP-002", "DNP-005", "AST-006", *COMPANY),
        ),
        after_seconds=AFTER_SECONDS,
    ),
)
