"""What only a command can say of a value: whether it is a site's name, a period, an address, a certificate, a key, a policy.

``config check`` asks here what the commands ask before their first packet, by the same functions. Files that are read are
opened; what a command writes or makes (stores, folders of documents, new keys) is left alone: it need not be there yet. What
only the machine at hand can answer (an interface, a user, whether a cluster is reached) is left to the command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from models.baseline import BaselineError
from models.persistence import load as load_baseline
from rules.policy import Policy, PolicyError
from rules.policy import load as load_policy
from sensor.cli.configuration import SHIPS, Configuration, Value, key_of, leaves, options_of
from sensor.cli.model import period_seconds
from sensor.documents.origin import Origin
from sensor.elastic.settings import Settings, SettingsError, check, check_url

ANY_SERVER: Final = "https://localhost:9200"
"""Stands for the address where a value is judged by itself."""
ELASTIC: Final = {
    "elastic.ca": "ca",
    "elastic.fingerprint": "fingerprint",
    "elastic.key_file": "key_file",
    "elastic.user": "user",
    "elastic.password_file": "password_file",
}
"""The keys that say how a cluster is reached, and their fields of its settings."""
FILES: Final = ("ca", "key_file", "password_file")
ADDRESS: Final = re.compile(r"[0-9a-fA-F]{0,4}([.:-][0-9a-fA-F]{0,4})+")
"""An IP address or a MAC."""
WRONG: Final = (ValueError, SettingsError, PolicyError, BaselineError, OSError)


def _open(path: str) -> None:
    with Path(path).open("rb") as file:
        file.read(1)


def _cluster(**given: Any) -> object:
    fields: dict[str, Any] = {"urls": (ANY_SERVER,)}
    for name, value in given.items():
        fields[name] = Path(value) if name in FILES else value
    return check(Settings(**fields))


def _addresses(urls: list[str]) -> None:
    for url in urls:
        check_url(url, "--elastic", has_credential=False)


CHECKS: Final[dict[str, Callable[[Any], object]]] = {
    "policy": lambda path: load_policy(Path(path)),
    "baseline": lambda path: load_baseline(Path(path)),
    "against": _open,
    "kibana_ca": _open,
    "site": lambda name: Origin(site=name, sensor="spanwatch", version="0"),
    "sensor": lambda name: Origin(site="default", sensor=name, version="0"),
    "period": period_seconds,
    "kibana": lambda url: check_url(url, "--kibana", has_credential=False),
    "elastic.url": _addresses,
    "elastic.ca": lambda path: _cluster(ca=path),
    "elastic.fingerprint": lambda text: _cluster(fingerprint=text),
    "elastic.key_file": lambda path: _cluster(key_file=path),
    "elastic.password_file": lambda path: _cluster(user="user", password_file=path),
}
"""The keys whose values the commands look at, and how. Raises one of ``WRONG``."""


def unusable(found: Configuration, root: click.Context) -> list[str]:
    """Return a sentence, with the line of the configuration, for every value that a command would refuse."""
    assert isinstance(root.command, click.Group)
    said: dict[tuple[int, str], None] = {}
    for command, leaf in leaves(root.command):
        keys = {str(option.name): key_of(option) for option in options_of(leaf)}
        values = {keys[name]: value for name, value in found.values.get(command, {}).items()}
        wrong = [
            (value.line, f"{key}: {sentence}")
            for key, value in values.items()
            if key in CHECKS
            for sentence in _mistakes(partial(CHECKS[key], value.value), value.value)
        ]
        said |= dict.fromkeys(wrong or _together(values))
    return [f"{found.name}:{line}: {sentence}" for line, sentence in sorted(said)]


def _together(values: Mapping[str, Value]) -> list[tuple[int, str]]:
    """Return what is wrong with values that are right by themselves: how a cluster is reached is one thing."""
    given = {ELASTIC[key]: value.value for key, value in values.items() if key in ELASTIC}
    if not given and "elastic.url" not in values:
        return []
    if "elastic.url" in values:
        given["urls"] = tuple(values["elastic.url"].value)
    line = max(value.line for key, value in values.items() if key.startswith("elastic."))
    return [(line, f"elastic: {sentence}") for sentence in _mistakes(partial(_cluster, **given), "")]


def _mistakes(judge: Callable[[], object], value: object) -> list[str]:
    try:
        judge()
    except OSError as error:
        return [f"{value}: cannot be read ({error.strerror or error})"]
    except WRONG as error:
        return str(error).splitlines()
    return []


def missing(found: Configuration) -> list[str]:
    """Return what the commands still need that the file does not say: it may be given on the command line."""
    notes = []
    for command in SHIPS:
        values = found.values.get(command, {})
        wants = [
            f"--{name}"
            for name, key in (("spool", "spool"), ("elastic", "urls"))
            if key in values and values[key].value
        ]
        if wants and "store" not in values:
            notes.append(
                f"{command}: {wants[0]} needs --store FILE; the file names none, so give it on the command line"
            )
    return notes + _unknown_devices(found)


def _unknown_devices(found: Configuration) -> list[str]:
    """Return the devices in ``except`` that no policy of the file names; a device may have told its name itself."""
    policies = {str(row["policy"].value) for row in found.values.values() if "policy" in row}
    known = {name for path in policies for name in _asset_names(load_policy(Path(path)))}
    notes = []
    for alert, devices in sorted(found.exceptions.items()):
        for device in sorted(devices - known) if known else ():
            if not ADDRESS.fullmatch(device):
                near = get_close_matches(device, sorted(known), n=1)
                meant = f"; did you mean '{near[0]}'?" if near else ""
                line = found.settings_lines[alert, "except"]
                notes.append(f"{found.name}:{line}: settings.{alert}.except: '{device}' is not in the policy{meant}")
    return notes


def _asset_names(policy: Policy) -> tuple[str, ...]:
    """Return the devices that a policy names."""
    return (*policy.document.assets, *policy.document.security_devices)
