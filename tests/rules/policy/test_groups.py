"""Publishers and groups: layer 2, multicast and broadcast are judged where a rule names them, and only there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from dissectors.facts import ChannelOpened, Endpoint
from rules.policy import Judge, Policy, PolicyError, load_bytes

Opened = Callable[..., ChannelOpened]

TRIP = "01:0c:cd:01:00:01"
OTHER_TRIP = "01:0c:cd:01:00:02"
NEIGHBOURS = "01:80:c2:00:00:0e"
RELAY, SPARE, UNKNOWN = "00:30:a7:00:00:01", "00:30:a7:00:00:02", "02:66:66:66:66:66"
BAY = """
apiVersion: ot-policy/v1
kind: SegmentationPolicy
metadata: {id: bay, title: bay, version: 1, effective: 2026-01-01T00:00:00Z, time_zone: UTC}
defaults: {action: deny, mode: alert, unknown_asset: deny, identity_mismatch: deny, unparsed_payload: alert}
assets:
  relay-1: {mac: "00:30:a7:00:00:01"}
  relay-2: {mac: "00:30:a7:00:00:02"}
  meter: {ip: 10.20.2.11, mac: "00:1b:1b:aa:00:11"}
  gateway: {ip: 10.20.2.10, mac: "00:1b:1b:aa:00:10"}
groups: {relays: [relay-1, relay-2]}
security_devices: {router: {kind: router, macs: {"10.20.2.0/24": "02:00:00:20:02:01"}}}
zones:
  - {id: z-bay, level: 1, assets: [relay-1, relay-2, meter], cidrs: [10.20.0.0/16]}
  - {id: z-control, level: 2, assets: [gateway], cidrs: [0.0.0.0/0]}
rules:
"""
REST = "functions: any, objects: any, values: any, limits: any, when: any"
TRIPS = f'  - {{id: G-1, action: allow, zone: z-bay, from: {{asset: relay-1}}, to: {{group: "{TRIP}"}}, protocol: goose, {REST}}}\n'


def policy(*rules: str) -> Policy:
    """Return a policy with these rules."""
    return load_bytes((BAY + "".join(rules)).encode(), "bay.yaml")


def rule(ends: str, protocol: str, name: str = "G-1", action: str = "allow", rest: str = REST) -> str:
    """Return one rule."""
    return f"  - {{id: {name}, action: {action}, {ends}, protocol: {protocol}, {rest}}}\n"


@pytest.fixture
def layer_2(opened: Opened) -> Callable[..., ChannelOpened]:
    """Make a conversation between two MACs, or from one to a group."""

    def make(mac: str, to: str, protocol: str = "goose") -> ChannelOpened:
        return msgspec.structs.replace(
            opened("hmi-1", "plc-chem", protocol, transport="ethernet", state="attempted", decided_by="first_packet"),
            channel=f"{mac}>{to}/{protocol}",
            client=Endpoint("", mac, 0),
            server=Endpoint("", to, 0),
        )

    return make


@pytest.fixture
def datagram(opened: Opened) -> Callable[..., ChannelOpened]:
    """Make a conversation over UDP, with the addresses of both ends."""

    def make(ip: str, mac: str, to: str, to_mac: str, protocol: str = "bacnet", port: int = 47808) -> ChannelOpened:
        return msgspec.structs.replace(
            opened("hmi-1", "plc-chem", protocol, transport="udp", state="attempted", decided_by="port"),
            channel=f"{ip}>{to}/{protocol}/{port}",
            client=Endpoint(ip, mac, 40000),
            server=Endpoint(to, to_mac, port),
        )

    return make


def outcome(judge: Judge, channel: ChannelOpened) -> tuple[str, str, str] | None:
    verdict = judge.judge_channel(channel)
    return None if verdict is None else (verdict.kind, verdict.rule, verdict.missing)


def test_nothing_below_ip_is_judged_where_no_rule_names_it(layer_2: Opened, datagram: Opened) -> None:
    judge = Judge([policy(rule("from: {any: true}, to: {zone: z-bay}", "any", action="deny"))])
    assert outcome(judge, layer_2(RELAY, TRIP)) is None
    assert outcome(judge, layer_2(RELAY, SPARE, "profinet")) is None
    assert outcome(judge, datagram("10.20.2.11", "00:1b:1b:aa:00:11", "239.1.1.1", "01:00:5e:01:01:01")) is None


def test_the_publishers_of_a_protocol_are_judged_once_a_rule_names_one(layer_2: Opened) -> None:
    judge = Judge([policy(TRIPS)])
    assert outcome(judge, layer_2(RELAY, TRIP)) == ("allow", "G-1", "")
    assert outcome(judge, layer_2(SPARE, TRIP)) == ("default-deny", "", "rule")
    assert outcome(judge, layer_2(RELAY, OTHER_TRIP)) == ("default-deny", "", "rule")
    assert outcome(judge, layer_2(UNKNOWN, TRIP)) == ("default-deny", "", "rule")
    assert outcome(judge, layer_2(RELAY, NEIGHBOURS, "lldp")) is None
    assert outcome(judge, layer_2(RELAY, "ff:ff:ff:ff:ff:ff", "arp")) is None


def test_a_refused_publisher_is_named_with_its_group(layer_2: Opened) -> None:
    judge = Judge([policy(TRIPS)])
    verdict = judge.judge_channel(layer_2(SPARE, TRIP))
    assert verdict is not None
    assert (verdict.client_asset, verdict.client_zone, verdict.server_asset, verdict.server_zone) == (
        "relay-2", "z-bay", "", "",
    )  # fmt: skip
    assert verdict.reason == f"no rule lets relay-2 send goose to the group {TRIP}"
    assert (verdict.closest, verdict.expected, verdict.flags) == ("G-1", f"relay-1 to {TRIP}", ())
    stranger = judge.judge_channel(layer_2(UNKNOWN, TRIP))
    assert stranger is not None
    assert stranger.reason == f"{UNKNOWN} is not in the policy"


def test_publishers_are_assets_groups_of_assets_zones_and_macs(layer_2: Opened) -> None:
    for ends, allowed in (
        ("from: {group: relays}", {RELAY, SPARE}),
        ("from: {zone: z-bay}", {RELAY, SPARE}),
        (f'from: {{mac: "{UNKNOWN}"}}', {UNKNOWN}),
        ("from: {any: true}", {RELAY, SPARE, UNKNOWN}),
        ("zone: z-bay, from: {any: true}", {RELAY, SPARE}),
    ):
        judge = Judge([policy(rule(f'{ends}, to: {{group: ["{TRIP}", "{OTHER_TRIP}"]}}', "goose"))])
        for group in (TRIP, OTHER_TRIP):
            seen = {
                mac for mac in (RELAY, SPARE, UNKNOWN) if outcome(judge, layer_2(mac, group)) == ("allow", "G-1", "")
            }
            assert seen == allowed, ends


def test_deny_overrides_among_publishers_too(layer_2: Opened) -> None:
    judge = Judge([policy(TRIPS, rule(f'from: {{any: true}}, to: {{group: "{TRIP}"}}', "goose", "D-1", "deny"))])
    assert outcome(judge, layer_2(RELAY, TRIP)) == ("deny", "D-1", "")


def test_a_protocol_that_nothing_declares_goes_by_the_name_its_channels_carry(layer_2: Opened) -> None:
    opaque = REST.replace("functions: any, objects: any", "functions: opaque, objects: opaque")
    ends = f'from: {{asset: relay-1}}, to: {{group: "{TRIP}"}}'
    judge = Judge([policy(rule(ends, "ethertype-0x88b9", rest=opaque))])
    verdict = judge.judge_channel(layer_2(RELAY, TRIP, "ethertype-0x88b9"))
    assert verdict is not None
    assert (verdict.kind, verdict.flags) == ("allow", ("content: not verified",))
    assert outcome(judge, layer_2(RELAY, TRIP)) is None
    every = Judge([policy(rule(ends, "ethernet"))])
    assert outcome(every, layer_2(RELAY, TRIP)) == ("allow", "G-1", "")
    assert outcome(every, layer_2(SPARE, NEIGHBOURS, "mrp")) == ("default-deny", "", "rule")
    assert outcome(every, layer_2(RELAY, "ff:ff:ff:ff:ff:ff", "arp")) is None


def test_two_devices_of_layer_2_are_judged_whoever_was_seen_first(layer_2: Opened) -> None:
    judge = Judge([policy(rule("zone: z-bay, from: {asset: relay-1}, to: {asset: relay-2}", "profinet"))])
    assert outcome(judge, layer_2(RELAY, SPARE, "profinet")) == ("allow", "G-1", "")
    assert outcome(judge, layer_2(SPARE, RELAY, "profinet")) == ("allow", "G-1", "")
    assert outcome(judge, layer_2(UNKNOWN, RELAY, "profinet")) == ("default-deny", "", "rule")


def test_a_multicast_group_of_ip_is_named_by_its_address_or_its_mac(datagram: Opened) -> None:
    meter = ("10.20.2.11", "00:1b:1b:aa:00:11")
    for group in ("239.1.1.1", '"01:00:5e:01:01:01"'):
        judge = Judge([policy(rule(f"from: {{asset: meter}}, to: {{group: {group}}}", "bacnet"))])
        assert outcome(judge, datagram(*meter, "239.1.1.1", "01:00:5e:01:01:01")) == ("allow", "G-1", "")
        assert outcome(judge, datagram(*meter, "239.1.1.2", "01:00:5e:01:01:02")) == ("default-deny", "", "rule")
    broadcast = Judge([policy(rule('from: {zone: z-bay}, to: {group: "ff:ff:ff:ff:ff:ff"}', "bacnet"))])
    assert outcome(broadcast, datagram(*meter, "10.20.2.255", "ff:ff:ff:ff:ff:ff")) == ("allow", "G-1", "")
    gateway = ("10.20.2.10", "00:1b:1b:aa:00:10")
    assert outcome(broadcast, datagram(*gateway, "10.20.2.255", "ff:ff:ff:ff:ff:ff")) == ("default-deny", "", "rule")


def test_a_flow_between_two_hosts_does_not_open_the_groups_of_its_protocol(datagram: Opened) -> None:
    meter = ("10.20.2.11", "00:1b:1b:aa:00:11")
    rest = f"ports: [47808], {REST}"
    judge = Judge([policy(rule("zone: z-bay, from: {asset: meter}, to: {zone: z-bay}", "bacnet", rest=rest))])
    assert outcome(judge, datagram(*meter, "239.1.1.1", "01:00:5e:01:01:01")) is None


def test_udp_to_a_group_needs_its_ports_and_judges_these_alone(datagram: Opened) -> None:
    ends, meter = "from: {asset: meter}, to: {group: 239.1.1.1}", ("10.20.2.11", "00:1b:1b:aa:00:11")
    judge = Judge([policy(rule(ends, "udp", rest=f"ports: [5000], {REST}"))])
    assert outcome(judge, datagram(*meter, "239.1.1.1", "01:00:5e:01:01:01", "", 5000)) == ("allow", "G-1", "")
    assert outcome(judge, datagram(*meter, "239.1.1.9", "01:00:5e:01:01:09", "", 5000)) == ("default-deny", "", "rule")
    assert outcome(judge, datagram(*meter, "239.1.1.1", "01:00:5e:01:01:01", "ssdp", 1900)) is None


def test_a_publisher_with_another_mac_is_a_mismatch_unless_a_device_routes_it(datagram: Opened) -> None:
    judge = Judge([policy(rule("from: {asset: meter}, to: {group: 239.1.1.1}", "bacnet"))])
    verdict = judge.judge_channel(datagram("10.20.2.11", UNKNOWN, "239.1.1.1", "01:00:5e:01:01:01"))
    assert verdict is not None
    assert (verdict.kind, verdict.mismatch, verdict.observed) == (
        "identity-mismatch", "mac", f"{UNKNOWN} at 10.20.2.11",
    )  # fmt: skip
    routed = datagram("10.20.2.11", "02:00:00:20:02:01", "239.1.1.1", "01:00:5e:01:01:01")
    assert outcome(judge, routed) == ("allow", "G-1", "")


def test_a_device_of_layer_2_that_speaks_ip_is_a_mismatch(datagram: Opened) -> None:
    judge = Judge([policy(TRIPS)])
    verdict = judge.judge_channel(datagram("10.20.2.77", RELAY, "10.20.2.10", "00:1b:1b:aa:00:10"))
    assert verdict is not None
    assert (verdict.kind, verdict.expected) == ("identity-mismatch", "relay-1 without IP address")


MISTAKES: list[tuple[str, str, Any, str, str, str]] = [
    ("group by a wrong name", "E01", "zone: z-bay, from: {group: relay}", 'to: {group: ["01:0c:cd:01:00:01"]}', "goose",
     "group 'relay' is not defined; did you mean 'relays'?"),
    ("address of one device", "E18", "from: {asset: relay-1}", 'to: {group: "00:30:a7:00:00:02"}', "goose",
     "rule G-1: to.group: '00:30:a7:00:00:02' is the address of one device, not of a group; write"),
    ("one host in a list", "E18", "from: {asset: relay-1}", "to: {group: [239.1.1.1, 10.20.2.11]}", "bacnet",
     "'10.20.2.11' is the address of one device"),
    ("a name in a list", "E18", "from: {asset: relay-1}", "to: {group: [relays]}", "goose",
     "'relays' is not an address of a group; write it like \"01:0c:cd:01:00:01\" or 239.1.1.1"),
    ("a group that sends", "E17", f'from: {{group: "{TRIP}"}}', f'to: {{group: "{TRIP}"}}', "goose",
     "only receives; name who sends to it"),
    ("a mac that receives", "E17", "zone: z-bay, from: {asset: relay-1}", f'to: {{mac: "{SPARE}"}}', "goose",
     "a mac can only be a publisher"),
    ("a mac that sends to one", "E17", f'zone: z-bay, from: {{mac: "{SPARE}"}}', "to: {asset: relay-1}", "goose",
     "a mac can only be the publisher of messages to a group"),
    ("any protocol", "E17", "from: {asset: relay-1}", f'to: {{group: "{TRIP}"}}', "any",
     "protocol any to a group would judge every announcement; name the protocol"),
    ("a protocol over TCP", "E17", "from: {asset: meter}", "to: {group: 239.1.1.1}", "modbus",
     "modbus runs over TCP, which reaches no group"),
    ("arp", "E17", "from: {asset: meter}", 'to: {group: "ff:ff:ff:ff:ff:ff"}', "arp",
     "arp is never judged; remove the rule"),
    ("ports below IP", "E17", "from: {asset: relay-1}", f'to: {{group: "{TRIP}"}}', "goose, ports: [5]",
     "goose stands below IP and has no ports"),
    ("udp without ports", "E17", "from: {asset: meter}", "to: {group: 239.1.1.1}", "udp",
     "dimension 'ports' is missing"),
    ("an asset without ip", "E17", "zone: z-bay, from: {asset: relay-1}", "to: {asset: meter}", "modbus",
     "asset 'relay-1' has no ip, and modbus runs over IP; add the ip of the asset"),
    ("a conduit to a group", "E04", "conduit: c, from: {asset: relay-1}", f'to: {{group: "{TRIP}"}}', "goose",
     "no conduit leads to it"),
    ("another zone", "E04", "zone: z-control, from: {asset: relay-1}", f'to: {{group: "{TRIP}"}}', "goose",
     "is within zone z-control, but 'from' is in z-bay; write zone: z-bay"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "source", "target", "protocol", "message"), [row[1:] for row in MISTAKES], ids=[row[0] for row in MISTAKES]
)
def test_a_mistake_about_groups_is_named_with_line_and_fix(
    code: str, source: str, target: str, protocol: str, message: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        policy(rule(f"{source}, {target}", protocol))
    found = [problem for problem in caught.value.problems if message in str(problem)]
    assert found, str(caught.value)
    assert (found[0].code, found[0].line) == (code, BAY.count("\n") + 1)


def test_a_group_of_assets_has_a_name() -> None:
    with pytest.raises(PolicyError, match="group 01:0c:cd:01:00:01: is an address; give the group of assets a name"):
        load_bytes((BAY.replace("{relays:", f'{{"{TRIP}":') + TRIPS).encode(), "bay.yaml")


def test_an_asset_needs_one_address() -> None:
    with pytest.raises(PolicyError, match="asset relay-1: has no ip, and any MAC fits; add its ip, or its mac"):
        load_bytes((BAY.replace('{mac: "00:30:a7:00:00:01"}', "{mac: any}") + TRIPS).encode(), "bay.yaml")
