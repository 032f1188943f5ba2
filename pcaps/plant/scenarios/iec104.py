"""What happens to rtu-line over IEC 60870-5-104. The station and its controlling station run in these captures only."""

from __future__ import annotations

from pcaps.plant.hosts import LAPTOP, RTU_LINE, SCADA
from pcaps.plant.scenarios.scenario import COMPANY, NOT_ALLOWED, STRANGER, Scenario
from pcaps.plant.truth import Truth

SERVERS = ((RTU_LINE, ("iec104_device",)),)
CLIENTS = ((SCADA, ("line_orders", "usual")),)
CLIENTS_ALL_DAY = ((SCADA, ("line_orders", "all day")),)
PACKAGES = ("c104",)
OUTSIDE = ("IEC-013",)
"""An order no rule of the policy allows."""
LEARNED = ("IEC-017", "MDL-001")
"""What a baseline that knows no station of the standard says of every one of them."""


def _attack(
    action: str, sentence: str, technique: str, alert: str, *, may: tuple[str, ...] = (), after_seconds: float = 9.0
) -> Scenario:
    """Return a scenario of the laptop with its alert; what else may be said of a stranger's orders is the same for all."""
    return Scenario(
        f"iec104/{action}",
        sentence,
        LAPTOP,
        (("attacks.iec104", action),),
        Truth(
            LAPTOP,
            (RTU_LINE,),
            technique,
            (*STRANGER, alert),
            one_of=(NOT_ALLOWED,),
            may=(*OUTSIDE, *LEARNED, *may, *COMPANY),
        ),
        after_seconds=after_seconds,
        servers=SERVERS,
        clients=CLIENTS,
        packages=PACKAGES,
    )


SCENARIOS = (
    Scenario(
        "iec104/normal",
        "scada-1 operates the substation of the supply line, beside the usual plant: general and counter interrogation, "
        "clock set once, a value read, breaker and disconnector with select before execute, direct commands, set-points "
        "within limits; measured values in cycles, states and values spontaneously, with and without time tag; a second "
        "connection stands by and is tested. Nothing here deserves an alert of medium or above.",
        SCADA,
        (),
        before_seconds=12.0,
        lasting_seconds=64.0,
        after_seconds=0.0,
        servers=SERVERS,
        clients=CLIENTS_ALL_DAY,
        packages=PACKAGES,
    ),
    _attack(
        "reset_process",
        "An unknown laptop interrogates the substation as a second controlling station and orders the reset of its "
        "process; the substation confirms, is gone for three seconds, and says after its start that it was reset.",
        "T0816",
        "IEC-001",
        may=("IEC-012", "NET-032"),
        after_seconds=14.0,
    ),
    _attack(
        "command_burst",
        "An unknown laptop sends the substation sixty-four single and double commands and set-points in seconds, some "
        "set-points beyond their limits; the double commands lack their select and are refused.",
        "T1692.001",
        "IEC-006",
        may=("IEC-012", "IEC-014", "NET-005"),
    ),
    _attack(
        "object_sweep",
        "An unknown laptop reads the information object addresses 1 to 60 of the substation; it has none of them and "
        "answers that they are unknown.",
        "T0861",
        "IEC-007",
        may=("IEC-010", "IEC-012"),
    ),
    _attack(
        "stop_transmission",
        "An unknown laptop interrogates the substation, takes its reports for two seconds, stops the data transfer "
        "(STOPDT) and stays connected.",
        "T1691",
        "IEC-002",
    ),
    _attack(
        "address_scan",
        "An unknown laptop interrogates the common addresses 1 to 20; the substation answers that they are unknown.",
        "T0846",
        "IEC-009",
        may=("IEC-010", "IEC-012"),
    ),
)
