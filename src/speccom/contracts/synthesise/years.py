"""The made-up country over a range of years: the same people from year to year, with what is planted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from speccom.contracts.synthesise import cohort, demand, places, shapes, world
from speccom.contracts.synthesise.catalogue import Catalogue, Floats, Ints, has_status
from speccom.contracts.synthesise.demand import Demand
from speccom.contracts.synthesise.effects import of_kind, returning
from speccom.contracts.synthesise.patients import Patients
from speccom.contracts.synthesise.places import Places
from speccom.contracts.synthesise.world import World
from speccom.period import FinancialYear, Month
from speccom.register import Register


@dataclass(frozen=True, eq=False)
class _Draft:
    """One year before its lines are counted: `volume` and `cost` (volume × what a line costs) are for it."""

    year: FinancialYear
    providers: list[str]
    catalogue: Catalogue
    places: Places
    weights: Floats
    demand: Demand
    volume: Floats
    cost: Floats


def worlds(
    register: Register, years: list[FinancialYear], months: list[int], lines: int, seed: int
) -> Iterator[World]:
    """The world of each year in turn, `lines` being those of all years together.

    Lines are shared out over the years as planted volumes grow, so that what nothing is planted in stays as
    it is. A pool's money grows by the planted growth of the national total alone.
    """
    drafts = [_draft(register, years, elapsed, months, seed) for elapsed in range(len(years))]
    counts = _lines_by_pool(drafts, lines)
    growth = float(np.prod([1 + effect.size for effect in of_kind("national_total")]))
    pence = world.pool_pence(len(months))
    for elapsed, (draft, people) in enumerate(
        zip(drafts, _people(register, drafts, lines, seed), strict=True)
    ):
        by_provider = world.line_counts(draft.catalogue, draft.volume, counts[elapsed])
        yield World(
            year=draft.year,
            months=tuple(months),
            seed=seed,
            lines=int(counts[elapsed].sum()),
            providers=draft.providers,
            catalogue=draft.catalogue,
            places=draft.places,
            patients=people,
            weights=draft.weights.astype(np.float32),
            counts=by_provider,
            pence=world.money(
                draft.catalogue,
                draft.volume,
                draft.cost,
                by_provider,
                [round(own * growth**elapsed) for own in pence],
            ),
            demand=draft.demand,
        )


def _draft(
    register: Register, years: list[FinancialYear], elapsed: int, months: list[int], seed: int
) -> _Draft:
    periods = [Month(years[elapsed], number) for number in months]
    starts = [Month(year, months[0]).start for year in years]
    providers, catalogue, where, weights = world.country(register, periods, starts, from_nearest=True)
    offered = [has_status(register, offer, periods[0].start) for offer in catalogue.offers]
    weights[:, ~np.array(offered)] = 0
    boards = places.boards_before_reorganisation(register, where.areas[: where.english], periods[0].start)
    wanted, weights = demand.build(
        register, catalogue, where, weights, providers, boards, elapsed, periods, seed
    )
    volume, cost = wanted.totals(where, catalogue.reach, weights, demand.month_weights(periods))
    return _Draft(
        year=years[elapsed],
        providers=providers,
        catalogue=catalogue,
        places=where,
        weights=weights,
        demand=wanted,
        volume=volume,
        cost=cost * world.expected_costs(catalogue),
    )


def _lines_by_pool(drafts: list[_Draft], lines: int) -> Ints:
    """Lines by year and pool, summing to `lines`."""
    volumes = np.array(
        [
            [draft.volume[:, draft.catalogue.pool == pool].sum() for pool in range(len(shapes.pools()))]
            for draft in drafts
        ]
    )
    return world.lines_by_pool((world.pool_shares() * volumes / volumes[0]).ravel(), lines).reshape(
        volumes.shape
    )


def _people(register: Register, drafts: list[_Draft], lines: int, seed: int) -> Iterator[Patients]:
    """The people of each year in turn."""
    first = drafts[0]
    catalogue = first.catalogue
    people = Patients.plan(
        first.places.people, catalogue.codes, catalogue.volume, lines // len(drafts), first.year, seed
    )
    renewed = _renewed(catalogue, people.stretch)
    yield people
    for before, after in pairwise(drafts):
        areas = before.places.areas, after.places.areas
        if areas[0] != areas[1]:
            followers = places.followed_by(register, *areas, after.year.start)
            people = cohort.resettle(people, *areas, followers)
        people = cohort.advance(people, after.year, after.places.english, renewed)
        yield people


def _renewed(catalogue: Catalogue, stretch: Floats) -> Floats:
    """The share of all places that each offer renews in a year: care, drugs and devices of a line go together."""
    widest: dict[str, float] = {}
    for code, own in zip(catalogue.codes, stretch, strict=True):
        widest[code] = max(float(own), widest.get(code, 0.0))
    return np.array(
        [(1 - returning(offer.line.name)) * widest[offer.line.code] for offer in catalogue.offers]
    )
