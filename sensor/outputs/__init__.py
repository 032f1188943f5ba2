"""Documents in ECS 9.4 for Elasticsearch and the files and the spool they go to.

``Documents`` turns what the keeper tells into documents; ``NdjsonOutput`` writes them to files, ``StoreOutput`` to the
spool of a store. One file per stream says what its documents look like; ``fields`` declares every custom field.
"""

from __future__ import annotations

from sensor.outputs.documents import Documents
from sensor.outputs.fields import FIELDS, Field
from sensor.outputs.ndjson import NdjsonOutput, OutputError
from sensor.outputs.origin import STREAMS, Origin
from sensor.outputs.store_output import StoreOutput, StoreRecorder

__all__ = [
    "FIELDS",
    "STREAMS",
    "Documents",
    "Field",
    "NdjsonOutput",
    "Origin",
    "OutputError",
    "StoreOutput",
    "StoreRecorder",
]
