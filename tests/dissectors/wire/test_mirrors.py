"""Which tunnels are mirror sessions."""

from __future__ import annotations

import pytest

from dissectors.wire.mirrors import KINDS, MIRRORING, Mirrors, MirrorSession

SENDER, SENSOR = "10.0.0.5", "10.0.0.6"


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_name_only_what_is_made_for_mirroring_is_a_mirror_session(kind: str) -> None:
    assert Mirrors().has(kind, 7, SENDER, SENSOR) == (kind in MIRRORING)


def test_what_ends_at_the_sensor_is_a_mirror_session() -> None:
    mirrors = Mirrors(own=[SENSOR])
    assert mirrors.has("vxlan", 7, SENDER, SENSOR)
    assert not mirrors.has("vxlan", 7, SENSOR, SENDER)


@pytest.mark.parametrize(
    ("session", "named"),
    [
        (MirrorSession("vxlan"), True),
        (MirrorSession("vxlan", SENDER, SENSOR, 7), True),
        (MirrorSession("geneve"), False),
        (MirrorSession("vxlan", SENSOR), False),
        (MirrorSession("vxlan", SENDER, SENDER), False),
        (MirrorSession("vxlan", number=8), False),
    ],
)
def test_a_session_is_named_by_everything_that_was_given(session: MirrorSession, named: bool) -> None:
    assert Mirrors([session]).has("vxlan", 7, SENDER, SENSOR) == named


def test_once_one_is_named_no_other_is_taken_for_one() -> None:
    mirrors = Mirrors([MirrorSession("erspan", SENDER)])
    assert mirrors.has("erspan", 1, SENDER, SENSOR)
    assert not mirrors.has("erspan", 1, "10.0.0.66", SENSOR)
    assert not mirrors.has("tzsp", -1, SENDER, SENSOR)
