"""Documents in ECS 9.4, as Elasticsearch receives them.

``Documents`` turns what the pipeline reports into documents; the sinks write them to files or to the spool of a store. One file
per stream says what its documents look like; ``fields`` declares every custom field.
"""

from __future__ import annotations

from sensor.documents.documents import Documents
from sensor.documents.fields import FIELDS, Field
from sensor.documents.origin import STREAMS, Origin

__all__ = ["FIELDS", "STREAMS", "Documents", "Field", "Origin"]
