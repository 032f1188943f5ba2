"""Stations that announce themselves to their neighbours; in these captures only."""

from __future__ import annotations

from pcaps.plant.hosts import EWS, HMI, LAPTOP, PLC_FILT, SWITCH
from pcaps.plant.scenarios.scenario import COMPANY, STRANGER, Scenario
from pcaps.plant.truth import Truth

STATIONS = (
    (SWITCH, ("lldp_daemon", SWITCH.name)),
    (EWS, ("lldp_daemon", EWS.name)),
    (PLC_FILT, ("lldp_station", PLC_FILT.name)),
    (HMI, ("lldp_station", HMI.name)),
)
PROGRAMS = ("lldpd",)

SCENARIOS = (
    Scenario(
        "lldp/neighbours",
        "Beside the usual plant the cell switch, the filter controller, hmi-1 and ews-1 announce themselves every five "
        "seconds: names, ports, descriptions with order number and firmware, capabilities, management addresses, "
        "PROFINET TLVs and LLDP-MED inventories. Nothing here deserves an alert of medium or above.",
        EWS,
        (),
        before_seconds=12.0,
        lasting_seconds=50.0,
        after_seconds=0.0,
        clients=STATIONS,
        programs=PROGRAMS,
    ),
    Scenario(
        "lldp/renamed_switch",
        "An unknown laptop announces itself with the system name and management address of the cell switch, sends one "
        "announcement with a TLV longer than its frame, and takes itself back with a time to live of 0.",
        LAPTOP,
        (("attacks.lldp", "renamed_switch"),),
        Truth(LAPTOP, (SWITCH,), "T0849", ("LLDP-001",), may=(*STRANGER, *COMPANY)),
        clients=STATIONS,
        programs=PROGRAMS,
    ),
)
