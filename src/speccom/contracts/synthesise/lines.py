"""Draws the lines of one provider: what was done, to whom, when, at what cost, and who has to pay."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from speccom.contracts.synthesise import shapes
from speccom.contracts.synthesise.patients import EPOCH
from speccom.contracts.synthesise.world import DEVOLVED_BODIES, STATUSES, World, working_days
from speccom.period import Month

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

PATIENT_SETS = ("PLCM", "DrPLCM", "DePLCM")
_NOBODY = -1


@dataclass(frozen=True)
class Lines:
    """Lines as columns of whole numbers, ordered by data set and month.

    Indices into the world's lists, -1 for none: `data_set` (PATIENT_SETS), `month`, `offer`, `delivery`
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
        return Lines(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


@dataclass(frozen=True)
class Tables:
    """The content tables as padded arrays, for drawing many lines at once."""

    delivery: Ints  # shapes × places: index of the delivery
    delivery_chance: Floats  # shapes × places, cumulative
    cost: Floats
    per_day: npt.NDArray[np.bool_]
    stay: Floats
    weekdays: Ints
    non_activity: npt.NDArray[np.bool_]
    tariffs: Ints  # deliveries: how many tariff codes of its own
    days: Ints  # any day or weekdays × months × places
    day_count: Ints
    month_end: Ints
    month_chance: Floats
    item_price: Floats
    item_quantity: Ints


def generator(world: World, provider: int, purpose: str) -> np.random.Generator:
    """The random numbers of one provider and purpose: the same however the work is shared out."""
    name = f"{world.providers[provider]} {purpose}".encode()
    return np.random.default_rng([world.seed, zlib.crc32(name)])


def draw(world: World, provider: int) -> Lines:
    """Every current line of one provider in the three patient-level sets; costs sum to its money exactly."""
    random = generator(world, provider, "lines")
    parts = [
        _draw_pool(world, provider, pool, int(world.counts[pool, provider]), random)
        for pool in range(len(shapes.pools()))
        if world.counts[pool, provider]
    ]
    if not parts:
        return _concatenate([_draw_pool(world, provider, 0, 0, random)])
    lines = _concatenate(parts)
    return lines.take(np.lexsort((lines.month, lines.data_set)))


def _concatenate(parts: list[Lines]) -> Lines:
    return Lines(
        **{
            field.name: np.concatenate([getattr(part, field.name) for part in parts])
            for field in fields(Lines)
        }
    )


def _draw_pool(world: World, provider: int, pool: int, count: int, random: np.random.Generator) -> Lines:
    catalogue, tables = world.catalogue, _tables(world)
    offers = np.flatnonzero(catalogue.pool == pool)
    offer = offers[_pick(np.cumsum(world.weights[provider, offers].astype(float)), random.random(count))]
    month = _pick(tables.month_chance, random.random(count))
    delivery = _deliveries(world, provider, offer, random)
    item = _items(world, offer, random)
    own_tariffs = tables.tariffs[delivery]
    offered_tariffs = np.array([len(codes) for codes in catalogue.tariff_codes])[offer]
    functions = np.array([len(codes) for codes in catalogue.treatment_functions])[offer]
    non_activity = tables.non_activity[delivery]
    start, end = _days(tables, month, delivery, random)
    units = np.where(tables.per_day[delivery], end - start + 1, 1)
    units = np.where(item >= 0, tables.item_quantity[item], units)
    home = _homes(world, provider, pool, offer, random)
    kind = (random.random(count)[:, None] > catalogue.people[offer]).sum(axis=1)
    patient = world.patients.draw(offer, home, np.minimum(kind, 3), random.random(count))
    money_only = non_activity & (item < 0)
    responsible = np.where(non_activity, -1, home)
    payer, category = _payers(world, provider, pool, month, offer, responsible, item)
    price = np.where(item >= 0, tables.item_price[item], tables.cost[delivery] * catalogue.cost_factor[offer])
    spread = np.exp(random.standard_normal(count) * np.where(item >= 0, 0.08, 0.4))
    return Lines(
        data_set=np.full(count, PATIENT_SETS.index(shapes.pools()[pool].data_set)),
        month=month,
        offer=offer,
        delivery=delivery,
        home=home,
        responsible=responsible,
        patient=np.where(money_only, _NOBODY, patient),
        start=start,
        end=end,
        units=units,
        pence=_to_the_penny(price * units * spread, int(world.pence[pool, provider])),
        treatment_function=np.where(
            non_activity, -1, (random.random(count) * np.maximum(functions, 1)).astype(np.int64)
        ),
        tariff=(
            random.random(count) * np.where(own_tariffs > 0, own_tariffs, np.maximum(offered_tariffs, 1))
        ).astype(np.int64),
        item=item,
        payer=payer,
        category=category,
    )


def _pick(cumulative: Floats, chance: Floats) -> Ints:
    """Positions in a cumulative distribution (which need not end at one)."""
    found = np.searchsorted(cumulative, chance * cumulative[-1], side="right")
    return np.minimum(found, len(cumulative) - 1)


def _deliveries(world: World, provider: int, offer: Ints, random: np.random.Generator) -> Ints:
    tables = _tables(world)
    shape = world.catalogue.shape[offer]
    place = (random.random(len(offer))[:, None] > tables.delivery_chance[shape]).sum(axis=1)
    found = tables.delivery[shape, np.minimum(place, tables.delivery.shape[1] - 1)]
    if world.host_known[provider]:
        return found
    # Money without care is paid by where the provider lies, which is not known after a split.
    usual = tables.delivery[shape, 0]
    plcm = np.array([pool.data_set == "PLCM" for pool in shapes.pools()])[world.catalogue.pool[offer]]
    return np.where(tables.non_activity[found] & plcm, usual, found)


def _items(world: World, offer: Ints, random: np.random.Generator) -> Ints:
    weights = world.catalogue.items
    if not len(offer) or not weights[offer[0]].any():
        return np.full(len(offer), -1)
    chances = np.cumsum(weights, axis=1)
    chances /= np.maximum(chances[:, -1:], 1e-12)
    chance = random.random(len(offer))
    item = np.empty(len(offer), dtype=np.int64)
    for each in np.unique(offer):
        rows = offer == each
        item[rows] = np.searchsorted(chances[each], chance[rows], side="right")
    return item


def _days(tables: Tables, month: Ints, delivery: Ints, random: np.random.Generator) -> tuple[Ints, Ints]:
    """First and last days, both inside the month of the line."""
    which = tables.weekdays[delivery]
    place = (random.random(len(month)) * tables.day_count[which, month]).astype(np.int64)
    start = tables.days[which, month, place]
    stay = (random.standard_exponential(len(month)) * tables.stay[delivery]).astype(np.int64)
    return start, np.minimum(start + stay, tables.month_end[month])


def _homes(world: World, provider: int, pool: int, offer: Ints, random: np.random.Generator) -> Ints:
    chance = random.random(len(offer))
    if shapes.pools()[pool].step == "devolved":
        return world.places.english + (chance * len(DEVOLVED_BODIES)).astype(np.int64)
    reach = world.catalogue.reach[offer]
    home = np.empty(len(offer), dtype=np.int64)
    for each in np.unique(reach):
        rows = reach == each
        home[rows] = _pick(world.places.flows[each, provider], chance[rows])
    return home


def _payers(
    world: World, provider: int, pool: int, month: Ints, offer: Ints, responsible: Ints, item: Ints
) -> tuple[Ints, Ints]:
    """The commissioner (index of a body) and category that the decision table assigns.

    Lines without a responsible area have the provider's board as their home, as the table says.
    """
    places, catalogue = world.places, world.catalogue
    kind = shapes.pools()[pool]
    blank = responsible < 0
    area = np.where(blank, 0, np.minimum(responsible, places.english - 1))
    host_hub = places.host_hub[month, provider]
    home_hub = np.where(blank, host_hub, places.hub[month, area])
    home = np.where(blank, places.host[month, provider], places.area[np.maximum(responsible, 0)])
    if kind.step == "status":
        status = catalogue.status[month, offer]
        delegated = np.where(blank, places.host_delegated[month, provider], places.delegated[month, area])
        to_home = (status == STATUSES["GREEN"]) & delegated
        by_home = (status == STATUSES["GREEN"]) | (status == STATUSES["AMBER"])
        payer = np.where(to_home, home, np.where(by_home, home_hub, host_hub))
        return payer, np.where(to_home, 25, 21) + catalogue.mental_health[offer]
    fixed = np.full(len(offer), places.bodies.index(kind.step) if kind.step in places.bodies else -1)
    payer = {
        "home": home,
        "devolved": home,
        "region": places.region[month, area],
        "justice_hub": places.justice_hub[month, area],
        "held_centrally": home_hub,
    }.get(kind.step, fixed)
    if kind.category:
        return payer, np.full(len(offer), int(kind.category))
    categories = np.array([int(each.national_category or 0) for each in shapes.items("drugs")])
    return payer, categories[item]


def _to_the_penny(raw: Floats, pence: int) -> Ints:
    """Whole pence in proportion to `raw`, at least one each, summing to `pence` exactly."""
    if not len(raw):
        return np.zeros(0, dtype=np.int64)
    spare = pence - len(raw)
    cost = 1 + np.floor(raw / raw.sum() * max(spare, 0)).astype(np.int64)
    difference = pence - int(cost.sum())
    each, left = divmod(difference, len(cost))
    cost += each
    cost[:left] += 1
    return cost


@lru_cache(maxsize=2)
def _tables_for(year: Any, months: tuple[int, ...]) -> Tables:
    names = sorted({look.shape for look in shapes.deliveries()})
    places = max(sum(look.shape == name for look in shapes.deliveries()) for name in names)
    delivery = np.zeros((len(names), places), dtype=np.int64)
    chance = np.ones((len(names), places))
    for row, name in enumerate(names):
        own = [index for index, look in enumerate(shapes.deliveries()) if look.shape == name]
        weights = np.array([shapes.deliveries()[index].weight for index in own])
        delivery[row, : len(own)] = own
        delivery[row, len(own) :] = own[0]
        chance[row, : len(own)] = np.cumsum(weights) / weights.sum()
    periods = [Month(year, number) for number in months]
    days = np.zeros((2, len(periods), 31), dtype=np.int64)
    day_count = np.zeros((2, len(periods)), dtype=np.int64)
    for index, period in enumerate(periods):
        every = [period.start + timedelta(day) for day in range((period.end - period.start).days)]
        for which, chosen in enumerate((every, [day for day in every if day.weekday() < 5])):
            days[which, index, : len(chosen)] = [(day - EPOCH).days for day in chosen]
            day_count[which, index] = len(chosen)
    items = (*shapes.items("drugs"), *shapes.items("devices"))
    looks = shapes.deliveries()
    return Tables(
        delivery=delivery,
        delivery_chance=chance,
        cost=np.array([look.cost for look in looks]),
        per_day=np.array([look.per_day for look in looks]),
        stay=np.array([look.stay for look in looks]),
        weekdays=np.array([int(look.weekdays) for look in looks]),
        non_activity=np.array([shapes.non_activity(look.code) for look in looks]),
        tariffs=np.array([len(look.tariff_codes) for look in looks]),
        days=days,
        day_count=day_count,
        month_end=np.array([(period.end - EPOCH).days - 1 for period in periods]),
        month_chance=np.cumsum([working_days(period) * shapes.season(period.number) for period in periods]),
        item_price=np.array([item.price for item in items]),
        item_quantity=np.array([item.quantity for item in items]),
    )


def _tables(world: World) -> Tables:
    return _tables_for(world.year, world.months)
