"""A tunnel that carries industrial messages, stated once on the conversation of its outer ends. Compiled with mypyc."""

from __future__ import annotations

from typing import Final

from mypy_extensions import i64

from dissectors.base.recorder import Recorder
from dissectors.base.violations import repeats_of
from dissectors.wire.flow import Flow
from dissectors.wire.tunnel_table import Tunnel

INDUSTRIAL_INSIDE: Final = "industrial_inside"


def tell_industrial(
    recorder: Recorder,
    tunnel: Tunnel,
    outer: Flow,
    inner: Flow | None,
    name: str,
    block: bytes,
    start: i64,
    end: i64,
) -> None:
    """State that a tunnel carries industrial messages, when its packet at hand is the first one."""
    channel = outer.channel
    if channel is None or inner is None or inner is outer or not inner.connection.tunnel:
        return
    session = inner.session
    if session is None or session.units.channel is None or not inner.connection.opener.ip:
        return
    tunnel.told = True
    seen: i64 = channel.violated(INDUSTRIAL_INSIDE)
    opened = session.units.channel.opened
    sender = name.rpartition(" > ")[0].rpartition(" ")[2]
    recorder.violation(
        outer.connection,
        channel=channel.identity,
        protocol=channel.opened.protocol,
        name=INDUSTRIAL_INSIDE,
        text=f"{name} carries {opened.protocol} from {opened.client.ip} to {opened.server.ip}",
        side=0 if outer.connection.opener.ip == sender else 1,
        data=block,
        start=start,
        end=end,
        repeats=repeats_of(seen),
        counted=channel.counted(seen),
    )
