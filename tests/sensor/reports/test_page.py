from __future__ import annotations

from pathlib import Path

import pytest

from sensor.reports import PlantState, map_page
from tests.browser import Opened, opened
from tests.sensor.reports.plant import HOSTILE, hostile, make_store, state_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> PlantState:
    return state_of(make_store(tmp_path_factory.mktemp("page") / "plant.db"))


def shown(page: Opened) -> list[str]:
    return [row.inner_text() for row in page.page.locator("#assets tbody tr:visible").all()]


def test_the_map_searches_filters_and_shows_the_evidence(state: PlantState, tmp_path: Path) -> None:
    path = tmp_path / "assets.html"
    path.write_text(map_page(state), encoding="utf-8")
    with opened(path) as page:
        assert len(shown(page)) == len(state.assets)
        page.page.fill("#search", "bmxp342020")
        assert [row.split()[0] for row in shown(page)] == ["plc-chem"]
        page.page.click("#assets tbody tr:visible")
        details = page.page.inner_text("#details")
        assert "modbus.43.14.0 (strong)" in details
        assert "identity.pcap frame" in details
        assert "cannot be observed passively: needs an import" in details
        page.page.fill("#search", "no such thing")
        assert shown(page) == []
        assert page.page.inner_text("#count") == f"0 of {len(state.assets)} assets"
        page.page.fill("#search", "")
        page.page.select_option("select[data-field=protocols]", "dnp3")
        assert {row.split()[0] for row in shown(page)} >= {"scada-1", "rtu-res"}
        assert not any(row.startswith("plc-chem") for row in shown(page))
        page.page.select_option("select[data-field=role]", "rtu")
        assert [row.split()[0] for row in shown(page)] == ["rtu-res"]
        page.page.focus("#assets tbody tr:visible")
        page.page.keyboard.press("Enter")
        assert page.page.inner_text("#details h3") == "rtu-res"
        page.page.locator("svg .asset", has_text="plc-filt").first.click()
        assert page.page.inner_text("#details h3") == "plc-filt"
        assert page.said == []
        assert page.asked == [path.as_uri()]


def test_hostile_names_are_only_text(state: PlantState, tmp_path: Path) -> None:
    path = tmp_path / "assets.html"
    path.write_text(map_page(hostile(state)), encoding="utf-8")
    with opened(path) as page:
        assert page.page.title().startswith("Asset map")
        for row in page.page.locator("#assets tbody tr").all():
            row.click()
        page.page.wait_for_timeout(200)
        assert page.said == []
        assert page.asked == [path.as_uri()]
        assert page.page.locator("script").count() == 2
        assert page.page.locator("img").count() == 0
        assert HOSTILE[0] in page.page.inner_text("#assets")


def test_no_character_that_hides_or_turns_text_is_in_the_page(state: PlantState) -> None:
    page = map_page(hostile(state))
    assert "\u202e" not in page
    assert not any(ord(char) < 32 and char != "\n" for char in page)


def test_a_map_without_anything_is_still_a_page(state: PlantState, tmp_path: Path) -> None:
    path = tmp_path / "assets.html"
    path.write_text(map_page(PlantState()), encoding="utf-8")
    with opened(path) as page:
        assert page.page.inner_text("#count") == "0 of 0 assets"
        assert page.said == []
