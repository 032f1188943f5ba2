"""Which sensor a document comes from: names that could do harm are refused."""

from __future__ import annotations

import pytest

from sensor.documents import Origin


@pytest.mark.parametrize("site", ["Plant", "plant-1", "", "a" * 101, "_x", "a/b", "a b", "plant\n"])
def test_a_site_that_elasticsearch_would_refuse_is_refused_before_anything_is_written(site: str) -> None:
    with pytest.raises(ValueError, match="site name"):
        Origin(site=site, sensor="sensor1", version="0")


@pytest.mark.parametrize("sensor", ["", "a\x1fb", "a" * 101, "-x"])
def test_a_sensor_name_that_could_forge_an_id_is_refused(sensor: str) -> None:
    with pytest.raises(ValueError, match="sensor name"):
        Origin(site="plant1", sensor=sensor, version="0")
