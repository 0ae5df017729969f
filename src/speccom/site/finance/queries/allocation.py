"""What the library is asked for the page of allocations: baselines, shares, the years, and where each came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.urls import reverse

from speccom.finance import inputs
from speccom.finance.allocations import allocations
from speccom.finance.explained import Confidence, Explained, given
from speccom.finance.explained_allocations import OF_A_YEAR, Origins, explain, explain_year
from speccom.finance.pace import AllocationError
from speccom.finance.paths import Path, growing_money, path
from speccom.finance.penny import to_the_penny
from speccom.finance.published import Figure, figure
from speccom.finance.target import core_shares, core_source, core_years
from speccom.insight.areas import NOT_A_BOARD, name_of
from speccom.insight.result import Result
from speccom.insight.variation import variation
from speccom.period import FinancialYear
from speccom.site.core.library import ledger, register, remembered
from speccom.site.finance.forms.allocation import Question, usual_growth, usual_total
from speccom.site.finance.queries.amounts import CHOSEN, Amounts, called_here
from speccom.site.finance.queries.merged import merged
from speccom.site.finance.queries.shares import need_of, shares_of

REMEMBERED = 24


@dataclass(frozen=True, slots=True)
class Worked:
    """The years that were asked for, their table, and how each input is explained."""

    path: Path
    result: Result
    origins: Origins
    names: Mapping[str, str]
    notes: tuple[str, ...]
    gaps: tuple[str, ...]
    sources: tuple[str, ...]


def years_held() -> tuple[FinancialYear, ...]:
    """The years of which there are weighted populations."""
    return core_years(register())


def baselines_offered() -> dict[str, str]:
    """What baselines there can be, in words."""
    offered = {
        "people": "The same for every head of population",
        "last": "Last year’s target, as if it had been met",
    }
    if ledger() is not None:
        offered["ledger"] = "What the ledger says was spent on each board’s people"
    if inputs.baselines(settings.WORKSPACE) is not None:
        offered["imported"] = "Baselines imported into this workspace"
    return offered


def worked(asked: Question) -> Worked:
    """The allocations asked for; remembered until the ledger or what was imported changes."""
    held = ledger()
    return _worked(asked, held.built if held else None, _imported())


def explained(asked: Question, area: str, year: int, number: str) -> Explained:
    """One number of a board in a year, down to its sources. Raises `AllocationError` where there is none."""
    found = worked(asked)
    if not 1 <= year <= len(found.path.years):
        raise AllocationError(f"There is no year {year}: choose from 1 to {len(found.path.years)}.")
    of, origins = found.path.years[year - 1], _origins_in(found, asked, year)
    return explain_year(of, number, origins) if number in OF_A_YEAR else explain(of, area, number, origins)


def _imported() -> tuple[int, ...]:
    """When what can be imported last changed, so that an answer is not remembered beyond it."""
    kinds = (inputs.BASELINES, inputs.MARKET_FORCES)
    files = [settings.WORKSPACE.reference / f"{kind}.parquet" for kind in kinds]
    return tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)


@remembered(REMEMBERED)
def _worked(asked: Question, built: datetime | None, imported: tuple[int, ...]) -> Worked:
    shares, baselines = shares_of(asked), _baselines(asked)
    gaps: tuple[str, ...] = ()
    if asked.boundaries is not None:
        shares, baselines, gaps = merged(asked, asked.boundaries, shares, baselines)
    whole = sum(baselines.values.values(), Decimal(0))
    first = (whole * (1 + asked.growth)).quantize(Decimal("0.01"))
    money = growing_money(first, [asked.growth] * (asked.years - 1))
    found = path(baselines.values, shares.values, money, asked.parameters)
    names = {area: name_of(register(), area) for area in baselines.values}
    notes = (*baselines.notes, *shares.notes, *asked.parameters.idle())
    result = allocations(found, names=names, notes=notes, synthetic=baselines.synthetic or shares.synthetic)
    origins = Origins(
        (baselines.notes[0], Confidence.COMPUTED),
        (shares.notes[0], Confidence.INFERRED),
        (_growth_words(asked), Confidence.CHOSEN),
        CHOSEN,
        baselines.explained,
        shares.explained,
        {area: called_here(area) for area in baselines.values},
    )
    sources = tuple(
        dict.fromkeys(
            source
            for each in (*baselines.explained.values(), *shares.explained.values())
            for source in each.sources()
            if source != CHOSEN[0]
        )
    )
    return Worked(found, result, origins, names, notes, gaps, sources)


def _growth_words(asked: Question) -> str:
    grown = f"all baselines together, grown by {asked.growth:%}".replace("000%", "%").rstrip()
    if asked.growth * 100 == usual_growth():
        return (
            f"{grown}: the growth of core allocations in 2025/26, which stands in ({_growth_figure().source})"
        )
    return f"{grown}, as set in the form of the page"


def _growth_figure() -> Figure:
    return figure("2025/26", "ENG", "core_allocation_growth")


def _origins_in(found: Worked, asked: Question, year: int) -> Origins:
    """The origins of a later year: its baselines are what the year before gave, and open there."""
    if year == 1:
        return found.origins
    before = found.path.years[year - 2]
    baselines = {
        each.area: Explained(
            f"Baseline of {called_here(each.area)}: its allocation of year {year - 1}",
            "B",
            each.allocation,
            "£",
            source=f"allocation of year {year - 1}",
            address=reverse(
                "explain-allocation",
                query=asked.query | {"area": each.area, "in_year": str(year - 1), "number": "allocation"},
            ),
        )
        for each in before.areas
    }
    own = found.origins
    return Origins(
        (f"allocations of year {year - 1}", Confidence.COMPUTED),
        own.share,
        own.money,
        own.parameters,
        baselines,
        own.shares,
        own.names,
    )


# --- baselines


def _baselines(asked: Question) -> Amounts:
    return {
        "people": _by_people,
        "last": _last_target,
        "ledger": _from_ledger,
        "imported": _from_import,
    }[asked.baseline](asked)


def _total(asked: Question) -> Explained:
    if asked.total == usual_total():
        of = figure("2025/26", "ENG", "delegated_services_value")
        return given("Money before the first year", "total", asked.total, "£", of.source, of.confidence)
    return given("Money before the first year", "total", asked.total, "£", *CHOSEN)


def _spread(asked: Question, parts: Mapping[str, Decimal], unit: str, what: str, source: str) -> Amounts:
    """The total shared out by parts that came from a source, each explained."""
    whole = sum(parts.values(), Decimal(0))
    values = to_the_penny({area: asked.total * part / whole for area, part in parts.items()}, asked.total)
    total = _total(asked)
    every = given(f"{what[0].upper()}{what[1:]} of all boards", "all parts", whole, unit, source, "inferred")
    return Amounts(
        values,
        {
            area: Explained(
                f"Baseline of {called_here(area)}",
                "B",
                values[area],
                "£",
                f"The money shared out by {what}: made for illustration, since no baselines are published by board.",
                "B = total × part ÷ all parts",
                (
                    total,
                    given(
                        f"{what[0].upper()}{what[1:]} of {called_here(area)}",
                        "part",
                        part,
                        unit,
                        source,
                        "inferred",
                    ),
                    every,
                ),
            )
            for area, part in parts.items()
        },
        (
            f"Baselines are made for illustration, since none are published by board: £{asked.total:,.0f}, "
            f"shared out by {what}.",
        ),
    )


def _by_people(asked: Question) -> Amounts:
    need = need_of(asked)
    what = "projected population" if asked.model is None else "population of the need model"
    return _spread(asked, need.population, "people", what, need.source)


def _last_target(asked: Question) -> Amounts:
    before = FinancialYear(asked.year.start_year - 1)
    values = core_shares(register(), before) if before in years_held() else {}
    if not values:
        raise AllocationError(
            f"There are no target shares of {before}: choose another baseline, or a later year."
        )
    return _spread(asked, values, "share", f"core target share of {before}", core_source(register(), before))


def _from_ledger(asked: Question) -> Amounts:
    """What was spent on each board's people in the ledger's last year, as everybody may see it."""
    held = ledger()
    if held is None:
        raise AllocationError("There is no ledger in this workspace: choose another baseline, or build one.")
    spent = variation(settings.WORKSPACE, "all", None, public=True, register=register())
    rows = [row for row in spent.table.to_pylist() if row["icb"] not in ("ENG", *NOT_A_BOARD)]
    withheld = [row["icb"] for row in rows if row["spend"] is None]
    if withheld:
        raise AllocationError(
            f"What was spent on the people of {', '.join(withheld)} is withheld: choose another baseline."
        )
    source = f"the ledger built on {held.built:%-d %B %Y}" + (", of made-up data" if held.synthetic else "")
    values = {row["icb"]: Decimal(str(row["spend"])).quantize(Decimal("0.01")) for row in rows}
    return Amounts(
        values,
        {
            area: given(
                f"Baseline of {called_here(area)}: spent on its people", "B", value, "£", source, "stated"
            )
            for area, value in values.items()
        },
        (f"Baselines are what was spent on each board’s people, by {source}. {spent.notes[0]}",),
        held.synthetic,
    )


def _from_import(asked: Question) -> Amounts:
    values = inputs.baselines(settings.WORKSPACE)
    if values is None:
        raise AllocationError(
            "No baselines were imported: run `speccom reference import baselines FILE`, or choose another baseline."
        )
    source = "baselines imported into this workspace"
    return Amounts(
        values,
        {
            area: given(f"Baseline of {called_here(area)}", "B", value, "£", source, "stated")
            for area, value in values.items()
        },
        ("Baselines are those imported into this workspace.",),
    )
