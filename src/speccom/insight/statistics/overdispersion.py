"""How much more areas differ than chance allows, and funnel limits that allow for it; knows no area's name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from speccom.insight.statistics.numbers import (
    Flags,
    Limits,
    Numbers,
    StatisticsError,
    normal_quantile,
    numbers,
    refuse,
    together,
)


@dataclass(frozen=True)
class Scale:
    """A scale on which a ratio's variance does not depend on its size, and the way back."""

    forward: Callable[[Numbers], Numbers]
    back: Callable[[Numbers], Numbers]
    variance: Callable[[Numbers], Numbers]
    """Of the transformed ratio, from the expected events."""


SCALES = {
    "log": Scale(np.log, np.exp, lambda expected: 1 / expected),
    "square root": Scale(np.sqrt, np.square, lambda expected: 1 / (4 * expected)),
}


@dataclass(frozen=True)
class Overdispersion:
    """How overdispersed each indicator is: arrays over indicators (…) and over units (…, units).

    `phi`: the mean squared z after trimming or winsorising, 1 if chance alone made the differences;
    `phi_all`: the same before. `tau_squared`: the variance between units on the method's scale, 0 where
    chance is enough. `units`: how many took part. `z`: each unit's own z (NaN where it took no part).
    `phi` and `tau_squared` are NaN where fewer than two units took part. `z_adjusted`: the unit's z once the
    variance between units is allowed for.
    """

    scale: str
    target: float
    phi: Numbers
    phi_all: Numbers
    tau_squared: Numbers
    units: Numbers
    z: Numbers
    z_adjusted: Numbers

    def limits(self, expected: ArrayLike, confidence: ArrayLike = 0.95) -> Limits:
        """Funnel limits of the ratio at each number of `expected` events (…, points), allowing for τ².

        g⁻¹(g(target) ± z √(s² + τ²)), g and s² the method's scale; never below 0. NaN where `expected` is
        0 or NaN, or τ² is not known. Errors: negative or infinite numbers.
        """
        scale = SCALES[self.scale]
        events, between = together(
            expected=numbers("expected", expected), tau_squared=self.tau_squared[..., None]
        )
        variance = scale.variance(np.where(events == 0, np.nan, events)) + between
        spread = normal_quantile(confidence) * np.sqrt(variance)
        centre = scale.forward(np.asarray(self.target))
        lower = centre - spread
        if self.scale == "square root":
            lower = np.maximum(lower, 0.0)
        return Limits(scale.back(lower), scale.back(centre + spread))


def shmi(
    observed: ArrayLike, expected: ArrayLike, *, trim: float = 0.1, target: float = 1.0
) -> Overdispersion:
    """Overdispersion of standardised ratios as the Summary Hospital-level Mortality Indicator estimates it.

    z = (ln(O/E) − ln target) √E; the lowest and highest ⌊trim × N⌋ units are left out by rank of z;
    φ = Σz²/N and τ² = max(0, (Nφ − (N − 1)) / (Σw − Σw²/Σw)), w = E, over those that stay.

    `observed`, `expected`: (…, units). A unit with a missing number, no expected events or no observed
    events (whose logarithm does not exist) takes no part and its z is NaN: use `cqc` where nought is common.
    Errors: negative or infinite numbers, trim outside 0 to 0.5. Source: Spiegelhalter (2005), Handling
    over-dispersion of performance indicators; NHS Digital, SHMI specification; DerSimonian and Laird (1986).
    """
    events, against = _units(observed, expected)
    z = _z("log", np.where(events == 0, np.nan, events), against, target)
    known = ~np.isnan(z)
    cut = np.floor(_share("trim", trim) * known.sum(axis=-1, keepdims=True) + 1e-9)
    rank = np.argsort(np.argsort(z, axis=-1, kind="stable"), axis=-1)  # NaN sorts last
    kept = known & (rank >= cut) & (rank < known.sum(axis=-1, keepdims=True) - cut)
    return _between("log", target, against, z, np.where(kept, z, np.nan), kept)


def cqc(
    observed: ArrayLike, expected: ArrayLike, *, winsorise: float = 0.1, target: float = 1.0
) -> Overdispersion:
    """Overdispersion of standardised ratios as the Care Quality Commission's monitoring estimates it.

    z = 2 (√(O/E) − √target) √E; z beyond the `winsorise` and 1 − `winsorise` quantiles (linear between ranks)
    are set to them; φ = Σz²/N and τ² as for `shmi` with w = 4E, all units taking part.

    `observed`, `expected`: (…, units). A unit with a missing number or no expected events takes no part and
    its z is NaN. Errors: negative or infinite numbers, winsorise outside 0 to 0.5. Source: Spiegelhalter
    and others (2012), Statistical methods for healthcare regulation; DerSimonian and Laird (1986).
    """
    events, against = _units(observed, expected)
    z = _z("square root", events, against, target)
    known = ~np.isnan(z)
    share = _share("winsorise", winsorise)
    lowest, highest = _quantile(z, known, share), _quantile(z, known, 1 - share)
    return _between("square root", target, against, z, np.clip(z, lowest, highest), known)


def _units(observed: ArrayLike, expected: ArrayLike) -> list[Numbers]:
    found = together(observed=numbers("observed", observed), expected=numbers("expected", expected))
    if found[0].ndim == 0 or found[0].shape[-1] == 0:
        raise StatisticsError("observed and expected must have their units (areas, providers) as last axis.")
    return found


def _share(name: str, value: float) -> float:
    share = numbers(name, value, least=None)
    refuse(name, share, ~((share >= 0) & (share < 0.5)), "must lie from 0 to below 0.5")
    return float(share)


def _z(scale: str, events: Numbers, against: Numbers, target: float) -> Numbers:
    aim = numbers("target", target)
    refuse("target", aim, ~(aim > 0), "must be above 0")
    to = SCALES[scale]
    against = np.where(against == 0, np.nan, against)
    return np.asarray((to.forward(events / against) - to.forward(aim)) / np.sqrt(to.variance(against)))


def _quantile(z: Numbers, known: Flags, share: float) -> Numbers:
    """The quantile of the known values of each row, linear between ranks (Hyndman and Fan's type 7)."""
    ordered = np.sort(z, axis=-1)  # NaN sorts last
    place = share * np.maximum(known.sum(axis=-1, keepdims=True) - 1, 0)
    below = np.floor(place).astype(int)
    at = np.take_along_axis(ordered, below, axis=-1)
    above = np.take_along_axis(ordered, np.ceil(place).astype(int), axis=-1)
    return np.asarray(at + (above - at) * (place - below))


def _between(
    scale: str, target: float, against: Numbers, z: Numbers, used: Numbers, kept: Flags
) -> Overdispersion:
    units = kept.sum(axis=-1).astype(float)
    enough = np.where(units >= 2, units, np.nan)
    weight = np.where(kept, 1 / SCALES[scale].variance(np.where(kept, against, 1.0)), 0.0)
    squared = np.where(kept, used * used, 0.0).sum(axis=-1)
    total = np.where(units >= 2, weight.sum(axis=-1), np.nan)
    tau_squared = np.maximum((squared - (enough - 1)) / (total - (weight * weight).sum(axis=-1) / total), 0.0)
    known = ~np.isnan(z)
    count = known.sum(axis=-1)
    variance = SCALES[scale].variance(np.where(known, against, np.nan))
    return Overdispersion(
        scale=scale,
        target=float(target),
        phi=np.asarray(squared / enough),
        phi_all=np.asarray(np.where(known, z * z, 0.0).sum(axis=-1) / np.where(count >= 2, count, np.nan)),
        tau_squared=np.asarray(tau_squared),
        units=np.asarray(units),
        z=z,
        z_adjusted=z * np.sqrt(variance / (variance + tau_squared[..., None])),
    )
