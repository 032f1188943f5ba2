"""Pictures of a table as marks of SVG: stacked bars, lines, areas, donut and treemap. The template writes them.

Colour means severity. Everything else is drawn in quiet blues and greys, distinguished by tone and legend.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec

from tools.dashboards.quantity import moment, number
from tools.dashboards.query import Cell, Table

TONES: Final = (
    "#2f4b66", "#5f8aad", "#a9c3d8", "#6b7885", "#3f8590", "#8fc0c4", "#b9c0c7", "#7a6f8f", "#c5bdd3", "#90a583",
    "#d0d8c8", "#57616b",
)  # fmt: skip
INK: Final = "#5b6672"
LINE: Final = "#e6eaee"
LEFT: Final = 54
KILO: Final = 1024.0
MINUTE: Final = 60.0
BOTTOM: Final = 20
TOP: Final = 8
Box = tuple[float, float, float, float]


class Mark(msgspec.Struct, frozen=True):
    """One element of a picture."""

    name: str
    attributes: dict[str, str]
    text: str = ""


class Picture(msgspec.Struct, frozen=True):
    """A whole one, in pixels."""

    marks: Sequence[Mark]
    width: int
    height: int
    ink: str = INK


def _mark(name: str, text: str = "", **attributes: str | float) -> Mark:
    """Return an element; underscores become hyphens, numbers get one decimal."""
    return Mark(
        name,
        {
            key.replace("_", "-"): f"{value:.1f}" if isinstance(value, float) else str(value)
            for key, value in attributes.items()
        },
        text,
    )


def tones(names: Sequence[str], colours: dict[str, str]) -> dict[str, str]:
    """Return the colour of each name: its own where it means something, else a tone."""
    return {name: colours.get(name, TONES[place % len(TONES)]) for place, name in enumerate(names)}


def series(table: Table) -> dict[str, dict[float, float]]:
    """Return the values over time of each series: of each value of the second group, or of each measure."""
    found: dict[str, dict[float, float]] = {}
    for row in table.rows:
        when = float(row[0] or 0)
        if table.groups > 1:
            pairs: list[tuple[str, Cell]] = [(str(row[1]), row[2])]
        else:
            pairs = list(zip(table.names[1:], row[1:], strict=True))
        for name, value in pairs:
            if isinstance(value, int | float):
                found.setdefault(name, {})[when] = float(value)
    return found


def _ceiling(value: float, unit: str) -> float:
    """Return the next round number of the unit: 1, 2 or 5 times a power of ten; of bytes within each power of 1024."""
    if value <= 0:
        return 1.0
    if unit == "s" and value >= MINUTE:
        return MINUTE * _ceiling(value / MINUTE, "")
    if unit == "bytes" and value >= KILO:
        return KILO * _ceiling(value / KILO, unit)
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value - 1e-9)


def _axes(width: float, height: float, highest: float, first: float, last: float, unit: str) -> list[Mark]:
    parts: list[Mark] = []
    for step in range(3):
        y = TOP + (height - TOP - BOTTOM) * step / 2
        label = number(highest * (2 - step) / 2, unit)
        parts.append(_mark("line", x1=LEFT, x2=width, y1=y, y2=y, stroke=LINE))
        parts.append(_mark("text", label, x=LEFT - 6, y=y + 4, text_anchor="end"))
    for step in range(5):
        x = LEFT + (width - LEFT) * step / 4
        anchor = "start" if step == 0 else "end" if step == 4 else "middle"
        label = moment(first + (last - first) * step / 4, last - first)
        parts.append(_mark("text", label, x=x, y=height - 5, text_anchor=anchor))
    return parts


def over_time(
    data: dict[str, dict[float, float]], palette: dict[str, str], show: str, unit: str, width: float, height: float,
    interval: float, first: float, last: float,
) -> Picture:  # fmt: skip
    """Return bars, area or lines of all series between two times (ms); bars and areas are stacked."""
    stacked = show != "lines"
    moments = sorted({when for values in data.values() for when in values})
    sums = [sum(values.get(when, 0.0) for values in data.values()) for when in moments]
    peaks = sums if stacked else [value for values in data.values() for value in values.values()]
    highest = _ceiling(max(peaks, default=0.0), unit)
    first, last = min(first, *moments), max(last, moments[-1] + interval)
    across, down = (width - LEFT) / (last - first), (height - TOP - BOTTOM) / highest
    base = dict.fromkeys(moments, 0.0)
    floor = height - BOTTOM
    parts = _axes(width, height, highest, first, last, unit)
    for name, colour in palette.items():
        values = data.get(name, {})
        if show == "bars":
            wide = max(1.5, interval * across - 1.5)
            for when, value in sorted(values.items()):
                x, tall = LEFT + (when - first) * across, value * down
                y = floor - (base[when] + value) * down
                parts.append(_mark("rect", x=x, y=y, width=wide, height=tall, fill=colour))
                base[when] += value
        elif show == "area":
            upper = [(when, base[when] + values.get(when, 0.0)) for when in moments]
            points = [*upper, *((when, base[when]) for when in reversed(moments))]
            way = " ".join(f"{LEFT + (when - first) * across:.1f},{floor - value * down:.1f}" for when, value in points)
            parts.append(_mark("polygon", points=way, fill=colour, fill_opacity="0.8"))
            base = dict(upper)
        else:
            places = [(LEFT + (when - first) * across, floor - value * down) for when, value in sorted(values.items())]
            way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            parts.append(_mark("polyline", points=way, fill="none", stroke=colour, stroke_width="1.8"))
            parts += [_mark("circle", cx=x, cy=y, r=2, fill=colour) for x, y in places]
    return Picture(parts, round(width), round(height))


def donut(slices: Sequence[tuple[str, float]], palette: dict[str, str], size: float) -> Picture:
    """Return a ring with the sum in its middle."""
    total = sum(value for _, value in slices) or 1.0
    radius, at = size * 0.36, 0.0
    parts: list[Mark] = []
    around = 2 * math.pi * radius
    middle = size / 2
    for name, value in slices:
        part = value / total * around
        parts.append(
            _mark(
                "circle", cx=middle, cy=middle, r=radius, fill="none", stroke=palette[name], stroke_width=size * 0.15,
                stroke_dasharray=f"{max(0.5, part - 1.5):.2f} {around:.2f}", stroke_dashoffset=f"{-at:.2f}",
                transform=f"rotate(-90 {middle} {middle})",
            )
        )  # fmt: skip
        at += part
    parts.append(_mark("text", number(total, ""), x=middle, y=middle + 8, text_anchor="middle", **{"class": "sum"}))
    return Picture(parts, round(size), round(size))


def squares(values: Sequence[float], box: Box) -> list[Box]:
    """Return a rectangle in ``box`` for each value (largest first), as square as can be."""
    x, y, width, height = box
    total = sum(values)
    found: list[Box] = []
    rest = list(values)
    while rest:
        side = min(width, height)
        scale = width * height / total if total else 0.0
        taken, worst = 1, math.inf
        for count in range(1, len(rest) + 1):
            area = sum(rest[:count]) * scale
            thick = area / side if side else 0.0
            square = max(thick * thick, 1e-9)
            areas = [max(value * scale, 1e-9) for value in rest[:count]]
            ratio = max(square / min(areas), max(areas) / square)
            if ratio > worst:
                break
            taken, worst = count, ratio
        row, rest = rest[:taken], rest[taken:]
        share = sum(row)
        thick = share * scale / side if side else 0.0
        along = 0.0
        for value in row:
            length = side * value / share if share else 0.0
            found.append((x, y + along, thick, length) if width >= height else (x + along, y, length, thick))
            along += length
        if width >= height:
            x, width = x + thick, width - thick
        else:
            y, height = y + thick, height - thick
        total -= share
    return found


def treemap(rows: Sequence[tuple[tuple[str, ...], float]], unit: str, width: float, height: float) -> Picture:
    """Return nested rectangles: one for each first name, within it one for each second."""
    outer: dict[str, float] = {}
    for names, value in rows:
        outer[names[0]] = outer.get(names[0], 0.0) + value
    order = sorted(outer, key=lambda name: (-outer[name], name))
    # A value that would be a hairline is drawn a little larger, so that it can be seen at all.
    least = sum(outer.values()) / 90
    boxes = squares([max(outer[name], least) for name in order], (0.0, 0.0, width, height))
    parts: list[Mark] = []
    for place, (name, box) in enumerate(zip(order, boxes, strict=True)):
        inner = sorted(
            ((names[-1], value) for names, value in rows if names[0] == name), key=lambda row: (-row[1], row[0])
        )
        colour = TONES[min(place, 7)]
        for (label, value), (x, y, wide, tall) in zip(inner, squares([row[1] for row in inner], box), strict=True):
            wide_in, tall_in = max(0.0, wide - 2), max(0.0, tall - 2)
            parts.append(_mark("rect", x=x + 1, y=y + 1, width=wide_in, height=tall_in, rx=2, fill=colour))
            lines = [name, *([label] if label != name else []), number(value, unit)]
            ink = "#ffffff" if colour in {TONES[0], TONES[1], TONES[3], TONES[4], TONES[7]} else "#26323d"
            for line, words in enumerate(lines):
                if tall > 18 * (line + 1) and wide > 34:
                    fit = words if len(words) * 6.6 < wide - 10 else words[: max(1, int((wide - 16) / 6.6))] + "…"
                    weight = "600" if line == 0 else "400"
                    parts.append(_mark("text", fit, x=x + 8, y=y + 18 + 15 * line, fill=ink, font_weight=weight))
    return Picture(parts, round(width), round(height))
