"""A store that commands read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sensor.cli.command import POLICY, STOP, spanwatch


@pytest.fixture(scope="package")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the capture in which a controller is stopped."""
    path = tmp_path_factory.mktemp("store") / "plant.db"
    assert spanwatch("replay", STOP, "--policy", POLICY, "--store", path, "--quiet").exit_code == 0
    return path
