"""Spend per head of each board as access times intensity, and how it differs from others of its kind."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import pyarrow as pa

from speccom.insight.areas import ENGLAND, NOT_A_BOARD, name_of
from speccom.insight.counted import boards as counted_boards
from speccom.insight.counted import patients_of_england
from speccom.insight.heads import heads
from speccom.insight.kept import kept_result
from speccom.insight.opened import Opened, opened, register_hosts, year_asked
from speccom.insight.peers import groups_of, peers_of
from speccom.insight.public import WITHHELD, Count
from speccom.insight.public import public as published
from speccom.insight.result import Column, Gap, Result, described
from speccom.insight.standardised import Ratio, Standardised, standardised
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

MONEY = pa.decimal128(38, 8)
COVERAGE_WARNING = 0.05
"""How far patient-level pounds may lie from the aggregate ones before the number they make is warned of."""

COLUMNS = {
    "icb": Column("code", "integrated care board, `ENG` for England, or where people are of no board"),
    "icb_name": Column("", "its name"),
    "region": Column("code", "its region"),
    "population": Column("people", "people registered with its practices"),
    "patients": Column(
        "people", "distinct patients over the lines, over activity, drugs and devices together"
    ),
    "lines": Column("lines", "patient-level lines"),
    "spend": Column("£", "pounds of the patient-level sets"),
    "spend_per_head": Column("£ per person", "spend ÷ population"),
    "access": Column("patients per 100,000", "patients ÷ population"),
    "intensity": Column("£ per patient", "spend ÷ patients"),
    "compared_with": Column("", "the boards that it is held against"),
    "spend_ratio": Column("ratio", "spend per head ÷ that of those compared with"),
    "access_ratio": Column("ratio", "access ÷ theirs; times the intensity ratio it is the spend ratio"),
    "intensity_ratio": Column("ratio", "intensity ÷ theirs"),
    "access_share": Column("share", "of the logarithm of the spend ratio, the part that access makes"),
    "difference": Column("£ per person", "spend per head less theirs"),
    "access_effect": Column("£ per person", "of the difference, what access makes (Shapley)"),
    "intensity_effect": Column("£ per person", "of the difference, what intensity makes (Shapley)"),
    "expected_patients": Column("people", "patients if each age had England's rate; imported population"),
    "standardised_ratio": Column("ratio", "patients ÷ expected patients"),
    "ratio_lower": Column("ratio", "its lower 95% limit (Byar, or exact below ten)"),
    "ratio_upper": Column("ratio", "its upper 95% limit"),
    "funnel": Column("", "where it lies in the funnel of Poisson limits (2.5% and 0.1%)"),
    "coverage": Column("ratio", "patient-level pounds ÷ aggregate pounds of the same providers and lines"),
    "note": Column("", "what weakens the row's numbers"),
}


@dataclass(frozen=True, slots=True)
class Spell:
    """One area's counts: patients over people, pounds over patients; none, and why, where they are withheld."""

    patients: int | None
    lines: int | None
    spend: Decimal | None
    population: float | None
    withheld: str | None = None

    @property
    def access(self) -> float | None:
        return self.patients / self.population if self.population and self.patients is not None else None

    @property
    def intensity(self) -> float | None:
        return float(self.spend) / self.patients if self.patients and self.spend is not None else None

    @property
    def per_head(self) -> float | None:
        return float(self.spend) / self.population if self.population and self.spend is not None else None


class Split(NamedTuple):
    """A difference of spend per head parted exactly, two ways; see `split`."""

    spend_ratio: float | None
    access_ratio: float | None
    intensity_ratio: float | None
    access_share: float | None
    difference: float | None
    access_effect: float | None
    intensity_effect: float | None


def variation(
    workspace: Workspace,
    lines: str = "all",
    year: FinancialYear | None = None,
    *,
    boundaries: date | None = None,
    peers: str = "england",
    public: bool = False,
    register: Register | None = None,
) -> Result:
    """Spend per head, access and intensity of each board for a set of lines in a financial year.

    Columns are those of `COLUMNS`. One row for each board, England (distinct patients of all boards that
    have a population), then people of no board. `peers` says whom each is held against: `england`,
    `region`, `nearest` (need and age) or boards' codes with commas, or `group:NAME`. `boundaries` is a
    date, or none for boards as they were. With `public`, counts are protected before anything is made of
    them, `WITHHELD` says of each row why it has none, and the answer is kept for the next who asks.
    Sources: the ledger; insight.md, "access times intensity".
    """
    known = register or Register.load(workspace)

    def make() -> Result:
        with opened(workspace, lines, [year] if year else None, boundaries, known) as asked:
            return _variation(asked, peers, public)

    if not public:
        return make()
    asked_for = {
        "year": year_asked(workspace, year),
        "boundaries": boundaries,
        "peers": peers,
        "groups": groups_of(workspace),
    }
    return kept_result(workspace, known, "variation", lines, asked_for, make)


def split(one: Spell, other: Spell) -> Split:
    """How far one area's spend per head is another's, by ratio and in pounds, parted without remainder.

    ln(spend ratio) = ln(access ratio) + ln(intensity ratio); and the Shapley values of the difference:
    Δaccess = (a₁ − a₀)(i₁ + i₀)/2, Δintensity = (i₁ − i₀)(a₁ + a₀)/2. Nothing where a part is not known.
    """
    a1, i1, s1, a0, i0, s0 = (
        one.access,
        one.intensity,
        one.per_head,
        other.access,
        other.intensity,
        other.per_head,
    )
    if None in (a1, i1, s1, a0, i0, s0) or not (a0 and i0 and s0):
        return Split(None, None, None, None, None, None, None)
    assert a1 is not None and i1 is not None and s1 is not None
    logarithm = math.log(s1 / s0) if s1 > 0 else 0.0
    return Split(
        s1 / s0,
        a1 / a0,
        i1 / i0,
        # Of a ratio of one there is nothing to share out.
        math.log(a1 / a0) / logarithm if abs(logarithm) > 1e-9 and a1 > 0 else None,
        s1 - s0,
        (a1 - a0) * (i1 + i0) / 2,
        (i1 - i0) * (a1 + a0) / 2,
    )


def _variation(asked: Opened, peers: str, public: bool) -> Result:
    counted = heads(asked)
    found = counted_boards(asked)
    boards = [*asked.boards, *sorted(area for area in found if area not in {*asked.boards, *NOT_A_BOARD})]
    spells = {area: _spell(found.get(area), counted.people.get(area)) for area in boards}
    england = _england(asked, spells)
    outside = {area: _spell(found[area], None) for area in NOT_A_BOARD if area in found}
    standard = standardised(asked, boards)
    protection: list[str] = []
    if public:
        spells, england, outside, said = _protected(asked, spells, england, outside)
        standard = _rounded(standard, spells)
        protection = [said]
    chosen = peers_of(asked, peers, list(counted.people))
    others = {area: _others(area, chosen.of, spells, england) for area in boards}
    everything = {**spells, ENGLAND: england, **outside}
    splits = {area: split(spell, others.get(area, england)) for area, spell in everything.items()}
    gaps = [*asked.gaps, *counted.gaps, *standard.gaps, *chosen.gaps]
    gaps += [_empty(asked, area) for area in boards if spells[area].lines == 0]
    # Of a withheld row neither its coverage nor its weaknesses may be told: both are made of its pounds.
    found = {area: row for area, row in found.items() if area in everything and not everything[area].withheld}
    notes = {area: _note(found.get(area)) for area in everything}
    return Result(
        title=f"Spend per head as access times intensity: {asked.lines.name}",
        table=_table(asked, everything, splits, standard, chosen.words, found, notes, public),
        notes=(
            *asked.scope(),
            counted.source,
            *_of_england(boards, spells),
            *standard.notes,
            *chosen.notes,
            *_left_out(chosen.of, spells),
            *protection,
            "Patients are distinct over activity, drugs and devices; spend is of the patient-level sets.",
            "A drug or device line that states no area counts to its patient's board, or to its provider's where "
            "no other line of the year tells where the patient lives.",
        ),
        gaps=tuple(gaps),
        synthetic=asked.synthetic,
    )


def _spell(row: Mapping[str, Any] | None, population: float | None) -> Spell:
    if row is None:
        return Spell(0, 0, Decimal(0), population)
    return Spell(row["patients"], int(row["lines"]), row["actual"], population)


def _england(asked: Opened, spells: Mapping[str, Spell]) -> Spell:
    """England over the boards that have a population; a patient of two boards once."""
    counted = [area for area, spell in spells.items() if spell.population]
    return Spell(
        patients_of_england(asked, counted),
        sum(spells[area].lines or 0 for area in counted),
        sum((spells[area].spend or Decimal(0) for area in counted), Decimal(0)),
        sum(spells[area].population or 0 for area in counted) or None,
    )


def _of_england(boards: Sequence[str], spells: Mapping[str, Spell]) -> list[str]:
    counted = sum(1 for area in boards if spells[area].population)
    said = f"England here is the {counted} boards that have a population, of {len(boards)}."
    return [said] if counted < len(boards) else []


def _others(
    area: str, peers: Mapping[str, Sequence[str]], spells: Mapping[str, Spell], england: Spell
) -> Spell:
    """Those that an area is held against, as one: England, or the sum of its peers."""
    if not peers:
        return england
    chosen = [spells[peer] for peer in peers.get(area, ()) if peer in spells and not spells[peer].withheld]
    return Spell(
        sum(each.patients or 0 for each in chosen),
        sum(each.lines or 0 for each in chosen),
        sum((each.spend or Decimal(0) for each in chosen), Decimal(0)),
        sum(each.population or 0 for each in chosen) or None,
    )


def _protected(
    asked: Opened, spells: Mapping[str, Spell], england: Spell, outside: Mapping[str, Spell]
) -> tuple[dict[str, Spell], Spell, dict[str, Spell], str]:
    """The same areas with what may be shown of each, and what to say of it. An area without a line stays."""
    register_hosts(asked)
    shown = published(asked, [area for area, spell in spells.items() if spell.population])

    def seen(spell: Spell, count: Count | None) -> Spell:
        if count is None:
            return spell
        return Spell(count.patients, count.lines, count.spend, spell.population, count.withheld)

    return (
        {area: seen(spell, shown.boards.get(area)) for area, spell in spells.items()},
        seen(england, shown.england),
        {area: seen(spell, shown.boards.get(area)) for area, spell in outside.items()},
        shown.words([*shown.boards.values()]),
    )


def _rounded(standard: Standardised, spells: Mapping[str, Spell]) -> Standardised:
    """Ratios of the rounded patients, to two places: the exact count cannot be had back from them."""
    rows = {
        area: Ratio(
            round(ratio.expected),
            round((spells[area].patients or 0) / ratio.expected, 2),
            round(ratio.lower, 2),
            round(ratio.upper, 2),
            ratio.funnel,
        )
        for area, ratio in standard.rows.items()
        if area in spells and not spells[area].withheld and ratio.expected
    }
    return Standardised(rows, standard.notes, standard.gaps)


def _left_out(peers: Mapping[str, Sequence[str]], spells: Mapping[str, Spell]) -> list[str]:
    """Whose numbers are withheld and so count to nobody's peers."""
    used = {peer for each in peers.values() for peer in each}
    left = sorted(area for area in used if area in spells and spells[area].withheld)
    return [f"Not among any peers, because withheld: {', '.join(left)}."] if left else []


def _empty(asked: Opened, area: str) -> Gap:
    return Gap(
        name_of(asked.register, area), "access or intensity", "the ledger has no line of this for its people"
    )


def _note(found: Mapping[str, Any] | None) -> str:
    """What weakens a row: pounds that the aggregate set does not bear out, lines without a patient."""
    if found is None:
        return ""
    said = []
    covered = _coverage(found)
    if covered is not None and abs(covered - 1) > COVERAGE_WARNING:
        said.append(f"patient-level lines hold {covered:.0%} of the aggregate pounds")
    if covered is None and found["actual"]:
        said.append("no aggregate pounds to hold the patient-level ones against")
    if found["withheld"] > COVERAGE_WARNING * float(found["lines"]):
        share = float(found["withheld"]) / float(found["lines"])
        said.append(f"{share:.0%} of lines have no patient, so access is too low and intensity too high")
    return "; ".join(said)


def _coverage(found: Mapping[str, Any] | None) -> float | None:
    if found is None or not found["aggregate"]:
        return None
    return float(found["actual"]) / float(found["aggregate"])


def _table(
    asked: Opened,
    rows: Mapping[str, Spell],
    splits: Mapping[str, Split],
    standard: Standardised,
    compared: Mapping[str, str],
    found: Mapping[str, Mapping[str, Any]],
    notes: Mapping[str, str],
    public: bool,
) -> pa.Table:
    text, whole, number = pa.string(), pa.int64(), pa.float64()
    ratios = {area: standard.rows.get(area) for area in rows}
    boards = asked.boards
    columns: dict[str, tuple[list[object], pa.DataType]] = {
        "icb": (list(rows), text),
        "icb_name": ([name_of(asked.register, area) for area in rows], text),
        "region": ([boards[area].region if area in boards else None for area in rows], text),
        "population": ([spell.population for spell in rows.values()], number),
        "patients": ([spell.patients for spell in rows.values()], whole),
        "lines": ([spell.lines for spell in rows.values()], whole),
        "spend": ([spell.spend for spell in rows.values()], MONEY),
        "spend_per_head": ([spell.per_head for spell in rows.values()], number),
        "access": ([_per_100_000(spell.access) for spell in rows.values()], number),
        "intensity": ([spell.intensity for spell in rows.values()], number),
        "compared_with": ([compared.get(area, "England") for area in rows], text),
        **{name: ([getattr(splits[area], name) for area in rows], number) for name in Split._fields},
        "expected_patients": ([each.expected if each else None for each in ratios.values()], number),
        "standardised_ratio": ([each.ratio if each else None for each in ratios.values()], number),
        "ratio_lower": ([each.lower if each else None for each in ratios.values()], number),
        "ratio_upper": ([each.upper if each else None for each in ratios.values()], number),
        "funnel": ([each.funnel if each else None for each in ratios.values()], text),
        "coverage": ([_coverage(found.get(area)) for area in rows], number),
        "note": ([notes[area] for area in rows], text),
    }
    meant = dict(COLUMNS)
    if public:
        columns["withheld"] = ([spell.withheld for spell in rows.values()], text)
        meant["withheld"] = WITHHELD
    return described({name: (column, *columns[name]) for name, column in meant.items()})


def _per_100_000(access: float | None) -> float | None:
    return None if access is None else access * 100_000
