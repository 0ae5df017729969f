"""Explains the numbers of a year's allocations: each down to the baselines, shares, money and parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.pace import Allocated, AllocationError, AreaAllocation

NUMBERS = (
    "baseline",
    "allocation",
    "growth",
    "correction",
    "target",
    "opening_distance",
    "closing_distance",
    "share",
)
"""What can be explained of an area, by the name of its column."""
OF_A_YEAR = ("money", "g0", "furthest", "above_target")
"""What can be explained of a year as a whole."""


@dataclass(frozen=True, slots=True)
class Origins:
    """Where the inputs of a year came from: in words, with a confidence. A share or baseline may bring its own
    explanation by area, which then stands in the place of the words. `names` are what areas are called."""

    baseline: tuple[str, Confidence | str]
    share: tuple[str, Confidence | str]
    money: tuple[str, Confidence | str]
    parameters: tuple[str, Confidence | str] = ("set in what was asked", Confidence.CHOSEN)
    baselines: Mapping[str, Explained] = field(default_factory=dict)
    shares: Mapping[str, Explained] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def explain(year: Allocated, area: str, number: str, origins: Origins) -> Explained:
    """One number of `NUMBERS` of an area. Raises `AllocationError` for another, or an area that is not there."""
    makers: dict[str, Callable[[_Explainer], Explained]] = {
        "baseline": _Explainer.baseline,
        "allocation": _Explainer.allocation,
        "growth": _Explainer.growth,
        "correction": _Explainer.correction,
        "target": _Explainer.target,
        "opening_distance": _Explainer.opening,
        "closing_distance": _Explainer.closing,
        "share": _Explainer.share,
    }
    if number not in makers:
        raise AllocationError(f"{number!r} is no number of an allocation: choose from {', '.join(NUMBERS)}.")
    areas = {each.area: each for each in year.areas}
    if area not in areas:
        raise AllocationError(f"{area!r} has no allocation here: choose from {', '.join(sorted(areas))}.")
    return makers[number](_Explainer(year, areas[area], origins))


def explain_year(year: Allocated, number: str, origins: Origins) -> Explained:
    """One number of `OF_A_YEAR`. Raises `AllocationError` for another."""
    makers = {"money": _money, "g0": _g0, "furthest": _furthest, "above_target": _above_target}
    if number not in makers:
        raise AllocationError(f"{number!r} is no number of a year: choose from {', '.join(OF_A_YEAR)}.")
    return makers[number](year, origins)


def _money(year: Allocated, origins: Origins) -> Explained:
    return given("Money to be shared", "Q", year.money, "£", *origins.money)


def _baselines(year: Allocated, origins: Origins) -> Explained:
    whole = sum((each.baseline for each in year.areas), Decimal(0))
    return given(f"All {len(year.areas)} baselines together", "ΣB", whole, "£", *origins.baseline)


def _g0(year: Allocated, origins: Origins) -> Explained:
    return Explained(
        "Growth of an area at its target that no bound holds",
        "g0",
        year.g0,
        "share",
        f"The one growth at which the allocations of all {len(year.areas)} areas sum to the money, found exactly.",
        "ΣA(g0) = Q",
        (_money(year, origins), _baselines(year, origins)),
    )


def _furthest(year: Allocated, origins: Origins) -> Explained:
    area = max(year.areas, key=lambda each: (abs(each.closing_distance), each.area))
    return Explained(
        "Furthest from target",
        "max |closing d|",
        abs(area.closing_distance),
        "share",
        "The largest closing distance of any area, of either sign.",
        "max |A ÷ T − 1|",
        (_Explainer(year, area, origins).closing(),),
    )


def _above_target(year: Allocated, origins: Origins) -> Explained:
    over = [each for each in year.areas if each.allocation > each.target]
    above = sum((each.allocation - each.target for each in over), Decimal(0))
    return Explained(
        "Money above target",
        "above",
        above / year.money,
        "share",
        "What areas over target have beyond it, as a share of all the money: as much as the others lack.",
        "Σ max(0, A − T) ÷ Q",
        (
            Explained(
                f"What {len(over)} areas over target have beyond it",
                "Σ max(0, A − T)",
                above,
                "£",
                "Each such area’s allocation less its target, added up.",
                "Σ max(0, A − T)",
            ),
            _money(year, origins),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Explainer:
    year: Allocated
    of: AreaAllocation
    origins: Origins

    @property
    def name(self) -> str:
        return self.origins.names.get(self.of.area, self.of.area)

    def allocation(self) -> Explained:
        of, limits = self.of, self.year.parameters
        inputs = [self.baseline(), self._wanted_growth()]
        formula, words = "A = B × (1 + g)", "the baseline, grown"
        if limits.floor is not None:
            formula = "A = max(B × (1 + g), (1 − f) × T)"
            words = "the baseline grown, or if that is more, the target less the most that an area may be below it"
            inputs += [
                self._parameter("f", "the most that an area may be below target", limits.floor),
                self.target(),
            ]
        if limits.no_overshoot:
            formula += ", not past T"
            words += "; not carried past its target by its correction"
            inputs += [] if limits.floor is not None else [self.target()]
        held = f" Here it was decided by: {of.held}." if of.held else ""
        return Explained(
            f"Allocation of {self.name}",
            "A",
            of.allocation,
            "£",
            f"{words[0].upper()}{words[1:]}; then to the penny, so that all allocations sum to the money: the "
            f"largest remainders are rounded up.{held}",
            formula,
            tuple(inputs),
        )

    def baseline(self) -> Explained:
        own = self.origins.baselines.get(self.of.area)
        return own or given(f"Baseline of {self.name}", "B", self.of.baseline, "£", *self.origins.baseline)

    def share(self) -> Explained:
        own = self.origins.shares.get(self.of.area)
        return own or given(f"Target share of {self.name}", "s", self.of.share, "share", *self.origins.share)

    def target(self) -> Explained:
        return Explained(
            f"Target of {self.name}",
            "T",
            self.of.target,
            "£",
            "The area’s target share of the money, to the penny.",
            "T = s × Q",
            (self.share(), self._money()),
        )

    def opening(self) -> Explained:
        return Explained(
            f"Opening distance from target of {self.name}",
            "d",
            self.of.opening_distance,
            "share",
            "The area’s part of all baselines against its target share; above nought is over target.",
            "d = (B ÷ ΣB) ÷ s − 1",
            (self.baseline(), _baselines(self.year, self.origins), self.share()),
        )

    def correction(self) -> Explained:
        limits = self.year.parameters
        inputs = [
            self.opening(),
            self._parameter("k", "speed: the part of a distance asked for in a year", limits.k),
        ]
        inner, words = "|d|", "The speed times the distance from target"
        if limits.deadband is not None:
            inputs.append(self._parameter("deadband", "distance that is left alone", limits.deadband))
            inner, words = "max(0, |d| − deadband)", f"{words}, less what is left alone"
        amount = f"k × {inner}"
        if limits.cmax is not None:
            inputs.append(self._parameter("cmax", "largest correction", limits.cmax))
            amount, words = f"min(cmax, {amount})", f"{words}, and at most cmax"
        return Explained(
            f"Correction for {self.name}",
            "c",
            self.of.correction,
            "share",
            f"{words}: added to growth below target, taken from it above.",
            f"c = −sign(d) × {amount}",
            tuple(inputs),
        )

    def growth(self) -> Explained:
        return Explained(
            f"Growth of {self.name}",
            "growth",
            self.of.growth,
            "share",
            "The allocation against the baseline, less 1.",
            "growth = A ÷ B − 1",
            (self.allocation(), self.baseline()),
        )

    def closing(self) -> Explained:
        return Explained(
            f"Closing distance from target of {self.name}",
            "closing d",
            self.of.closing_distance,
            "share",
            "The allocation against the target before its rounding to the penny, less 1; above nought is over target.",
            "closing d = A ÷ T − 1",
            (self.allocation(), self.target()),
        )

    def _wanted_growth(self) -> Explained:
        """g of the formula: before the floor, the target and the penny have their say."""
        limits, of = self.year.parameters, self.of
        wanted = self.year.g0 + of.correction
        inputs = [self._g0(), self.correction()]
        formula, words = "g = g0 + c", "The growth of an area at target, and the area’s correction"
        low = of.guarantee if of.guarantee is not None else Decimal(-1)
        if limits.gmin is not None:
            inputs.append(self._guarantee())
        if limits.gmax is not None:
            inputs.append(self._parameter("gmax", "most growth", limits.gmax))
        if limits.gmin is not None or limits.gmax is not None:
            formula = "g = g0 + c, from gmin to gmax" if limits.gmax is not None else "g = max(gmin, g0 + c)"
            words += ", kept between the least and the most growth"
        grown = max(low, wanted)
        grown = grown if limits.gmax is None else min(grown, limits.gmax)
        return Explained(
            f"Growth asked for, {self.name}", "g", grown, "share", f"{words}.", formula, tuple(inputs)
        )

    def _g0(self) -> Explained:
        return _g0(self.year, self.origins)

    def _guarantee(self) -> Explained:
        limits = self.year.parameters
        least = self._parameter("gmin", "least growth", limits.gmin)
        if limits.taper is None:
            return least
        u0, u1 = limits.taper
        return Explained(
            f"Least growth of {self.name}",
            "gmin of the area",
            self.of.guarantee if self.of.guarantee is not None else "none",
            "share",
            "Whole up to u0 over target, falling in a line towards no growth, and no guarantee from u1 on.",
            "gmin × (u1 − d) ÷ (u1 − u0)",
            (
                least,
                self._parameter("u0", "over target, where the guarantee begins to fade", u0),
                self._parameter("u1", "over target, where it has gone", u1),
                self.opening(),
            ),
        )

    def _money(self) -> Explained:
        return _money(self.year, self.origins)

    def _parameter(self, symbol: str, name: str, value: Decimal | None) -> Explained:
        told = Decimal(0) if value is None else value
        source, confidence = self.origins.parameters
        return given(
            f"{name[0].upper()}{name[1:]}",
            symbol,
            told,
            "share",
            source if value is not None else f"not given, which is as if 0; {source}",
            confidence,
        )
