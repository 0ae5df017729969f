"""The made-up country in which lines happen: who offers what, to whom, from where, and who has to pay.

Everything that all providers share is decided here, once, from the register and the content tables; the
workers then draw each provider's lines from it without another look at either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from speccom.contracts.synthesise import shapes
from speccom.contracts.synthesise.patients import Patients
from speccom.period import FinancialYear, Month
from speccom.register import Register

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

STATUSES = {"GREEN": 1, "AMBER": 2, "RED": 3, "BLUE": 4}
NATIONAL = 0
# The scale of distance decay in kilometres; the register gives places, nothing gives real flows.
REACH_KM = {"local": 9.0, "regional": 28.0, "national": 130.0}
DEVOLVED_BODIES = tuple(f"7A{number}" for number in range(1, 8))
_STATUSES_BEGIN = date(2023, 4, 1)
_BOARDS_BEFORE_REORGANISATION = date(2025, 4, 1)
# Kilometres in a degree of latitude, and of longitude in the middle of England.
_KM = np.array([111.2, 67.6])


@dataclass(frozen=True)
class Catalogue:
    """What can be offered: one entry for each service code of each pool, entries of a pool together.

    Arrays run over offers: `pool`, `shape` and `reach` are indices; `status` is months × offers.
    """

    code: list[str]
    name: list[str]
    pool: Ints
    shape: Ints
    reach: Ints
    people: Floats  # offers × PEOPLE, cumulative
    treatment_functions: list[tuple[str, ...]]
    tariff_codes: list[tuple[str, ...]]
    cost_factor: Floats
    mental_health: npt.NDArray[np.bool_]
    status: Ints
    volume: Floats
    items: Floats  # offers × (drugs, then devices), weights


@dataclass(frozen=True)
class Places:
    """Where people live and who pays for them: arrays are months × areas, or months × providers.

    `areas` are the sub-ICB locations, then the devolved bodies. Payers are indices into `bodies`.
    """

    areas: list[str]
    english: int
    bodies: list[str]
    area: Ints  # areas → bodies
    region: Ints
    hub: Ints
    justice_hub: Ints
    delegated: npt.NDArray[np.bool_]
    host: Ints  # the provider's integrated care board
    host_hub: Ints
    host_delegated: npt.NDArray[np.bool_]
    national: npt.NDArray[np.bool_]  # months before joint working
    flows: Floats  # reaches × providers × areas, cumulative
    people: Floats  # areas


@dataclass(frozen=True)
class World:
    """All that a worker needs to draw the lines of one provider."""

    year: FinancialYear
    months: tuple[int, ...]
    seed: int
    lines: int
    providers: list[str]
    catalogue: Catalogue
    places: Places
    patients: Patients
    weights: npt.NDArray[np.float32]  # providers × offers
    counts: Ints  # pools × providers: lines
    pence: Ints  # pools × providers
    host_known: npt.NDArray[np.bool_]


def build(register: Register, year: FinancialYear, months: list[int], lines: int, seed: int) -> World:
    """The world of one run. Sizes, flows and volumes are synthetic assumptions; codes and payers are real."""
    periods = [Month(year, number) for number in months]
    providers = _open_providers(register)
    catalogue = _catalogue(register, periods)
    places, host_known = _places(register, periods, providers)
    share = _provider_shares(register, providers, catalogue)
    weights = share * catalogue.volume
    weights[np.ix_(~host_known, _needs_a_host(catalogue))] = 0
    counts = _line_counts(catalogue, weights, lines)
    return World(
        year=year,
        months=tuple(months),
        seed=seed,
        lines=lines,
        providers=providers,
        catalogue=catalogue,
        places=places,
        patients=Patients.plan(places.people, catalogue.code, catalogue.volume, lines, year, seed),
        weights=weights.astype(np.float32),
        counts=counts,
        pence=_money(catalogue, weights, counts, len(months)),
        host_known=host_known,
    )


def apportion(total: int, weights: Floats) -> Ints:
    """Split a whole number by weights so that the parts sum to it exactly (largest remainders)."""
    if total == 0 or weights.sum() == 0:
        return np.zeros(len(weights), dtype=np.int64)
    # Shares of large sums are found in whole numbers: a float would lose pence.
    whole = [int(weight) for weight in np.round(weights / weights.sum() * 2**40)]
    exact = [total * weight for weight in whole]
    parts = np.array([each // sum(whole) for each in exact], dtype=np.int64)
    remainders = np.array([each % sum(whole) for each in exact], dtype=object)
    order = sorted(range(len(whole)), key=lambda index: (-remainders[index], index))
    parts[order[: total - int(parts.sum())]] += 1
    return parts


def total_pence(pool: shapes.Pool, months: int) -> int:
    """The pool's money for a number of months, to the nearest penny."""
    return (pool.pounds_a_year * 100 * months * 2 + 12) // 24


def _open_providers(register: Register) -> list[str]:
    """English trusts that are open and of a kind that sees patients of specialised services."""
    statuses = register.facts.load("providers").of("provider status")
    return sorted(
        code
        for code, provider in register.providers.items()
        if statuses[code][0].value == "open"
        and provider.host_icb is not None
        and provider.region is not None
        and provider.longitude is not None
        and shapes.provider_shape(provider.name).role != "none"
    )


def _catalogue(register: Register, periods: list[Month]) -> Catalogue:
    entries = []
    delivered = {look.shape for look in shapes.deliveries()}
    for number, pool in enumerate(shapes.pools()):
        for code in pool.service_codes or _codes_of(register, pool, periods[0]):
            line = register.lines[code]
            look = pool.look or shapes.line_shape(line.name)
            shape = {"DrPLCM": "excluded_drug", "DePLCM": "excluded_device"}.get(pool.data_set, look.shape)
            assert shape in delivered, shape
            entries.append((number, code, line, look, shape))
    items = _item_weights(entries)
    heard = sorted(delivered)
    alike = {look: sum(entry[3] is look for entry in entries if entry[0] < 2) for _, _, _, look, _ in entries}
    volume = np.array(
        [
            look.volume * _lognormal(0.8, "volume", code) / (1 if alike[look] < 2 else alike[look] ** 0.5)
            for _, code, _, look, _ in entries
        ]
    )
    for index, (number, *_) in enumerate(entries):
        if shapes.pools()[number].data_set != "PLCM":
            volume[index] = items[index].sum()
    return Catalogue(
        code=[entry[1] for entry in entries],
        name=[entry[2].name for entry in entries],
        pool=np.array([entry[0] for entry in entries]),
        shape=np.array([heard.index(entry[4]) for entry in entries]),
        reach=np.array([list(REACH_KM).index(entry[3].reach) for entry in entries]),
        people=np.cumsum([shapes.PEOPLE_MIX[entry[3].people] for entry in entries], axis=1),
        treatment_functions=[entry[3].treatment_functions for entry in entries],
        tariff_codes=[entry[3].tariff_codes for entry in entries],
        cost_factor=np.array([_lognormal(0.45, "cost", entry[1]) for entry in entries]),
        mental_health=np.array([entry[2].mental_health for entry in entries]),
        status=np.array(
            [
                [
                    STATUSES.get(register.line_status(entry[1], period.start) or "", NATIONAL)
                    for entry in entries
                ]
                for period in periods
            ]
        ),
        volume=volume,
        items=items,
    )


def _codes_of(register: Register, pool: shapes.Pool, period: Month) -> list[str]:
    """The service lines of a pool: by status in the year, or by having an excluded drug or device.

    Before statuses, a line is costed as it was when they began.
    """
    on = max(period.start, _STATUSES_BEGIN)
    wanted = {"green": ("GREEN",), "retained": ("AMBER", "RED", "BLUE")}.get(pool.name, tuple(STATUSES))
    codes = [code for code in sorted(register.lines) if register.line_status(code, on) in wanted]
    if pool.data_set == "PLCM":
        return codes
    patterns = [item.service_lines for item in shapes.items(_item_kind(pool)) if item.service_lines]
    return [
        code
        for code in codes
        if "_TOP" not in code and any(pattern.search(register.lines[code].name) for pattern in patterns)
    ]


def _item_kind(pool: shapes.Pool) -> str:
    return "devices" if pool.data_set == "DePLCM" else "drugs"


def _item_weights(entries: list[tuple[int, str, object, shapes.LineShape, str]]) -> Floats:
    """How often each drug and device goes with each offer; an item's weight is split over its lines by volume."""
    drugs, devices = shapes.items("drugs"), shapes.items("devices")
    weights = np.zeros((len(entries), len(drugs) + len(devices)))
    for index, (number, code, line, look, _) in enumerate(entries):
        pool = shapes.pools()[number]
        if pool.data_set == "PLCM":
            continue
        kind = _item_kind(pool)
        for position, item in enumerate(shapes.items(kind)):
            column = position + (len(drugs) if kind == "devices" else 0)
            if pool.step == "held_centrally":
                fits = item.service_lines is not None and item.service_lines.search(line.name) is not None  # type: ignore[attr-defined]
            else:
                fits = item.national_service == code
            if fits:
                weights[index, column] = item.weight * look.volume
    for number, pool in enumerate(shapes.pools()):
        if pool.data_set == "PLCM":
            continue
        rows = [index for index, entry in enumerate(entries) if entry[0] == number]
        totals = weights[rows].sum(axis=0)
        wanted = np.array([item.weight for item in (*drugs, *devices)])
        weights[rows] *= np.divide(wanted, totals, out=np.zeros_like(wanted), where=totals > 0)
    return weights


def _places(
    register: Register, periods: list[Month], providers: list[str]
) -> tuple[Places, npt.NDArray[np.bool_]]:
    first_boards = min(
        body.valid_from for body in register.organisations.values() if body.role == "integrated care board"
    )
    # Before there were boards nobody's home resolves; lines then name the areas that boards began with.
    days = [max(period.start, first_boards) for period in periods]
    areas = sorted(
        code
        for code, area in register.areas(days[0]).items()
        if area.kind == "sub_icb" and all(code in register.areas(day) for day in days)
    )
    bodies: dict[str, int] = {}

    def body(code: str | None) -> int:
        return -1 if code is None else bodies.setdefault(code, len(bodies))

    regions = [[register.areas(day)[area].region for area in areas] for day in days]
    hosts = [
        [_host(register, provider, period, day) for provider in providers]
        for period, day in zip(periods, days, strict=True)
    ]
    host_regions = [
        [
            register.areas(day)[host].region if host else register.providers[provider].region or ""
            for host, provider in zip(row, providers, strict=True)
        ]
        for row, day in zip(hosts, days, strict=True)
    ]

    def payers(rows: list[list[str]], of: str) -> Ints:
        found = []
        for row, day in zip(rows, days, strict=True):
            chosen = {
                region: region if of == "region" else getattr(register, of)(region, day)
                for region in set(row)
            }
            found.append([body(chosen[region]) for region in row])
        return np.array(found)

    def delegated(rows: list[list[str]]) -> npt.NDArray[np.bool_]:
        return np.array(
            [
                [register.arrangement(region, period.start) == "delegated" for region in row]
                for row, period in zip(rows, periods, strict=True)
            ]
        )

    sites = np.array(
        [[register.providers[code].latitude, register.providers[code].longitude] for code in providers],
        dtype=float,
    )
    where, people = _geography(register, areas, days[0])
    flows = np.stack([_flows(sites, where, people, scale) for scale in REACH_KM.values()])
    every = [*areas, *DEVOLVED_BODIES]
    places = Places(
        areas=every,
        english=len(areas),
        area=np.array([body(code) for code in every]),
        region=payers(regions, "region"),
        hub=payers(regions, "hub"),
        justice_hub=payers(regions, "justice_hub"),
        delegated=delegated(regions),
        host=np.array([[body(host) for host in row] for row in hosts]),
        host_hub=payers(host_regions, "hub"),
        host_delegated=delegated(host_regions),
        national=np.array([period.start < _STATUSES_BEGIN for period in periods]),
        flows=flows,
        people=np.concatenate([people, np.full(len(DEVOLVED_BODIES), people.mean() / 20)]),
        bodies=[],
    )
    for code in ("X24", "13Q", "VPP00"):
        body(code)
    places.bodies.extend(bodies)
    known = np.array([[host is not None for host in row] for row in hosts]).all(axis=0)
    return places, known


def _host(register: Register, provider: str, period: Month, day: date) -> str | None:
    """The provider's board; before there were boards, the first that it was to have."""
    if day > period.start:
        return register.host_icb(provider, day)
    return register.host_icb(provider, period.start)


def _geography(register: Register, areas: list[str], day: date) -> tuple[Floats, Floats]:
    """Latitude, longitude and people of each area.

    The register places trusts, not areas: an area stands where one of its board's trusts stands, and a
    board's people are spread evenly over its areas.
    """
    boards = {
        code: area.icb
        for code, area in {**register.areas(day), **register.areas(_BOARDS_BEFORE_REORGANISATION)}.items()
    }
    members: dict[str, list[str]] = {}
    for area in areas:
        members.setdefault(boards[area], []).append(area)
    where, people = np.zeros((len(areas), 2)), np.zeros(len(areas))
    for board, own in members.items():
        trusts = sorted(
            (provider.longitude, provider.latitude)
            for provider in register.providers.values()
            if provider.host_icb == board and provider.longitude is not None and provider.latitude is not None
        )
        population = float(register.population(board, "2025/26") or 1_300_000)
        for number, area in enumerate(own):
            longitude, latitude = trusts[number * len(trusts) // len(own)]
            where[areas.index(area)] = latitude, longitude
            people[areas.index(area)] = population / len(own)
    return where, people


def _flows(sites: Floats, where: Floats, people: Floats, scale: float) -> Floats:
    """Cumulative shares of each provider's patients by home area: population × decay with distance."""
    distance = np.sqrt((((sites[:, None, :] - where[None, :, :]) * _KM) ** 2).sum(axis=2))
    drawn = people * (np.exp(-distance / scale) + 1e-6)
    return np.cumsum(drawn / drawn.sum(axis=1, keepdims=True), axis=1)


def _provider_shares(register: Register, providers: list[str], catalogue: Catalogue) -> Floats:
    """Each provider's share of each offer (columns sum to 1): centres are the biggest that are of a kind."""
    looks = [shapes.provider_shape(register.providers[code].name) for code in providers]
    neuroscience = register.facts.load("neuroscience_centres").of("neuroscience centre")
    share = np.zeros((len(providers), len(catalogue.code)))
    for offer, code in enumerate(catalogue.code):
        pool = shapes.pools()[catalogue.pool[offer]]
        look = pool.look or shapes.line_shape(catalogue.name[offer])
        sizes = np.array(
            [
                _size(own, provider, code, catalogue.name[offer], look.roles, provider in neuroscience)
                for own, provider in zip(looks, providers, strict=True)
            ]
        )
        # The biggest come first, but not always: a size is raised to a chance that belongs to the pair.
        ranks = np.array([shapes.fraction("centre", code, provider) for provider in providers])
        with np.errstate(divide="ignore"):
            order = np.argsort(np.where(sizes > 0, -np.log(ranks) / sizes**2, np.inf), kind="stable")
        sizes[order[look.centres :]] = 0
        share[:, offer] = sizes / sizes.sum()
    return share


def _size(
    own: shapes.ProviderShape, provider: str, code: str, name: str, roles: frozenset[str], neuroscience: bool
) -> float:
    """How much of a service a provider would do; zero where it is not of the kind."""
    if own.role == "specialist" and own.service_lines is not None:
        fits = "neuroscience" in roles or "specialist" in roles
        fits = fits and own.service_lines.search(re.sub(r"\(.*?\)", "", name)) is not None
    elif "neuroscience" in roles:
        # Twenty-four centres do nearly all of it; other acute trusts see a little where a line allows.
        fits = neuroscience or own.role in roles
        if fits and not neuroscience:
            return 0.1 * own.size
    else:
        fits = own.role in roles
    return own.size * _lognormal(0.5, "size", code, provider) if fits else 0.0


def _needs_a_host(catalogue: Catalogue) -> npt.NDArray[np.bool_]:
    """Offers paid by where the provider lies: not for a provider whose board was split."""
    held = np.array([pool.step == "held_centrally" for pool in shapes.pools()])[catalogue.pool]
    hosted = np.isin(catalogue.status, [STATUSES["RED"], STATUSES["BLUE"]]).any(axis=0)
    on_status = np.array([pool.step == "status" for pool in shapes.pools()])[catalogue.pool]
    return held | (hosted & on_status)


def _line_counts(catalogue: Catalogue, weights: Floats, lines: int) -> Ints:
    """Lines by pool and provider, summing to `lines`; every pool has at least one, for it has money."""
    shares = shapes.data_set_shares()
    pools = shapes.pools()
    wanted = np.array([shares[pool.data_set] * pool.lines for pool in pools])
    by_pool = 1 + apportion(lines - len(pools), wanted)
    return np.stack(
        [
            apportion(int(count), weights[:, catalogue.pool == number].sum(axis=1))
            for number, count in enumerate(by_pool)
        ]
    )


def _money(catalogue: Catalogue, weights: Floats, counts: Ints, months: int) -> Ints:
    """Pence by pool and provider: lines × the cost to expect of the provider's mix of services."""
    cost = np.array([_expected_cost(catalogue, offer) for offer in range(len(catalogue.code))])
    money = []
    for number, pool in enumerate(shapes.pools()):
        own = weights[:, catalogue.pool == number]
        mean = (own * cost[catalogue.pool == number]).sum(axis=1) / np.maximum(own.sum(axis=1), 1e-12)
        money.append(apportion(total_pence(pool, months), counts[number] * mean))
    return np.stack(money)


def _expected_cost(catalogue: Catalogue, offer: int) -> float:
    if catalogue.items[offer].sum():
        kinds = (*shapes.items("drugs"), *shapes.items("devices"))
        prices = np.array([item.price * item.quantity for item in kinds])
        return float(catalogue.items[offer] @ prices / catalogue.items[offer].sum())
    shape = sorted({look.shape for look in shapes.deliveries()})[catalogue.shape[offer]]
    own = [look for look in shapes.deliveries() if look.shape == shape]
    mean = sum(look.weight * look.cost * (1 + 0.6 * look.stay if look.per_day else 1) for look in own)
    return float(mean * catalogue.cost_factor[offer])


def _lognormal(sigma: float, *of: object) -> float:
    """A positive number around 1 that belongs to a name."""
    return float(np.exp(sigma * NormalDist().inv_cdf(shapes.fraction(*of))))


def working_days(month: Month) -> int:
    """Mondays to Fridays of a month; bank holidays are not taken out."""
    days = (month.end - month.start).days
    return sum((month.start + timedelta(day)).weekday() < 5 for day in range(days))
