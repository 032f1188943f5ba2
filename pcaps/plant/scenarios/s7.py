"""What happens to plc-filt over S7."""

from __future__ import annotations

from pcaps.plant.hosts import EWS, LAPTOP, PLC_FILT
from pcaps.plant.scenarios.scenario import COMPANY, NOT_ALLOWED, STRANGER, attack
from pcaps.plant.truth import Truth

NOT_THIS = ("NET-003", "NET-004")
"""ews-1 may read the mode of plc-filt, so what it does besides is a function that is not allowed."""

SCENARIOS = (
    attack(
        "s7/plc_stop",
        "ews-1 stops the filter controller and reads its mode before and after.",
        ("attacks.s7", "stop"),
        Truth(
            EWS,
            (PLC_FILT,),
            "T0858",
            ("S7-001",),
            one_of=(NOT_THIS,),
            may=COMPANY,
        ),
    ),
    attack(
        "s7/program_download",
        "ews-1 downloads data block 20 to the filter controller: request, three parts fetched by the controller, end.",
        ("attacks.s7", "download"),
        Truth(
            EWS,
            (PLC_FILT,),
            "T0843.002",
            ("S7-005",),
            with_baseline=("S7-007",),
            one_of=(NOT_THIS,),
            may=("S7-007", *COMPANY),
        ),
    ),
    attack(
        "s7/slot_scan",
        "An unknown laptop asks the filter controller for connections to ten racks and slots; only rack 0 slot 2 "
        "answers.",
        ("attacks.s7", "slots"),
        Truth(
            LAPTOP,
            (PLC_FILT,),
            "T0846",
            (*STRANGER, "S7-034"),
            one_of=(NOT_ALLOWED,),
            may=("NET-022", *COMPANY),
        ),
    ),
)
