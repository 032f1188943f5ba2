"""Where documents come from: site, sensor, version and run, with the names of the data streams.

A site becomes the namespace of the data streams, so it is refused here, before anything is written, when
Elasticsearch would refuse it later. Limits: lower case letters, digits, "_" and ".", at most 100 characters.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

ECS_VERSION: Final = "9.4.0"
PRODUCT: Final = "Spanwatch"
MODULE: Final = "spanwatch"

STREAMS: Final = {
    "alert": "logs",
    "operation": "logs",
    "channel": "logs",
    "asset": "logs",
    "sensor": "metrics",
}
"""The word of each data stream and its type."""

MAX_NAME: Final = 100
"""Characters of the name of a site or sensor."""
_SITE: Final = re.compile(r"[a-z0-9][a-z0-9_.]*")
_SENSOR: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The sensor that writes. ``epoch`` names the run: the time of its first packet as text, "" until it is known.

    Raises ``ValueError`` for a site or sensor name that cannot be used, saying what can.
    """

    site: str
    sensor: str
    version: str
    epoch: str = ""

    def __post_init__(self) -> None:
        """Refuse names that Elasticsearch would refuse."""
        if len(self.site) > MAX_NAME or not _SITE.fullmatch(self.site):
            raise ValueError(
                f"site name {self.site!r} cannot be a data stream namespace: use lower case letters, digits, '_' and "
                f"'.', beginning with a letter or digit, at most {MAX_NAME} characters (no '-')"
            )
        if len(self.sensor) > MAX_NAME or not _SENSOR.fullmatch(self.sensor):
            raise ValueError(
                f"sensor name {self.sensor!r} cannot be used: use letters, digits, '_', '.' and '-', beginning with a "
                f"letter or digit, at most {MAX_NAME} characters"
            )

    def stream(self, word: str) -> str:
        """Return the name of the data stream of ``word``, e.g. "logs-spanwatch.alert-plant1"."""
        return f"{STREAMS[word]}-{MODULE}.{word}-{self.site}"
