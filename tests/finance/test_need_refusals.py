"""What a need model refuses, with names and numbers."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.finance.need_worlds import changed, made_up, model_in, worked

from speccom.finance.needs import NeedsError, read_model, work_through

Rows = list[dict[str, Any]]


def put(area: str, /, **values: Any) -> Callable[[Rows], Rows]:
    """Change cells of one area."""
    return lambda rows: [row | values if row["area"] == area else row for row in rows]


def with_sum(rows: Rows) -> Rows:
    return changed(rows, illness_share=lambda row: 2 * row["deprivation_score"] - row["km_to_centre"])


SPOILED: Sequence[tuple[str, Callable[[Rows], Rows], Mapping[str, Any], str]] = [
    (
        "a missing column",
        lambda rows: rows,
        {"columns": {"need": ["beds", "imd"]}},
        "no columns beds, imd: it has area, board",
    ),
    (
        "missing values",
        put("Q00-02", illness_share=""),
        {},
        r"illness_share: is missing in 1 row: row 3 \(Q00-02: ''\)",
    ),
    ("words for numbers", put("Q00-02", cost="£1,000"), {}, r"cost: is no number in 1 row: row 3 \(Q00-02"),
    (
        "no population",
        put("Q01-01", population=0),
        {},
        r"population: is no population above 0 in 1 row.*Q01-01",
    ),
    ("nothing expected", put("Q01-01", expected_cost=0), {}, "no expected outcome above 0.*Q01-01"),
    (
        "a negative outcome with a log link",
        put("Q01-01", cost=-5),
        {"form": "poisson"},
        "is negative, which a poisson model.*Q01-01",
    ),
    ("nothing with gamma", put("Q01-01", cost=0), {"form": "gamma"}, "is 0, which a gamma model.*Q01-01"),
    ("nothing at all", lambda rows: changed(rows, cost=lambda _: 0), {}, "all areas together have 0"),
    (
        "a constant column",
        lambda rows: changed(rows, illness_share=lambda _: 0.3),
        {},
        "illness_share: is 0.3 in all 400 areas",
    ),
    (
        "a sum of others",
        with_sum,
        {},
        "perfect collinearity: deprivation_score, illness_share, km_to_centre say the same",
    ),
    ("dummies of one level", lambda rows: rows[:12:3], {}, "region: is .Y0. in every area"),
    (
        "fewer areas than coefficients",
        lambda rows: rows[::60],
        {"columns": {"supply_dummies": ["board"]}},
        r"7 areas for 10 coefficients",
    ),
    ("an area twice", lambda rows: [*rows, rows[4]], {}, r"area: is there twice in 1 row: row 402 \(Q00-05"),
    ("an area without a code", put("Q00-03", area=""), {}, r"area: has no code in 1 row: row 4"),
    ("a board that is not said", put("Q00-03", board=""), {}, "board: has no value in 1 row.*Q00-03"),
    (
        "a logarithm of nothing",
        put("Q00-03", km_to_centre=0),
        {"transform": {"km_to_centre": "log"}},
        "km_to_centre: is no number above 0, as log needs.*Q00-03",
    ),
    (
        "one cluster",
        lambda rows: changed(rows, board=lambda _: "QMF"),
        {},
        "All areas are in one cluster, 'QMF'",
    ),
    ("no areas", lambda rows: rows[:0] or [dict.fromkeys(rows[0], "")], {}, "has no rows"),
]


@pytest.mark.parametrize(
    ("spoil", "asked", "said"), [each[1:] for each in SPOILED], ids=[each[0] for each in SPOILED]
)
def test_what_cannot_be_fitted_is_refused_with_names_and_numbers(
    tmp_path: Path, spoil: Callable[[Rows], Rows], asked: Mapping[str, Any], said: str
) -> None:
    with pytest.raises(NeedsError, match=said):
        worked(tmp_path, spoil(made_up()), **asked)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"form": "logit"}, "model.json, form: 'logit' is none of weighted, poisson, gamma"),
        ({"forms": "weighted"}, "'forms' is not known; choose from name"),
        ({"sources": []}, "sources: give at least one"),
        ({"unit": "euro"}, "unit: 'euro' is none of £, patients, cases"),
        ({"columns": {"area": "area"}}, "columns: outcome, population, need not given"),
        ({"transform": {"beds": "log"}}, "transform: 'beds' is no need, supply or candidate variable"),
        ({"transform": {"km_to_centre": "cube"}}, "transform: 'cube' is none of"),
        ({"folds": 1}, "folds: 1 is no whole number from 2 to 20"),
        ({"synthetic": "yes"}, "synthetic: write true"),
        ({"name": " "}, "name: is not given"),
    ],
)
def test_a_model_file_is_refused_by_its_key(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    path = model_in(tmp_path, made_up())
    path.write_text(json.dumps(json.loads(path.read_text()) | change), encoding="utf-8")
    with pytest.raises(NeedsError, match=said):
        read_model(path)


def test_a_column_has_one_part(tmp_path: Path) -> None:
    with pytest.raises(NeedsError, match="'km_to_centre' is in need and in supply"):
        worked(tmp_path, made_up(), {"need": ["km_to_centre"]})


def test_files_that_are_not_there_or_not_of_their_kind_are_named(tmp_path: Path) -> None:
    with pytest.raises(NeedsError, match=r"none\.json cannot be read"):
        read_model(tmp_path / "none.json")
    path = model_in(tmp_path, made_up())
    (tmp_path / "areas.csv").unlink()
    with pytest.raises(NeedsError, match=r"area table .* cannot be read"):
        work_through(read_model(path))
    path.write_text("{", encoding="utf-8")
    with pytest.raises(NeedsError, match="is not JSON"):
        read_model(path)


def test_a_linear_model_that_gives_an_area_no_need_says_which(tmp_path: Path) -> None:
    far = put("Q05-04", deprivation_score=-400)(made_up())
    areas = changed(
        far, cost=lambda row: row["expected_cost"] * (1 + 0.009 * (row["deprivation_score"] - 22))
    )
    with pytest.raises(NeedsError, match=r"no need or less: Q05-04 \(−?-?\d"):
        worked(tmp_path, areas)


def test_without_statsmodels_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("statsmodels"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(NeedsError, match=r"pip install 'speccom\[needs\]'"):
        worked(tmp_path, made_up())
