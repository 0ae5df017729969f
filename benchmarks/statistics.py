"""Statistics: limits of a million rows beside one gamma quantile a row, and every control chart at once."""

from __future__ import annotations

import numpy as np
from scipy import special

from benchmarks import Ratio, median_seconds
from speccom.insight.statistics import control_chart, funnel, intervals, rates

ROWS = 1_000_000
LINES, AREAS, MONTHS = 317, 42, 60
CHARTS_LIMIT = 2.0


def main(lines: int) -> list[Ratio]:
    """Ratios to scipy's gamma quantile over the same million rows, and of the charts to their limit in seconds.

    None depends on `lines`.
    """
    draws = np.random.default_rng(20260401)
    expected = draws.gamma(2.0, 30.0, ROWS) + 0.1
    observed = draws.poisson(expected).astype(float)
    population = np.ceil(expected * 100)
    quantile = median_seconds(lambda: special.gammaincinv(expected, 0.025))
    months = draws.poisson(20, (LINES, AREAS, MONTHS)).astype(float)
    months[draws.random(months.shape) < 0.05] = np.nan

    def closed_forms() -> None:
        intervals.byar(observed)
        intervals.wilson(np.minimum(observed, population), population)
        funnel.proportion_limits(population, 0.01)

    return [
        Ratio("Byar, Wilson and proportion funnel", median_seconds(closed_forms), quantile, 1),
        Ratio(
            "standardised ratios with limits",
            median_seconds(lambda: rates.standardised_ratio(observed, expected)),
            quantile,
            1,
        ),
        Ratio(
            "ratio funnel, two quantiles a row",
            median_seconds(lambda: funnel.ratio_limits(expected)),
            quantile,
            3,
        ),
        Ratio(
            "control charts, every line and area over 60 months",
            median_seconds(lambda: control_chart.xmr(months, rebase=[36], improvement="decrease", target=18)),
            CHARTS_LIMIT,
            1,
        ),
    ]
