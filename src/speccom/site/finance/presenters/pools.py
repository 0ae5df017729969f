"""Words, tables and pictures of a risk pool; every number in them was protected before it came here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse

from speccom.charts.pools import spreads, tails
from speccom.charts.units import percent
from speccom.charts.words import short_name
from speccom.finance.pool_results import Pool, outcomes
from speccom.finance.pool_years import Outcome
from speccom.finance.pools import Kind, Terms
from speccom.ledger.manifest import Manifest
from speccom.site.core.pages import Link, Number, Page, Table, table
from speccom.site.finance.forms.pools import EACH, KINDS, SHARED_BY, Question
from speccom.site.finance.presenters.allocation import Field
from speccom.site.finance.presenters.shared import opens, picture
from speccom.site.insight.presenters import Picture

NOTICE = (
    "This is a calculation and no agreement: whether areas pool a risk, and on what terms, is for them and NHS "
    "England. Premiums have no loading, and a pool has no money of its own: what is handed over is paid together."
)
EXAMPLE = (
    "Nothing was set, so an example is shown: neurosciences in the Midlands, each board keeping what nine patients "
    "of ten stay below. These settings are Speccom’s own, to show how it works, and no policy."
)
SETTLING = (
    "What a year came to is not settled on this page, since patients above a retention are few and their costs are "
    "not for everybody. Whoever holds the data settles a year to the penny: speccom pool --settle 2025/26."
)
Options = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class PoolPage(Page):
    """The form with what was asked, the answer in words, pictures, tables, and what weakens the numbers."""

    action: str
    asked: Mapping[str, str]
    lines: tuple[tuple[str, Options], ...]
    areas: Options
    kinds: Options
    each: Options
    shared_by: Options
    fields: tuple[Field, ...]
    notice: str
    example: str
    answer: str
    pictures: tuple[Picture, ...]
    notes: tuple[str, ...]
    gaps: tuple[str, ...]
    settling: str
    synthetic: bool


def pool_page(
    held: Manifest, asked: Question, found: Pool, lines: tuple[tuple[str, Options], ...], areas: Options
) -> PoolPage:
    """The pool that was asked for."""
    given = dict(asked.given)
    drawn = outcomes(found)
    gaps = drawn.said()[len(drawn.notes) :]
    title = f"Risk pool: {found.name}"
    return PoolPage(
        title=f"{title} (synthetic data)" if found.synthetic else title,
        lead="What a dear patient or a dear year would cost each area alone, and what if areas paid for it together.",
        trail=(Link("Finance", reverse("finance")),),
        tables=(_terms(asked, found), _outcomes(asked, found)),
        sources=(NOTICE, found.source, *found.notes, *gaps),
        action=reverse("pools"),
        asked={
            "lines": asked.lines,
            "areas": given["areas"] or ("" if given["codes"] else asked.areas),
            "codes": given["codes"],
            "kind": str(asked.kind),
            "by": str(asked.by),
            "weights": given["weights"] or str(asked.weighting),
        },
        lines=lines,
        areas=areas,
        kinds=tuple(KINDS.items()),
        each=tuple(EACH.items()),
        shared_by=tuple(SHARED_BY.items()),
        fields=_fields(given, found),
        notice=NOTICE,
        example=EXAMPLE if asked.example else "",
        answer=_answer(found),
        pictures=(
            picture(spreads(drawn), "Nine years of ten, alone and in the pool"),
            picture(tails(drawn), "Costly years"),
        ),
        notes=found.notes,
        gaps=gaps,
        settling=SETTLING,
        synthetic=found.synthetic,
    )


def _answer(found: Pool) -> str:
    """What the pool does, in two sentences."""
    terms, drawn = found.terms, found.simulated.outcomes
    whole = sum((each.expected_cost for each in terms), Decimal(0))
    pooled = sum((each.premium for each in terms), Decimal(0))
    said = (
        f"{found.arrangement.said()} The {len(terms)} area{'s' * (len(terms) != 1)} expect £{whole:,.0f} a year, of "
        f"which £{pooled:,.0f} ({percent(float(pooled / whole))}) goes to the pool."
    )
    if len(terms) == 1:
        return f"{said} A pool of one area equals going alone."
    most = max(drawn, key=lambda each: (_calmer(each), each.code))
    least = min(drawn, key=lambda each: (_calmer(each), each.code))
    names = {each.code: short_name(each.name) for each in terms}
    return (
        f"{said} A year’s cost becomes steadier most for {names[most.code]} (its standard deviation falls by "
        f"{percent(_calmer(most))}) and least for {names[least.code]} ({_fallen(_calmer(least))})."
    )


def _calmer(outcome: Outcome) -> float:
    return 1 - outcome.pooled.sd / outcome.alone.sd if outcome.alone.sd > 0 else 0.0


def _fallen(share: float) -> str:
    return percent(share) if share >= 0 else f"it rises by {percent(-share)}"


def _fields(given: Mapping[str, str], found: Pool) -> tuple[Field, ...]:
    retention = found.arrangement.retention
    usual = "" if given["retention"] or retention is None else f" Here: {retention:,.0f}."
    return (
        Field(
            "retention",
            "Retention, in pounds",
            f"What stays with an area. Of an area’s year also a share of what it expects, such as 110%.{usual}",
            given["retention"],
            "",
        ),
        Field("part", "Part of every pound", "Of a share pool: up to 100.", given["part"]),
        Field(
            "correlation",
            "In common",
            "Of what differs between years, how much all areas share: 100 makes a bad year everybody’s.",
            given["correlation"],
        ),
        Field(
            "q",
            "Budget missed by more than (q)",
            "For the chance of overspending. Left blank: 5.",
            given["q"],
        ),
    )


def _terms(asked: Question, found: Pool) -> Table:
    def cell(each: Terms, name: str) -> Number:
        return _pounds(getattr(each, name), _opened(asked, each.code, name))

    excess = found.arrangement.kind == Kind.EXCESS
    return table(
        "terms",
        "What each area expects in a year. Each number opens to its working",
        (
            "Board",
            "Code",
            "Cases",
            "Expected cost (£)",
            "Keeps (£)",
            "Premium (£)" if excess else "Hands over (£)",
            "Share of the pool",
            "Pays the pool (£)",
        ),
        (
            (
                short_name(each.name),
                each.code,
                Number(
                    f"{each.expected_cases:,.0f}",
                    each.expected_cases,
                    True,
                    _opened(asked, each.code, "expected_cases"),
                ),
                cell(each, "expected_cost"),
                cell(each, "retained"),
                cell(each, "premium"),
                Number(
                    percent(float(each.share)), float(each.share), True, _opened(asked, each.code, "share")
                ),
                cell(each, "contribution"),
            )
            for each in found.terms
        ),
    )


def _outcomes(asked: Question, found: Pool) -> Table:
    def pounds(each: Outcome, name: str, of: str) -> Number:
        value = getattr(each.alone if of == "alone" else each.pooled, name)
        return _pounds(Decimal(round(value)), _opened(asked, each.code, f"{name}_{of}"))

    def chance(each: Outcome, of: str) -> Number:
        value = (each.alone if of == "alone" else each.pooled).over
        return Number(percent(value), value, True, _opened(asked, each.code, f"over_{of}"))

    names = {each.code: short_name(each.name) for each in found.terms}
    return table(
        "outcomes",
        "A year’s cost, alone and in the pool. Each number opens to its working and its error",
        (
            "Board",
            "Standard deviation alone (£)",
            "In the pool (£)",
            "One year of twenty, alone (£)",
            "In the pool (£), one of twenty",
            "Mean beyond, alone (£)",
            "In the pool (£), mean beyond",
            f"Overspends by {percent(found.simulated.q)}, alone",
            "In the pool",
        ),
        (
            (
                names[each.code],
                *(pounds(each, name, of) for name in ("sd", "p95", "shortfall") for of in ("alone", "pool")),
                chance(each, "alone"),
                chance(each, "pool"),
            )
            for each in found.simulated.outcomes
        ),
    )


def _pounds(value: Decimal, address: str) -> Number:
    """Whole pounds, in files too: what they are made of was rounded further than pennies."""
    return opens(value.quantize(Decimal(1)), "£", address)


def _opened(asked: Question, area: str, number: str) -> str:
    return reverse("explain-pool", query=asked.query | {"area": area, "number": number})
