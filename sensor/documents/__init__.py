"""Documents in ECS 9.4 for Elasticsearch and the files and the spool they go to.

``Documents`` turns what the pipeline reports into documents; ``NdjsonOutput`` writes them to files, ``StoreOutput`` to the
spool of a store. One file per stream says what its documents look like; ``fields`` declares every custom field.
"""

from __future__ import annotations

from sensor.documents.documents import Documents
from sensor.documents.fields import FIELDS, Field
from sensor.documents.origin import STREAMS, Origin
from sensor.sinks.ndjson import NdjsonOutput, OutputError
from sensor.sinks.store_output import StoreOutput, StoreRecorder

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
