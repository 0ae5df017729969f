"""Words, tables and pictures of what the ledger says; every number in them was protected before it came here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from markupsafe import Markup

from speccom.charts.drawing import MADE_UP, Figure
from speccom.charts.equity import boards_picture, gradient_picture
from speccom.charts.flow_map import flow_map, without_centre
from speccom.charts.flows import balance_bars, flow_bands, flow_matrix
from speccom.charts.units import heading, is_text, said
from speccom.charts.variation import access_by_intensity, funnel
from speccom.charts.words import short_name
from speccom.insight.areas import ENGLAND
from speccom.insight.asked import pathways
from speccom.insight.equity import BOARDS, HOMES, Equity, Need
from speccom.insight.equity_tables import PATIENTS
from speccom.insight.result import Result, meaning
from speccom.ledger.manifest import Manifest
from speccom.ledger.summaries import years_held
from speccom.places.boundaries import ATTRIBUTION, Boundaries
from speccom.register import Register
from speccom.site.core.pages import Cell, Link, Number, Page, Table
from speccom.site.core.words import count
from speccom.site.insight.forms import BY, PEERS, Question

NEEDED = {"provider": ("provider", "balance"), "board": ("board",), "balance": ("balance",)}
"""By what flows are asked → the results that the page is made of, its table's first."""
MOST = 60
"""Rows of flows that a page shows while no board is chosen."""
WITHHELD = "withheld"

_SPENT = (
    "icb_name",
    "icb",
    "population",
    "patients",
    "spend",
    "spend_per_head",
    "access",
    "intensity",
    "coverage",
)
_AGAINST = (
    "icb_name",
    "icb",
    "spend_ratio",
    "access_ratio",
    "intensity_ratio",
    "difference",
    "access_effect",
    "intensity_effect",
    "compared_with",
)
_EXPECTED = (
    "icb_name",
    "icb",
    "patients",
    "expected_patients",
    "standardised_ratio",
    "ratio_lower",
    "ratio_upper",
    "funnel",
)
_FLOWS: dict[str, tuple[str, ...]] = {
    "provider": (
        "icb_name",
        "provider_name",
        "host_icb",
        "neuroscience_centre",
        "patients",
        "spend",
        "share_of_board",
        "kilometres",
    ),
    "board": ("icb_name", "icb", "host_name", "host", "patients", "spend", "share_of_board", "share_of_host"),
    "balance": ("icb_name", "icb", "spend", "at_home", "outflow", "outflow_share", "net"),
}

_FIFTHS = (
    "fifth",
    "population",
    "patients",
    "access",
    "expected_patients",
    "standardised_ratio",
    "ratio_lower",
    "ratio_upper",
    "rate",
    "rate_lower",
    "rate_upper",
)
_FIFTHS_SPENT = (
    "fifth",
    "population",
    "spend",
    "spend_per_head",
    "standardised_spend",
    "spend_lower",
    "spend_upper",
)
_GRADIENTS = (
    "icb_name",
    "slope_index",
    "slope_lower",
    "slope_upper",
    "relative_index",
    "relative_lower",
    "relative_upper",
    "reading",
    "note",
)
_EARNED = ("icb_name", "icb", "income", "at_home", "inflow", "import_share", "net")


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure at two widths with a heading of its own, and what it says in words.

    `further` are sentences that wait behind a click below it, which `further_words` name.
    """

    heading: str
    wide: Markup
    narrow: Markup
    words: str
    notes: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    further_words: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen: groups of sets of lines, years, boards and peers, each as (value, words)."""

    lines: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    years: tuple[str, ...]
    boards: tuple[tuple[str, str], ...]
    peers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class StartPage(Page):
    """What there is to ask, or how to build a ledger."""

    synthetic: bool = False
    paragraphs: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    ways_in: tuple[tuple[Link, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class AnswerPage(Page):
    """One answer: the form with what was asked, pictures, notes, what is not said, and what each column means."""

    action: str
    asked: Question
    choose: Choices
    choose_by: tuple[tuple[str, str], ...]
    synthetic: bool
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
    not_said: tuple[str, ...]
    explained: tuple[tuple[str, str], ...]
    others: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class EquityPage(AnswerPage):
    """An answer by deprivation; where lists are lacking, which to import, and how weak what is shown is."""

    weak: str
    needs: tuple[tuple[Need, str], ...]


# --- where to begin


def start_page(held: Manifest) -> StartPage:
    """What the ledger can be asked, and what it holds."""
    months = [each.period for each in held.months if each.files]
    return StartPage(
        title="Insight: spend and flows",
        lead="Why spend on specialised services differs between boards, and where their people are cared for.",
        synthetic=held.synthetic,
        paragraphs=(
            f"The ledger holds {count(len(months), 'month')}, from {months[0]} to {months[-1]}. It was built on "
            f"{held.built:%-d %B %Y} with register {held.snapshot}.",
            "Small numbers are protected on every page and in every file: counts from 1 to 7 are not shown, "
            "and others are rounded.",
        ),
        ways_in=(
            (
                Link("Spend a head, access and intensity", reverse("variation")),
                "Is spend high because more people are treated, or because each costs more? Any service, by board.",
            ),
            (
                Link("Is access fair? Patients and spend by deprivation", reverse("equity")),
                "Whether people of poor and of rich areas are treated at the same rate, in England and each board.",
            ),
            (
                Link("Flows", reverse("flows")),
                "To which hospitals, and into which areas, each board’s people go; what flows out and in.",
            ),
            (
                Link(
                    "Neurosciences: systems without a centre",
                    reverse("flows", query={"lines": "pathway:neurosciences"}),
                ),
                "Where people go whose own area has no neuroscience centre.",
            ),
            (
                Link("What changed", reverse("insight-changes")),
                "Which services’ spend or activity is no longer what it was, month by month, the new ones first.",
            ),
            (
                Link("How steady each service is", reverse("volatility")),
                "How much a year’s cost varies, and how much chance alone would move it, by size of area.",
            ),
            (
                Link("At which size to plan each service", reverse("tiers")),
                "The smallest area – a board, several, a region, England – at which a year’s cost can be foreseen.",
            ),
        ),
    )


def empty_page(status: int = 200) -> StartPage:
    """There is no ledger: how to make one."""
    return StartPage(
        title="There is no ledger yet",
        lead="These pages show what a ledger of contract-monitoring records says. This workspace has none.",
        status=status,
        paragraphs=(
            "Receive the files that providers submit and build a ledger of them; or make a demonstration "
            "of made-up records. The pages are there as soon as it is built.",
        ),
        commands=("speccom receive FILES", "speccom build", "speccom run --demo"),
    )


def choices(register: Register, held: Manifest, asked: Question, groups: Sequence[str]) -> Choices:
    """What the form offers; a line that was asked for by its code is among it."""
    on = max(each.period.start for each in held.months)
    boards = {
        area.icb: short_name(register.organisations[area.icb].name)
        for area in register.areas(on).values()
        if area.kind == "icb"
    }
    return Choices(
        lines=line_choices(register, asked.lines),
        years=tuple(str(year) for year in years_held(held)),
        boards=tuple(sorted(boards.items(), key=lambda item: item[1])),
        peers=(*PEERS.items(), *((f"group:{name}", f"the group {name}") for name in groups)),
    )


def line_choices(register: Register, asked: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Sets of lines that a form offers, under headings; a line that was asked for by its code is among them."""
    line = register.lines.get(asked.upper())
    programmes = sorted({line.programme for line in register.lines.values() if line.programme})
    services = {line.service_ref for line in register.lines.values() if line.service_ref}
    return (
        *((("One service line", ((asked, f"{line.name} ({line.code})"),)),) if line else ()),
        ("Everything", (("all", "All specialised services"),)),
        ("Pathways", tuple((f"pathway:{key}", each.name) for key, each in pathways().items())),
        ("Programmes of care", tuple((f"programme:{name}", name) for name in programmes)),
        (
            "Services",
            tuple(
                (f"service:{ref}", f"{register.services[ref].name} ({ref})")
                for ref in sorted(services, key=lambda ref: register.services[ref].name)
            ),
        ),
    )


# --- answers


def variation_page(held: Manifest, asked: Question, choose: Choices, result: Result) -> AnswerPage:
    """Spend a head as access times intensity."""
    of = asked_name(result)
    drawn = [
        picture_of(access_by_intensity(result, asked.icb or None), "Access and intensity"),
        picture_of(funnel(result, asked.icb or None), "Patients against those expected"),
    ]
    tables = [
        _table(result, "spend", f"Spend a head, access and intensity: {of}", _SPENT, asked.icb),
        _table(result, "against", f"Against those of its kind: {of}", _AGAINST, asked.icb),
    ]
    if result.table["standardised_ratio"].null_count < result.table.num_rows:
        tables.append(
            _table(result, "expected", f"Patients and expected patients: {of}", _EXPECTED, asked.icb)
        )
    return _answer(
        held,
        asked,
        choose,
        result,
        title=f"Spend a head: {of}",
        lead="Spend a head is access (patients for each 100,000 people) times intensity (pounds for each patient).",
        name="variation",
        drawn=drawn,
        tables=tables,
        columns=(*_SPENT, *_AGAINST, *(_EXPECTED if len(tables) > 2 else ())),
        others=(
            Link("Where these people are cared for", _address("flows", asked)),
            Link("Month by month", _address("control", asked)),
            Link("How steady it is", _address("volatility", asked, board=False)),
            Link("At which size to plan it", _address("tiers", asked, board=False)),
        ),
    )


def flows_page(
    held: Manifest,
    asked: Question,
    choose: Choices,
    results: Mapping[str, Result],
    outlines: Boundaries | None,
    on: date,
) -> AnswerPage:
    """Where people are cared for, by provider, by board, or as what flows out and in."""
    result = results[asked.by]
    of, icb = asked_name(result), asked.icb or None
    if asked.by == "provider":
        shapes = outlines.shapes if outlines else None
        drawn_map = flow_map(result, on, icb, balances=results["balance"], shapes=shapes)
        on_map = picture_of(drawn_map, "On the map", (ATTRIBUTION,) if outlines else ())
        elsewhere = () if icb else without_centre(results["balance"], result)
        if on_map and elsewhere:
            words = f"{count(len(elsewhere), 'board')} without a neuroscience centre: where their people go"
            on_map = replace(on_map, further=elsewhere, further_words=words)
        drawn = [*([picture_of(flow_bands(result, icb), "Their providers")] if icb else []), on_map]
    elif asked.by == "board":
        drawn = [picture_of(flow_matrix(result, icb), "Boards against boards")]
    else:
        drawn = [picture_of(balance_bars(result, icb), "What flows out and in, net")]
    rows = result.table.to_pylist()
    caption = {
        "provider": f"Providers of {_of(result, icb)}: {of}",
        "board": f"Where each board’s people are cared for: {of}",
        "balance": f"What is spent on each board’s people, and what flows out: {of}",
    }[asked.by]
    if asked.by != "balance":
        if icb:
            rows = [row for row in rows if row["icb"] == icb]
        elif len(rows) > MOST:
            shown = sorted(rows, key=lambda row: -(row["spend"] or 0))[:MOST]
            caption += f" – the {MOST} greatest of {len(rows):,}; choose a board for all of its own"
            rows = shown
    names = [name for name in _FLOWS[asked.by] if not (icb and asked.by == "provider" and name == "icb_name")]
    tables = [_table(result, asked.by, caption, names, icb or "", rows)]
    if asked.by == "balance":
        earned = f"What each board’s providers earn, and what flows in: {of}"
        tables.append(_table(result, "earned", earned, _EARNED, icb or "", rows))
    return _answer(
        held,
        asked,
        choose,
        result,
        title=f"Flows: {of}",
        lead="To which hospitals, and into which boards’ areas, people go for specialised care.",
        name="flows",
        drawn=drawn,
        tables=tables,
        columns=(*_FLOWS[asked.by], *(_EARNED if asked.by == "balance" else ())),
        others=(Link("Spend a head, access and intensity of these", _address("variation", asked)),),
    )


def equity_page(
    held: Manifest, asked: Question, choose: Choices, found: Equity, needs: Sequence[Need]
) -> EquityPage:
    """Patients and spend by fifth of deprivation, of England or of one board."""
    of = asked_name(found.fifths)
    areas = set(found.fifths.table["icb"].to_pylist())
    area = asked.icb if asked.icb in areas else ENGLAND
    where = dict(choose.boards).get(area, "England")
    fifths, gradients = found.fifths, found.gradients
    drawn = [
        picture_of(gradient_picture(fifths, gradients, area), f"Patients by deprivation: {where}"),
        picture_of(gradient_picture(fifths, gradients, ENGLAND, "spend"), "Spend by deprivation: England"),
        picture_of(boards_picture(gradients, asked.icb or None), "How steep in each board"),
    ]
    rows = [row for row in fifths.table.to_pylist() if row["icb"] == area]
    england = [row for row in fifths.table.to_pylist() if row["icb"] == ENGLAND]
    tables = [
        _filled(fifths, "fifths", f"Patients by fifth of deprivation, {where}: {of}", _FIFTHS, rows),
        _filled(fifths, "spent", f"Spend by fifth of deprivation, England: {of}", _FIFTHS_SPENT, england),
    ]
    if gradients.table.num_rows:
        caption = f"Gradient of patients per 100,000, most deprived end against least: {of}"
        steep = [row for row in gradients.table.to_pylist() if row["measure"] == PATIENTS]
        steep.sort(key=lambda row: (row["icb"] != ENGLAND, row["icb"] != asked.icb))
        tables.append(_filled(gradients, "gradients", caption, _GRADIENTS, steep))
    page = _answer(
        held,
        asked,
        replace(choose, peers=()),
        fifths,
        title=f"Is access fair: {of}",
        lead="Patients and spend by fifth of deprivation: the same for people of poor and of rich areas?",
        name="equity",
        drawn=drawn,
        tables=tables,
        columns=(*_FIFTHS, *_FIFTHS_SPENT),
        others=(Link("Spend a head, access and intensity of these", _address("variation", asked)),),
    )
    explained = dict(page.explained) | (dict(explained_of(gradients, _GRADIENTS)) if len(tables) > 2 else {})
    known = {name: getattr(page, name) for name in page.__dataclass_fields__} | {
        "explained": tuple(explained.items())
    }
    return EquityPage(
        **known,
        weak=_weak(found, asked, where),
        needs=tuple((need, _held(need)) for need in needs) if found.told_by != HOMES else (),
    )


def _filled(
    result: Result, key: str, caption: str, names: Sequence[str], rows: Sequence[Mapping[str, Any]]
) -> Table:
    """A table of the columns that some row has anything in."""
    kept = [name for name in names if any(row[name] is not None or row.get("withheld") for row in rows)]
    return _table(result, key, caption, kept, "", rows)


def _weak(found: Equity, asked: Question, where: str) -> str:
    """What stands before the numbers: that they are weak, or are not there."""
    if found.told_by is None:
        return "Rates by deprivation cannot be told here yet. What can be shown is England as a whole."
    said = ""
    if asked.icb and where == "England":
        said = "The board asked for has no rates of its own here; England is shown. "
    if found.told_by == BOARDS:
        said += (
            "No patient’s home area is known, so this is told by boards alone and cannot show whether access is "
            "fair: everybody is taken to have the rate of their own board."
        )
    return said


def _held(need: Need) -> str:
    if not need.held:
        return "not imported"
    return "imported" if need.kind == "postcodes" else f"imported for LSOAs of {' and '.join(need.held)}"


def _answer(
    held: Manifest,
    asked: Question,
    choose: Choices,
    result: Result,
    *,
    title: str,
    lead: str,
    name: str,
    drawn: Sequence[Picture | None],
    tables: Sequence[Table],
    columns: Sequence[str],
    others: tuple[Link, ...],
) -> AnswerPage:
    gaps = result.said()[len(result.notes) :]
    sources = (
        *((MADE_UP,) if result.synthetic else ()),
        f"Ledger built on {held.built:%-d %B %Y}",
        *result.notes,
        *gaps,
    )
    return AnswerPage(
        title=f"{title} (synthetic data)" if result.synthetic else title,
        lead=lead,
        trail=(Link("Insight", reverse("insight")),),
        tables=tuple(tables),
        sources=sources,
        action=reverse(name),
        asked=asked,
        choose=choose,
        choose_by=tuple(BY.items()) if name == "flows" else (),
        synthetic=result.synthetic,
        pictures=tuple(each for each in drawn if each is not None),
        notes=tuple(result.notes),
        not_said=gaps,
        explained=explained_of(result, columns),
        others=others,
    )


def _address(name: str, asked: Question, *, board: bool = True) -> str:
    """Where the same is asked of another page, with what that page can be asked of it."""
    said = {"lines": asked.lines, "icb": asked.icb if board else ""}
    if name in ("variation", "flows"):
        said["year"] = str(asked.year or "")
    return reverse(name, query={key: value for key, value in said.items() if value})


def _of(result: Result, icb: str | None) -> str:
    """Whose people, in words."""
    named = dict(zip(result.table["icb"].to_pylist(), result.table["icb_name"].to_pylist(), strict=True))
    return f"people of {short_name(str(named[icb]))}" if icb else "each board’s people"


def asked_name(result: Result) -> str:
    """What was asked, in the result's own words."""
    return result.title.partition(": ")[2]


def picture_of(figure: Figure | None, heading: str, notes: tuple[str, ...] = ()) -> Picture | None:
    if figure is None:
        return None
    return Picture(heading, Markup(figure.wide), Markup(figure.narrow), figure.description, notes)


def _table(
    result: Result,
    key: str,
    caption: str,
    names: Sequence[str],
    icb: str,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> Table:
    """Columns of a result as a page's table, England and the chosen board first; withheld cells say so."""
    fields = [result.table.schema.field(name) for name in names]
    held = list(result.table.to_pylist() if rows is None else rows)
    held.sort(key=lambda row: (row["icb"] != "ENG", row["icb"] != icb))
    return Table(
        key,
        caption,
        tuple(heading(field) for field in fields),
        tuple(tuple(cell_of(row, field) for field in fields) for row in held),
    )


def cell_of(row: Mapping[str, Any], field: Any) -> Cell:
    value, unit = row[field.name], meaning(field).unit
    if is_text(field):
        name = field.name in ("icb_name", "host_name", "provider_name")
        return short_name(value) if name and value else said(value, unit)
    if value is None and row.get("withheld"):
        return Number(WITHHELD, None)
    if unit == "people" and isinstance(value, float):
        value = round(value)
    return Number(said(value, unit), value if isinstance(value, int | float | Decimal) else None)


def explained_of(result: Result, names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Each column's heading with what it means, once, and what withheld means."""
    found: dict[str, str] = {}
    for name in names:
        field = result.table.schema.field(name)
        about = meaning(field)
        found[heading(field)] = f"{about.meaning}{f' ({about.unit})' if about.unit else ''}"
    found["withheld"] = (
        "a count from 1 to 7, or one from which such a count could be worked out; its pounds too"
    )
    return tuple(found.items())
