"""What an alert says of a tunnel: who sent it, and that its sender wrote the addresses inside.

A tunnel is named as facts name it (``ChannelOpened.tunnel``): "vxlan 7 10.0.0.5 > 10.0.0.6", the outermost of several first.
"""

from __future__ import annotations


def outer_ends(tunnel: str) -> tuple[str, ...]:
    """Return the outer sender and receiver of a tunnel, nothing outside of one."""
    sender, arrow, receiver = tunnel.partition(", ")[0].rpartition(" > ")
    return (sender.rpartition(" ")[2], receiver) if arrow else ()


def inside(tunnel: str) -> str:
    """Return the sentence that follows the reason of an alert on what came in a tunnel."""
    ends = outer_ends(tunnel)
    if not ends:
        return f"It came in {tunnel}; the addresses inside are what the sender of the tunnel wrote."
    return f"It came in the tunnel {tunnel}: {ends[0]} sent it, and the addresses inside are what {ends[0]} wrote."
