"""The auditor's bundle: the asset map in all forms, conversations with their verdicts, changes, alerts, digests.

``manifest.json`` names every file with its SHA-256 and size. Two bundles of the same state are byte-identical: nothing
in them is the time of the export. Files are made complete in a folder beside the target and moved in one step.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

import msgspec

from sensor.cli.terminal.words import station
from sensor.documents.moment import moment
from sensor.reports.csv_file import assets_csv, changes_csv, conversations_csv, table
from sensor.reports.evidence import proof_text
from sensor.reports.html_file import map_page
from sensor.reports.json_file import about, assets_json
from sensor.reports.state import PlantState

MANIFEST: Final = "manifest.json"
SCHEMA: Final = "spanwatch-report/1"


class BundleError(Exception):
    """The bundle cannot be written; the message names the place and the fix."""


def alerts_csv(state: PlantState) -> str:
    """Return the newest revision of every incident, oldest first."""
    header = (
        "first", "last", "severity", "id", "name", "incident", "status", "count", "client", "server", "reason", "expected",
        "observed", "techniques", "rule", "evidence",
    )  # fmt: skip
    return table(
        header,
        (
            (
                moment(one.first), moment(one.last), one.severity, one.id, one.name, one.incident, one.status, one.count,
                station(one.client, one.client_endpoint), station(one.server, one.server_endpoint), one.reason,
                one.expected, one.observed, " | ".join(one.techniques), one.verdict.rule if one.verdict else "",
                proof_text(one.source, one.frames, state.captures),
            )
            for one in sorted(state.alerts, key=lambda alert: (alert.first, alert.incident))
        ),
    )  # fmt: skip


def bundle_files(state: PlantState) -> dict[str, str]:
    """Return every file of the bundle but the manifest, by its name."""
    return {
        "alerts.csv": alerts_csv(state),
        "assets.csv": assets_csv(state),
        "assets.html": map_page(state),
        "assets.json": assets_json(state),
        "changes.csv": changes_csv(state),
        "conversations.csv": conversations_csv(state),
    }


def manifest(state: PlantState, contents: dict[str, bytes]) -> str:
    """Return what is in the bundle, what it is about, and the digest of each file."""
    record = {
        "schema": SCHEMA,
        **about(state),
        "files": [
            {"name": name, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
            for name, body in sorted(contents.items())
        ],
    }
    return json.dumps(msgspec.to_builtins(record), indent=1) + "\n"


def write_bundle(state: PlantState, folder: Path) -> list[Path]:
    """Write the bundle to ``folder``, which must not exist or be empty; return the files. Raises ``BundleError``."""
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise BundleError(f"{folder}: is not a folder. Choose another one with --output")
    if folder.is_dir() and any(folder.iterdir()):
        raise BundleError(f"{folder}: is not empty. A report is never mixed with another: choose a new folder")
    contents = {name: text.encode() for name, text in bundle_files(state).items()}
    contents[MANIFEST] = manifest(state, contents).encode()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        try:
            for name, body in contents.items():
                with (beside / name).open("wb") as file:
                    file.write(body)
                    file.flush()
                    os.fsync(file.fileno())
            beside.chmod(0o755)
            beside.rename(folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
    except OSError as error:
        raise BundleError(f"{folder}: cannot be written ({error.strerror or error}). Choose another folder") from error
    return [folder / name for name in sorted(contents)]
