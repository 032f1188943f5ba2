"""A store with the sample plant in it, normal and under attack, and one whose devices say hostile things."""

from __future__ import annotations

from pathlib import Path

import msgspec

from rules.policy import load
from sensor.inventory.record import Attribute, Observation
from sensor.pipeline.options import Options
from sensor.pipeline.replay import Replay
from sensor.reports import PlantState, read_state
from sensor.store import Store
from tests.repository import ROOT

CAPTURES = ("plant/normal.pcap", "plant/identity.pcap", "modbus/unauthorised_write.pcap")
POLICY = ROOT / "pcaps" / "policy.yaml"

HOSTILE = (
    '<script>document.title="owned"</script>',
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(2)>',
    "</script><script>alert(3)</script>",
    "=cmd|' /C calc'!A0",
    "\u202egnp.exe",
    "javascript:alert(4)",
    "{{7*7}}",
    "line\nbreak\ttab",
)


def make_store(path: Path) -> Path:
    """Replay the captures into a store."""
    captures = tuple(str(ROOT / "pcaps" / "captures" / name) for name in CAPTURES)
    Replay(Options(captures=captures, policy=load(POLICY), store=path, sensor="cell-1")).run()
    return path


def state_of(path: Path) -> PlantState:
    """Read a store with the policy."""
    with Store(path, read_only=True) as store:
        return read_state(store, load(POLICY))


def hostile(state: PlantState) -> PlantState:
    """Return the plant with every text that a device can say about itself turned hostile."""
    assets = []
    for number, asset in enumerate(state.assets):
        text = HOSTILE[number % len(HOSTILE)]
        said = Observation(
            value=text, method="modbus.43.14.0", confidence="strong", source="normal.pcap", first=1, last=2, count=1,
            frames=(1,),
        )  # fmt: skip
        attributes = tuple(
            Attribute(name=name, state="known", value=text, observations=(said,))
            for name in ("manufacturer", "model", "firmware_version", "location", "name")
        )
        assets.append(
            msgspec.structs.replace(asset, name=text, vendor=text, role=text, zone=text, attributes=attributes)
        )
    names = {asset.id: asset.name for asset in assets}
    return msgspec.structs.replace(state, assets=tuple(assets), names=names)
