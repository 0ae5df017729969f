"""Small worlds of areas, baselines and shares, and strategies that make more of them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import strategies as st

from speccom.finance.pace import Parameters

FOUR = ("E1", "E2", "E3", "E4")
WORKED_BASELINE = dict(zip(FOUR, map(Decimal, (100, 200, 300, 400)), strict=True))
WORKED_SHARE = dict(zip(FOUR, map(Decimal, ("0.09", "0.21", "0.29", "0.41")), strict=True))
WORKED_MONEY = Decimal(1050)

World = tuple[dict[str, Decimal], dict[str, Decimal], Decimal]
"""Baselines and shares by area, and the money."""

_RATES = st.decimals(0, 1, places=3)


def rate(text: str) -> Decimal:
    return Decimal(text)


def shares_of(weights: Sequence[int], places: int = 12) -> list[Decimal]:
    """Weights as shares that sum to 1 exactly: the last takes what rounding leaves."""
    whole = Decimal(sum(weights))
    found = [(Decimal(weight) / whole).quantize(Decimal(1).scaleb(-places)) for weight in weights[:-1]]
    return [*found, 1 - sum(found, Decimal(0))]


@st.composite
def worlds(draw: st.DrawFn, most_areas: int = 12) -> World:
    """Areas with baselines of up to ten million pounds, most of them some way from their target."""
    number = draw(st.integers(1, most_areas))
    areas = [f"A{place:02}" for place in range(number)]
    weights = draw(st.lists(st.integers(1, 1000), min_size=number, max_size=number))
    pennies = draw(st.lists(st.integers(0, 10**9), min_size=number, max_size=number).filter(any))
    baseline = {area: Decimal(held) / 100 for area, held in zip(areas, pennies, strict=True)}
    growth = draw(st.integers(-200, 300))
    whole = sum(baseline.values(), Decimal(0))
    money = max((whole * (1000 + growth) / 1000).quantize(Decimal("0.01")), Decimal("0.01"))
    return baseline, dict(zip(areas, shares_of(weights), strict=True)), money


@st.composite
def limits(draw: st.DrawFn, *, no_overshoot: bool | None = None) -> Parameters:
    """Any parameters that do not contradict each other."""
    some = draw(st.fixed_dictionaries({}, optional={
        "k": _RATES,
        "cmax": _RATES,
        "deadband": st.decimals(0, "0.2", places=3),
        "gmin": st.decimals("-0.3", "0.05", places=3),
        "gmax": st.decimals("0.05", "0.6", places=3),
        "floor": _RATES,
    }))  # fmt: skip
    ends = sorted(draw(st.tuples(_RATES, _RATES)))
    taper = (ends[0], ends[1]) if draw(st.booleans()) else None
    chosen = draw(st.booleans()) if no_overshoot is None else no_overshoot
    return Parameters(**some, taper=taper, no_overshoot=chosen)
