"""Words and pictures of how a service is commissioned: in each region over time, in each area on a date."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.http import urlencode
from markupsafe import Markup

from speccom.charts.boards import Shown, counted, outline_picture, tile_picture
from speccom.charts.drawing import WORDS
from speccom.charts.layout import tiles
from speccom.charts.spells import Bar, Mark, spell_pictures
from speccom.places.boundaries import ATTRIBUTION, Boundaries
from speccom.places.outlines import Ring
from speccom.register import Register
from speccom.register.facts import ALWAYS
from speccom.site.core.pages import Cell, Link, Table, table
from speccom.site.core.words import count, listed, long_date
from speccom.site.explore.presenters.shared import ARRANGEMENTS, in_full
from speccom.site.explore.queries.timeline import RegionSpell, together

_DAYS = (date(2022, 7, 1), date(2023, 4, 1), date(2024, 4, 1), date(2025, 4, 1), date(2026, 4, 1))
"""Days on which boards or arrangements changed, one click each; the first is that of the first boards."""

_WHO = {
    "national": "NHS England commissions it",
    "joint": "NHS England and the board commission it together",
    "delegated": "the board commissions it",
    "retained": "NHS England has kept it",
    "part-joint": "NHS England and the board commission some of its lines together, NHS England the rest",
    "part-delegated": "the board commissions some of its lines, NHS England the rest",
    "none": "nobody commissions it as a specialised service",
}


@dataclass(frozen=True, slots=True)
class Timeline:
    """How a service was arranged in each region since 2013, for a desk and for a telephone, and in words."""

    wide: Markup
    narrow: Markup
    words: str


@dataclass(frozen=True, slots=True)
class Map:
    """How a service is arranged in each area on a day; `outlines` only where boundaries were imported.

    `known` and the `caution` that says it are empty where everything held counts; `now` leads back to that.
    """

    heading: str
    words: str
    on: str
    known: str
    caution: str
    now: Link
    days: tuple[Link, ...]
    tiles: Markup
    outlines: Markup
    notes: tuple[str, ...]
    table: Table | None


@dataclass(frozen=True, slots=True)
class MapAsked:
    """What a map was asked for: its page's address, the line if it is of one, the day, what was known by when."""

    address: str
    line: str | None
    on: date
    known: date | None
    today: date

    @property
    def day(self) -> str:
        """The day in words, and what was known by when, if that was said."""
        known = f", as known on {long_date(self.known)}" if self.known else ""
        return long_date(self.on) + known

    def answer(self, board: str) -> str:
        """Where a board's answer with reasons stands; of several lines, where the board's own page does."""
        if not self.line:
            return reverse("organisation", args=[board])
        known = {"known": self.known.isoformat()} if self.known else {}
        return reverse("who", query={"line": self.line, "area": board, "on": self.on.isoformat()} | known)

    def dated(self, day: date, known: date | None) -> str:
        """The same map on another day; today needs no date in the address."""
        said = {"on": None if day == self.today else day, "known": known}
        query = urlencode({name: value.isoformat() for name, value in said.items() if value})
        return f"{self.address}{'?' if query else ''}{query}#map"


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of one page; a code that was never a specialised service has none."""

    timeline: Timeline
    map: Map


def pictures(
    register: Register,
    name: str,
    asked: MapAsked,
    regions: Mapping[str, Sequence[RegionSpell]],
    boards: Mapping[str, Counter[str]],
    outlines: Boundaries | None,
) -> Pictures | None:
    """The pictures of a service or of a service line, the map as it was asked for."""
    if not any(spell.arrangement for spells in regions.values() for spell in spells):
        return None
    return Pictures(
        _timeline(register, name, regions, asked.today),
        _map(register, name, asked, boards, outlines),
    )


# --- over time


def _timeline(
    register: Register, name: str, regions: Mapping[str, Sequence[RegionSpell]], today: date
) -> Timeline:
    rows = {
        register.organisations[region].name.removeprefix("NHS England "): [
            Bar(spell.start, spell.end, spell.arrangement or "none") for spell in spells
        ]
        for region, spells in regions.items()
    }
    rows = dict(sorted(rows.items()))
    changes = sorted({bar.start for bars in rows.values() for bar in bars[1:]})
    marks = [Mark(day, long_date(day)) for day in changes]
    marks.append(Mark(today, "Today", certain=False))
    delegated = any(spells[-1].arrangement == "delegated" for spells in regions.values())
    days = [plan.valid_from for plan in register.planned() if plan.valid_from != ALWAYS]
    if delegated and days and min(days) > today:
        marks.append(Mark(min(days), f"{long_date(min(days))}: law planned", certain=False))
    words = _over_time(rows)
    wide, narrow = spell_pictures(
        "timeline", f"How {name} was commissioned in each region since 2013", words, rows, marks
    )
    return Timeline(Markup(wide), Markup(narrow), words)


def _over_time(rows: Mapping[str, Sequence[Bar]]) -> str:
    """One sentence for each history that regions share: `In London and …: national from …, joint from …`."""
    alike: dict[tuple[tuple[date, str], ...], list[str]] = defaultdict(list)
    for region, bars in rows.items():
        alike[tuple((bar.start, bar.arrangement) for bar in bars)].append(region)
    said = []
    for spells, named in alike.items():
        parts = [f"{WORDS[how].lower()} from {long_date(start)}" for start, how in spells]
        where = "In every region" if len(alike) == 1 else f"In {listed(named)}"
        said.append(f"{where}: {', '.join(parts)}.")
    return " ".join(said)


# --- on a day


def _map(
    register: Register,
    name: str,
    asked: MapAsked,
    boards: Mapping[str, Counter[str]],
    outlines: Boundaries | None,
) -> Map:
    shown = {board: _shown(register, board, together(of_board)) for board, of_board in boards.items()}
    bare = Map(
        heading=f"Who commissions it in each area on {asked.day}",
        words=_no_boards(asked),
        on=asked.on.isoformat(),
        known=asked.known.isoformat() if asked.known else "",
        caution="Facts that became public later do not count in this map." if asked.known else "",
        now=Link("Show the map with everything that is known now.", asked.dated(asked.on, None)),
        days=tuple(
            Link("today" if day == asked.today else long_date(day), asked.dated(day, asked.known))
            for day in (*_DAYS, asked.today)
            if day != asked.on
        ),
        tiles=Markup(),
        outlines=Markup(),
        notes=(),
        table=None,
    )
    if not shown:
        return bare
    words = _on_a_day(shown)
    title = f"How {name} is commissioned in each area on {asked.day}"
    tiled = tile_picture("tile-map", title, words, _layout_day(asked, shown), shown)
    drawn, notes = _outlines(register, title, words, shown, outlines, asked.on) if outlines else ("", ())
    return replace(
        bare,
        words=words,
        tiles=Markup(tiled),
        outlines=Markup(drawn),
        notes=notes,
        table=_areas(register, boards, asked),
    )


def _no_boards(asked: MapAsked) -> str:
    if asked.known and asked.known < _DAYS[0] <= asked.on:
        return (
            f"On {long_date(asked.known)} no integrated care board had begun: they began on "
            f"{long_date(_DAYS[0])}. So there is no map."
        )
    return (
        f"Integrated care boards began on {long_date(_DAYS[0])}, so there is no map of an earlier day. "
        "NHS England commissioned every specialised service then."
    )


def _layout_day(asked: MapAsked, shown: Mapping[str, Shown]) -> date:
    """The day whose tiles are those of the boards: an earlier one where their merger was not known yet."""
    if asked.known is None or shown.keys() == {tile.area for tile in tiles(asked.on)}:
        return asked.on
    return min(asked.on, asked.known)


def _shown(register: Register, board: str, arrangement: str | None, added: str = "") -> Shown:
    return Shown(arrangement or "none", in_full(register.organisations[board].name) + added)


def _on_a_day(shown: Mapping[str, Shown]) -> str:
    """`In 22 areas NHS England and the board commission it together; in 20 areas …`"""
    said = []
    for how, number in counted(shown).items():
        areas = f"all {number} areas" if number == len(shown) else count(number, "area")
        said.append(f"in {areas} {_WHO[how]}")
    return "I" + "; ".join(said)[1:] + "."


def _outlines(
    register: Register, title: str, words: str, shown: Mapping[str, Shown], outlines: Boundaries, on: date
) -> tuple[str, tuple[str, ...]]:
    """The map in true outlines, and what must be said of it.

    Outlines of another time are shown as what lies there on the day: those of boards that became one are that
    one's together, and one that was parted is shown as its parts are arranged.
    """
    shapes: dict[str, list[Ring]] = {}
    outlined: dict[str, Shown] = {}
    other = 0
    for board, rings in outlines.shapes.items():
        there = [board] if board in shown else _there(register, board, on)
        heirs = [each for each in there if each in shown]
        other += heirs != [board]
        if len(heirs) == 1:
            shapes.setdefault(heirs[0], []).extend(rings)
            outlined[heirs[0]] = shown[heirs[0]]
        else:
            shapes[board] = rings
            how = together(shown[each].arrangement for each in heirs)
            parts = listed([shown[each].name for each in heirs])
            outlined[board] = _shown(register, board, how, f", now parts of {parts}" if parts else "")
    drawn = outline_picture("outline-map", title, words, shapes, outlined, shown)
    if not other:
        return drawn, (ATTRIBUTION,)
    note = (
        f"The outlines are those of the boards of {long_date(outlines.since)}. {other} of them were not "
        "there on the day shown: each is coloured as what lies there on that day."
    )
    return drawn, (note, ATTRIBUTION)


def _there(register: Register, board: str, on: date) -> list[str]:
    """The boards of a day that lie where another one does: those that followed it, or that it followed."""
    body = register.organisations[board]
    if body.valid_to is not None and body.valid_to <= on:
        return [heir for each in register.successors(board, on) for heir in _there(register, each, on)]
    if on < body.valid_from:
        return [former for each in register.predecessors(board) for former in _there(register, each, on)]
    return [board]


def _areas(register: Register, boards: Mapping[str, Counter[str]], asked: MapAsked) -> Table:
    """Every area with its arrangement; of a line, each leads to its answer with reasons."""
    named = sorted((register.organisations[board].name, board) for board in boards)
    regions = register.areas(asked.on, asked.known)
    rows: list[tuple[Cell, ...]] = []
    for name, board in named:
        region = register.organisations[regions[board].region].name.removeprefix("NHS England ")
        rows.append(
            (
                Link(name.removeprefix("NHS ").removesuffix(" ICB"), asked.answer(board)),
                board,
                _how(together(boards[board]), boards[board]),
                region,
            )
        )
    caption = f"Arrangement by area on {asked.day}"
    return table("areas", caption, ("Area", "Code", "Arrangement", "Region"), rows)


def _how(how: str | None, of_board: Counter[str]) -> Cell:
    if len(of_board) <= 1:
        return ARRANGEMENTS[how]
    return listed([f"{number} {arrangement}" for arrangement, number in sorted(of_board.items())])
