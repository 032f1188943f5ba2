"""Network, policy, inventory, sensor and models: a story that fires each alert and a normal one that must not."""

from __future__ import annotations

from typing import Any

from dissectors.context import Verdict
from tests.rules.detections.build import (
    ALLOW,
    DNP,
    MB,
    POINT,
    REGISTER,
    S7,
    TCP,
    Input,
    Story,
    Talk,
    asked_for,
    asset,
    at,
    each,
    event,
    health,
    lacks,
    odd,
    order,
    report,
    write,
)
from tests.rules.detections.stories.iec104 import IEC

STORIES: dict[str, Story] = {}
PUBLIC = "93.184.216.34"
STORIES["NET-012"] = (
    [TCP.but(server=PUBLIC, port=443, server_view=asset(PUBLIC, level="", zone="")).opened()],
    [TCP.opened(), TCP.but(server=PUBLIC, verdict=ALLOW).opened(), TCP.but(server="224.0.1.1").opened()],
)
STORIES["NET-013"] = (
    [TCP.but(client=PUBLIC, client_view=asset(PUBLIC, level="", zone=""), port=80).opened()],
    [TCP.opened(), TCP.but(client="192.168.7.7").opened()],
)
RDP = TCP.but(client="10.0.9.9", server="10.0.0.11", port=3389)
STORIES["NET-016"] = (
    [RDP.opened(), write(600)],
    [RDP.but(verdict=ALLOW).opened(), write(9), RDP.opened(70), write(1000), RDP.opened(1800, "refused"), write(1801)],
)
STORIES["NET-022"] = (
    [event("moved", attribute="mac", old="02:00:00:00:00:21", new="02:00:00:00:00:66")],
    [event("moved", attribute="address", old="10.0.0.9", new="10.0.0.10"), MB.but(verdict=ALLOW).opened()],
)
STORIES["NET-023"] = (
    [event("moved", 1, attribute="mac", old="m1", new="m2"), event("moved", 9, attribute="mac", old="m2", new="m1")],
    [event("moved", 1, attribute="mac", old="m1", new="m2"), event("moved", 90, attribute="mac", old="m2", new="m1")],
)
STORIES["NET-025"] = ([TCP.violation("overlap_conflict", protocol="tcp")], [MB.violation("length")])
VXLAN = TCP.but(protocol="vxlan", port=4789)
STORIES["NET-036"] = (
    [VXLAN.violation("industrial_inside")],
    [VXLAN.but(verdict=ALLOW).violation("industrial_inside"), VXLAN.opened()],
)
STORIES["NET-037"] = (
    [TCP.violation("two_readings", protocol="tcp")],
    [TCP.violation("overlap_conflict", protocol="tcp")],
)
STORIES["NET-028"] = ([TCP.but(protocol="http", port=502).opened()], [MB.opened(), TCP.but(protocol="http").opened()])
STORIES["NET-029"] = ([MB.but(port=5020).opened()], [MB.opened(), MB.but(port=5020, verdict=ALLOW).opened()])
STORIES["NET-017"] = (
    each(50, lambda n: TCP.but(server=f"10.0.5.{n + 1}", port=80).opened(n, "unanswered")),
    each(49, lambda n: TCP.but(server=f"10.0.5.{n + 1}", port=80).opened(n, "unanswered")),
)
STORIES["NET-018"] = (
    each(25, lambda n: TCP.but(port=n + 1).opened(n, "refused")),
    each(24, lambda n: TCP.but(port=n + 1).opened(n, "refused")),
)
STORIES["NET-019"] = (
    each(10, lambda n: MB.but(server=f"10.0.5.{n + 1}").opened(n, "refused")),
    each(14, lambda n: MB.but(server=f"10.0.5.{n + 1}").opened(n)),
)
STORIES["NET-020"] = (
    each(40, lambda n: asked_for(n, f"10.0.5.{n}")),
    each(39, lambda n: asked_for(n, f"10.0.5.{n}")),
)
ARP = Talk(protocol="arp", port=0, unit="", transport="arp", server="")
STORIES["NET-024"] = ([ARP.window(60, peak_packets=50)], [ARP.window(60, peak_packets=49, reports=59)])
STORIES["NET-026"] = (
    [TCP.window(60, attempts=2999), TCP.but(port=81).window(60, attempts=1)],
    [TCP.window(60, attempts=2999), TCP.window(120, attempts=2999), MB.window(300, connections=49)],
)
ICMP = Talk(protocol="icmp", port=0, unit="", transport="icmp")
STORIES["NET-027"] = ([ICMP.window(60, packets_client=60)], [ICMP.window(60, packets_client=59)])
STORIES["NET-032"] = (
    [TCP.window(60, attempts=4), TCP.window(120, attempts=4)],
    [TCP.window(60, attempts=4), TCP.window(120, attempts=3), TCP.window(180, attempts=9, connections=9)],
)

ALLOWED: list[Input] = [talk.but(verdict=ALLOW).opened() for talk in (MB, DNP, S7)]
ALLOWED += [write(1, talk=MB.but(verdict=ALLOW)), order("select", 2, talk=DNP.but(verdict=ALLOW), targets=POINT)]


def judged(talk: Talk, verdict: Verdict, operation: str = "", verb: str = "write") -> list[Input]:
    """Return a conversation, or one operation of it, under a verdict."""
    under = talk.but(verdict=verdict)
    if not operation:
        return [under.opened()]
    return [under.ask(operation, 1, verb=verb, targets=REGISTER, values=(9,))]


BOUNDS = {"closest": "R-011", "expected": "100: 20 to 80", "observed": "100 = 95"}
for identifier, story in {
    "MB-002": judged(MB, lacks("objects", **BOUNDS), "write_single_register"),
    "MB-003": judged(MB, lacks("values", **BOUNDS), "write_single_register"),
    "DNP-002": judged(DNP, lacks("objects", **BOUNDS), "select", "control"),
    "DNP-011": judged(DNP, lacks("values", **BOUNDS), "direct_operate", "control"),
    "IEC-013": judged(IEC, lacks("objects", **BOUNDS), "single_command", "control"),
    "IEC-014": judged(IEC, lacks("values", **BOUNDS), "set_point_float", "control"),
    "S7-016": judged(S7, lacks("objects", **BOUNDS), "write_var"),
    "S7-017": judged(S7, lacks("values", **BOUNDS), "write_var"),
    "NET-001": judged(TCP, lacks("conduit")),
    "NET-002": judged(TCP, Verdict(kind="deny", rule="D-900", severity="critical", reason="no client here")),
    "NET-003": [*judged(TCP, lacks("rule")), *judged(MB, Verdict(kind="unparsed", reason="encrypted"))],
    "NET-004": judged(MB, lacks("functions", **BOUNDS), "read_coils", "read"),
    "NET-006": judged(
        MB, lacks("when", closest="X-1", expires=at(-60), expected="08:00", observed="09:00"), "write_single_coil"
    ),
    "NET-007": judged(MB, lacks("when", closest="R-1", expected="window dayshift"), "write_single_coil"),
    "NET-008": judged(MB, lacks("rule", safety=True)),
    "NET-014": judged(TCP.but(port=3389), lacks("rule")),
}.items():
    STORIES[identifier] = (story, ALLOWED)

STRANGER = asset("10.0.0.77", known=False)
STORIES["AST-001"] = (
    [event("new", view=STRANGER), MB.but(client="10.0.0.77", client_view=STRANGER).opened(9)],
    [event("new"), event("new", view=STRANGER, settled=False)],
)
VALUES: dict[str, Any] = {"old": "1.0", "new": "2.0"}
for identifier, (kind, attribute, usual) in {
    "AST-002": ("changed", "firmware_version", "location"),
    "AST-003": ("changed", "module_4", "firmware_version"),
    "AST-004": ("changed", "serial_number", "firmware_version"),
    "AST-005": ("conflict", "model", "serial_number"),
    "AST-006": ("conflict", "serial_number", "model"),
}.items():
    other = asset("10.0.0.31")
    STORIES[identifier] = (
        [event(kind, attribute=attribute, other=other, **VALUES)],
        [event(kind, attribute=usual, other=other, **VALUES)],
    )
STORIES["AST-014"] = (
    [TCP.but(verdict=lacks("rule"), server_view=asset("10.0.0.21", zone="")).opened()],
    [TCP.but(verdict=ALLOW).opened(), TCP.but(server_view=asset("10.0.0.21", zone="")).opened()],
)

STORIES["SEN-001"] = ([health(60, packets=0)], [health(60, packets=5), health(120, packets=1)])
STORIES["SEN-002"] = ([health(60, packets=998, dropped=2)], [health(60, packets=999, dropped=1)])
STORIES["SEN-003"] = (
    [MB.seen_as("gaps", 30, missing_bytes=2), MB.window(60, bytes_client=998)],
    [MB.seen_as("gaps", 30, missing_bytes=1), MB.window(60, bytes_client=999)],
)
ONE_SIDE = MB.but(visibility="one_sided")
STORIES["SEN-004"] = ([ONE_SIDE.window(60, packets_client=9)], [MB.window(60, packets_client=9)])
STORIES["SEN-005"] = ([health(60, packets=1000, duplicates=51)], [health(60, packets=1000, duplicates=50)])
STORIES["SEN-024"] = (
    [MB.but(network="vlan 20").opened()],
    [MB.opened(), MB.but(network="paint shop").opened(), MB.window(60, packets_client=9)],
)
STORIES["SEN-006"] = ([S7.seen_as("encrypted")], [S7.opened(), S7.seen_as("complete")])
STORIES["SEN-007"] = ([health(60, resynchronised=10)], [health(60, resynchronised=9)])
STORIES["SEN-021"] = (
    [health(60, {"ethertype 0x88e5 (MACsec)": 11}, packets=1000)],
    [health(60, {"ethertype 0x88e5 (MACsec)": 10}, packets=1000), health(120, {"wrapped too deep": 4}, packets=9)],
)
STORIES["SEN-009"] = ([health(60, packets=9, evicted_flows=1)], [health(60, packets=9, evicted_flows=0)])
STORIES["SEN-013"] = ([health(60, packets=9, clock_jumps=1)], [health(60, packets=9)])
STORIES["SEN-023"] = ([health(60, packets=9, dissector_failures=3)], [health(60, packets=9, dissector_failures=0)])
for identifier, kind in {
    "SEN-010": "output_backs_up",
    "SEN-011": "documents_refused",
    "SEN-012": "credentials_refused",
    "SEN-014": "file_refused",
    "SEN-015": "policy_out_of_date",
    "SEN-017": "behind",
    "SEN-018": "detection_off",
    "SEN-019": "evidence_full",
    "SEN-020": "restarted",
    "SEN-026": "documents_held_back",
}.items():
    STORIES[identifier] = ([report(kind)], [report("no_traffic"), report("clock_jump")])

MODELS = ("MDL-001", "MDL-002", "MDL-003", "MDL-005", "MDL-006", "MDL-010", "MDL-011", "NET-009")
for identifier in MODELS:
    STORIES[identifier] = (
        [odd(identifier, 3, MB.opened(), operation="read_coils", verb="read"), odd(identifier, 4)],
        [odd(other, 5, MB.opened()) for other in MODELS if other != identifier],
    )
