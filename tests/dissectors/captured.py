"""The messages of real captures, cut out of their TCP streams by the sensor's own wire, for the laws of ``parse``."""

from __future__ import annotations

from pathlib import Path

from dissectors.base.channel import Channel
from dissectors.base.channel_table import ChannelTable
from dissectors.base.connection import Connection
from dissectors.base.recorder import Recorder
from dissectors.facts import AnyFact
from sensor.capture.reader import read
from sensor.worker import Worker

CAPTURES = Path(__file__).resolve().parents[3] / "shared" / "captures"
ABSENT = "the captures by others are not at ../shared/captures"


def files(kind: str, largest: int = 1 << 40) -> list[Path]:
    """The captures of one folder, smallest first; an empty list where they are absent."""
    folder = CAPTURES / kind
    if not folder.is_dir():
        return []
    found = [file for file in folder.iterdir() if file.is_file() and file.stat().st_size <= largest]
    return sorted(found, key=lambda file: (file.stat().st_size, file.name))


def facts_of(path: Path) -> list[AnyFact]:
    """All facts of one capture."""
    worker = Worker()
    facts: list[AnyFact] = []
    read([path], worker.wire, after_block=lambda: facts.extend(worker.drain()))
    return [*facts, *worker.finish()]


def bare() -> tuple[Connection, Recorder, ChannelTable]:
    """What a session needs, without packets: an open connection of two ends."""
    recorder = Recorder()
    recorder.now = 1_700_000_040_000_000_000
    connection = Connection("tcp", 0, 0)
    opener, peer = connection.opener, connection.peer
    opener.ip, opener.port, opener.seen = "10.0.0.5", 40000, True
    peer.ip, peer.port, peer.seen = "10.0.0.9", 502, True
    return connection, recorder, ChannelTable(recorder)


def only_channel(channel_table: ChannelTable) -> Channel:
    (channel,) = channel_table.channels.values()
    return channel
