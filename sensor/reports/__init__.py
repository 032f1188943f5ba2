"""What auditors take away: the asset map as CSV, JSON and one HTML page, and the bundle with digests of all of it."""

from __future__ import annotations

from sensor.reports.bundle import BundleError, write_bundle
from sensor.reports.csv_file import assets_csv
from sensor.reports.html_file import map_page
from sensor.reports.json_file import assets_json
from sensor.reports.state import PlantState, read_state

__all__ = ["BundleError", "PlantState", "assets_csv", "assets_json", "map_page", "read_state", "write_bundle"]
