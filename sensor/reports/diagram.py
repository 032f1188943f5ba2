"""The picture of the asset map: one lane per Purdue level, a box per asset, a line per pair that talks.

Green lines are allowed by the policy, red ones are not, grey ones were not judged; dashed boxes are not in the policy.
Bound: ``MAX_BOXES`` assets and ``MAX_LINES`` pairs are drawn, the page says how many are not.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

import msgspec

from sensor.inventory.record import AssetRecord
from sensor.reports.state import PlantState

MAX_BOXES: Final = 150
MAX_LINES: Final = 600
BOX_WIDTH, BOX_HEIGHT, GAP, LANE_LEFT = 190, 44, 20, 100
PER_ROW: Final = 6
LANE_PAD: Final = 26
MAX_NAME: Final = 28
WORDS: Final = {"": "allowed", "denied": "something not allowed by the policy", "unjudged": "not judged"}
NO_LEVEL: Final = "level not known"


class Lane(msgspec.Struct, frozen=True):
    """The band of one level."""

    name: str
    y: int
    height: int


class Box(msgspec.Struct, frozen=True):
    """One asset; ``below`` is its second line, and one that is not ``known`` is dashed."""

    id: str
    known: bool
    name: str
    below: str
    x: int
    y: int


class Line(msgspec.Struct, frozen=True):
    """A curve between two assets that talk, bent at the height ``bend``; ``kind`` is "", "denied" or "unjudged"."""

    kind: str
    title: str
    x1: int
    y1: int
    x2: int
    y2: int
    bend: int


class Diagram(msgspec.Struct, frozen=True, kw_only=True):
    """The whole picture, as ``page/diagram.svg.jinja`` draws it, and how much is not in it."""

    width: int
    height: int
    lanes: list[Lane]
    boxes: list[Box]
    lines: list[Line]
    assets_left: int
    pairs_left: int
    box_width: int = BOX_WIDTH
    box_height: int = BOX_HEIGHT


def short(text: str) -> str:
    """Return a text that fits into a box."""
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "\u2026"


def _lanes(assets: list[AssetRecord]) -> dict[str, list[AssetRecord]]:
    lanes: dict[str, list[AssetRecord]] = {}
    for asset in assets:
        lanes.setdefault(f"level {asset.level}" if asset.level else NO_LEVEL, []).append(asset)
    named = sorted((name for name in lanes if name != NO_LEVEL), reverse=True)
    ordered = [*named, *([NO_LEVEL] if NO_LEVEL in lanes else [])]
    return {name: sorted(lanes[name], key=lambda asset: (asset.zone, asset.name, asset.id)) for name in ordered}


def _pairs(state: PlantState, drawn: Container[str]) -> dict[tuple[str, str], str]:
    """Return each pair of drawn assets that talks, with the worst verdict among its conversations."""
    by_ip: dict[str, str] = {}
    for asset in state.assets:
        if asset.id in drawn and not asset.parent:
            for address in asset.addresses:
                by_ip.setdefault(address.ip, asset.id)
            if asset.ip:
                by_ip[asset.ip] = asset.id
    worst = {"": 0, "unjudged": 1, "denied": 2}
    pairs: dict[tuple[str, str], str] = {}
    for row in state.channels:
        client, server = by_ip.get(row.opened.client.ip), by_ip.get(row.opened.server.ip)
        if client is None or server is None or client == server:
            continue
        is_denied = row.opened.channel in state.denied or (row.verdict is not None and not row.verdict.allows)
        kind = "denied" if is_denied else "unjudged" if row.verdict is None else ""
        key = (client, server)
        if key not in pairs or worst[kind] > worst[pairs[key]]:
            pairs[key] = kind
    return pairs


def _line(start: Box, end: Box, kind: str) -> Line:
    title = f"{start.name} to {end.name}: {WORDS[kind]}"
    x1, x2 = start.x + BOX_WIDTH // 2, end.x + BOX_WIDTH // 2
    if start.y == end.y:
        return Line(kind, title, x1, start.y, x2, end.y, start.y - 18)
    y1, y2 = (start.y + BOX_HEIGHT, end.y) if start.y < end.y else (start.y, end.y + BOX_HEIGHT)
    return Line(kind, title, x1, y1, x2, y2, (y1 + y2) // 2)


def diagram(state: PlantState) -> Diagram:
    """Return where everything of the picture lies."""
    drawn = list(state.assets[:MAX_BOXES])
    boxes: dict[str, Box] = {}
    lanes = []
    y = 8
    named_lanes = _lanes(drawn)
    widest = max((min(PER_ROW, len(assets)) for assets in named_lanes.values()), default=1)
    for name, assets in named_lanes.items():
        height = -(-len(assets) // PER_ROW) * (BOX_HEIGHT + GAP) + LANE_PAD
        lanes.append(Lane(name, y, height))
        for position, asset in enumerate(assets):
            row, column = divmod(position, PER_ROW)
            below = " · ".join(part for part in (asset.role.replace("_", " "), asset.ip) if part)
            boxes[asset.id] = Box(
                asset.id, asset.known, state.names[asset.id], below, LANE_LEFT + column * (BOX_WIDTH + GAP),
                y + LANE_PAD + row * (BOX_HEIGHT + GAP),
            )  # fmt: skip
        y += height + GAP * 2
    pairs = sorted(_pairs(state, boxes).items(), key=lambda pair: (pair[1], pair[0]))
    shown = pairs[-MAX_LINES:]
    return Diagram(
        width=LANE_LEFT + max(4, widest) * (BOX_WIDTH + GAP),
        height=y,
        lanes=lanes,
        boxes=list(boxes.values()),
        lines=[_line(boxes[client], boxes[server], kind) for (client, server), kind in shown],
        assets_left=len(state.assets) - len(drawn),
        pairs_left=len(pairs) - len(shown),
    )
