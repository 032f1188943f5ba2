"""The judge against an evaluator that only counts points: small random policies, every verdict the same.

The brute force knows no intervals, no index and no cache: it lists every point and every value a rule names and asks
whether each point of a request is in some allow and in no deny.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from dissectors.facts import ChannelOpened, Exchange, Target
from rules.policy import Judge, load_bytes

POINTS = 4
VALUES = 4
TABLES = {"3": "holding_register", "4": "input_register", "6": "holding_register", "16": "holding_register"}
HOURS = (2, 3, 7, 8, 9)
"""The edges of the daily window and of the exceptions, and one hour outside."""
ZONE_OF = {"one": "z-a", "two": "z-a", "plc": "z-b", "rtu": "z-c"}
IPS = {"one": "10.0.0.1", "two": "10.0.0.2", "plc": "10.0.0.3", "rtu": "10.0.0.4", "ghost": "10.0.0.9"}
MACS = {name: f"02:00:00:00:00:{number:02x}" for number, name in enumerate(IPS)}
CONDUITS = {"c-ab": ("z-a", "z-b"), "c-ac": ("z-a", "z-c")}
DAY = 1_793_491_200_000_000_000
HOUR = 3_600_000_000_000

spans = st.tuples(st.integers(0, POINTS - 1), st.integers(0, POINTS - 1)).map(sorted)


@st.composite
def point_sets(draw: st.DrawFn) -> dict[str, Any]:
    """A few point sets of the two register tables."""
    made = {}
    for number in range(3):
        ranges = draw(st.lists(spans, min_size=1, max_size=2))
        table = draw(st.sampled_from(["holding_register", "input_register"]))
        made[f"p{number}"] = {"protocol": "modbus", "table": table, "ranges": [f"{a}-{b}" for a, b in ranges]}
    return made


@st.composite
def rules(draw: st.DrawFn, number: int) -> dict[str, Any]:
    """One sound rule or exception."""
    kind = draw(st.sampled_from(["allow", "allow", "deny", "exception"]))
    source, target, place = draw(
        st.sampled_from(
            [
                ({"asset": "one"}, {"asset": "plc"}, {"conduit": "c-ab"}),
                ({"asset": "one"}, {"asset": "plc"}, {"conduit": "c-ab"}),
                ({"group": "both"}, {"zone": "z-b"}, {"conduit": "c-ab"}),
                ({"group": "both"}, {"zone": "z-b"}, {"conduit": "c-ab"}),
                ({"zone": "z-a"}, {"asset": "rtu"}, {"conduit": "c-ac"}),
                ({"any": True}, {"asset": "plc"}, {"conduit": "c-ab"}),
                ({"asset": "one"}, {"asset": "two"}, {"zone": "z-a"}),
                ({"asset": "plc"}, {"asset": "one"}, {"conduit": "c-ab"}),
            ]
        )
    )
    if kind == "deny" and draw(st.booleans()):
        place = {}
    functions: Any = draw(st.just("any") | st.lists(st.sampled_from([3, 4, 6, 16]), min_size=1, max_size=3))
    objects: Any = draw(st.just("any") | st.lists(st.sampled_from(["p0", "p1", "p2"]), min_size=1, max_size=2))
    values: Any = "any"
    if draw(st.booleans()):
        low = draw(st.integers(0, VALUES - 1))
        cut = draw(st.integers(1, POINTS - 1))
        limited = {"min": low, "max": draw(st.integers(low, VALUES - 1))}
        values = {f"0-{cut - 1}": limited, f"{cut}-{POINTS - 1}": draw(st.sampled_from(["any", {"min": 1, "max": 2}]))}
    rule: dict[str, Any] = {
        "id": f"R-{number}", "action": "deny" if kind == "deny" else "allow", "from": source, "to": target, **place,
        "protocol": draw(st.sampled_from(["modbus", "dnp3"])) if objects == functions == values == "any" else "modbus",
        "functions": functions, "objects": objects, "values": values, "limits": "any",
    }  # fmt: skip
    if kind == "exception":
        start = draw(st.sampled_from(HOURS[:-1]))
        end = draw(st.sampled_from([hour for hour in HOURS if hour > start]))
        rule["starts"], rule["expires"] = f"2026-11-01T{start:02}:00:00Z", f"2026-11-01T{end:02}:00:00Z"
    else:
        rule["when"] = draw(st.sampled_from(["any", "any", "early"]))
    return rule


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A whole small policy."""
    made = [draw(rules(number)) for number in range(draw(st.integers(0, 6)))]
    person = {"role": "owner", "name": "owner"}
    return {
        "apiVersion": "ot-policy/v1", "kind": "SegmentationPolicy",
        "metadata": {"id": "small", "title": "small", "version": 1, "effective": "2026-01-01T00:00:00Z",
                     "time_zone": "UTC", "owner": person},
        "defaults": {"action": "deny", "mode": "alert", "unknown_asset": "deny", "identity_mismatch": "deny",
                     "unparsed_payload": "alert"},
        "assets": {name: {"ip": IPS[name], "mac": MACS[name]} for name in ZONE_OF},
        "groups": {"both": ["one", "two"]},
        "zones": [{"id": zone, "level": 1, "assets": [name for name in ZONE_OF if ZONE_OF[name] == zone]}
                  for zone in ("z-a", "z-b", "z-c")],
        "conduits": [{"id": name, "between": list(zones)} for name, zones in CONDUITS.items()],
        "point_sets": draw(point_sets()),
        "windows": {"early": {"rrule": "FREQ=DAILY", "start": "03:00", "duration": "PT5H"}},
        "rules": [rule for rule in made if "when" in rule],
        "exceptions": [rule for rule in made if "when" not in rule],
    }  # fmt: skip


PAIRS = [("one", "plc")] * 6 + [
    ("two", "plc"), ("one", "rtu"), ("one", "two"), ("plc", "one"), ("ghost", "plc"), ("plc", "rtu"), ("one", "ghost"),
]  # fmt: skip


@st.composite
def flows(draw: st.DrawFn) -> tuple[Any, ...]:
    """Client, server, function code, ranges and values of a request; it is asked at every hour."""
    client, server = draw(st.sampled_from(PAIRS))
    code = draw(st.sampled_from(sorted(TABLES)))
    ranges = draw(st.lists(spans, min_size=1, max_size=2))
    if code == "6":
        ranges = [[ranges[0][0], ranges[0][0]]]
    count = sum(last - first + 1 for first, last in ranges) if code in {"6", "16"} else 0
    values = draw(st.lists(st.integers(0, VALUES - 1), min_size=count, max_size=count))
    return client, server, code, tuple(map(tuple, ranges)), tuple(values)


def hour_of(text: str) -> int:
    """Return the hour of the times that ``rules`` writes."""
    return int(text[11:13])


def is_pair(document: dict[str, Any], rule: dict[str, Any], client: str, server: str) -> bool:
    """Whether a rule is for two hosts."""
    for selector, host in ((rule["from"], client), (rule["to"], server)):
        ((key, wanted),) = selector.items()
        members = {
            "any": [*IPS],
            "asset": [wanted],
            "group": document["groups"].get(wanted, []),
            "zone": [name for name in ZONE_OF if ZONE_OF[name] == wanted],
        }[key]
        if host not in members:
            return False
    zones = ZONE_OF.get(client), ZONE_OF.get(server)
    if "conduit" in rule:
        return sorted(map(str, zones)) == sorted(CONDUITS[rule["conduit"]])
    return "zone" not in rule or zones == (rule["zone"], rule["zone"])


def is_live(rule: dict[str, Any], hour: int) -> bool:
    """Whether a rule counts in an hour."""
    if "starts" in rule:
        return hour_of(rule["starts"]) <= hour < hour_of(rule["expires"])
    return rule["when"] == "any" or 3 <= hour < 8


def holds(document: dict[str, Any], rule: dict[str, Any], code: str, index: int, value: int | None) -> bool:
    """Whether a rule covers one point: function, object, value."""
    if rule["protocol"] != "modbus" or (rule["functions"] != "any" and int(code) not in rule["functions"]):
        return False
    if rule["objects"] != "any":
        named = set()
        for name in rule["objects"]:
            points = document["point_sets"][name]
            for text in points["ranges"]:
                first, last = map(int, text.split("-"))
                named |= {(points["table"], number) for number in range(first, last + 1)}
        if (TABLES[code], index) not in named:
            return False
    if rule["values"] == "any":
        return True
    for text, bounds in rule["values"].items():
        first, last = map(int, text.split("-"))
        if first <= index <= last:
            if bounds == "any":
                return True
            return rule["action"] == "allow" if value is None else bool(bounds["min"] <= value <= bounds["max"])
    return False


def expected(document: dict[str, Any], flow: tuple[Any, ...]) -> str:
    """Return the verdict by counting points."""
    client, server, code, ranges, values, hour = flow
    indexes = [index for first, last in ranges for index in range(first, last + 1)]
    wanted = list(zip(indexes, values or [None] * len(indexes), strict=True))
    for_pair = [rule for rule in document["rules"] + document["exceptions"] if is_pair(document, rule, client, server)]
    live = [rule for rule in for_pair if is_live(rule, hour)]
    if any(rule["action"] == "deny" and holds(document, rule, code, *point) for rule in live for point in wanted):
        return "deny"
    for kind, rules_of in (
        ("allow", [rule for rule in live if rule["action"] == "allow" and "when" in rule]),
        ("exception", [rule for rule in live if rule["action"] == "allow"]),
    ):
        if all(any(holds(document, rule, code, *point) for rule in rules_of) for point in wanted):
            return kind
    zones = {ZONE_OF.get(client), ZONE_OF.get(server)}
    joined = any(zones == set(pair) for pair in CONDUITS.values())
    return "default-deny conduit" if None not in zones and len(zones) == 2 and not joined else "default-deny"


@settings(max_examples=250, deadline=None, derandomize=True)
@given(document=documents(), asked=st.lists(flows(), min_size=1, max_size=8))
def test_the_judge_agrees_with_counting_points(
    opened: Callable[..., ChannelOpened], exchanged: Callable[..., Exchange], document: dict[str, Any], asked: list[Any]
) -> None:
    judge = Judge([load_bytes(json.dumps(document).encode(), "small.yaml")])
    base_channel = opened("hmi-1", "plc-chem")
    base = exchanged("x")
    for flow in (
        (*one[:4], values, hour) for one in asked for hour in HOURS for values in (one[4], one[4][::-1], one[4])
    ):
        client, server, code, ranges, values, hour = flow
        channel = msgspec.structs.replace(
            base_channel,
            channel=f"{client}>{server}",
            time=DAY,
            client=msgspec.structs.replace(base_channel.client, ip=IPS[client], mac=MACS[client]),
            server=msgspec.structs.replace(base_channel.server, ip=IPS[server], mac=MACS[server]),
        )
        operation = msgspec.structs.replace(
            base,
            time=DAY + hour * HOUR,
            request_time=DAY + hour * HOUR,
            code=code,
            operation=f"function_{code}",
            label=f"{code} {ranges}",
            verb="write" if values else "read",
            targets=tuple(Target(TABLES[code], first, last) for first, last in ranges),
            values=values,
        )
        verdict = judge.judge_operation(channel, operation)
        assert verdict is not None
        shown = f"{verdict.kind} conduit" if verdict.missing == "conduit" else verdict.kind
        assert shown == expected(document, flow), (flow, verdict)
