"""Made-up areas with known coefficients, and the model file for them: to learn on, and for tests. About nobody."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from speccom.register import Register
from speccom.workspace import write_atomically

NEED = {"deprivation_score": 0.009, "illness_share": 1.6}
"""What the made-up areas' outcome truly follows, by the unit of each variable."""
SUPPLY = {"km_to_centre": -0.006}
MADE_UP = "Made up by speccom need-example: no area, patient or payment in it is real."
_ON = date(2025, 4, 1)


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted: the constant, and the coefficient of each variable for one of its unit."""

    constant: float
    need: Mapping[str, float]
    supply: Mapping[str, float]


def rows(
    boards: Mapping[str, str], per_board: int = 30, seed: int = 1, noise: float = 0.12
) -> tuple[list[dict[str, Any]], Planted]:
    """Areas of boards (code → region) whose ratio to expected is 1 + Σ coefficients × (variable − its mean) + noise.

    Far areas are less deprived, so a model without distance takes its effect for need. Boards have effects of
    their own on top, which no variable tells. The same seed makes the same rows.
    """
    draw = np.random.default_rng(seed)
    count = len(boards) * per_board
    own = draw.normal(0, 0.05, len(boards)).repeat(per_board)
    population = draw.integers(6_000, 14_000, count)
    deprived = draw.gamma(4, 5.5, count) + draw.normal(0, 3, len(boards)).repeat(per_board)
    deprivation = np.clip(deprived, 1, 90).round(2)
    illness = np.clip(0.10 + 0.0012 * deprivation + draw.normal(0, 0.02, count), 0.01, None).round(4)
    distance = np.clip(60 - 1.1 * deprivation + draw.gamma(2, 8, count), 0.5, None).round(1)
    rate = draw.normal(30, 4, count)
    expected = (population * rate).round(2)
    ratio = np.ones(count) + own
    for values, effects in (
        ({"deprivation_score": deprivation, "illness_share": illness}, NEED),
        ({"km_to_centre": distance}, SUPPLY),
    ):
        for name, effect in effects.items():
            ratio += effect * (values[name] - np.average(values[name], weights=population))
    ratio += draw.normal(0, noise, count) * np.sqrt(10_000 / population)
    cost = np.clip(expected * ratio, 1, None).round(2)
    names = [board for board in boards for _ in range(per_board)]
    made = [
        {
            "area": f"{board}-{place % per_board + 1:02d}",
            "board": board,
            "region": boards[board],
            "population": int(population[place]),
            "expected_cost": float(expected[place]),
            "cost": float(cost[place]),
            "patients": max(round(float(cost[place]) / 9_000), 0),
            "deprivation_score": float(deprivation[place]),
            "illness_share": float(illness[place]),
            "km_to_centre": float(distance[place]),
        }
        for place, board in enumerate(names)
    ]
    return made, Planted(1.0, NEED, SUPPLY)


def model_file(areas: str) -> dict[str, Any]:
    """The model file for the made-up areas."""
    return {
        "name": "Example: need for renal dialysis",
        "service": "renal dialysis (example)",
        "year": "2025/26",
        "areas": areas,
        "form": "weighted",
        "unit": "£",
        "synthetic": True,
        "sources": [MADE_UP],
        "columns": {
            "area": "area",
            "outcome": "cost",
            "population": "population",
            "expected": "expected_cost",
            "people": "patients",
            "cluster": "board",
            "board": "board",
            "region": "region",
            "deprivation": "deprivation_score",
            "need": ["deprivation_score", "illness_share"],
            "supply": ["km_to_centre"],
            "supply_dummies": ["region"],
        },
    }


def write_example(directory: Path, seed: int = 1) -> Path:
    """Write `areas.csv` and `model.json` with areas of every board, and give back the model file."""
    register = Register.load(None)
    boards = {area.icb: area.region for area in register.areas(_ON).values() if area.kind == "icb"}
    made, _ = rows(dict(sorted(boards.items())), seed=seed)
    directory.mkdir(parents=True, exist_ok=True)
    write_atomically(directory / "areas.csv", written(made).encode())
    path = directory / "model.json"
    write_atomically(
        path, (json.dumps(model_file("areas.csv"), indent=2, ensure_ascii=False) + "\n").encode()
    )
    return path


def written(made: Sequence[Mapping[str, Any]]) -> str:
    """Rows as CSV."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(made[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return buffer.getvalue()
