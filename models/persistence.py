"""Baselines on disk: a folder of JSON and one .npz, bound together by the digests of its manifest.

Nothing is unpickled and nothing is repaired: whatever is not exactly as written is refused with one sentence. Written to a
temporary folder beside the target, flushed, then renamed; a folder is never written twice.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from models.baseline import SCHEMA, Baseline, BaselineError, Origin
from models.contract import Model
from models.npz import HEADER_MAX, pack, unpack
from models.registry import MODELS
from models.settings import Settings

MANIFEST: Final = "manifest.json"
FILES: Final = tuple(
    sorted([model.file for model in MODELS] + [model.arrays.file for model in MODELS if model.arrays is not None])
)
MANIFEST_MAX: Final = 1 << 20
"""Bytes of the manifest."""
FILE_MAX: Final = 32 << 20
"""Bytes of each other file."""
DOCUMENTS_MAX: Final = 6 << 20
"""Bytes of the documents of all models: records of them stay in memory while a baseline is at work."""
ARRAYS_MAX: Final = 12 << 20
"""Bytes of the unpacked arrays of one model."""
IDENTITY_DIGITS: Final = 16
Record = TypeVar("Record", bound=msgspec.Struct)
AGAIN: Final = "copy the baseline again or learn it anew"


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Digest and size of one file."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What binds a baseline together."""

    schema: int
    files: dict[str, Entry]
    origin: Origin
    settings: Settings


def finalise(settings: Settings, origin: Origin, states: dict[str, Any]) -> Baseline:
    """Return the baseline with its identity, the digest of the manifest it would be saved with."""
    baseline = Baseline(identity="", settings=settings, origin=origin, states=states)
    manifest, _ = _documents(baseline)
    return msgspec.structs.replace(baseline, identity=_identity(manifest))


def save(baseline: Baseline, folder: str | Path) -> Path:
    """Write ``baseline`` to the new ``folder`` and return it. Raises ``BaselineError`` when it exists or cannot be written."""
    target = Path(folder)
    if target.exists() or target.is_symlink():
        raise BaselineError(f"{target}: exists already; baselines are never overwritten, give another folder")
    manifest, files = _documents(baseline)
    for name, data in files.items():
        if len(data) > FILE_MAX:
            raise BaselineError(f"{target / name}: would be larger than {FILE_MAX} bytes; learn fewer channels at once")
    together = sum(len(files[model.file]) for model in MODELS)
    if together > DOCUMENTS_MAX:
        raise BaselineError(
            f"{target}: its documents would have {together} bytes, {DOCUMENTS_MAX} are read; learn fewer channels at once"
        )
    unpacked = max(_unpacked(model, baseline.states[model.name]) for model in MODELS)
    if unpacked > ARRAYS_MAX:
        raise BaselineError(
            f"{target}: its forests would have {unpacked} bytes, {ARRAYS_MAX} are read; learn fewer protocols at once"
        )
    temporary = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(mode=0o700)
        for name, data in {**files, MANIFEST: manifest}.items():
            with (temporary / name).open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _sync(temporary)
        temporary.rename(target)
        _sync(target.parent)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise BaselineError(
            f"{target}: cannot be written ({error.strerror or error}); give a folder you may write"
        ) from error
    return target


def load(folder: str | Path) -> Baseline:
    """Return the baseline in ``folder``. Raises ``BaselineError`` naming file, reason and fix for anything unsound."""
    target = Path(folder)
    try:
        names = sorted(entry.name for entry in os.scandir(target))
    except OSError as error:
        raise BaselineError(
            f"{target}: cannot be read ({error.strerror or error}); give the folder that `model train` wrote"
        ) from error
    if MANIFEST not in names:
        raise BaselineError(f"{target / MANIFEST}: is missing; {AGAIN}")
    data = _read(target / MANIFEST, MANIFEST_MAX)
    manifest = read_document(target / MANIFEST, data, Manifest)
    if manifest.schema != SCHEMA:
        raise BaselineError(
            f"{target / MANIFEST}: has schema {manifest.schema}, this version reads {SCHEMA}; learn it anew with: spanwatch model train"
        )
    if sorted(manifest.files) != list(FILES):
        raise BaselineError(f"{target / MANIFEST}: does not list exactly {', '.join(FILES)}; {AGAIN}")
    extra = sorted(set(names) - {MANIFEST, *FILES})
    if extra:
        raise BaselineError(f"{target / extra[0]}: is not in the manifest; remove it")
    together = sum(manifest.files[model.file].size for model in MODELS)
    if together > DOCUMENTS_MAX:
        raise BaselineError(
            f"{target}: its documents have {together} bytes, {DOCUMENTS_MAX} are read; learn fewer channels at once"
        )
    files = {name: _checked(target / name, manifest.files[name]) for name in FILES}
    states = {model.name: _state(target, model, files) for model in MODELS}
    return Baseline(identity=_identity(data), settings=manifest.settings, origin=manifest.origin, states=states)


def _state(folder: Path, model: Model, files: Mapping[str, bytes]) -> Any:
    """Return what one model learned."""
    document = read_document(folder / model.file, files[model.file], model.document)
    wrong = model.problem(document)
    if wrong:
        raise BaselineError(f"{folder / model.file}: {wrong}; {AGAIN}")
    if model.arrays is None:
        return document
    path = folder / model.arrays.file
    types = model.arrays.types(document)
    try:
        arrays = unpack(files[model.arrays.file], tuple(types), ARRAYS_MAX)
        for name, kind in types.items():
            if arrays[name].dtype.str != kind:
                raise ValueError(f"{name} has another number type than {kind}")
        return model.arrays.join(document, arrays)
    except ValueError as error:
        raise BaselineError(f"{path}: {error}; {AGAIN}") from error


def _unpacked(model: Model, state: Any) -> int:
    """Return the bytes that the arrays of a state take in memory."""
    if model.arrays is None:
        return 0
    return sum(array.nbytes + HEADER_MAX for array in model.arrays.split(state)[1].values())


def _documents(baseline: Baseline) -> tuple[bytes, dict[str, bytes]]:
    """Return the bytes of the manifest and of the files, the same for the same baseline."""
    files: dict[str, bytes] = {}
    for model in MODELS:
        state = baseline.states[model.name]
        if model.arrays is not None:
            state, arrays = model.arrays.split(state)
            files[model.arrays.file] = pack(arrays)
        files[model.file] = _json(state)
    entries = {name: Entry(hashlib.sha256(files[name]).hexdigest(), len(files[name])) for name in FILES}
    manifest = Manifest(schema=SCHEMA, files=entries, origin=baseline.origin, settings=baseline.settings)
    return msgspec.json.format(_json(manifest), indent=1) + b"\n", files


def _json(record: msgspec.Struct) -> bytes:
    return msgspec.json.encode(record, order="deterministic")


def _identity(manifest: bytes) -> str:
    return hashlib.sha256(manifest).hexdigest()[:IDENTITY_DIGITS]


def _checked(path: Path, entry: Entry) -> bytes:
    data = _read(path, FILE_MAX)
    if len(data) != entry.size:
        raise BaselineError(f"{path}: has {len(data)} bytes, the manifest says {entry.size}; {AGAIN}")
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise BaselineError(f"{path}: is not the file the manifest was made for (SHA-256 differs); {AGAIN}")
    return data


def _read(path: Path, limit: int) -> bytes:
    """Return the bytes of a regular file, no link, of at most ``limit`` bytes."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise BaselineError(f"{path}: is no plain file; {AGAIN}")
            if status.st_size > limit:
                raise BaselineError(f"{path}: is larger than {limit} bytes; {AGAIN}")
            with os.fdopen(handle, "rb", closefd=False) as file:
                data = file.read(limit + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise BaselineError(f"{path}: cannot be read as a plain file ({error.strerror}); {AGAIN}") from error
    if len(data) > limit:
        raise BaselineError(f"{path}: is larger than {limit} bytes; {AGAIN}")
    return data


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _UnsoundError(ValueError):
    """A key stands twice."""


def read_document(path: Path, data: bytes, kind: type[Record]) -> Record:
    """Return ``data`` as ``kind``. Raises ``BaselineError`` on duplicate or unknown keys, wrong types, NaN, depth."""
    try:
        record = msgspec.json.decode(data, type=kind)
        # Only what has the expected form is worth a second look, for what the first one does not mind.
        json.loads(data, object_pairs_hook=_once)
    except msgspec.ValidationError as error:
        reason = f"does not have the expected form ({error})"
    except (_UnsoundError, ValueError, RecursionError) as error:
        # UnicodeDecodeError, JSONDecodeError and msgspec.DecodeError are all ValueError
        reason = f"is not sound JSON ({error})"
    else:
        return record
    raise BaselineError(f"{path}: {reason}; {AGAIN}")


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object with a key twice; nothing of it is kept, msgspec reads it again."""
    if len({key for key, _ in pairs}) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]  # adds
        raise _UnsoundError(f"the key {twice[:60]!r} stands twice")
