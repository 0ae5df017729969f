"""What each area's fair share would be: people weighted by need, by health inequalities and by unavoidable costs.

Knows the formula, and where each of its parts came from. Parts that policy has not published have no default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Context, Decimal, localcontext
from typing import NamedTuple

from speccom.errors import SpeccomError
from speccom.finance.explained import Confidence, Explained, given
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.register.reorganisation import WeightsNeeded, shares_on

CORE_COMPONENTS = ("general acute", "community", "mental health", "maternity", "prescribing")
AVOIDABLE_MORTALITY = "health inequalities avoidable mortality"
CORE_SHARE = "target share core ex eaca"
STANDS_IN = (
    "Need for core services stands in for need for specialised services, which is not published by board: these "
    "are the weighted populations of NHS England’s core allocations, summed from practices."
)
_EXACT = Context(prec=60)
_ENGLAND = "ENG"
_WEIGHTS_TOLERANCE = Decimal("0.000001")


class TargetError(SpeccomError):
    """A target that cannot be worked out: what is missing or does not fit, and how to give it."""

    code = "target"


@dataclass(frozen=True, slots=True)
class Need:
    """People by area, and people weighted by need: one weighting for each component of services.

    `avoidable_mortality` is people weighted by avoidable mortality, for health inequalities. `source` and
    `confidence` are of all of them; `notes` say what they stand for and where they weaken a target, `names` what
    areas are called, and `synthetic` whether any of them was made up.
    """

    population: Mapping[str, Decimal]
    weighted: Mapping[str, Mapping[str, Decimal]]
    avoidable_mortality: Mapping[str, Decimal] | None
    source: str
    confidence: Confidence
    notes: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class Weights:
    """The parts of the formula that are policy: all shares.

    `spend` is each component's share of spend, summing to 1. `health_inequalities` (h) is the share of the money
    that follows avoidable mortality. `market_forces` is the factor of unavoidable costs by area, 1 being
    England's mean; `without_market_forces` says that there is to be none. None of them has a default.
    """

    spend: Mapping[str, Decimal]
    health_inequalities: Decimal | None = None
    market_forces: Mapping[str, Decimal] | None = None
    without_market_forces: bool = False


@dataclass(frozen=True, slots=True)
class AreaTarget:
    """One area: people, weighted people at each step, its need index against England's 1, and its target share."""

    area: str
    population: Decimal
    need_weighted: Decimal
    need_index: Decimal
    with_inequalities: Decimal
    market_forces: Decimal
    weighted: Decimal
    share: Decimal
    explained: Explained


class Boundaries(NamedTuple):
    """Values by the boards of a date, what could not be placed, in words, and of what each is made:
    the boards before it, each with the part of it that is here."""

    values: dict[str, Decimal]
    gaps: tuple[str, ...]
    made_of: dict[str, tuple[tuple[str, Decimal], ...]]


def target_shares(need: Need, weights: Weights) -> dict[str, AreaTarget]:
    """The target share of each area, summing to 1, with its working.

        NWP = Σ spend weight of a component · people weighted for that component
        WP1 = (1 − h) · NWP + h · people weighted by avoidable mortality
        WP  = WP1 · MFF · people of England ÷ Σ(WP1 · MFF);   share = WP ÷ ΣWP

    Each weighting is first scaled to the people of all areas, so that a component's weight is of spend alone.
    Raises `TargetError` naming what is missing: h, a spend weight, the market forces factor, an area's people.
    Structure: NHS England's allocations formula; values of h and of the spend weights are whoever asks's own.
    """
    with localcontext(_EXACT):
        h, factor = _checked(need, weights)
        people = sum(need.population.values(), Decimal(0))
        scaled = {name: _scaled(need, name, need.weighted[name], people) for name in weights.spend}
        mortality = _scaled(need, "avoidable mortality", need.avoidable_mortality or {}, people) if h else {}
        need_weighted = {
            area: sum((weight * scaled[name][area] for name, weight in weights.spend.items()), Decimal(0))
            for area in need.population
        }
        first = {
            area: with_inequalities(h, held, mortality.get(area, Decimal(0)))
            for area, held in need_weighted.items()
        }
        costed = {area: held * factor.get(area, Decimal(1)) for area, held in first.items()}
        whole = sum(costed.values(), Decimal(0))
        found: dict[str, AreaTarget] = {}
        for area, population in need.population.items():
            share = costed[area] / whole
            parts = _Parts(
                area,
                population,
                need_weighted[area],
                {name: scaled[name][area] for name in weights.spend},
                first[area],
                mortality.get(area),
                factor.get(area, Decimal(1)),
                share * people,
                share,
                people,
            )
            found[area] = AreaTarget(
                area,
                population,
                parts.need_weighted,
                parts.need_weighted / population,
                parts.first,
                parts.factor,
                parts.weighted,
                share,
                _explained(need, weights, h, parts),
            )
        return found


def with_inequalities(h: Decimal, need_weighted: Decimal, mortality_weighted: Decimal) -> Decimal:
    """People weighted by need with a share h of the money following health inequalities: (1 − h) · NWP + h · WPAM."""
    return (1 - h) * need_weighted + h * mortality_weighted


def core_need(register: Register, year: FinancialYear) -> Need:
    """The weighted populations of the core allocations of a year, which stand in for specialised need.

    By the boards of that year. Raises `TargetError` where the register holds none. Source: the register's
    populations, inferred from NHS England's practice file.
    """
    facts = register.facts.load("populations")
    boards = core_boards(register, year)

    def by_board(attribute: str) -> dict[str, Decimal]:
        found = {}
        for board in boards:
            held = next(
                (fact for fact in facts.about(board, attribute) if fact.valid_from == year.start), None
            )
            if held is None:
                raise TargetError(f"The register has no {attribute} of {board} for {year}.")
            found[board] = Decimal(held.value)
        return found

    return Need(
        by_board("projected population"),
        {name: by_board(f"weighted population {name}") for name in CORE_COMPONENTS},
        by_board(f"weighted population {AVOIDABLE_MORTALITY}"),
        core_source(register, year),
        Confidence.INFERRED,
        (STANDS_IN,),
        {board: called(register, board) for board in boards},
    )


def called(register: Register, board: str) -> str:
    """A board's name with its code."""
    held = register.organisations.get(board)
    return f"{held.name} ({board})" if held else board


def core_shares(register: Register, year: FinancialYear) -> dict[str, Decimal]:
    """The target shares of the core allocations of a year, by board, as the register holds them: they stand in."""
    facts = register.facts.load("populations")
    return {
        board: Decimal(fact.value)
        for board in core_boards(register, year)
        for fact in facts.about(board, CORE_SHARE)
        if fact.valid_from == year.start
    }


def core_years(register: Register) -> tuple[FinancialYear, ...]:
    """The years of which the register holds weighted populations."""
    held = register.facts.load("populations").about(_ENGLAND, CORE_SHARE)
    return tuple(sorted(FinancialYear.containing(fact.valid_from) for fact in held))


def core_boards(register: Register, year: FinancialYear) -> tuple[str, ...]:
    """The boards of which the register holds weighted populations in a year. Raises `TargetError` for none."""
    held = register.facts.load("populations").of(CORE_SHARE)
    boards = tuple(
        sorted(
            board
            for board, facts in held.items()
            if board != _ENGLAND and any(fact.valid_from == year.start for fact in facts)
        )
    )
    if not boards:
        years = ", ".join(map(str, core_years(register)))
        raise TargetError(f"The register holds no weighted populations of {year}: choose {years}.")
    return boards


def core_source(register: Register, year: FinancialYear) -> str:
    """Where the weighted populations of a year were read."""
    fact = next(
        fact
        for fact in register.facts.load("populations").about(_ENGLAND, CORE_SHARE)
        if fact.valid_from == year.start
    )
    source = register.sources[fact.source_id]
    return f"{source.publisher}, {source.title} (core services, {year}), {source.url}"


def on_boundaries(
    values: Mapping[str, Decimal],
    register: Register,
    on: date,
    parts: Mapping[tuple[str, str], Decimal] | None = None,
) -> Boundaries:
    """Amounts that add (people, baselines, target shares) by the boards of a date; nothing is lost.

    A board that was followed as a whole adds to its successor. One that was split needs `parts`, (board,
    successor) → a positive weight such as the people of that part; without them it keeps its own row, and a gap
    says so, since its parts are never guessed. Allocations do not add: they are worked out anew.
    """
    found: dict[str, Decimal] = {}
    made_of: dict[str, tuple[tuple[str, Decimal], ...]] = {}
    gaps = []
    with localcontext(_EXACT):
        for area, value in values.items():
            try:
                heirs = shares_on(register, area, on, parts)
            except WeightsNeeded:
                heirs = {area: Decimal(1)}
                gaps.append(
                    f"{area} was split between {', '.join(register.successors(area, on))}; no weights for its "
                    "parts are given, so it keeps a row of its own and they lack theirs."
                )
            for heir, share in heirs.items():
                found[heir] = found.get(heir, Decimal(0)) + value * share
                made_of[heir] = (*made_of.get(heir, ()), (area, share))
    return Boundaries(found, tuple(gaps), made_of)


# --- what has to be given


def _checked(need: Need, weights: Weights) -> tuple[Decimal, Mapping[str, Decimal]]:
    """h and the market forces factor, after everything that the formula needs was found there."""
    if not weights.spend:
        raise TargetError(
            f"No spend weight is given: give each component’s share of spend, of {', '.join(need.weighted)}."
        )
    unknown = [name for name in weights.spend if name not in need.weighted]
    if unknown:
        raise TargetError(
            f"There is no weighted population for {', '.join(unknown)}: choose from {', '.join(need.weighted)}."
        )
    for name, weight in weights.spend.items():
        if not weight.is_finite() or weight < 0:
            raise TargetError(f"The spend weight of {name} is {weight}: give a share of 0 or more.")
    whole = sum(weights.spend.values(), Decimal(0))
    if abs(whole - 1) > _WEIGHTS_TOLERANCE:
        raise TargetError(f"The spend weights sum to {whole}: they are shares of spend, and sum to 1.")
    h = weights.health_inequalities
    if h is None:
        raise TargetError(
            "The health-inequality share h is not given: which part of specialised money follows avoidable "
            "mortality is not published and no policy’s figure is held here, so it has no default. Give a share "
            "from 0 to 1."
        )
    if not h.is_finite() or not 0 <= h <= 1:
        raise TargetError(f"The health-inequality share h is {h}: give a share from 0 to 1.")
    if h and need.avoidable_mortality is None:
        raise TargetError(
            f"h is {h}, but no people weighted by avoidable mortality are given: give them, or h of 0."
        )
    if weights.market_forces is None and not weights.without_market_forces:
        raise TargetError(
            "The market forces factor is not given: import it (speccom reference import market-forces FILE), "
            "or say that targets are to be without it."
        )
    factor = weights.market_forces or {}
    _every_area(need, "population", need.population)
    if factor:
        _every_area(need, "market forces factor", factor)
    return h, factor


def _every_area(need: Need, what: str, values: Mapping[str, Decimal]) -> None:
    missing = sorted(set(need.population) - set(values))
    if missing:
        raise TargetError(f"There is no {what} of {', '.join(missing[:8])}: every area needs one.")
    for area in need.population:
        if not values[area].is_finite() or values[area] <= 0:
            raise TargetError(f"The {what} of {area} is {values[area]}: give a number above nought.")


def _scaled(need: Need, name: str, values: Mapping[str, Decimal], people: Decimal) -> dict[str, Decimal]:
    _every_area(need, f"weighted population for {name}", values)
    whole = sum((values[area] for area in need.population), Decimal(0))
    return {area: values[area] * people / whole for area in need.population}


# --- the working


class _Parts(NamedTuple):
    area: str
    population: Decimal
    need_weighted: Decimal
    components: dict[str, Decimal]
    first: Decimal
    mortality: Decimal | None
    factor: Decimal
    weighted: Decimal
    share: Decimal
    people: Decimal


def _explained(need: Need, weights: Weights, h: Decimal, parts: _Parts) -> Explained:
    area = need.names.get(parts.area, parts.area)

    def read(name: str, symbol: str, value: Decimal, unit: str = "people") -> Explained:
        return given(name, symbol, value, unit, need.source, need.confidence)

    def chosen(name: str, symbol: str, value: Decimal) -> Explained:
        return given(name, symbol, value, "share", "set in what was asked", Confidence.CHOSEN)

    by_need = Explained(
        f"People of {area} weighted by need",
        "NWP",
        parts.need_weighted,
        "people",
        "The people weighted for each component of services, by that component’s share of spend.",
        "NWP = Σ v × NWP of the component",
        tuple(
            each
            for name, value in parts.components.items()
            for each in (
                chosen(f"Share of spend, {name}", "v", weights.spend[name]),
                read(f"People of {area} weighted for {name}", "NWP of the component", value),
            )
        ),
    )
    first = by_need
    if h and parts.mortality is not None:
        first = Explained(
            f"People of {area} weighted by need and health inequalities",
            "WP1",
            parts.first,
            "people",
            "Need, with the share h of the money following avoidable mortality.",
            "WP1 = (1 − h) × NWP + h × WPAM",
            (
                chosen("Health-inequality share", "h", h),
                by_need,
                read(f"People of {area} weighted by avoidable mortality", "WPAM", parts.mortality),
            ),
        )
    factors = []
    if weights.market_forces:
        factors = [
            given(
                f"Market forces factor of {area}",
                "MFF",
                parts.factor,
                "index",
                "imported as the market forces factor",
                Confidence.STATED,
            )
        ]
    formula = "WP = WP1 × MFF × POP ÷ Σ(WP1 × MFF)" if factors else "WP = WP1 × POP ÷ ΣWP1"
    everyone = read("People of all areas", "POP", parts.people)
    weighted = Explained(
        f"Weighted people of {area}",
        "WP",
        parts.weighted,
        "people",
        "Weighted people, "
        + ("with unavoidable costs, " if factors else "")
        + "scaled so that all areas together have as many as there are people.",
        formula,
        (first, *factors, everyone),
    )
    return Explained(
        f"Target share of {area}",
        "s",
        parts.share,
        "share",
        "The area’s part of all weighted people.",
        "s = WP ÷ ΣWP",
        (weighted, everyone),
    )
