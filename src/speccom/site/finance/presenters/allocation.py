"""Words, tables and pictures of allocations; decides no number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from speccom.charts.allocation import distances, growth, paths
from speccom.charts.words import pounds_short, short_name
from speccom.finance.needs.kept import Kept
from speccom.finance.pace import AreaAllocation, Held
from speccom.insight.areas import name_of
from speccom.site.core.library import register
from speccom.site.core.pages import Link, Number, Page, Table, table
from speccom.site.finance.forms.allocation import (
    MERGERS,
    OF_A_MODEL,
    WEIGHTS,
    Question,
    part_name,
    usual_growth,
    usual_total,
)
from speccom.site.finance.presenters.shared import opens, picture
from speccom.site.finance.queries.allocation import Worked
from speccom.site.insight.presenters import Picture

NOTICE = (
    "This is a calculation and no allocation: NHS England sets allocations. No target shares, baselines or "
    "pace of change for specialised services are published by board, so what stands in for them is named below."
)
EXAMPLE = (
    "Nothing was set, so an example is shown: a fifth of each distance a year, by at most one percent, over five "
    "years. These settings are Speccom’s own, to show how it works, and no policy."
)
HELD = {
    Held.GUARANTEE: "least growth",
    Held.CAP: "most growth",
    Held.FLOOR: "floor",
    Held.TARGET: "target",
    Held.NOTHING_LESS: "nought",
}
"""What holds a board, as short as a column of the table wants it."""
BOUNDARIES = (("then", "As in the year of the shares"), (f"{MERGERS}", "After the mergers of 1 April 2026"))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the form: its name in the address, label, hint, value, and how wide."""

    name: str
    label: str
    hint: str
    value: str
    suffix: str = "%"


@dataclass(frozen=True, slots=True)
class Offered:
    """What the form offers: years, baselines in words, kept need models, and the boards that the mergers split."""

    years: tuple[str, ...]
    baselines: Mapping[str, str]
    models: Sequence[Kept]
    splits: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class AllocationPage(Page):
    """The form with what was asked, pictures, tables, and what stands in for what is not published."""

    action: str
    asked: Mapping[str, str]
    years: tuple[tuple[str, str], ...]
    baselines: tuple[tuple[str, str], ...]
    shares: tuple[tuple[str, str], ...]
    boundaries: tuple[tuple[str, str], ...]
    money_fields: tuple[Field, ...]
    pace_fields: tuple[Field, ...]
    target_fields: tuple[Field, ...]
    part_fields: tuple[Field, ...]
    parts_open: bool
    no_overshoot: bool
    market_forces: str
    notice: str
    example: str
    answer: str
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
    gaps: tuple[str, ...]
    synthetic: bool


def allocation_page(asked: Question, found: Worked, offered: Offered) -> AllocationPage:
    """The allocations that were asked for."""
    given = dict(asked.given) | {"year": str(asked.year)}
    single = len(found.path.years) == 1
    drawn = [
        picture(distances(found.result), "Distance from target, before and after"),
        picture(growth(found.result), "Growth in the first year"),
        *([] if single else [picture(paths(found.result), "Distance from target over years")]),
    ]
    return AllocationPage(
        title="Allocations: how fast to move to target",
        lead="What each board would get if its money moved from where it is towards its fair share, at a pace you set.",
        trail=(Link("Finance", reverse("finance")),),
        tables=(
            _first_year(asked, found),
            _years(asked, found),
            *(() if single else (_distances(asked, found),)),
        ),
        sources=(NOTICE, *found.notes, *found.sources),
        action=reverse("allocation"),
        asked=given,
        years=tuple((year, year) for year in offered.years),
        baselines=tuple(offered.baselines.items()),
        shares=(
            ("core", "The target shares of core allocations"),
            ("built", "Built from core need, with weights below"),
            *((f"{OF_A_MODEL}:{each.key}:{each.version}", _model(each)) for each in offered.models),
        ),
        boundaries=BOUNDARIES,
        money_fields=_money_fields(given),
        pace_fields=_pace_fields(given),
        target_fields=_target_fields(given),
        part_fields=_part_fields(given, offered.splits),
        parts_open=bool(asked.parts),
        no_overshoot=asked.parameters.no_overshoot,
        market_forces=given["mff"] or "imported",
        notice=NOTICE,
        example=EXAMPLE if asked.example else "",
        answer=_answer(found),
        pictures=tuple(drawn),
        notes=found.notes,
        gaps=found.gaps,
        synthetic=found.result.synthetic,
    )


def _answer(found: Worked) -> str:
    """The result in two sentences."""
    first, last = found.path.years[0], found.path.years[-1]
    before, *_, after = found.path.largest_distances()
    grown = [each for each in first.areas if each.growth is not None]
    most = max(grown, key=lambda each: each.growth or Decimal(0))
    least = min(grown, key=lambda each: each.growth or Decimal(0))
    years = len(found.path.years)
    when = "the year" if years == 1 else f"{years} years"
    return (
        f"In the first year {pounds_short(first.money)} is shared between {len(first.areas)} boards, which grow "
        f"by between "
        f"{_percent(least.growth)} ({_name(found, least)}) and {_percent(most.growth)} ({_name(found, most)}). "
        f"The furthest board is {_percent(before)} from its target before it, and {_percent(after)} after {when}, when "
        f"{_percent(found.path.out_of_place()[-1])} of the {pounds_short(last.money)} still lies above target."
    )


def _percent(share: Decimal | None) -> str:
    return "–" if share is None else f"{share * 100:.2f}%".replace("-", "−")


def _name(found: Worked, each: AreaAllocation) -> str:
    return short_name(found.names[each.area])


def _opened(asked: Question, area: str, year: int, number: str) -> str:
    of = {"area": area, "in_year": str(year), "number": number}
    return reverse(
        "explain-allocation", query=asked.query | {name: said for name, said in of.items() if said}
    )


def _first_year(asked: Question, found: Worked) -> Table:
    def cell(each: AreaAllocation, number: str, unit: str) -> Number:
        return opens(getattr(each, number), unit, _opened(asked, each.area, 1, number))

    areas = sorted(found.path.years[0].areas, key=lambda each: (each.opening_distance, each.area))
    return table(
        "allocations",
        "The first year, board by board: furthest below target first. Each number opens to its working, and pence",
        (
            "Board",
            "Code",
            "Baseline (£)",
            "Target (£)",
            "Distance before",
            "Growth",
            "Allocation (£)",
            "Distance after",
            "Held by",
        ),
        (
            (
                _name(found, each),
                each.area,
                cell(each, "baseline", "£"),
                cell(each, "target", "£"),
                cell(each, "opening_distance", "share"),
                cell(each, "growth", "share"),
                cell(each, "allocation", "£"),
                cell(each, "closing_distance", "share"),
                HELD[each.held] if each.held else "–",
            )
            for each in areas
        ),
    )


def _years(asked: Question, found: Worked) -> Table:
    def opened(value: Decimal, unit: str, year: int, number: str, places: int = 2) -> Number:
        return opens(value, unit, _opened(asked, "", year, number), places)

    furthest = found.path.largest_distances()[1:]
    return table(
        "years",
        "Year by year",
        ("Year", "Money (£)", "Growth at target", "Furthest from target", "Money above target"),
        (
            (
                f"Year {number}",
                opened(year.money, "£", number, "money"),
                opened(year.g0, "share", number, "g0", 3),
                opened(distance, "share", number, "furthest"),
                opened(above, "share", number, "above_target"),
            )
            for number, (year, distance, above) in enumerate(
                zip(found.path.years, furthest, found.path.out_of_place(), strict=True), start=1
            )
        ),
    )


def _distances(asked: Question, found: Worked) -> Table:
    years = found.path.years
    areas = sorted(years[0].areas, key=lambda each: (each.opening_distance, each.area))
    after = [{each.area: each.closing_distance for each in year.areas} for year in years]
    return table(
        "distances",
        "Distance from target at the end of each year",
        ("Board", "Code", "Before", *(f"Year {number}" for number in range(1, len(years) + 1))),
        (
            (
                _name(found, each),
                each.area,
                opens(each.opening_distance, "share", _opened(asked, each.area, 1, "opening_distance")),
                *(
                    opens(held[each.area], "share", _opened(asked, each.area, number, "closing_distance"))
                    for number, held in enumerate(after, start=1)
                ),
            )
            for each in areas
        ),
    )


# --- the form


def _money_fields(given: Mapping[str, str]) -> tuple[Field, ...]:
    return (
        Field(
            "total",
            "Money before the first year, in pounds",
            f"Left blank: {pounds_short(usual_total())}, the published value of delegated services. Not used where "
            "baselines are of the ledger or imported.",
            given["total"],
            "",
        ),
        Field(
            "growth",
            "Growth of the money in each year",
            f"Left blank: {usual_growth()}%, the growth of core allocations in 2025/26.",
            given["growth"],
        ),
        Field("years", "Years", "From 1 to 10.", given["years"] or "1", ""),
    )


def _pace_fields(given: Mapping[str, str]) -> tuple[Field, ...]:
    fields = (
        ("k", "Speed (k)", "How much of its distance from target a board is to close in a year."),
        ("cmax", "Largest correction (cmax)", "Added to growth below target, taken from it above."),
        ("deadband", "Left alone (deadband)", "A distance from target that is close enough."),
        ("gmin", "Least growth (gmin)", "What every board is promised."),
        ("gmax", "Most growth (gmax)", "What no board may exceed."),
        ("floor", "Most below target (floor)", "No board is left further below its target."),
        ("u0", "Promise fades from (u0)", "Over target, where the least growth begins to fade."),
        ("u1", "Promise ends at (u1)", "Over target, where it has gone."),
    )
    return tuple(Field(name, label, hint, given[name]) for name, label, hint in fields)


def _model(kept: Kept) -> str:
    made_up = "made up, " if kept.synthetic else ""
    return f"Need model: {kept.name} ({made_up}{kept.year}, version {kept.version[:6]})"


def _part_fields(given: Mapping[str, str], splits: Mapping[str, tuple[str, ...]]) -> tuple[Field, ...]:
    return tuple(
        Field(
            part_name(board, heir),
            f"{_short(board)} ({board}), in {_short(heir)}",
            "",
            given[part_name(board, heir)],
            "",
        )
        for board, heirs in splits.items()
        for heir in heirs
    )


def _short(board: str) -> str:
    return short_name(name_of(register(), board))


def _target_fields(given: Mapping[str, str]) -> tuple[Field, ...]:
    return (
        *(
            Field(name, f"Share of spend: {component}", "", given[name])
            for component, name in WEIGHTS.items()
        ),
        Field(
            "h",
            "Health-inequality share (h)",
            "Not published for specialised services: no default. A need model has no avoidable mortality: give 0.",
            given["h"],
        ),
    )
