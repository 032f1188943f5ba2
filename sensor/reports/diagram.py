"""The picture of the asset map: one lane per Purdue level, a box per asset, a line per pair that talks.

Green lines are allowed by the policy, red ones are not, grey ones were not judged; dashed boxes are not in the policy.
Bound: ``MAX_BOXES`` assets and ``MAX_LINES`` pairs are drawn, the page says how many are not.
"""

from __future__ import annotations

from html import escape
from typing import Final

from sensor.inventory.record import AssetRecord
from sensor.reports.state import PlantState

MAX_BOXES: Final = 150
MAX_LINES: Final = 600
BOX_WIDTH, BOX_HEIGHT, GAP, LANE_LEFT = 190, 44, 20, 100
PER_ROW: Final = 6
LANE_PAD: Final = 26
MAX_NAME: Final = 28
NO_LEVEL: Final = "level not known"


def _short(text: str) -> str:
    return escape(text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "\u2026")


def _lanes(assets: list[AssetRecord]) -> dict[str, list[AssetRecord]]:
    lanes: dict[str, list[AssetRecord]] = {}
    for asset in assets:
        lanes.setdefault(f"level {asset.level}" if asset.level else NO_LEVEL, []).append(asset)
    named = sorted((name for name in lanes if name != NO_LEVEL), reverse=True)
    ordered = [*named, *([NO_LEVEL] if NO_LEVEL in lanes else [])]
    return {name: sorted(lanes[name], key=lambda asset: (asset.zone, asset.name, asset.id)) for name in ordered}


def _pairs(state: PlantState, places: dict[str, tuple[float, float]]) -> dict[tuple[str, str], str]:
    """Return each pair of drawn assets that talks, with the worst verdict among its conversations."""
    by_ip: dict[str, str] = {}
    for asset in state.assets:
        if asset.id in places and not asset.parent:
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


def _box(asset: AssetRecord, name: str, x: float, y: float) -> str:
    kind = "asset" if asset.known else "asset unknown"
    below = " · ".join(part for part in (asset.role.replace("_", " "), asset.ip) if part)
    return (
        f'<g class="{kind}" data-id="{escape(asset.id)}"><title>{escape(name)}</title>'
        f'<rect class="box" x="{x:g}" y="{y:g}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="5"/>'
        f'<text x="{x + 8:g}" y="{y + 18:g}">{_short(name)}</text>'
        f'<text class="small" x="{x + 8:g}" y="{y + 34:g}">{_short(below)}</text></g>'
    )


def _line(start: tuple[float, float], end: tuple[float, float], kind: str, title: str) -> str:
    (x1, y1), (x2, y2) = start, end
    x1, x2 = x1 + BOX_WIDTH / 2, x2 + BOX_WIDTH / 2
    if y1 == y2:
        top = y1 - 18
        path = f"M{x1:g},{y1:g} C{x1:g},{top:g} {x2:g},{top:g} {x2:g},{y2:g}"
    else:
        y1, y2 = (y1 + BOX_HEIGHT, y2) if y1 < y2 else (y1, y2 + BOX_HEIGHT)
        middle = (y1 + y2) / 2
        path = f"M{x1:g},{y1:g} C{x1:g},{middle:g} {x2:g},{middle:g} {x2:g},{y2:g}"
    return f'<path class="edge {kind}" d="{path}"><title>{escape(title)}</title></path>'


def diagram(state: PlantState) -> tuple[str, int, int]:
    """Return the picture as SVG, and how many assets and pairs of assets are not in it."""
    drawn = list(state.assets[:MAX_BOXES])
    places: dict[str, tuple[float, float]] = {}
    boxes, lanes = [], []
    y = 8.0
    named_lanes = _lanes(drawn)
    widest = max((min(PER_ROW, len(assets)) for assets in named_lanes.values()), default=1)
    width = LANE_LEFT + max(4, widest) * (BOX_WIDTH + GAP)
    for name, assets in named_lanes.items():
        rows = -(-len(assets) // PER_ROW)
        height = rows * (BOX_HEIGHT + GAP) + LANE_PAD
        lanes.append(f'<rect class="lane" x="4" y="{y:g}" width="{width - 8:g}" height="{height:g}" rx="6"/>')
        lanes.append(f'<text class="lane-name" x="12" y="{y + 18:g}">{escape(name)}</text>')
        for position, asset in enumerate(assets):
            row, column = divmod(position, PER_ROW)
            place = (LANE_LEFT + column * (BOX_WIDTH + GAP), y + LANE_PAD + row * (BOX_HEIGHT + GAP))
            places[asset.id] = place
            boxes.append(_box(asset, state.names[asset.id], *place))
        y += height + GAP * 2
    pairs = sorted(_pairs(state, places).items(), key=lambda pair: (pair[1], pair[0]))
    shown = pairs[-MAX_LINES:]
    words = {"": "allowed", "denied": "something not allowed by the policy", "unjudged": "not judged"}
    lines = [
        _line(places[a], places[b], kind, f"{state.names[a]} to {state.names[b]}: {words[kind]}")
        for (a, b), kind in shown
    ]
    svg = (
        f'<svg viewBox="0 0 {width:g} {y:g}" width="{width:g}" height="{y:g}" role="img" '
        f'aria-label="Assets by level and who talks to whom">{"".join(lanes)}{"".join(lines)}{"".join(boxes)}</svg>'
    )
    return svg, len(state.assets) - len(drawn), len(pairs) - len(shown)
