"""The made-up country in which lines happen: who does how much of what, and what all of it costs.

Everything that providers share is decided here, once, from the register and the content tables; workers
then draw each provider's lines from it without another look at either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from speccom.contracts.synthesise import catalogue as catalogues
from speccom.contracts.synthesise import places as all_places
from speccom.contracts.synthesise import shapes
from speccom.contracts.synthesise.catalogue import REACH_KM, STATUSES, Catalogue, Floats, Ints, Mask, Offer
from speccom.contracts.synthesise.demand import Demand
from speccom.contracts.synthesise.patients import Patients
from speccom.contracts.synthesise.places import Places
from speccom.contracts.synthesise.shapes import ProviderShape
from speccom.period import FinancialYear, Month
from speccom.register import Register

# What an acute trust that is no neuroscience centre does of neurosciences, beside one that is.
_OUTSIDE_A_CENTRE = 0.1


@dataclass(frozen=True, eq=False)
class World:
    """All that a worker needs to draw the lines of one provider.

    `weights` are providers × offers; `counts` (lines) and `pence` are pools × providers. `demand` is what
    is planted, where the world is one year of several.
    """

    year: FinancialYear
    months: tuple[int, ...]
    seed: int
    lines: int
    providers: list[str]
    catalogue: Catalogue
    places: Places
    patients: Patients
    weights: npt.NDArray[np.float32]
    counts: Ints
    pence: Ints
    demand: Demand | None = None


def build(register: Register, year: FinancialYear, months: list[int], lines: int, seed: int) -> World:
    """The world of one year. Sizes, flows and volumes are synthetic assumptions; codes and payers are real."""
    periods = [Month(year, number) for number in months]
    providers, catalogue, places, weights = country(register, periods, [periods[0].start])
    counts = line_counts(catalogue, weights, lines_by_pool(pool_shares(), lines))
    return World(
        year=year,
        months=tuple(months),
        seed=seed,
        lines=lines,
        providers=providers,
        catalogue=catalogue,
        places=places,
        patients=Patients.plan(places.people, catalogue.codes, catalogue.volume, lines, year, seed),
        weights=weights.astype(np.float32),
        counts=counts,
        pence=money(catalogue, weights, weights * expected_costs(catalogue), counts, pool_pence(len(months))),
    )


def country(
    register: Register, periods: list[Month], starts: list[date], from_nearest: bool = False
) -> tuple[list[str], Catalogue, Places, Floats]:
    """Who provides, what is offered (by status on the first of `starts`), where, and how much of it by whom."""
    providers = _open_providers(register)
    catalogue = catalogues.build(register, periods, starts)
    weights = _provider_shares(register, providers, catalogue) * catalogue.volume
    reaches = range(len(REACH_KM))
    sizes = np.stack([weights[:, catalogue.reach == reach].sum(axis=1) for reach in reaches])
    places = all_places.build(register, periods, providers, sizes, from_nearest)
    weights[np.ix_(~places.host_known, _paid_by_host(catalogue))] = 0
    return providers, catalogue, places, weights


def apportion(total: int, weights: Floats) -> Ints:
    """Split a whole number by weights so that the parts sum to it exactly (largest remainders)."""
    # In whole numbers of any size: a float would lose pence of a large sum.
    whole = [int(weight) for weight in np.round(weights / max(weights.sum(), 1e-300) * 2**40)]
    if not sum(whole):
        return np.zeros(len(weights), dtype=np.int64)
    parts, remainders = zip(*(divmod(total * weight, sum(whole)) for weight in whole), strict=True)
    result = np.array(parts, dtype=np.int64)
    order = sorted(range(len(whole)), key=lambda index: (-remainders[index], index))
    result[order[: total - sum(parts)]] += 1
    return result


def pool_pence(months: int) -> list[int]:
    """Each pool's money for a number of months; any first pools together are right to the nearest penny."""
    pounds = np.cumsum([pool.pounds_a_year for pool in shapes.pools()])
    ends = [(int(total) * 100 * months * 2 + 12) // 24 for total in [0, *pounds]]
    return [end - start for start, end in pairwise(ends)]


def _open_providers(register: Register) -> list[str]:
    """English trusts that are open and of a kind that sees patients of specialised services."""
    statuses = register.facts.load("providers").of("provider status")
    return sorted(
        code
        for code, provider in register.providers.items()
        if statuses[code][0].value == "open"
        and None not in (provider.host_icb, provider.region, provider.longitude)
        and shapes.provider_shape(provider.name).role != "none"
    )


def _provider_shares(register: Register, providers: list[str], catalogue: Catalogue) -> Floats:
    """Each provider's share of each offer (columns sum to 1): centres are mostly the biggest of a kind."""
    own = [shapes.provider_shape(register.providers[code].name) for code in providers]
    neuroscience = register.facts.load("neuroscience_centres").of("neuroscience centre")
    share = np.zeros((len(providers), len(catalogue.offers)))
    sizes_by_name, chances = _of_names(tuple(catalogue.codes), tuple(providers))
    for column, offer in enumerate(catalogue.offers):
        fits = [
            _fit(kind, offer, provider in neuroscience) for kind, provider in zip(own, providers, strict=True)
        ]
        sizes = np.array(fits) * sizes_by_name[column]
        # A draw without replacement, in which a size is a chance that belongs to the line and provider.
        late = np.divide(-np.log(chances[column]), sizes**2, out=np.full(len(sizes), np.inf), where=sizes > 0)
        sizes[np.argsort(late, kind="stable")[offer.look.centres :]] = 0
        share[:, column] = sizes / sizes.sum()
    return share


@lru_cache(maxsize=1)
def _of_names(codes: tuple[str, ...], providers: tuple[str, ...]) -> tuple[Floats, Floats]:
    """How big each provider is at each line beside its kind, and its chance of doing it: offers × providers.

    Kept because every year of a range asks for the same.
    """
    sizes = [[shapes.lognormal(0.5, "size", code, provider) for provider in providers] for code in codes]
    chances = [[shapes.fraction("centre", code, provider) for provider in providers] for code in codes]
    return np.array(sizes), np.array(chances)


def _fit(kind: ProviderShape, offer: Offer, neuroscience: bool) -> float:
    """How big a provider is at an offer; zero where it is not of the kind that does it."""
    roles = offer.look.roles
    if kind.service_lines is not None:
        named = kind.service_lines.search(re.sub(r"\(.*?\)", "", offer.line.name)) is not None
        return kind.size if named and roles & {"specialist", "neuroscience"} else 0.0
    if "neuroscience" in roles and not neuroscience:
        return kind.size * _OUTSIDE_A_CENTRE if kind.role in roles else 0.0
    return kind.size if (neuroscience and "neuroscience" in roles) or kind.role in roles else 0.0


def _paid_by_host(catalogue: Catalogue) -> Mask:
    """Offers paid by where the provider lies: not made for a provider whose board was split."""
    hosted = np.isin(catalogue.status, [STATUSES["RED"], STATUSES["BLUE"]]).any(axis=0)
    return catalogue.having("held_centrally") | (hosted & catalogue.having("status"))


def pool_shares() -> Floats:
    """The share of each pool in the lines of a year."""
    shares = shapes.data_set_shares()
    return np.array([shares[pool.data_set] * pool.lines for pool in shapes.pools()])


def lines_by_pool(wanted: Floats, lines: int) -> Ints:
    """`lines` by pool as `wanted`; every pool has at least one, for it has money."""
    counts: Ints = 1 + apportion(max(lines - len(wanted), 0), wanted)
    return counts


def line_counts(catalogue: Catalogue, volume: Floats, by_pool: Ints) -> Ints:
    """Lines by pool and provider; `volume` is providers × offers."""
    return np.stack(
        [
            apportion(int(count), volume[:, catalogue.pool == number].sum(axis=1))
            for number, count in enumerate(by_pool)
        ]
    )


def money(catalogue: Catalogue, volume: Floats, cost: Floats, counts: Ints, by_pool: list[int]) -> Ints:
    """Pence by pool and provider: lines × the cost to expect of the provider's mix of services.

    `volume`, and `cost` (volume × what a line costs), are providers × offers.
    """
    found = []
    for number, pence in enumerate(by_pool):
        own = catalogue.pool == number
        mean = cost[:, own].sum(axis=1) / np.maximum(volume[:, own].sum(axis=1), 1e-12)
        found.append(apportion(pence, counts[number] * mean))
    return np.stack(found)


def pence_by_cost(world: World, providers: list[int], costs: list[Floats]) -> Ints:
    """The pence of each pool shared out by what lines cost; `costs` are the pools' of each of `providers`."""
    by_pool = np.zeros(world.pence.shape)
    by_pool[:, providers] = np.array(costs).T
    return np.stack([apportion(int(own.sum()), cost) for own, cost in zip(world.pence, by_pool, strict=True)])


def expected_costs(catalogue: Catalogue) -> Floats:
    return np.array([_expected_cost(catalogue, number) for number in range(len(catalogue.offers))])


def _expected_cost(catalogue: Catalogue, number: int) -> float:
    """The mean cost of an offer's lines before they are scaled to the pool's money."""
    items = catalogue.items[number]
    if items.any():
        return float(np.average([item.price * item.quantity for item in shapes.all_items()], weights=items))
    own = [look for look in shapes.deliveries() if look.shape == catalogue.offers[number].shape]
    # Stays end with the month, so that a day's price is paid for fewer days than the mean stay.
    mean = sum(look.weight * look.cost * (1 + 0.6 * look.stay if look.per_day else 1) for look in own)
    return float(mean * catalogue.cost_factor[number])
