"""Every line, board and provider year by year as arrays, and the distribution of what a case of a line costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.engine import run_steps
from speccom.insight.areas import Footprint
from speccom.insight.case_costs import CaseCosts, ChanceError, Floats
from speccom.insight.opened import Opened, register_hosts
from speccom.insight.tiers import LADDER
from speccom.period import FinancialYear

Places = npt.NDArray[np.int64]
MONTHS_OF_A_YEAR = 12
UNEVEN = 0.05
"""How much more of a year's spend than of another's may be of people of no board before the two do not compare."""


@dataclass(frozen=True, eq=False, slots=True)
class Yearly:
    """What boards' people had, by line, board and year: `patients` and `cost` (pounds) are line × board × year.

    `incomes` are rows of what one board's people cost at one provider in one year: places in `lines`,
    `boards`, `providers` and `years`, the place of the host board (-1 outside England), and pounds. Costs of
    `incomes` count every line, those of `cost` only lines with a patient. `case_costs` is of a line's patients
    everywhere. People of no board are left out; `left_out` is their share of each year's cost. `uneven` are years
    that were set aside with their shares, because much more of them is of people of no board than of the others.
    """

    lines: list[str]
    boards: list[str]
    providers: list[str]
    years: list[FinancialYear]
    patients: Floats
    cost: Floats
    income_places: Places
    income: Floats
    case_costs: Mapping[str, CaseCosts]
    left_out: Floats
    uneven: Mapping[FinancialYear, float]

    def units(self, footprints: Mapping[str, Footprint], rung: str) -> tuple[list[str], Places]:
        """The units of a rung of the ladder, and the unit's place of each board."""
        named = [_unit(footprints[board], rung) for board in self.boards]
        units = sorted(set(named))
        return units, np.array([units.index(name) for name in named], dtype=np.int64)


def whole_years(asked: Opened) -> list[FinancialYear]:
    """The years asked of which all twelve months are held; if there are none, all the years asked."""
    held = {year: sum(month.year == year for month in asked.months) for year in asked.years}
    whole = [year for year, months in held.items() if months == MONTHS_OF_A_YEAR]
    return whole or list(asked.years)


def yearly(asked: Opened, *, even: bool = False) -> Yearly:
    """The arrays of one question, over its whole years; with `even`, over those of them that compare.

    Boards began in July 2022, so a quarter of 2022/23 is of nobody's board: beside later years it looks like a fall.
    """
    register_hosts(asked)
    run_steps(asked.engine, __package__, ["yearly_cases", "yearly_incomes", "case_bands"])
    everybody = asked.engine.fetch("select * from yearly_cases")
    boards, whole = list(asked.boards), whole_years(asked)
    shares = _left_out(everybody, boards, whole)
    least = min(shares.values())
    uneven = {year: share for year, share in shares.items() if even and share - least > UNEVEN}
    years = [year for year in whole if year not in uneven]
    codes = [year.code for year in years]
    cases = _of(everybody, boards, codes)
    incomes = _of(asked.engine.fetch("select * from yearly_incomes"), boards, codes)
    lines = sorted({*_texts(cases, "service_line"), *_texts(incomes, "service_line")})
    providers = sorted(_texts(incomes, "provider"))
    shape = (len(lines), len(boards), len(years))
    patients, cost = np.zeros(shape), np.zeros(shape)
    at = (
        _places(cases, "service_line", lines),
        _places(cases, "area", boards),
        _places(cases, "financial_year", codes),
    )
    np.add.at(patients, at, _numbers(cases, "patients"))
    np.add.at(cost, at, _numbers(cases, "actual"))
    bands = asked.engine.fetch("select * from case_bands").to_pylist()
    return Yearly(
        lines,
        boards,
        providers,
        years,
        patients,
        cost,
        np.stack(
            [
                _places(incomes, "service_line", lines),
                _places(incomes, "area", boards),
                _places(incomes, "provider", providers),
                _places(incomes, "host_icb", boards),
                _places(incomes, "financial_year", codes),
            ]
        ),
        _numbers(incomes, "actual"),
        case_costs([row for row in bands if row["financial_year"] in codes]),
        np.array([shares[year] for year in years]),
        uneven,
    )


def _left_out(
    everybody: pa.Table, boards: Sequence[str], years: Sequence[FinancialYear]
) -> dict[FinancialYear, float]:
    """By year, the share of its cost that is of people of no board."""
    codes = [year.code for year in years]
    of_year, of_board = _places(everybody, "financial_year", codes), _places(everybody, "area", boards)
    known, cost = of_year >= 0, _numbers(everybody, "actual")
    whole = np.bincount(of_year[known], cost[known], len(years))
    placed = known & (of_board >= 0)
    within = np.bincount(of_year[placed], cost[placed], len(years))
    shares = np.divide(whole - within, whole, out=np.zeros(len(years)), where=whole > 0)
    return dict(zip(years, shares.tolist(), strict=True))


def _unit(footprint: Footprint, rung: str) -> str:
    units = dict(
        zip(
            LADDER,
            (footprint.icb, footprint.committee or footprint.region, footprint.region, "ENG"),
            strict=True,
        )
    )
    return units[rung]


def _of(table: pa.Table, boards: Sequence[str], years: Sequence[str]) -> pa.Table:
    import pyarrow.compute as pc

    return table.filter(
        pc.and_(
            pc.is_in(table["area"], pa.array(boards, pa.string())),
            pc.is_in(table["financial_year"], pa.array(years, pa.string())),
        )
    )


def _texts(table: pa.Table, name: str) -> set[str]:
    return {text for text in table[name].unique().to_pylist() if text is not None}


def _numbers(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].cast(pa.float64()).to_numpy(), float)


def _places(table: pa.Table, name: str, among: Sequence[str]) -> Places:
    """The place of each row's text in a list; -1 where it is not there."""
    place = {text: number for number, text in enumerate(among)}
    encoded = table[name].combine_chunks().dictionary_encode()
    named = np.array([place.get(str(text), -1) for text in encoded.dictionary.to_pylist()] + [-1], np.int64)
    codes = np.asarray(encoded.indices.fill_null(len(named) - 1).to_numpy(zero_copy_only=False), np.int64)
    return named[codes]


def case_costs(rows: Sequence[Mapping[str, Any]]) -> dict[str, CaseCosts]:
    """Of each line the cost of a case: within each band spread evenly, mean and variance as they were.

    Patients who cost nothing or less are left out. A line of one patient has no spread, and none here.
    """
    bands: dict[str, dict[int, list[float]]] = {}
    for row in rows:
        if row["band"] is not None:
            held = bands.setdefault(row["service_line"], {}).setdefault(row["band"], [0.0, 0.0, 0.0])
            for place, name in enumerate(("patients", "actual", "squares")):
                held[place] += float(row[name])
    found = {}
    for line, own in bands.items():
        patients, actual, squares = np.array([own[band] for band in sorted(own)]).T
        if patients.sum() < 2:
            continue
        mean = actual / patients
        variance = np.maximum(squares / patients - mean**2, 0.0)
        half = np.sqrt(3 * variance)
        edge = np.array(sorted(own), float)
        low = np.maximum(mean - half, np.exp(edge / 4))
        high = np.minimum(mean + half, np.exp((edge + 1) / 4))
        steps = np.concatenate([[0.0], np.cumsum(patients) / patients.sum()])
        steps[-1] = 1.0
        values = np.maximum.accumulate(
            np.column_stack([np.minimum(low, mean), np.maximum(high, mean)]).ravel()
        )
        try:
            found[line] = CaseCosts.of_quantiles(np.repeat(steps, 2)[1:-1], values)
        except ChanceError:  # a line whose patients all cost next to nothing has no cost to vary
            continue
    return found
