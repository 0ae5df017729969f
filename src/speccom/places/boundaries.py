"""The outlines of integrated care boards, from the boundary files of the Office for National Statistics."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from speccom.errors import SpeccomError
from speccom.period import parse_date
from speccom.places.outlines import Ring, simplified
from speccom.register import Register
from speccom.workspace import Workspace, write_atomically

ATTRIBUTION = (
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0. "
    "Contains OS data © Crown copyright and database right."
)
TOLERANCE, LEAST_AREA = 1.2, 6.0
"""Kilometres by which a line may move, and square kilometres of the smallest island that is kept."""

_LARGEST = 200_000_000  # bytes; the full-resolution file is smaller, and none is needed for a map on a page
_CODE, _NAME = re.compile(r"ICB\d\dCD"), re.compile(r"ICB\d\dNM")
_KILOMETRES = 111.32  # of a degree of latitude; one of longitude is shorter by the cosine of 52.8 degrees
_ACROSS = math.cos(math.radians(52.8))


class BoundaryError(SpeccomError):
    """A boundary file that cannot be imported; the message says what is wrong with it, and where."""

    code = "boundaries"


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The outlines of every board of a time. Kilometres east and north; rings without their last point."""

    name: str
    since: date
    shapes: dict[str, list[Ring]]

    @property
    def points(self) -> int:
        return sum(len(ring) for rings in self.shapes.values() for ring in rings)


def import_boundaries(workspace: Workspace, register: Register, path: Path) -> Boundaries:
    """Import a GeoJSON file in the layout of the ONS, simplified. Raises `BoundaryError`.

    Each feature names a board by its ONS code (`ICB23CD`), else by its name (`ICB23NM`); every board of one
    time must be there. A file of the same boards takes the place of the one before it.
    """
    content, features = _features(path)
    coded = {
        fact.value: (code, fact.valid_from)
        for code, facts in register.facts.of("ONS code").items()
        for fact in facts
    }
    named = {
        _plain(body.name): code
        for code, body in register.organisations.items()
        if body.role == "integrated care board"
    }
    shapes: dict[str, list[Ring]] = {}
    since = date.min
    for number, feature in enumerate(features, start=1):
        board, begun = _board(path.name, number, feature, coded, named)
        if board in shapes:
            raise BoundaryError(f"{path.name}, feature {number}: {board} is there twice; keep one.")
        shapes[board] = list(_rings(path.name, number, feature))
        since = max(since, begun or register.organisations[board].valid_from)
    _complete(register, path.name, shapes, since)
    found = Boundaries(path.name, since, _rounded(simplified(shapes, TOLERANCE, LEAST_AREA)))
    about = {
        "name": path.name,
        "since": since.isoformat(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "imported": datetime.now(UTC).isoformat(timespec="seconds"),
        "shapes": found.shapes,
    }
    with workspace.lock("the import"):
        target = workspace.reference / f"boundaries-{since}.json"
        write_atomically(target, json.dumps(about, separators=(",", ":")).encode())
    return found


def boundaries(workspace: Workspace, on: date) -> Boundaries | None:
    """The latest outlines of a date, else the earliest held; none where none were imported."""
    held = sorted(workspace.reference.glob("boundaries-????-??-??.json"))
    if not held:
        return None
    begun = [path for path in held if path.stem.removeprefix("boundaries-") <= on.isoformat()]
    path = begun[-1] if begun else held[0]
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> Boundaries:
    held = json.loads(path.read_bytes())
    shapes = {board: [[(x, y) for x, y in ring] for ring in rings] for board, rings in held["shapes"].items()}
    return Boundaries(held["name"], parse_date(held["since"]), shapes)


# --- reading a file


def _features(path: Path) -> tuple[bytes, list[dict[str, Any]]]:
    try:
        if path.stat().st_size > _LARGEST:
            raise BoundaryError(
                f"{path.name} is larger than {_LARGEST // 1_000_000} MB: "
                "import the generalised file (BGC, BSC or BUC)."
            )
        content = path.read_bytes()
        read = json.loads(content)
    except OSError as error:
        raise BoundaryError(f"{path} cannot be read: {error.strerror}.") from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BoundaryError(f"{path.name} is not GeoJSON: download it again in that format.") from error
    features = read.get("features") if isinstance(read, dict) else None
    if not isinstance(features, list) or not features or not all(isinstance(each, dict) for each in features):
        raise BoundaryError(f"{path.name} has no features: import a GeoJSON FeatureCollection of boards.")
    return content, features


def _board(
    name: str,
    number: int,
    feature: dict[str, Any],
    coded: Mapping[str, tuple[str, date]],
    named: Mapping[str, str],
) -> tuple[str, date | None]:
    """The board that a feature is of, and the day from which its ONS code holds if that says so."""
    properties = feature.get("properties")
    held = properties if isinstance(properties, dict) else {}
    texts = {str(key): str(value).strip() for key, value in held.items()}
    code = next((value for key, value in texts.items() if _CODE.fullmatch(key.upper())), "")
    title = next((value for key, value in texts.items() if _NAME.fullmatch(key.upper())), "")
    if code in coded:
        return coded[code]
    if _plain(title) in named:
        return named[_plain(title)], None
    if not code and not title:
        raise BoundaryError(
            f"{name}, feature {number}: no field ICB23CD or the like; "
            "import the boundaries of integrated care boards."
        )
    raise BoundaryError(
        f"{name}, feature {number}: {code or 'no code'} ({title or 'no name'}) is no board of the register."
    )


def _plain(name: str) -> str:
    """A board's name without what differs between lists."""
    name = name.lower().replace("integrated care board", "").replace("nhs ", "").replace("icb", "")
    return " ".join(re.findall(r"[a-z]+", name.replace("&", "and")))


def _rings(name: str, number: int, feature: dict[str, Any]) -> Iterator[Ring]:
    """The outer rings and the holes of a feature, in kilometres."""
    geometry = feature.get("geometry")
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in {"Polygon", "MultiPolygon"}:
        raise BoundaryError(f"{name}, feature {number}: its geometry is {kind}, where a polygon is wanted.")
    coordinates = cast(dict[str, Any], geometry).get("coordinates")
    try:
        polygons = cast(list[Any], [coordinates] if kind == "Polygon" else coordinates)
        rings = [
            _open([_kilometres(*cast("tuple[float, float]", tuple(point)[:2])) for point in ring])
            for polygon in polygons
            for ring in polygon
        ]
    except (TypeError, ValueError) as error:
        raise BoundaryError(
            f"{name}, feature {number}: a point lies outside England or is no pair of numbers; "
            "give longitude and latitude (WGS 84), or eastings and northings (British National Grid)."
        ) from error
    if not rings or any(len(ring) < 3 for ring in rings):
        raise BoundaryError(f"{name}, feature {number}: a ring has fewer than three corners.")
    yield from rings


def _kilometres(x: float, y: float) -> tuple[float, float]:
    """A point in kilometres east and north, from degrees or from metres of the National Grid."""
    if -9 <= x <= 3 and 49 <= y <= 61:
        return x * _ACROSS * _KILOMETRES, y * _KILOMETRES
    if 50_000 <= x <= 700_000 and 1_000 <= y <= 700_000:  # England, in metres
        return x / 1000, y / 1000
    raise ValueError


def _open(ring: Ring) -> Ring:
    """A ring without repeated points and without the last, which repeats the first."""
    points = [point for place, point in enumerate(ring) if place == 0 or point != ring[place - 1]]
    return points[:-1] if len(points) > 1 and points[0] == points[-1] else points


def _complete(register: Register, name: str, shapes: Mapping[str, object], since: date) -> None:
    """Every board of the time is there: a map with a hole in it would mislead."""
    boards = {code for code, area in register.areas(since).items() if area.kind == "icb"}
    lacking, other = sorted(boards - set(shapes)), sorted(set(shapes) - boards)
    if lacking or other:
        parts = [f"{', '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} missing"] if lacking else []
        parts += [f"{', '.join(other)} had ended by {since}"] if other else []
        raise BoundaryError(f"{name} is not one whole set of boards: {'; '.join(parts)}.")


def _rounded(shapes: Mapping[str, list[Ring]]) -> dict[str, list[Ring]]:
    """To a tenth of a kilometre, less than a page can show."""
    return {
        board: [[(round(x, 1), round(y, 1)) for x, y in ring] for ring in rings]
        for board, rings in shapes.items()
    }
