"""Boundary files of the Office for National Statistics: what is taken in or refused, what a day gets."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from speccom.places.boundaries import BoundaryError, boundaries, import_boundaries
from speccom.register import Register
from speccom.workspace import Workspace

REGISTER = Register.load()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


def boards(on: date) -> list[str]:
    return sorted(code for code, area in REGISTER.areas(on).items() if area.kind == "icb")


def collection(path: Path, on: date, *, metres: bool = False, **change: Any) -> Path:
    """A file with a small square for every board of a date; `change` replaces parts of its first feature."""
    features = []
    for place, board in enumerate(boards(on)):
        x, y = (300_000 + 9000 * place, 200_000) if metres else (-4 + 0.1 * place, 52)
        side = 8000 if metres else 0.09
        square = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
        features.append(
            {
                "type": "Feature",
                "properties": {"ICB26NM": REGISTER.organisations[board].name},
                "geometry": {"type": "Polygon", "coordinates": [square]},
            }
        )
    features[0] |= change
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_the_published_file_is_taken_in_small_and_whole(workspace: Workspace, shared: Path) -> None:
    taken = import_boundaries(workspace, REGISTER, shared / "reference" / "icb_april_2023_bsc.geojson")
    assert sorted(taken.shapes) == boards(date(2023, 4, 1))
    assert taken.since == date(2022, 7, 1)
    assert taken.points < 4000
    assert next(workspace.reference.glob("boundaries-*.json")).stat().st_size < 60_000
    assert boundaries(workspace, date(2024, 5, 1)) == taken


def test_an_older_file_with_other_codes_is_known_by_its_names(workspace: Workspace, shared: Path) -> None:
    taken = import_boundaries(workspace, REGISTER, shared / "reference" / "icb_2022_ultralight.geojson")
    assert len(taken.shapes) == 42


def test_each_day_gets_the_outlines_of_its_time(workspace: Workspace, tmp_path: Path) -> None:
    assert boundaries(workspace, date(2024, 5, 1)) is None
    later = import_boundaries(workspace, REGISTER, collection(tmp_path / "later.json", date(2026, 4, 1)))
    assert later.since == date(2026, 4, 1) and len(later.shapes) == 36
    assert boundaries(workspace, date(2024, 5, 1)) == later  # the only ones held
    first = import_boundaries(workspace, REGISTER, collection(tmp_path / "first.json", date(2024, 4, 1)))
    assert boundaries(workspace, date(2026, 3, 31)) == first
    assert boundaries(workspace, date(2026, 4, 1)) == later


def test_degrees_and_metres_of_the_national_grid_are_both_read(workspace: Workspace, tmp_path: Path) -> None:
    path = collection(tmp_path / "grid.json", date(2026, 4, 1), metres=True)
    taken = import_boundaries(workspace, REGISTER, path)
    assert (300.0, 200.0) in taken.shapes[boards(date(2026, 4, 1))[0]][0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"properties": {"NAME": "Kent"}}, "feature 1: no field ICB23CD"),
        ({"properties": None}, "feature 1: no field ICB23CD"),
        ({"properties": {"ICB26NM": "NHS Atlantis ICB"}}, "is no board of the register"),
        ({"properties": {"ICB26NM": "NHS Kent and Medway ICB"}}, "is there twice"),
        ({"properties": {"ICB26NM": "NHS Frimley ICB"}}, "not one whole set of boards"),
        ({"geometry": None}, "where a polygon is wanted"),
        ({"geometry": {"type": "Point", "coordinates": [0, 52]}}, "its geometry is Point"),
        ({"geometry": {"type": "Polygon", "coordinates": [[["x", 1]]]}}, "outside England"),
        ({"geometry": {"type": "Polygon", "coordinates": [[[90, 10]]]}}, "outside England"),
        ({"geometry": {"type": "Polygon", "coordinates": [[[0, 52], [1, 52]]]}}, "fewer than three corners"),
        ({"geometry": {"type": "Polygon", "coordinates": 7}}, "outside England"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_feature(
    workspace: Workspace, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    with pytest.raises(BoundaryError, match=said):
        import_boundaries(workspace, REGISTER, collection(tmp_path / "f.json", date(2026, 4, 1), **change))
    assert boundaries(workspace, date(2026, 4, 1)) is None


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"features": []}', '{"features": [1]}', "\x00", "not json"]
)
def test_what_is_no_boundary_file_is_refused(workspace: Workspace, tmp_path: Path, content: str) -> None:
    path = tmp_path / "wrong.geojson"
    path.write_text(content)
    with pytest.raises(BoundaryError):
        import_boundaries(workspace, REGISTER, path)


def test_a_missing_file_is_named(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(BoundaryError, match="cannot be read"):
        import_boundaries(workspace, REGISTER, tmp_path / "none.geojson")
