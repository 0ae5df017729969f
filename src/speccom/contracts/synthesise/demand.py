"""How planted effects change who comes to whom for what in one year; draws nobody and writes nothing.

Without effects each area would use each service in proportion to its people, so that what is planted is
all that can be found beside chance.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from speccom.contracts.synthesise import shapes
from speccom.contracts.synthesise.catalogue import REACH_KM, Catalogue, Floats, Ints, Mask
from speccom.contracts.synthesise.effects import Effect, of_kind
from speccom.contracts.synthesise.places import Places
from speccom.period import Month
from speccom.register import Register

_NEED_YEAR = "2025/26"


@dataclass(frozen=True, eq=False)
class Demand:
    """What one year's effects make of flows, people and costs.

    A year has a phase for each stretch of months between planted steps; `phase` is that of each month.
    `share` (phases × offers × English areas) multiplies a provider's weight × flow; `people` and `cost`
    (phases × offers × all areas) how many people an offer draws from and what its cases cost. `redirected`
    are rows of provider, offer, area, with their weight in each phase in `redirected_weight`. `case_cost`
    is the coefficient of variation of each offer's cases, zero where the usual one holds.
    """

    phase: Ints
    share: Floats
    people: Floats
    cost: Floats
    redirected: Ints
    redirected_weight: Floats
    case_cost: Floats

    def of_provider(self, places: Places, reach: Ints, weights: Floats, provider: int) -> Floats:
        """The weight of each phase, offer and English home of one provider; `weights` are its offers'."""
        flow = np.diff(places.flows[:, provider], axis=1, prepend=0.0)
        found: Floats = self.share * (weights[:, None] * flow[reach])
        for row, (who, offer, area) in enumerate(self.redirected):
            if who == provider:
                found[:, offer, area] += self.redirected_weight[row]
        return found

    def totals(self, places: Places, reach: Ints, weights: Floats, months: Floats) -> tuple[Floats, Floats]:
        """Volume, and volume × relative cost, of each provider and offer in the year."""
        volume, cost = np.zeros(weights.shape), np.zeros(weights.shape)
        for phase, part in enumerate(self.parts(months)):
            relative = self.cost[phase][:, : places.english]
            volume += part * weights * _by_provider(places, reach, self.share[phase])
            cost += part * weights * _by_provider(places, reach, self.share[phase] * relative)
            for row, (provider, offer, area) in enumerate(self.redirected):
                weight = part * self.redirected_weight[row, phase]
                volume[provider, offer] += weight
                cost[provider, offer] += weight * relative[offer, area]
        return volume, cost

    def parts(self, months: Floats) -> Floats:
        """The part of the year in each phase, by the weights of its months."""
        found: Floats = np.bincount(self.phase, weights=months, minlength=len(self.share)) / months.sum()
        return found


def build(
    register: Register,
    catalogue: Catalogue,
    places: Places,
    weights: Floats,
    providers: list[str],
    boards: list[str],
    elapsed: int,
    periods: list[Month],
    seed: int,
) -> tuple[Demand, Floats]:
    """The demand of one year, and the weights of providers × offers as they vary between years.

    `elapsed` counts the years since the first of the range; `boards` are those of the English areas before
    the reorganisation of April 2026.
    """
    phase, starts = _phases(periods)
    setting = _Setting(register, catalogue, tuple(boards), elapsed)
    people = np.stack([setting.factor(_PEOPLE, start) for start in starts])
    cost = np.stack([setting.factor(_COST, start) for start in starts])
    inhabitants = places.people[: places.english] / places.people[: places.english].sum()
    given = _to_areas(places, catalogue.reach, weights)
    even = weights.sum(axis=0)[:, None] * inhabitants
    share = people * np.divide(even, given, out=np.zeros_like(even), where=given > 0)
    weights = weights * _between_years(catalogue, providers, periods[0], seed)
    redirected, moved = _redirected(setting, places, weights, providers, share)
    beyond = ((0, 0), (0, 0), (0, len(places.areas) - places.english))
    demand = Demand(
        phase=phase,
        share=share * (1 - setting.leaving()),
        people=np.pad(people, beyond, constant_values=1.0),
        cost=np.pad(cost, beyond, constant_values=1.0),
        redirected=redirected,
        redirected_weight=moved,
        case_cost=_case_cost(catalogue),
    )
    return demand, weights


def month_weights(periods: list[Month]) -> Floats:
    """How much happens in each month beside the others: by working days and season."""
    return np.array([working_days(period) * shapes.season(period.number) for period in periods])


def working_days(month: Month) -> int:
    """Mondays to Fridays of a month; bank holidays are not taken out."""
    return sum(day.weekday() < 5 for day in dates(month))


def dates(month: Month) -> list[date]:
    return [month.start + timedelta(day) for day in range((month.end - month.start).days)]


@dataclass(frozen=True)
class _Setting:
    """The offers and areas of a year, for finding where an effect acts and how strongly."""

    register: Register
    catalogue: Catalogue
    boards: tuple[str, ...]
    elapsed: int

    def where(self, effect: Effect) -> Mask:
        """Offers × English areas with an effect; the usual spread is not where something else is planted."""
        areas = np.array([effect.area in ("all", board) for board in self.boards])
        found: Mask = np.outer(offers_of(effect, self.catalogue), areas)
        for other in of_kind(*_INSTEAD_OF_SPREAD.get(effect.kind, ())):
            found &= ~self.where(other)
        return found

    def factor(self, kinds: dict[str, Callable[[_Setting, Effect], Floats | float]], on: date) -> Floats:
        """What the effects of some kinds make of each offer and area on a day."""
        found = np.ones((len(self.catalogue.offers), len(self.boards)))
        for effect in of_kind(*kinds):
            if effect.start is None or effect.start <= on:
                strength = np.broadcast_to(kinds[effect.kind](self, effect), found.shape)
                found = np.where(self.where(effect), found * strength, found)
        return found

    def leaving(self) -> Floats:
        """The share of each offer's and area's lines that goes to a named provider."""
        found = np.zeros((len(self.catalogue.offers), len(self.boards)))
        for effect in of_kind("redirect"):
            found = np.where(self.where(effect), found + effect.size, found)
        return found

    def need(self) -> Floats:
        """Each area's need for each head, England being 1; its board's."""
        known = {board: self.register.need_index(board, _NEED_YEAR) for board in set(self.boards)}
        return np.array([float(known[board] or 1) for board in self.boards])

    def spread(self, sigma: float, what: str) -> Floats:
        return _spread(sigma, what, tuple(self.catalogue.codes), self.boards)


_INSTEAD_OF_SPREAD = {"access_spread": ("access", "need_gradient"), "intensity_spread": ("intensity",)}
_PEOPLE: dict[str, Callable[[_Setting, Effect], Floats | float]] = {
    "volume_growth": lambda setting, effect: (1 + effect.size) ** setting.elapsed,
    "volume_step": lambda setting, effect: 1 + effect.size,
    "access": lambda setting, effect: effect.size,
    "need_gradient": lambda setting, effect: setting.need() ** effect.size,
    "access_spread": lambda setting, effect: setting.spread(effect.size, "access"),
}
_COST: dict[str, Callable[[_Setting, Effect], Floats | float]] = {
    "price_drift": lambda setting, effect: (1 + effect.size) ** setting.elapsed,
    "intensity": lambda setting, effect: effect.size,
    "intensity_spread": lambda setting, effect: setting.spread(effect.size, "intensity"),
}


def offers_of(effect: Effect, catalogue: Catalogue) -> Mask:
    """The offers with an effect: a line's care, drugs and devices alike."""
    return np.array([offer.specialised and effect.concerns(offer.line.name) for offer in catalogue.offers])


@lru_cache(maxsize=4)
def _spread(sigma: float, what: str, codes: tuple[str, ...], boards: tuple[str, ...]) -> Floats:
    """Differences between boards that belong to a line and a board, the same in every year."""
    every = sorted(set(boards))
    own = {code: [shapes.lognormal(sigma, what, code, board) for board in every] for code in set(codes)}
    place = [every.index(board) for board in boards]
    return np.array([own[code] for code in codes])[:, place]


def _phases(periods: list[Month]) -> tuple[Ints, list[date]]:
    """The phase of each month, and the day from which each phase holds."""
    steps = {effect.start for effect in of_kind("volume_step") if effect.start}
    starts = [period.start for period in periods]
    begin = [starts[0], *sorted(day for day in steps if starts[0] < day <= starts[-1])]
    return np.array([sum(day <= start for day in begin) - 1 for start in starts]), begin


def _to_areas(places: Places, reach: Ints, weights: Floats) -> Floats:
    """What distance alone would give the areas of each offer: offers × English areas."""
    found = np.zeros((weights.shape[1], places.english))
    for number, flow in _flows_by_reach(places):
        found[reach == number] = weights[:, reach == number].T @ flow
    return found


def _by_provider(places: Places, reach: Ints, share: Floats) -> Floats:
    """Each provider's flows × what multiplies them, summed over homes: providers × offers."""
    found = np.zeros((places.flows.shape[1], len(share)))
    for number, flow in _flows_by_reach(places):
        found[:, reach == number] = flow @ share[reach == number].T
    return found


def _flows_by_reach(places: Places) -> Iterator[tuple[int, Floats]]:
    for number in range(len(REACH_KM)):
        yield number, np.diff(places.flows[number], axis=1, prepend=0.0)


def _between_years(catalogue: Catalogue, providers: list[str], month: Month, seed: int) -> Floats:
    """How a year's volumes of each provider and offer vary: of mean one and squared variation 1 / size."""
    found = np.ones((len(providers), len(catalogue.offers)))
    for effect in of_kind("provider_years"):
        for offer in np.flatnonzero(offers_of(effect, catalogue)):
            name = f"{catalogue.codes[offer]} {month.year}".encode()
            random = np.random.default_rng([seed, zlib.crc32(name)])
            found[:, offer] = random.gamma(effect.size, 1 / effect.size, len(providers))
    return found


def _redirected(
    setting: _Setting, places: Places, weights: Floats, providers: list[str], share: Floats
) -> tuple[Ints, Floats]:
    """Rows of provider, offer and area for lines that go to a named provider, and their weight by phase."""
    given = _to_areas(places, setting.catalogue.reach, weights)
    rows, moved = [], []
    for effect in of_kind("redirect"):
        for offer, area in np.argwhere(setting.where(effect)):
            rows.append((providers.index(effect.provider), offer, area))
            moved.append(effect.size * share[:, offer, area] * given[offer, area])
    return np.array(rows, dtype=np.int64).reshape(-1, 3), np.array(moved).reshape(-1, len(share))


def _case_cost(catalogue: Catalogue) -> Floats:
    found = np.zeros(len(catalogue.offers))
    for effect in of_kind("case_cost"):
        found[offers_of(effect, catalogue)] = effect.size
    return found
