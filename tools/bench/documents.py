"""Documents to measure the shipper with: writes of a busy plant, spooled as a sensor spools them.

Each is an operation: a write of 1 to 12 registers by one of 50 channels, about 2,000 bytes. The same number and epoch
give the same documents.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dissectors.context import AssetView, Context, Verdict, VerdictKind
from dissectors.facts import ChannelOpened, Endpoint, Exchange, Target
from sensor.documents.origin import Origin
from sensor.sinks.spool import SpoolSink
from sensor.store import Store

SITE: Final = "bench"
"""The namespace of the streams that are written, so that they can be distinguished from real ones and deleted."""
START: Final = 1_767_225_600_000_000_000
"""2026-01-01: documents are dated by a time of their own, as a replay's are."""
STEP: Final = 1_000_000
"""Nanoseconds from one document to the next."""
CHANNELS: Final = 50
SPOOL_BYTES: Final = 16 << 30
"""Nothing of a bench may fall out of the spool."""


def fill(path: Path, count: int, epoch: str, site: str = SITE) -> None:
    """Make a store at ``path`` with ``count`` documents waiting; another ``epoch`` gives them other ids."""
    store = Store(path, spool_bytes=SPOOL_BYTES)
    try:
        sink = SpoolSink(store)
        sink.begin(Origin(site=site, sensor="bench", version="0", epoch=epoch))
        pairs = [(client, server) for client in range(5) for server in range(CHANNELS // 5)]
        channels = [_channel(client, server) for client, server in pairs]
        views = [(_view("scada", 10 + client), _view("plc", 30 + server)) for client, server in pairs]
        verdict = Verdict(kind=VerdictKind.ALLOW, policy="bench", rule="R-010", conduit="c-cells")
        for number in range(count):
            place = number % CHANNELS
            client, server = views[place]
            fact = _write(channels[place], number)
            sink.take(Context(fact=fact, channel=channels[place], client=client, server=server, verdict=verdict))
        sink.finish()
        sink.commit()
    finally:
        store.close()


def _view(role: str, last: int) -> AssetView:
    return AssetView(id=f"a-{last:012x}", name=f"{role}-{last}", ip=f"10.20.4.{last}", role=role, zone="z-cell-4")


def _channel(client: int, server: int) -> ChannelOpened:
    return ChannelOpened(
        time=START, source="eth1", frame=1, sequence=1, channel=f"c-{client:08x}{server:08x}", protocol="modbus",
        unit="1", transport="tcp", client=Endpoint(f"10.20.4.{10 + client}", f"00:1b:1b:aa:00:{client:02x}", 50_000),
        server=Endpoint(f"10.20.4.{30 + server}", f"00:80:f4:01:02:{server:02x}", 502), vlan=204, state="established",
        decided_by="handshake", recognised_by="bytes", first=START, first_frame=1,
        flow="1:1tDiEYWpDgowpONq9W4Dv+Z//UE=", visibility="complete", interface="eth1",
    )  # fmt: skip


def _write(channel: ChannelOpened, number: int) -> Exchange:
    time, registers = START + number * STEP, 1 + number % 12
    first = number % 400
    return Exchange(
        time=time, source="eth1", frame=number + 2, sequence=1, channel=channel.channel, verb="write",
        operation="write_multiple_registers", code="16", label="write_multiple_registers 16",
        targets=(Target("holding_register", first, first + registers - 1),),
        values=tuple((number * 7 + register) % 65_536 for register in range(registers)), answers=(), outcome="success",
        error_code=0, error="", latency=1_300_000, request_time=time - 1_300_000, request_frame=number + 1,
        response_frame=number + 2, repeats=0, detail={}, visibility="complete", flow=channel.flow, client_port=50_211,
        excerpt=bytes(range(13 + 2 * registers))[:32], offset=54, length=13 + 2 * registers,
    )  # fmt: skip
