"""The account servers run as: whoever runs the tests, or one without rights when that is root."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path

from tests.servers.artifact import UnavailableError

NAME = "spanwatch-es"


def account() -> str:
    """The name of the account; made when root runs the tests, since servers refuse to run as root."""
    if os.geteuid() != 0:
        return ""
    try:
        pwd.getpwnam(NAME)
    except KeyError:
        made = subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", NAME],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise UnavailableError(f"the account {NAME} cannot be made: {made.stderr.strip()}") from None
    return NAME


def hand_over(folder: Path, name: str) -> None:
    """Give a folder and everything in it to the account ``name``; "" leaves it as it is."""
    if not name:
        return
    user = pwd.getpwnam(name)
    for place, folders, files in os.walk(folder):
        for entry in (".", *folders, *files):
            os.chown(Path(place) / entry, user.pw_uid, user.pw_gid, follow_symlinks=False)
