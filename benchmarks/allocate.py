"""Allocations: ten years of forty-two areas, beside the same years solved by a general root finder."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import numpy.typing as npt
from scipy import optimize

from benchmarks import Ratio, median_seconds
from speccom.finance.pace import Parameters
from speccom.finance.paths import growing_money, path

AREAS, YEARS = 42, 10
SECONDS = 0.05
# The plain solve is of floats in columns, rounds nothing, checks nothing and does not say what binds: being exact
# may cost some times that, and it is no more for an input where a root finder would be slow to settle.
ROOT_FINDER_LIMIT = 15.0
K, CMAX, GMIN, GMAX, FLOOR, GROWTH = 0.2, 0.01, 0.01, 0.08, 0.05, 0.04

Floats = npt.NDArray[np.float64]


def main(lines: int) -> list[Ratio]:
    """Ratios to the limit in seconds, and to scipy's root finder; neither depends on `lines`."""
    random = np.random.default_rng(1)
    baseline = np.round(random.uniform(1e8, 9e8, AREAS), 2)
    share = baseline * random.uniform(0.9, 1.1, AREAS)
    share = np.round(share / share.sum(), 12)
    share[0] += 1 - share.sum()
    areas = [f"{place:02}" for place in range(AREAS)]
    exact = dict(zip(areas, (Decimal(f"{held:.2f}") for held in baseline), strict=True))
    shares = dict(zip(areas, (Decimal(f"{each:.12f}") for each in share), strict=True))
    first = (sum(exact.values(), Decimal(0)) * Decimal("1.04")).quantize(Decimal("0.01"))
    money = growing_money(first, [Decimal(str(GROWTH))] * (YEARS - 1))
    asked = Parameters(
        **{
            name: Decimal(str(value))
            for name, value in (("k", K), ("cmax", CMAX), ("gmin", GMIN), ("gmax", GMAX), ("floor", FLOOR))
        }
    )
    ours = median_seconds(lambda: path(exact, shares, money, asked), runs=25)
    plain = median_seconds(lambda: _root_finder(baseline, share, [float(each) for each in money]), runs=25)
    what = f"allocate {YEARS} years × {AREAS} areas"
    return [
        Ratio(what, ours, SECONDS, 1),
        Ratio("the same ÷ floats by scipy.optimize.brentq", ours, plain, ROOT_FINDER_LIMIT),
    ]


def _root_finder(baseline: Floats, share: Floats, money: list[float]) -> Floats:
    """Each year's g0 by Brent's method over whole columns of floats."""
    held = baseline
    for amount in money:
        distance = held / held.sum() / share - 1
        asked = -np.sign(distance) * np.minimum(CMAX, K * np.abs(distance))
        least = (1 - FLOOR) * share * amount
        g0 = optimize.brentq(_over, -1, 1, args=(held, asked, least, amount), xtol=1e-15)
        held = _given(g0, held, asked, least)
    return held


def _given(g0: float, held: Floats, asked: Floats, least: Floats) -> Floats:
    return np.maximum(held * (1 + np.clip(g0 + asked, GMIN, GMAX)), least)


def _over(g0: float, held: Floats, asked: Floats, least: Floats, amount: float) -> float:
    return float(_given(g0, held, asked, least).sum()) - amount
