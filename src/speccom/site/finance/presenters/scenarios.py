"""Words, tables and pictures of scenarios; decides no number, and every number was protected before it came here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from speccom.charts.drawing import MADE_UP
from speccom.charts.scenarios import chances, gain_map, gains, side_by_side
from speccom.charts.units import heading, is_text, said, short_pounds
from speccom.charts.words import short_name
from speccom.finance.bases.rules import BASES, pots
from speccom.finance.scenarios import Scenario, shipped
from speccom.finance.scenarios.boards import last_day
from speccom.finance.scenarios.cells import ZERO
from speccom.finance.scenarios.results import held_over_all, in_words
from speccom.insight.result import Result, meaning
from speccom.period import long_date
from speccom.site.core.pages import Cell, Link, Number, Page, Table, table
from speccom.site.finance.forms.scenarios import LIMITS
from speccom.site.finance.presenters.allocation import Field
from speccom.site.finance.presenters.shared import opens, picture
from speccom.site.finance.queries.scenarios import Answer
from speccom.site.insight.presenters import Picture

NOTICE = (
    "This is a calculation and nobody’s plan: what stands in for what is not published is named below. The base is "
    "the same file without its changes."
)
_HINTS = {
    "k": (
        "Speed (k): part of the distance asked for in a year",
        "Not published: it must be given. 0 lets all grow alike.",
    ),
    "cmax": ("Largest correction (cmax)", ""),
    "deadband": ("Distance left alone (deadband)", ""),
    "gmin": ("Least growth (gmin)", ""),
    "gmax": ("Most growth (gmax)", ""),
    "floor": ("Most that a board may be below target (floor)", ""),
}
_AREAS = (
    "area_name",
    "area",
    "made_of",
    "without",
    "came",
    "allocation",
    "gain",
    "gain_share",
    "closing_distance",
)
_CHANCES = (
    "service_line_name",
    "service_line",
    "footprint_before",
    "units_before",
    "chance_before",
    "footprint_after",
    "units_after",
    "chance_after",
)
_COMPARED = (
    "area_name",
    "area",
    "year",
    "allocation",
    "other_allocation",
    "difference",
    "closing_distance",
    "other_closing_distance",
)
_HEADINGS = {
    "made_of": "Made of",
    "without": "Without the changes (£)",
    "came": "Came with services (£)",
    "allocation": "Allocation (£)",
    "gain": "Gain by the formula (£)",
    "gain_share": "Gain",
    "closing_distance": "Distance from target",
    "other_closing_distance": "Distance in the other",
    "other_allocation": "In the other (£)",
    "difference": "Difference (£)",
    "year": "Year",
}


@dataclass(frozen=True, kw_only=True)
class ListPage(Page):
    """Every scenario, and the form that sets two side by side."""

    new: str
    compare: str
    choices: tuple[tuple[str, str], ...]
    has_ledger: bool


@dataclass(frozen=True, kw_only=True)
class NewPage(Page):
    """The form of a new scenario with what was written, and what is wrong with it."""

    action: str
    asked: Mapping[str, str]
    starts: tuple[tuple[str, str], ...]
    pace_fields: tuple[Field, ...]
    changes: tuple[tuple[str, str, bool], ...]
    error: str


@dataclass(frozen=True, kw_only=True)
class ResultPage(Page):
    """One scenario's answer, pictures and tables; `moved_since` says what is not as the link named it."""

    notice: str
    kept: bool
    answer: str
    about: str
    changes: tuple[str, ...]
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    moved_since: tuple[str, ...]
    links: tuple[Link, ...]
    synthetic: bool
    folded: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ComparePage(Page):
    """Two scenarios side by side."""

    action: str
    choices: tuple[tuple[str, str], ...]
    chosen: tuple[str, str]
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
    synthetic: bool


def _trail(*more: Link) -> tuple[Link, ...]:
    return (Link("Finance", reverse("finance")), Link("Scenarios", reverse("scenarios")), *more)


def _choices(held: Mapping[str, Scenario]) -> tuple[tuple[str, str], ...]:
    return tuple((code, each.name) for code, each in held.items())


def list_page(held: Mapping[str, Scenario], *, has_ledger: bool) -> ListPage:
    """Every scenario that ships or was saved."""
    ours = {each.hash for each in shipped().values()}
    return ListPage(
        title="Scenarios",
        lead="What follows for every board if boards merge, services are delegated, or the pace and the money change.",
        trail=_trail()[:1],
        tables=(
            table(
                "scenarios",
                "Scenarios that ship with Speccom, and those that are kept here",
                ("Scenario", "Base year", "Years after it", "Changes", "Where from", "Content"),
                (
                    (
                        Link(each.name, reverse("scenario", args=[code])),
                        str(each.base_year),
                        each.years,
                        "; ".join(in_words(change) for change in each.changes[:3]) or "none",
                        "ships" if code in ours else "kept here",
                        code[:12],
                    )
                    for code, each in held.items()
                ),
            ),
        ),
        sources=("scenarios that ship with Speccom or are kept in this workspace",),
        new=reverse("new-scenario"),
        compare=reverse("compare-scenarios"),
        choices=_choices(held),
        has_ledger=has_ledger,
    )


def new_page(
    start: Scenario,
    held: Mapping[str, Scenario],
    fields: Mapping[str, str],
    keep: Sequence[str],
    error: str = "",
) -> NewPage:
    """The form, with what was written in it."""
    return NewPage(
        title="A new scenario",
        lead="Start from one that is there, change what you want, and see what follows.",
        trail=_trail(),
        status=400 if error else 200,
        action=reverse("new-scenario"),
        asked=fields,
        starts=_choices({fields["start"]: start} | dict(held)),
        pace_fields=tuple(Field(name, *_HINTS[name], fields[name]) for name in LIMITS),
        changes=tuple(
            (str(nth), f"{in_words(each)}, from {long_date(each.on)}", str(nth) in keep)
            for nth, each in enumerate(start.changes, start=1)
        ),
        error=error,
    )


def result_page(found: Answer, name: str, fingerprint: str, run_on: tuple[str, str]) -> ResultPage:
    """What a scenario comes to. `run_on` are the ledger and register that a link says it was run on."""
    ran, asked = found.ran, found.ran.scenario
    snapshot = ran.register.snapshot
    drawn = [
        (gains(found.areas), "Who gains and who loses"),
        (gain_map(found.areas, last_day(asked.base_year)), "Where"),
        (chances(found.volatility), "How steady lines are, before and after"),
    ]
    here = reverse("scenario", args=[name])
    stays = reverse("scenario", args=[name], query={"ledger": fingerprint, "register": snapshot})
    withheld = (
        (
            f"{found.withheld} lines are left out of the chances, since a board or region has fewer than 8 people of "
            "them.",
        )
        if found.withheld
        else ()
    )
    return ResultPage(
        title=asked.name,
        lead="What each board would be given, beside what it would be given without the changes.",
        trail=_trail(),
        tables=(*_areas(found), _pots(found), _changes(found), _volatility(found)),
        sources=(*((MADE_UP,) if ran.synthetic else ()), NOTICE, *ran.notes, *withheld),
        notice=NOTICE,
        kept=name == asked.hash,
        answer=_answer(found),
        about=asked.about,
        changes=tuple(f"{in_words(each)}, from {long_date(each.on)}" for each in asked.changes),
        pictures=tuple(picture(figure, words) for figure, words in drawn if figure is not None),
        notes=(*ran.notes, *withheld),
        facts=(
            ("Content", asked.hash),
            ("Ledger, base year", f"{asked.base_year}, {fingerprint}"),
            ("Ledger built on", f"{ran.cells.manifest.built:%-d %B %Y}"),
            ("Register", snapshot),
        ),
        moved_since=_moved_since(run_on, fingerprint, snapshot),
        links=(
            Link("A link to this result that says what it was run on", stays),
            Link("The scenario’s file (JSON)", f"{here}?download=scenario.json"),
            Link("Start a new scenario from this one", reverse("new-scenario", query={"start": name})),
            *(
                ()
                if name == asked.hash
                else (
                    Link("Keep this scenario (sign in)", reverse("keep_scenario", query={"scenario": name})),
                )
            ),
        ),
        synthetic=ran.synthetic,
        folded={
            **{f"year-{year.year.code}": f"The boards in {year.year}" for year in ran.years[1:]},
            "volatility": "How steady each line is, before and after",
        },
    )


def _moved_since(named: tuple[str, str], fingerprint: str, snapshot: str) -> tuple[str, ...]:
    told = []
    for was, now, what in ((named[0], fingerprint, "ledger’s base year"), (named[1], snapshot, "register")):
        if was and was != now:
            told.append(
                f"The {what} has changed since: the link names {was[:16]}, and this was run on {now}."
            )
    return tuple(told)


def _answer(found: Answer) -> str:
    year = found.ran.first
    gained = {area.area: year.gain(area.area) for area in year.allocated.areas}
    most, least = max(gained, key=lambda code: gained[code]), min(gained, key=lambda code: gained[code])
    up = sum((gain for gain in gained.values() if gain > 0), ZERO)
    came = sum(year.came.values(), ZERO)
    name = {code: short_name(found.ran.boards.name(code)) for code in (most, least)}
    words = (
        f"In {year.year} {short_pounds(float(year.allocated.money))} is shared between {len(gained)} boards"
    )
    words += f", of which {short_pounds(float(came))} came with services that move. " if came else ". "
    if not up:
        return words + "No board gains or loses by the formula."
    return words + (
        f"The formula moves {short_pounds(float(up))} between them on account of the changes: most gains {name[most]} "
        f"({short_pounds(float(gained[most]))}), most loses {name[least]} ({short_pounds(float(gained[least]))})."
    )


def _areas(found: Answer) -> list[Table]:
    rows = found.areas.table.to_pylist()
    tables = []
    for nth, year in enumerate(found.ran.years):
        own = sorted(
            (row for row in rows if row["year"] == str(year.year)),
            key=lambda row: (-row["gain"], row["area"]),
        )
        tables.append(
            Table(
                "areas" if nth == 0 else f"year-{year.year.code}",
                f"What each board is given in {year.year}, the largest gain first. Each number opens to its working",
                tuple(_heading(found.areas, name) for name in _AREAS),
                tuple(tuple(_cell(row, name) for name in _AREAS) for row in own),
            )
        )
    return tables


def _cell(row: Mapping[str, Any], name: str) -> Cell:
    value = row[name]
    if name in ("area_name", "area", "made_of"):
        if name == "made_of" and value == row["area"]:
            return "–"
        return short_name(value) if name == "area_name" else str(value)
    address = _opened(area=row["area"], year=row["year"], number=name)
    if name in ("gain_share", "closing_distance"):
        return opens(None if value is None else Decimal(str(value)), "share", address)
    return opens(value, "£", address)


def _opened(**asks: str) -> str:
    """Of this very page: a scenario that nobody keeps has a long address."""
    return f"explain/?{urlencode(asks)}"


def _of_row(table: str, place: int, number: str) -> str:
    return _opened(table=table, row=str(place), number=number)


def _heading(result: Result, name: str) -> str:
    return _HEADINGS.get(name) or heading(result.table.schema.field(name))


def _pots(found: Answer) -> Table:
    ran = found.ran
    return table(
        "pots",
        f"Who holds each kind of money of {ran.scenario.base_year}, before and after",
        ("Money", "Basis", "Held by", "Before (£)", "After (£)", "Change (£)"),
        (
            (
                pots()[each.pot].name,
                BASES[each.basis],
                each.by,
                opens(each.before, "£", _of_row("pots", place, "before")),
                opens(each.after, "£", _of_row("pots", place, "after")),
                opens(each.after - each.before, "£", _of_row("pots", place, "change")),
            )
            for place, each in enumerate(held_over_all(ran), start=1)
        ),
    )


def _changes(found: Answer) -> Table:
    def cell(row: Mapping[str, Any], place: int, name: str) -> Number:
        value = row[name]
        if value is None:
            return Number("–", None)
        address = _of_row("changes", place, name)
        return Number(str(value), value, True, address) if name == "lines" else opens(value, "£", address)

    return table(
        "changes",
        "The changes, and the money of the base year that lies elsewhere on account of each",
        ("Change", "From", "Service lines", "In the first year (£)", "In the last year (£)"),
        (
            (
                row["change"],
                row["on"],
                *(cell(row, place, name) for name in ("lines", "moves_in_first_year", "moves_in_last_year")),
            )
            for place, row in enumerate(found.changes.table.to_pylist(), start=1)
        ),
    )


def _volatility(found: Answer) -> Table:
    return _plain(
        found.volatility,
        "volatility",
        "Chance of missing the expected cost by more than 5%, before and after",
        _CHANCES,
        lambda place, row, name: _of_row("volatility", place, name),
    )


def _plain(
    result: Result,
    key: str,
    caption: str,
    names: Sequence[str],
    opened: Callable[[int, Mapping[str, Any], str], str],
) -> Table:
    fields = [result.table.schema.field(name) for name in names]
    return Table(
        key,
        caption,
        tuple(_heading(result, name) for name in names),
        tuple(
            tuple(_plain_cell(row[field.name], field, opened(place, row, field.name)) for field in fields)
            for place, row in enumerate(result.table.to_pylist(), start=1)
        ),
    )


def _plain_cell(value: Any, field: Any, address: str) -> Cell:
    if is_text(field):
        return short_name(value) if field.name == "area_name" else said(value, "")
    unit = meaning(field).unit
    if value is None:
        return Number("–", None)
    if unit in ("£", "share"):
        return opens(value if unit == "£" else Decimal(str(value)), unit, address)
    return Number(said(value, unit), value, True, address)


def compare_page(result: Result, both: Mapping[str, Scenario], held: Mapping[str, Scenario]) -> ComparePage:
    """Two scenarios side by side, by what their addresses are made of."""
    one, two = both.values() if len(both) == 2 else [*both.values()] * 2
    figure = side_by_side(result)
    first, second = next(iter(both)), [*both][-1]

    def opened(place: int, row: Mapping[str, Any], name: str) -> str:
        asks = {"area": row["area"], "year": row["year"], "number": name.removeprefix("other_")}
        if name == "difference":
            asks["beside"] = second
        of = second if name.startswith("other_") else first
        return reverse("explain-in-scenario", args=[of], query=asks)

    return ComparePage(
        title="Two scenarios side by side",
        lead=f"{one.name}, beside {two.name}.",
        trail=_trail(),
        tables=(_plain(result, "compared", f"{one.name}, beside {two.name}", _COMPARED, opened),),
        sources=(*((MADE_UP,) if result.synthetic else ()), NOTICE, *result.notes),
        action=reverse("compare-scenarios"),
        choices=_choices(dict(both) | dict(held)),
        chosen=(first, second),
        pictures=(picture(figure, "Distance from target in both"),) if figure else (),
        notes=result.notes,
        synthetic=result.synthetic,
    )
