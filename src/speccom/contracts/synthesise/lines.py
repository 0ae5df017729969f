"""Draws the lines of one provider: what was done, to whom, when, at what cost, and who has to pay."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np

from speccom.contracts.schemas import PATIENT_LEVEL
from speccom.contracts.synthesise import shapes
from speccom.contracts.synthesise.catalogue import REACH_KM, STATUSES, Floats, Ints, Mask
from speccom.contracts.synthesise.demand import dates, month_weights
from speccom.contracts.synthesise.patients import EPOCH
from speccom.contracts.synthesise.places import DEVOLVED_BODIES
from speccom.contracts.synthesise.world import World
from speccom.period import Month

NONE = -1
_CASE_SPREAD = 0.4


@dataclass(frozen=True)
class Lines:
    """Lines as columns of whole numbers, ordered by data set and month.

    Indices into the world's lists, -1 for none: `data_set` (PATIENT_LEVEL), `month`, `offer`, `delivery`
    (shapes.deliveries), `home` and `responsible` (areas; `home` is the patient's, `responsible` what the
    file says), `payer` (bodies), `item` (drugs, then devices). `treatment_function` and `tariff` count
    within the offer's or delivery's list. `start`, `end` are days since 1970; `pence` is the cost.
    """

    data_set: Ints
    month: Ints
    offer: Ints
    delivery: Ints
    home: Ints
    responsible: Ints
    patient: Ints
    start: Ints
    end: Ints
    units: Ints
    pence: Ints
    treatment_function: Ints
    tariff: Ints
    item: Ints
    payer: Ints
    category: Ints

    def __len__(self) -> int:
        return len(self.month)

    def take(self, rows: Any) -> Lines:
        """Some of the lines, by slice, mask or positions."""
        return Lines(**{name: getattr(self, name)[rows] for name in _COLUMNS})


_COLUMNS = [field.name for field in fields(Lines)]


@dataclass(frozen=True)
class Tables:
    """The content tables as padded arrays, for drawing many lines at once.

    `delivery` and its cumulative chances are shapes × places; the next arrays run over deliveries, offers
    and items; `days` (any day, weekdays) × months × places holds `day_count` days since 1970 each.
    """

    delivery: Ints
    delivery_chance: Floats
    cost: Floats
    per_day: Mask
    stay: Floats
    weekdays: Ints
    non_activity: Mask
    own_tariffs: Ints
    tariffs: Ints
    functions: Ints
    item_price: Floats
    item_quantity: Ints
    item_category: Ints
    item_chance: Floats
    days: Ints
    day_count: Ints
    month_end: Ints
    month_chance: Floats
    case_spread: Floats
    case_level: Floats


def generator(world: World, provider: int, purpose: str) -> np.random.Generator:
    """The random numbers of one provider and purpose: the same however the work is shared out."""
    # Of one year of several, the year is part of the name: years are alike in nothing but what is planted.
    year = f" {world.year}" if world.demand else ""
    name = f"{world.providers[provider]} {purpose}{year}".encode()
    return np.random.default_rng([world.seed, zlib.crc32(name)])


def draw(world: World, provider: int, pence: Ints | None = None) -> Lines:
    """Every current line of one provider in the three patient-level sets.

    Costs sum exactly to its money: `pence` for each pool, or what is to be expected.
    """
    streams, wanted = _Streams.of(world, provider), _wanted(world, provider)
    paid = world.pence[:, provider] if pence is None else pence
    parts = [_draw_pool(world, provider, pool, wanted, int(own), streams) for pool, own in enumerate(paid)]
    lines = Lines(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in _COLUMNS})
    return lines.take(np.lexsort((lines.month, lines.data_set)))


def unscaled_costs(world: World, provider: int) -> Floats:
    """What each pool's lines of one provider cost beside other providers', before they are scaled to money.

    Of a world in which something is planted: its care and its costs are then drawn apart from the rest.
    """
    streams, wanted = _Streams.of(world, provider), _wanted(world, provider)
    drawn = [_draw_care(world, provider, pool, wanted, streams.care) for pool in range(len(shapes.pools()))]
    return np.array([_raw_cost(world, care, streams.cost).sum() for care in drawn])


@dataclass(frozen=True)
class _Streams:
    """Random numbers for what is done, to whom, and what it costs; one stream where nothing is planted."""

    care: np.random.Generator
    people: np.random.Generator
    cost: np.random.Generator

    @classmethod
    def of(cls, world: World, provider: int) -> _Streams:
        if world.demand is None:
            only = generator(world, provider, "lines")
            return cls(only, only, only)
        return cls(*(generator(world, provider, purpose) for purpose in ("care", "people", "cost")))


@dataclass(frozen=True)
class _Care:
    """What was done, and where it is planted the home of whom: some columns of Lines."""

    month: Ints
    offer: Ints
    home: Ints | None
    item: Ints
    delivery: Ints
    start: Ints
    end: Ints
    units: Ints


def _small(lines: Lines) -> Lines:
    """The same lines in half the memory: only pence need more than 32 bits."""
    return Lines(
        **{name: getattr(lines, name).astype(np.int64 if name == "pence" else np.int32) for name in _COLUMNS}
    )


def _wanted(world: World, provider: int) -> Floats | None:
    """Where something is planted, the weight of each phase, offer and English home of a provider."""
    if world.demand is None:
        return None
    weights = world.weights[provider].astype(float)
    return world.demand.of_provider(world.places, world.catalogue.reach, weights, provider)


def _draw_pool(
    world: World, provider: int, pool: int, wanted: Floats | None, pence: int, streams: _Streams
) -> Lines:
    """A pool's lines of one provider, in no order."""
    tables = _tables(world)
    care = _draw_care(world, provider, pool, wanted, streams.care)
    offer, delivery, count = care.offer, care.delivery, len(care.offer)
    home, patient = _patients(world, provider, pool, care, streams.people)
    non_activity = tables.non_activity[delivery]
    responsible = np.where(non_activity, NONE, home)
    function = (streams.people.random(count) * np.maximum(tables.functions[offer], 1)).astype(np.int64)
    tariffs = np.where(tables.own_tariffs[delivery] > 0, tables.own_tariffs[delivery], tables.tariffs[offer])
    payer, category = _payers(world, provider, pool, care.month, offer, responsible, care.item)
    lines = Lines(
        data_set=np.full(count, PATIENT_LEVEL.index(shapes.pools()[pool].data_set)),
        month=care.month,
        offer=offer,
        delivery=delivery,
        home=home,
        responsible=responsible,
        # Money without care is nobody's; an excluded drug or device is somebody's.
        patient=np.where(non_activity & (care.item < 0), NONE, patient),
        start=care.start,
        end=care.end,
        units=care.units,
        pence=_to_the_penny(_raw_cost(world, care, streams.cost), pence),
        treatment_function=np.where(non_activity, NONE, function),
        tariff=(streams.people.random(count) * np.maximum(tariffs, 1)).astype(np.int64),
        item=care.item,
        payer=payer,
        category=category,
    )
    return _small(lines)


def _draw_care(
    world: World, provider: int, pool: int, wanted: Floats | None, random: np.random.Generator
) -> _Care:
    tables = _tables(world)
    chance = random.random((2, int(world.counts[pool, provider])))
    month, offer, home = _chosen(world, provider, pool, wanted, chance)
    item = _items(tables, offer, random)
    delivery = _deliveries(world, provider, offer, random)
    start, end = _days(tables, month, delivery, random)
    units = np.where(tables.per_day[delivery], end - start + 1, 1)
    units = np.where(item >= 0, tables.item_quantity[item], units)
    return _Care(month, offer, home, item, delivery, start, end, units)


def _chosen(
    world: World, provider: int, pool: int, wanted: Floats | None, chance: Floats
) -> tuple[Ints, Ints, Ints | None]:
    """Month and offer of each line and, where homes are planted with them, its home."""
    offers, month_chance = np.flatnonzero(world.catalogue.pool == pool), _tables(world).month_chance
    if world.demand is None or wanted is None:
        own = np.cumsum(world.weights[provider, offers].astype(float))
        return _pick(month_chance, chance[0]), offers[_pick(own, chance[1])], None
    # Offers of a pool stand together, so that what they are wanted for is one stretch in each phase.
    own = np.cumsum(wanted[:, offers].reshape(len(wanted), -1), axis=1)
    by_month = np.diff(month_chance, prepend=0.0) * own[world.demand.phase, -1]
    month = _pick(np.cumsum(by_month), chance[0])
    cell = np.zeros(len(month), dtype=np.int64)
    for phase, cumulative in enumerate(own):
        here = world.demand.phase[month] == phase
        cell[here] = _pick(cumulative, chance[1][here])
    offer, home = np.divmod(cell, world.places.english)
    return month, offers[offer], home


def _pick(cumulative: Floats, chance: Floats) -> Ints:
    """Positions in a cumulative distribution (which need not end at one)."""
    if not len(chance):
        return np.zeros(0, dtype=np.int64)
    found: Ints = np.searchsorted(cumulative, chance * cumulative[-1], side="right")
    return np.minimum(found, len(cumulative) - 1)


def _place(cumulative: Floats, rows: Ints, random: np.random.Generator) -> Ints:
    """For each row number, a place in that row of cumulative chances that end at one."""
    chance = random.random(len(rows))
    found = np.zeros(len(rows), dtype=np.int64)
    # Column by column: a row has few places, and there are many rows to look up.
    for column in range(cumulative.shape[1] - 1):
        found += chance > cumulative[rows, column]
    return found


def _deliveries(world: World, provider: int, offer: Ints, random: np.random.Generator) -> Ints:
    tables, shape = _tables(world), world.catalogue.shape[offer]
    found: Ints = tables.delivery[shape, _place(tables.delivery_chance, shape, random)]
    if world.places.host_known[provider]:
        return found
    # Money without care is paid by where the provider lies, which after a split nobody can say.
    usual: Ints = tables.delivery[shape, 0]
    return np.where(tables.non_activity[found], usual, found)


def _items(tables: Tables, offer: Ints, random: np.random.Generator) -> Ints:
    """The drug or device of each line, where its offer has any."""
    if not len(offer) or not tables.item_chance[offer[0]].any():
        return np.full(len(offer), NONE)
    return _place(tables.item_chance, offer, random)


def _days(tables: Tables, month: Ints, delivery: Ints, random: np.random.Generator) -> tuple[Ints, Ints]:
    """First and last days, both inside the month of the line."""
    which = tables.weekdays[delivery]
    place = (random.random(len(month)) * tables.day_count[which, month]).astype(np.int64)
    start = tables.days[which, month, place]
    stay = (random.standard_exponential(len(month)) * tables.stay[delivery]).astype(np.int64)
    return start, np.minimum(start + stay, tables.month_end[month])


def _patients(
    world: World, provider: int, pool: int, care: _Care, random: np.random.Generator
) -> tuple[Ints, Ints]:
    """Home area and patient of each line: mostly from near, as far as the service reaches."""
    offer, home = care.offer, care.home
    chance = random.random(len(offer))
    if shapes.pools()[pool].step == "devolved":
        home = world.places.english + (chance * len(DEVOLVED_BODIES)).astype(np.int64)
    elif home is None:
        home = np.zeros(len(offer), dtype=np.int64)
        reach = world.catalogue.reach[offer]
        for number in range(len(REACH_KM)):
            home[reach == number] = _pick(world.places.flows[number, provider], chance[reach == number])
    kind = _place(world.catalogue.people, offer, random)
    chance = random.random(len(offer))
    if world.demand is None:
        return home, world.patients.draw(offer, home, kind, chance)
    more = world.demand.people[world.demand.phase[care.month], offer, home]
    return home, world.patients.draw_among(offer, home, kind, chance, more)


def _payers(
    world: World, provider: int, pool: int, month: Ints, offer: Ints, responsible: Ints, item: Ints
) -> tuple[Ints, Ints]:
    """The commissioner (index of a body) and category that the decision table assigns.

    Lines without a responsible area have the provider's board as their home, as the table says.
    """
    places, kind = world.places, shapes.pools()[pool]
    blank = responsible < 0
    area = np.clip(responsible, 0, places.english - 1)
    host_hub = places.host_hub[month, provider]
    home_hub = np.where(blank, host_hub, places.hub[month, area])
    home = np.where(blank, places.host[month, provider], places.area[np.maximum(responsible, 0)])
    if kind.step == "status":
        status = world.catalogue.status[month, offer]
        delegated = np.where(blank, places.host_delegated[month, provider], places.delegated[month, area])
        to_home = (status == STATUSES["GREEN"]) & delegated
        by_home = np.isin(status, [STATUSES["GREEN"], STATUSES["AMBER"]])
        payer = np.where(to_home, home, np.where(by_home, home_hub, host_hub))
        return payer, np.where(to_home, 25, 21) + world.catalogue.mental_health[offer]
    payers = {
        "home": home,
        "devolved": home,
        "region": places.region[month, area],
        "justice_hub": places.justice_hub[month, area],
        "held_centrally": home_hub,
    }
    payer = payers[kind.step] if kind.step in payers else np.full(len(offer), places.bodies.index(kind.step))
    category = np.full(len(offer), int(kind.category or 0))
    return payer, category if kind.category else _tables(world).item_category[item]


def _raw_cost(world: World, care: _Care, random: np.random.Generator) -> Floats:
    """Costs beside each other, before they are scaled: prices of drugs and devices vary little."""
    tables, offer, item = _tables(world), care.offer, care.item
    case = tables.cost[care.delivery] * world.catalogue.cost_factor[offer] * tables.case_level[offer]
    price: Floats = np.where(item >= 0, tables.item_price[item], case)
    spread = np.where(item >= 0, 0.08, tables.case_spread[offer])
    raw: Floats = price * care.units * np.exp(random.standard_normal(len(offer)) * spread)
    if world.demand is not None and care.home is not None:
        raw *= world.demand.cost[world.demand.phase[care.month], offer, care.home]
    return raw


def _to_the_penny(raw: Floats, pence: int) -> Ints:
    """Whole pence in proportion to `raw`, at least one each, summing to `pence` exactly."""
    if not len(raw):
        return np.zeros(0, dtype=np.int64)
    cost: Ints = 1 + np.floor(raw / raw.sum() * max(pence - len(raw), 0)).astype(np.int64)
    each, left = divmod(pence - int(cost.sum()), len(cost))
    cost += each
    cost[:left] += 1
    return cost


@lru_cache(maxsize=1)
def _tables(world: World) -> Tables:
    looks, items, offers = shapes.deliveries(), shapes.all_items(), world.catalogue.offers
    periods = [Month(world.year, number) for number in world.months]
    delivery, delivery_chance = _deliveries_of_shapes()
    days, day_count = _days_of(periods)
    chosen = np.cumsum(world.catalogue.items, axis=1)
    case_spread = _case_spread(world)
    return Tables(
        delivery=delivery,
        delivery_chance=delivery_chance,
        cost=np.array([look.cost for look in looks]),
        per_day=np.array([look.per_day for look in looks]),
        stay=np.array([look.stay for look in looks]),
        weekdays=np.array([int(look.weekdays) for look in looks]),
        non_activity=np.array([shapes.non_activity(look.code) for look in looks]),
        own_tariffs=np.array([len(look.tariff_codes) for look in looks]),
        tariffs=np.array([len(offer.look.tariff_codes) for offer in offers]),
        functions=np.array([len(offer.look.treatment_functions) for offer in offers]),
        item_price=np.array([item.price for item in items]),
        item_quantity=np.array([item.quantity for item in items]),
        item_category=np.array([int(item.national_category or 0) for item in items]),
        item_chance=chosen / np.maximum(chosen[:, -1:], 1e-12),
        days=days,
        day_count=day_count,
        month_end=np.array([(period.end - EPOCH).days - 1 for period in periods]),
        month_chance=np.cumsum(month_weights(periods)),
        case_spread=case_spread,
        # However far a line's costs spread, their mean stays what it is for the usual spread.
        case_level=np.exp((_CASE_SPREAD**2 - case_spread**2) / 2),
    )


def _case_spread(world: World) -> Floats:
    """Standard deviation of the logarithm of the cost of each offer's cases."""
    usual = np.full(len(world.catalogue.offers), _CASE_SPREAD)
    if world.demand is None:
        return usual
    variation = world.demand.case_cost
    return np.where(variation > 0, np.sqrt(np.log1p(variation**2)), usual)


def _deliveries_of_shapes() -> tuple[Ints, Floats]:
    """Deliveries of each shape and their cumulative chances, padded to one width."""
    own = [
        [number for number, look in enumerate(shapes.deliveries()) if look.shape == name]
        for name in shapes.shape_names()
    ]
    width = max(map(len, own))
    delivery = np.array([numbers + [numbers[0]] * (width - len(numbers)) for numbers in own])
    chance = np.ones((len(own), width))
    for row, numbers in enumerate(own):
        weights = np.array([shapes.deliveries()[number].weight for number in numbers])
        chance[row, : len(numbers)] = np.cumsum(weights) / weights.sum()
    return delivery, chance


def _days_of(periods: list[Month]) -> tuple[Ints, Ints]:
    """Every day, and every weekday, of each month as days since 1970, padded; and how many they are."""
    days = np.zeros((2, len(periods), 31), dtype=np.int64)
    count = np.zeros((2, len(periods)), dtype=np.int64)
    for number, period in enumerate(periods):
        every = dates(period)
        for which, chosen in enumerate((every, [day for day in every if day.weekday() < 5])):
            days[which, number, : len(chosen)] = [(day - EPOCH).days for day in chosen]
            count[which, number] = len(chosen)
    return days, count
