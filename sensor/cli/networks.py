"""The key ``networks`` of the configuration: which interfaces and VLANs are one network, so that the sensor need not find out.

    networks:
      - name: press shop
        interfaces: [eth1]
      - name: paint shop
        interfaces: [eth2]
        vlans: [20, 21]

Places of one network are one: its conversations are joined wherever they are seen. Places of different networks are never joined,
so that equal addresses in them are different devices. What no network names is left to the sensor. VLAN 0 is untagged.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from dissectors.words import PLACE_WORDS
from rules.policy import Problem, Source, nearest

KEYS: Final = ("name", "interfaces", "vlans")
MAX_VLAN: Final = 4_094
SHOWN: Final = 8
"""Interfaces named in one sentence."""
Path = tuple[str | int, ...]


def network_mistakes(networks: Any, source: Source) -> list[Problem]:
    """Return what is wrong with the list of networks."""
    if networks is None:
        return []
    if not isinstance(networks, list):
        return [_problem(source, (), "must be a list; write - name: NAME lines")]
    problems: list[Problem] = []
    taken: dict[str, str] = {}
    lines: dict[str, int] = {}
    for number, network in enumerate(networks):
        text = _mistake(network)
        if text:
            problems.append(_problem(source, (number,), text))
            continue
        name = network["name"]
        if name in lines:
            text = f"'{name}' is the network of line {lines[name]} already; write all its interfaces and vlans there, or another name"
            problems.append(_problem(source, (number,), text))
            continue
        lines[name] = source.line(("networks", number))
        for key in _keys(network):
            before = taken.setdefault(key, name)
            if before != name:
                place = " of VLAN ".join(word for word in key.split("|") if word)
                problems.append(
                    _problem(source, (number,), f"{place} is in '{before}' already; a place is in one network")
                )
    return problems


def _mistake(network: Any) -> str:
    if not isinstance(network, dict):
        return "must be a mapping; write name: NAME and interfaces: [NAME] or vlans: [NUMBER]"
    for key in network:
        if key not in KEYS:
            return f"key '{key}' is not known{nearest(str(key), list(KEYS))}".replace("define it or ", "")
    name = network.get("name")
    if not isinstance(name, str) or not name.strip():
        return "needs a name: text that says which network this is"
    if name.startswith(PLACE_WORDS):
        return f"'{name}' is how the sensor names networks by itself; choose a name that says what is there"
    interfaces, vlans = network.get("interfaces", []), network.get("vlans", [])
    if not isinstance(interfaces, list) or not all(
        isinstance(one, str) and one and "|" not in one for one in interfaces
    ):
        return "interfaces must be a list of names in [ ]"
    if not isinstance(vlans, list) or not all(type(one) is int and 0 <= one <= MAX_VLAN for one in vlans):
        return f"vlans must be a list of numbers from 0 (untagged) to {MAX_VLAN} in [ ]"
    return "" if interfaces or vlans else "needs interfaces or vlans: the places that belong to it"


def network_names(networks: Any) -> dict[str, str]:
    """Return the names of checked networks by ``interface|vlan``, as ``dissectors.wire.places`` looks them up."""
    return {key: network["name"] for network in networks or () for key in _keys(network)}


def _keys(network: dict[str, Any]) -> list[str]:
    return [
        f"{interface}|{vlan}"
        for interface in network.get("interfaces") or [""]
        for vlan in network.get("vlans") or [""]
    ]


def never_there(networks: dict[str, str], interfaces: Collection[str]) -> str:
    """Return a sentence about the interfaces that networks name and nothing has, "" when all are there."""
    missing = sorted({key.partition("|")[0] for key in networks} - {"", *interfaces})
    if not missing:
        return ""
    there = ", ".join(sorted(filter(None, interfaces))[:SHOWN]) or "none is named; plain pcap files name none"
    named = ", ".join(missing[:SHOWN])
    return f"networks of the configuration: no packet is from {named}; interfaces that are there: {there}"


def _problem(source: Source, path: Path, text: str) -> Problem:
    whole: Path = ("networks", *path)
    return Problem(code="", file=source.name, line=source.line(whole), where=".".join(map(str, whole)), text=text)
