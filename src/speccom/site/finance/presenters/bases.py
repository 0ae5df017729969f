"""Words, tables and pictures of host and population basis; every number was protected before it came here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse

from speccom.charts.bases import transfer_bars, transfer_matrix, waterfall
from speccom.charts.drawing import MADE_UP
from speccom.charts.units import heading, is_text, said, short_pounds
from speccom.charts.words import short_name
from speccom.finance.bases import rules_result
from speccom.finance.bases.explained import NUMBERS
from speccom.finance.explained import say
from speccom.insight.areas import NOT_A_BOARD, name_of
from speccom.insight.result import Result, meaning
from speccom.ledger.manifest import Manifest
from speccom.ledger.summaries import years_held
from speccom.register import Register
from speccom.site.core.pages import Cell, Link, Number, Page, Table
from speccom.site.finance.forms.bases import BY, Question
from speccom.site.finance.presenters.shared import picture
from speccom.site.finance.queries.bases import Answer
from speccom.site.insight.presenters import WITHHELD, Picture, StartPage, empty_page

_BASES = ("area_name", "area", *NUMBERS)
_POTS = ("area_name", "pot_name", "basis", "level", "host_basis", "population_basis", "transfer")
_STEPS = ("step_name", "amount", "running", "formula")
_TRANSFERS = ("home_name", "host_name", "amount", "share_of_home", "share_of_host")
_RULES_CAPTION = "Which basis applies when, from a day up to another"
FOLDED = {
    "pots": "Each kind of money",
    "transfers": "Whose people cost what where",
    "rules": "Which basis applies when, and who says so",
}
_RULES = ("pot_name", "valid_from", "valid_to", "basis", "level", "confidence", "reading")


@dataclass(frozen=True, kw_only=True)
class BasesPage(Page):
    """The form with what was asked, one answer in words, pictures, tables, notes and what is not said.

    `folded` are the keys of the tables that are opened by whoever wants them, each with the words to open it.
    """

    action: str
    asked: Mapping[str, str]
    choose_by: tuple[tuple[str, str], ...]
    choose_year: tuple[tuple[str, str], ...]
    choose_area: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    synthetic: bool
    answer: str
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
    not_said: tuple[str, ...]
    explained: tuple[tuple[str, str], ...]
    others: tuple[Link, ...]
    folded: Mapping[str, str]


def bases_page(
    register: Register, held: Manifest, asked: Question, found: Answer, named: Mapping[str, Sequence[str]]
) -> BasesPage:
    """Both bases of each area, and of one that was named the way from one to the other."""
    results = [each for each in (found.steps, found.bases, found.pots, found.transfers) if each is not None]
    notes = tuple(dict.fromkeys(note for each in results for note in each.notes))
    gaps = tuple(dict.fromkeys(said for each in results for said in each.said()[len(each.notes) :]))
    area = asked.area or None
    drawn = [
        (waterfall(found.steps), "From one basis to the other") if found.steps else None,
        (transfer_matrix(found.transfers, area), "Whose people, and where") if found.transfers else None,
        (transfer_bars(found.bases, area), "What moves between areas"),
    ]
    title = "Host and population basis"
    return BasesPage(
        title=f"{title} (synthetic data)" if held.synthetic else title,
        lead="What each area’s hospitals cost, what its people cost wherever they are cared for, and what moves when "
        "money follows people.",
        trail=(Link("Finance", reverse("finance")),),
        tables=_tables(register, asked, found),
        sources=(
            *((MADE_UP,) if held.synthetic else ()),
            f"Ledger built on {held.built:%-d %B %Y}",
            *notes,
            *gaps,
        ),
        action=reverse("bases"),
        asked={"by": asked.by, "year": str(asked.year), "from": str(asked.start), "area": asked.area},
        choose_by=tuple(BY.items()),
        choose_year=tuple((str(year), str(year)) for year in years_held(held)),
        choose_area=tuple(
            (BY[by], tuple((each, _called(register, each)) for each in areas if each not in NOT_A_BOARD))
            for by, areas in named.items()
        ),
        synthetic=held.synthetic,
        answer=_answer(register, asked, found),
        pictures=tuple(
            picture(figure, words) for each in drawn if each for figure, words in [each] if figure
        ),
        notes=notes,
        not_said=gaps,
        explained=_explained(found),
        others=(
            Link("Where people are cared for, board by board", reverse("flows", query={"by": "board"})),
            Link("Allocations and the pace of change", reverse("allocation")),
        ),
        folded=FOLDED,
    )


def no_ledger_page(register: Register) -> StartPage:
    """Without a ledger: how to build one, and the rules, which need none."""
    rules = _table(rules_result(register), "rules", _RULES_CAPTION, _RULES)
    sources = tuple(dict.fromkeys(map(str, rules_result(register).table["source"].to_pylist())))
    return replace(
        empty_page(), trail=(Link("Finance", reverse("finance")),), tables=(rules,), sources=sources
    )


def _called(register: Register, area: str) -> str:
    return f"{short_name(name_of(register, area))} ({area})"


def _answer(register: Register, asked: Question, found: Answer) -> str:
    """The result in a sentence or two: of the area that was named, else of all."""
    rows = found.bases.table.to_pylist()
    one = next((row for row in rows if row["area"] == asked.area), None)
    if one is not None and one["transfer"] is not None:
        where = short_name(one["area_name"])
        way = "goes to" if one["transfer"] >= 0 else "comes from"
        return (
            f"In {asked.year} providers in {where} cost {_short(one['host_basis'])}, and {where}’s people "
            f"{_short(one['population_basis'])} wherever they were cared for: if all of it followed people, "
            f"{_short(abs(one['transfer']))} {way} {where}."
        )
    if found.steps is not None and found.steps.table.num_rows:
        steps = found.steps.table.to_pylist()
        return (
            f"{short_name(name_of(register, asked.area))}: from {_short(steps[0]['amount'])} on the host basis in "
            f"{asked.start} to {_short(steps[-1]['amount'])} in {asked.year}."
        )
    moved = sum((row["transfer"] for row in rows if row["transfer"] is not None and row["transfer"] > 0), 0)
    kinds = {"region": "regions", "icb": "integrated care boards"}[asked.by]
    return (
        f"In {asked.year} {_short(moved)} of specialised money would move between {kinds} if all of it followed "
        "people and not providers. What is held centrally or retained does not: choose an area to see its steps."
    )


def _short(value: Any) -> str:
    return short_pounds(float(value))


# --- tables


def _tables(register: Register, asked: Question, found: Answer) -> tuple[Table, ...]:
    where = "region" if asked.by == "region" else "board"
    tables = []
    if found.steps is not None:
        name = short_name(name_of(register, asked.area))
        tables.append(_table(found.steps, "steps", f"The steps: {name}", _STEPS, asked))
    tables.append(
        _table(
            found.bases,
            "bases",
            f"Both bases of each {where}, {asked.year}. Each number opens to its working",
            _BASES,
            asked,
        )
    )
    pots = found.pots.table.to_pylist()
    if asked.by == "icb":
        pots = [row for row in pots if row["area"] == asked.area]
    if pots:
        caption = f"Each kind of money and the basis that it is on, {asked.year}"
        tables.append(_table(found.pots, "pots", caption, _POTS, asked, pots))
    if found.transfers is not None:
        caption = f"Whose people cost what where, {asked.year}"
        tables.append(_table(found.transfers, "transfers", caption, _TRANSFERS, asked))
    tables.append(_table(rules_result(register), "rules", _RULES_CAPTION, _RULES))
    return tuple(tables)


def _table(
    result: Result,
    key: str,
    caption: str,
    names: Sequence[str],
    asked: Question | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
) -> Table:
    """Columns of a result as a page's table, the area that was named first; withheld cells say so."""
    fields = [result.table.schema.field(name) for name in names]
    held = list(result.table.to_pylist() if rows is None else rows)
    if asked is not None and key in ("bases", "pots"):
        held.sort(key=lambda row: row["area"] != asked.area)
    return Table(
        key,
        caption,
        tuple(heading(field) for field in fields),
        tuple(tuple(_cell(row, field, key, asked) for field in fields) for row in held),
    )


def _cell(row: Mapping[str, Any], field: Any, key: str, asked: Question | None) -> Cell:
    value, unit = row[field.name], meaning(field).unit
    if field.name in ("valid_from", "valid_to"):
        return f"{value:%-d %B %Y}" if value else "–"
    if is_text(field):
        named = field.name in ("area_name", "home_name", "host_name")
        return short_name(value) if named and value else said(value, unit)
    if value is None:
        return Number(WITHHELD if row.get("withheld") else "–", None)
    words = say(value, "£") if key == "steps" else said(value, unit)
    return Number(words, value, True, _address(row, field.name, key, asked))


def _address(row: Mapping[str, Any], number: str, key: str, asked: Question | None) -> str | None:
    """Where a number opens to its working."""
    if asked is None:
        return None
    if key == "bases":
        own = asked.query | {"area": row["area"], "number": number}
    elif key == "steps":
        own = asked.query | {"step": row["step"], "number": number}
    elif key == "pots":
        own = asked.query | {"area": row["area"], "pot": row["pot"], "number": number}
    else:
        own = asked.query | {"home": row["home"], "host": row["host"], "number": number}
    return reverse("explain-bases", query=own)


def _explained(found: Answer) -> tuple[tuple[str, str], ...]:
    """Each column's heading with what it means, once, and what withheld means."""
    words: dict[str, str] = {}
    for result, names in ((found.bases, _BASES), (found.pots, _POTS), (found.transfers, _TRANSFERS)):
        for name in names if result is not None else ():
            field = result.table.schema.field(name)  # type: ignore[union-attr]
            words[heading(field)] = meaning(field).meaning
    words["withheld"] = (
        "a sum that may be of seven patients or fewer, or from which such a sum could be worked out"
    )
    return tuple(words.items())
