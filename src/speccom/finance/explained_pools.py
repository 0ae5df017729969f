"""Explains the numbers of a pool: each down to cases, the cost of a case, the retention and what was drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.pool_results import Pool
from speccom.finance.pool_years import TAIL, Spread
from speccom.finance.pools import Arrangement, By, Kind, Member, PoolError, Terms, Weighting

_SPREADS = {
    "mean": ("Mean of a year's cost", "mean of the simulated years", "£"),
    "sd": ("Standard deviation of a year's cost", "root of the mean squared distance from the mean", "£"),
    "p50": ("Median of a year's cost", "cost that half of the simulated years pass", "£"),
    "p90": ("Cost passed in one year of ten", "90th percentile of the simulated years", "£"),
    "p95": ("Cost passed in one year of twenty", "95th percentile of the simulated years", "£"),
    "p99": ("Cost passed in one year of a hundred", "99th percentile of the simulated years", "£"),
    "shortfall": ("Expected shortfall", f"mean of the costliest {TAIL:.0%} of the simulated years", "£"),
    "over": ("Chance of overspending", "simulated years above budget × (1 + q) ÷ all of them", "share"),
    "missed": (
        "Chance of missing budget",
        "simulated years further than q from budget ÷ all of them",
        "share",
    ),
}
_TERMS = ("expected_cases", "expected_cost", "premium", "retained", "share", "contribution", "transfer")
NUMBERS = (*_TERMS, *(f"{name}_{of}" for name in _SPREADS for of in ("alone", "pool")))
"""What can be explained of an area."""


def explain(found: Pool, area: str, number: str) -> Explained:
    """One number of `NUMBERS` of an area. Raises `PoolError` for another, or an area that is not in the pool."""
    agreed = {each.code: each for each in found.terms}
    if area not in agreed:
        raise PoolError(f"{area!r} is not in this pool: choose from {', '.join(sorted(agreed))}.")
    if number not in NUMBERS:
        raise PoolError(f"{number!r} is no number of a pool: choose from {', '.join(NUMBERS)}.")
    member = next(each for each in found.members if each.code == area)
    explainer = _Explainer(found, agreed[area], member)
    if number in _TERMS:
        make: Callable[[], Explained] = getattr(explainer, number)
        return make()
    name, _, of = number.rpartition("_")
    return explainer.spread(name, of)


@dataclass(frozen=True, slots=True)
class _Explainer:
    found: Pool
    of: Terms
    member: Member

    @property
    def arrangement(self) -> Arrangement:
        return self.found.arrangement

    def expected_cost(self) -> Explained:
        return Explained(
            f"Expected cost of {self.of.name}, its budget",
            "B",
            self.of.expected_cost,
            "£",
            "The cases that it expects, each at the mean cost of a case.",
            "B = λ × E[X]",
            (self.expected_cases(), self._mean()),
        )

    def premium(self) -> Explained:
        name = f"Premium of {self.of.name}"
        if self.arrangement.kind == Kind.SHARE:
            return Explained(
                name,
                "π",
                self.of.premium,
                "£",
                "The part of its expected cost that is pooled.",
                "π = part × B",
                (
                    self._chosen("Part of every pound", "part", self.arrangement.part, "share"),
                    self.expected_cost(),
                ),
            )
        if self.arrangement.by == By.AREA:
            return Explained(
                name,
                "π",
                self.of.premium,
                "£",
                "How far its year S is expected to pass its retention: the chance of passing each pound from there on.",
                "π = E[(S − L)⁺] = ∫ P(S > x) dx from L",
                (
                    self.expected_cases(),
                    self._mean(),
                    self._variation(),
                    self._between_years(),
                    self._retention(),
                ),
            )
        excess = Decimal(float(self.member.costs.excess(float(self.of.retention or 0))))
        beyond = Explained(
            "What a case is expected to cost above the retention",
            "E[(X − L)⁺]",
            excess,
            "£",
            "Over the distribution of a case's cost: what lies above the retention, cases below it counting nothing.",
            "E[(X − L)⁺] = E[X] − E[min(X, L)]",
            (self._mean(), self._variation(), self._retention()),
        )
        return Explained(
            name,
            "π",
            self.of.premium,
            "£",
            "The cases that it expects, each with what lies above the retention.",
            "π = λ × E[(X − L)⁺]",
            (self.expected_cases(), beyond),
        )

    def retained(self) -> Explained:
        return Explained(
            f"Expected cost that stays with {self.of.name}",
            "B − π",
            self.of.retained,
            "£",
            "Its expected cost less its premium.",
            "retained = B − π",
            (self.expected_cost(), self.premium()),
        )

    def share(self) -> Explained:
        by = self.arrangement.weighting
        if by == Weighting.PREMIUM:
            own: Explained = self.premium()
        elif by == Weighting.EXPECTED:
            own = self.expected_cost()
        elif by == Weighting.POPULATION:
            own = given(
                f"Population of {self.of.name}",
                "w",
                self.member.population,
                "people",
                "NHS England's allocation practice file, summed to boards, or what was given",
                Confidence.INFERRED,
            )
        else:
            own = given(f"Share given for {self.of.name}", "w", self.member.share, "", *self._told)
        return Explained(
            f"Share of {self.of.name} in what is pooled",
            "s",
            Decimal(self.of.share.numerator) / Decimal(self.of.share.denominator),
            "share",
            f"Its {by} over that of all {len(self.found.terms)} areas."
            if by != Weighting.GIVEN
            else f"The share given for it over those of all {len(self.found.terms)} areas.",
            "s = w ÷ Σw",
            (own,),
        )

    def contribution(self) -> Explained:
        return Explained(
            f"Contribution of {self.of.name}",
            "s × Σπ",
            self.of.contribution,
            "£",
            "Its share of the premiums of all areas, to the penny by largest remainder.",
            "contribution = s × Σπ",
            (self.share(), self._premiums()),
        )

    def transfer(self) -> Explained:
        return Explained(
            f"What the pool is expected to move to {self.of.name}",
            "π − s × Σπ",
            self.of.transfer,
            "£",
            "Its premium less its contribution; nothing where areas share by premium.",
            "transfer = π − s × Σπ",
            (self.premium(), self.contribution()),
        )

    def spread(self, name: str, of: str) -> Explained:
        """One number of the simulated years, alone or in the pool, with its error."""
        title, words, unit = _SPREADS[name]
        outcome = next(each for each in self.found.simulated.outcomes if each.code == self.of.code)
        spread: Spread = outcome.alone if of == "alone" else outcome.pooled
        formula = "S = X₁ + … + X_N" if of == "alone" else "Y = S − handed over + s × Σ handed over"
        inputs = [
            self.expected_cost(),
            self._variation(),
            self._between_years(),
            self._chosen("Simulated years", "n", self.found.simulated.simulations, "years"),
            self._chosen("Seed of the random numbers", "seed", self.found.simulated.seed, ""),
            given(
                "Standard error of Monte Carlo",
                "±",
                _rounded(spread.error(name), unit),
                unit,
                "how far this number would stray with other seeds",
                Confidence.COMPUTED,
            ),
        ]
        if of == "pool":
            inputs[1:1] = [self.premium(), self.share()]
        if name in ("over", "missed"):
            inputs.append(
                self._chosen(
                    "How far a budget may be missed", "q", Decimal(str(self.found.simulated.q)), "share"
                )
            )
        where = "going alone" if of == "alone" else "in the pool"
        return Explained(
            f"{title}, {self.of.name} {where}",
            f"{name}",
            _rounded(getattr(spread, name), unit),
            unit,
            f"{words[0].upper()}{words[1:]}; each is a drawn number N of cases, each at a drawn cost, "
            "or from 30 expected cases on a gamma distribution of the same mean and variance.",
            formula,
            tuple(inputs),
        )

    # --- what came in

    @property
    def _told(self) -> tuple[str, Confidence]:
        return self.found.source, Confidence.INFERRED

    def expected_cases(self) -> Explained:
        cases = Decimal(str(self.of.expected_cases))
        return given(f"Cases that {self.of.name} expects in a year", "λ", cases, "cases", *self._told)

    def _mean(self) -> Explained:
        return given("Mean cost of a case", "E[X]", Decimal(self.member.costs.mean), "£", *self._told)

    def _variation(self) -> Explained:
        variation = Decimal(f"{self.member.costs.variation:.6g}")
        return given(
            "Variation of a case's cost (standard deviation ÷ mean)", "c", variation, "", *self._told
        )

    def _between_years(self) -> Explained:
        variance = Decimal(f"{self.found.chances.between_years:.6g}")
        return given("Variance between years, beyond chance", "1/r", variance, "", *self._told)

    def _retention(self) -> Explained:
        if self.arrangement.retention_share is None:
            return self._chosen("Retention", "L", self.of.retention, "£")
        return Explained(
            f"Retention of {self.of.name}",
            "L",
            self.of.retention,
            "£",
            "The chosen share of its expected cost.",
            "L = share × B",
            (
                self._chosen("Retention as a share", "share", self.arrangement.retention_share, "share"),
                self.expected_cost(),
            ),
        )

    def _premiums(self) -> Explained:
        whole = sum((each.premium for each in self.found.terms), Decimal(0))
        return Explained(
            f"Premiums of all {len(self.found.terms)} areas",
            "Σπ",
            whole,
            "£",
            "Each area's premium, added up.",
            "Σπ",
            tuple(
                given(f"Premium of {each.name}", "π", each.premium, "£", "this pool", Confidence.COMPUTED)
                for each in self.found.terms
            ),
        )

    def _chosen(self, name: str, symbol: str, value: Decimal | int | None, unit: str) -> Explained:
        return given(name, symbol, value, unit, "set by whoever asked", Confidence.CHOSEN)


def _rounded(value: float, unit: str) -> Decimal:
    return Decimal(value).quantize(Decimal("0.01") if unit == "£" else Decimal("0.00001"))
