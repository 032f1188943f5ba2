"""Reading a policy file, as hostile input, into its compiled form. The digest is over the exact bytes."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from pydantic import ValidationError

from rules.policy.build import build
from rules.policy.compiled import Policy
from rules.policy.complaint import complaints
from rules.policy.document import Document
from rules.policy.problem import PolicyError, Problem
from rules.policy.reference import check
from rules.policy.source import SIZE_MAX, read_source


def load(path: str | Path) -> Policy:
    """Return the policy in a file. Raises ``PolicyError`` with everything that is wrong, ``OSError`` as usual.

    Only a regular file is read, a link to one included: a pipe or a device could keep the reader waiting for ever.
    """
    with open(path, "rb", opener=_without_waiting) as stream:  # Path.open takes no opener
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            text = "a policy is read from a regular file, this is none; copy it into one and name that"
            raise PolicyError([Problem(code="E18", file=str(path), line=1, where="", text=text)])
        return load_bytes(stream.read(SIZE_MAX + 1), str(path))


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; a pipe without a writer is opened at once."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def load_bytes(data: bytes, name: str) -> Policy:
    """Return the policy in ``data``; ``name`` stands for the file in messages. Raises ``PolicyError``."""
    source = read_source(data, name)
    if not isinstance(source.data, dict):
        text = "a policy is a mapping; begin with apiVersion: ot-policy/v1"
        raise PolicyError([Problem(code="E18", file=name, line=1, where="", text=text)])
    try:
        document = Document.model_validate(source.data)
    except ValidationError as error:
        raise complaints(error, source) from None
    problems = check(document, source)
    if problems:
        raise PolicyError(problems)
    return build(document, source, hashlib.sha256(data).hexdigest())
