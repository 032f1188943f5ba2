"""The key ``redundancy`` of the configuration: which network cards are one host, and which addresses devices share.

    redundancy:
      - name: scada-1                 # one host with two network cards (teaming, bonding)
        kind: cards
        macs: ["00:1b:1b:aa:00:10", "00:1b:1b:aa:01:10"]
      - name: gateway of the cell     # an address that two routers, servers or controllers take from one another
        kind: shared
        addresses: [10.20.1.1]
        macs: ["00:0a:dc:20:01:01", "00:0a:dc:20:01:02"]

``cards`` are one asset, known by the first MAC; a policy binds that one. An address that is ``shared`` may go to and fro between
the MACs listed, any where none is; that is no "address used twice", and one serial number or station name at both is no
contradiction. Another MAC that uses it still is. The virtual MACs of VRRP, HSRP, GLBP and CARP are known without this.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any, Final

from rules.policy import Problem, Source, nearest
from sensor.inventory.address import asset_mac
from sensor.inventory.redundancy import Redundancy

KEYS: Final = ("name", "kind", "macs", "addresses")
KINDS: Final = ("cards", "shared")
MAX_ENTRIES: Final = 4_096
"""Entries of the list."""
Path = tuple[str | int, ...]


def redundancy_mistakes(entries: Any, source: Source) -> list[Problem]:
    """Return what is wrong with the list."""
    if entries is None:
        return []
    if not isinstance(entries, list):
        return [_problem(source, (), "must be a list; write - name: NAME lines")]
    if len(entries) > MAX_ENTRIES:
        return [_problem(source, (), f"holds more than {MAX_ENTRIES} entries; split the site")]
    problems: list[Problem] = []
    hosts: dict[str, str] = {}
    for number, entry in enumerate(entries):
        text = _mistake(entry)
        if not text and entry["kind"] == "cards":
            taken = [mac for mac in _macs(entry) if mac in hosts]
            text = f"{taken[0]} is a card of '{hosts[taken[0]]}' already; a card is in one host" if taken else ""
            hosts |= dict.fromkeys(_macs(entry), entry["name"])
        if text:
            problems.append(_problem(source, (number,), text))
    return problems


def _mistake(entry: Any) -> str:
    if not isinstance(entry, dict):
        return "must be a mapping; write name: NAME, kind: cards or shared, and macs: [MAC]"
    for key in entry:
        if key not in KEYS:
            return f"key '{key}' is not known{nearest(str(key), list(KEYS))}".replace("define it or ", "")
    name, kind = entry.get("name"), entry.get("kind")
    if not isinstance(name, str) or not name.strip():
        return "needs a name: text that says what this is"
    if kind not in KINDS:
        return f"kind {kind!r} is not possible; write cards (one host) or shared (addresses that devices share)"
    macs, addresses = entry.get("macs", []), entry.get("addresses", [])
    if not isinstance(macs, list) or not isinstance(addresses, list):
        return "macs and addresses must be lists in [ ]"
    for mac in macs:
        if not isinstance(mac, str) or not asset_mac(mac.replace("-", ":")):
            return f"{mac!r} is no MAC address of one device; write it like '00:1b:1b:aa:00:10'"
    for address in addresses:
        if not _is_address(address):
            return f"{address!r} is no IP address; write it like 10.20.1.1"
    if kind == "cards":
        if addresses:
            return "cards have no addresses here: they are one host with whatever addresses it has; leave them out"
        return "" if len(set(_macs(entry))) > 1 else "needs two macs at least: the network cards of the host"
    return "" if addresses else "needs addresses: those that the devices share"


def _is_address(text: Any) -> bool:
    try:
        return isinstance(text, str) and not ip_address(text).is_multicast
    except ValueError:
        return False


def redundancy_of(entries: Any) -> Redundancy:
    """Return what a checked list says."""
    cards: dict[str, str] = {}
    shared: dict[str, frozenset[str]] = {}
    pairs: dict[str, frozenset[str]] = {}
    for number, entry in enumerate(entries or ()):
        macs = _macs(entry)
        if entry["kind"] == "cards":
            cards |= dict.fromkeys(macs[1:], macs[0])
            continue
        for address in entry["addresses"]:
            ip = str(ip_address(address))
            both = bool(macs) and (ip not in shared or bool(shared[ip]))
            shared[ip] = frozenset(macs) | shared.get(ip, frozenset()) if both else frozenset()
        for mac in macs:
            pairs[mac] = pairs.get(mac, frozenset()) | {f"{number} {entry['name']}"}
    return Redundancy(cards=cards, shared=shared, pairs=pairs)


def _macs(entry: dict[str, Any]) -> list[str]:
    return [asset_mac(mac.replace("-", ":")) for mac in entry.get("macs", [])]


def _problem(source: Source, path: Path, text: str) -> Problem:
    whole: Path = ("redundancy", *path)
    return Problem(code="", file=source.name, line=source.line(whole), where=".".join(map(str, whole)), text=text)
