"""Deterministic document ids: the same packets give the same ids in every run, and a retry is no duplicate.

An id is the first 16 bytes of SHA-256 over version, sensor, epoch, sequence, stream word and rule, separated by the
unit separator 0x1f, in unpadded base64url (22 characters). The sequence says what the document is about by content
(packet time, frame, incident, asset); never by file name, so that cutting a capture into files changes no id.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from functools import lru_cache
from typing import Final

SEPARATOR: Final = "\x1f"
VERSION: Final = "v1"
RULESET: Final = "spanwatch-core"
_RULES: Final = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:{RULESET}")


def event_id(sensor: str, epoch: str, sequence: int | str, word: str, rule: str = "") -> str:
    """Return the id of a document; ``word`` is the stream's ("alert"), ``rule`` "" where none applies."""
    text = SEPARATOR.join((VERSION, sensor, epoch, str(sequence), word, rule))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest[:16]).decode("ascii").rstrip("=")


@lru_cache(maxsize=1024)
def rule_uuid(rule: str) -> str:
    """Return the UUID of a rule of the catalogue, the same everywhere and for ever."""
    return str(uuid.uuid5(_RULES, rule))
