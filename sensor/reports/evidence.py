"""Where the proof is: frames are numbered over a whole run; a reader needs the file and the number in that file."""

from __future__ import annotations

from collections.abc import Sequence

from sensor.store import Capture


def located(source: str, frames: Sequence[int], captures: Sequence[Capture]) -> list[tuple[str, list[int]]]:
    """Return (capture, frames in it) for each capture that holds some; what no capture holds stays with ``source``."""
    found: dict[str, list[int]] = {}
    for frame in frames:
        holder = next((row for row in captures if row.first_frame <= frame < row.first_frame + row.packets), None)
        name, number = (holder.name, frame - holder.first_frame + 1) if holder is not None else (source, frame)
        found.setdefault(name, []).append(number)
    return list(found.items())


def proof_text(source: str, frames: Sequence[int], captures: Sequence[Capture]) -> str:
    """Return the proof as text, e.g. "normal.pcap frame 2 | attack.pcap frames 7, 9"."""
    return " | ".join(
        f"{name} frame{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"
        for name, numbers in located(source, frames, captures)
    )
