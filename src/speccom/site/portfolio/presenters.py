"""The words of the pages of portfolio reviews."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from speccom.portfolio.course import ways_on
from speccom.portfolio.criteria import ANSWERS, READINESS, SUITABILITY, criteria, judged, measures, tests
from speccom.portfolio.measures import COLUMNS
from speccom.portfolio.recommendation import (
    AT_STAKE,
    DIVIDED,
    FAVOURABLE,
    UNFAVOURABLE,
    UNKNOWN,
    Named,
    Passed,
    recommendations,
)
from speccom.site.accounts.actor import Actor
from speccom.site.core.pages import Cell, Link, Number, Page, Table, Tag, table
from speccom.site.core.words import count, long_date
from speccom.site.portfolio.exports import FORMS
from speccom.site.portfolio.forms import ONLY
from speccom.site.portfolio.models import Judgement, LineReview, ReviewRound
from speccom.site.portfolio.queries import Asked, Standing, chosen
from speccom.site.portfolio.rules import JUDGE, KEEP, nationally

STANDINGS = {
    FAVOURABLE: Tag("For boards", "green"),
    UNFAVOURABLE: Tag("Against", "red"),
    DIVIDED: Tag("Divided", "orange"),
    UNKNOWN: Tag("Not known", "grey"),
    AT_STAKE: Tag("At stake", "blue"),
}
RESULTS = {"met": Tag("Met", "green"), "not met": Tag("Not met", "red"), UNKNOWN: Tag("Not known", "grey")}
HIDDEN = "Recommendations here are from the measures and what you may see. Others' judgements come with disclosure."
_SHARES = {"out_of_area_share", "out_of_board_share", "change_in_volume", "change_in_cost"}


@dataclass(frozen=True, kw_only=True)
class RoundsPage(Page):
    """Every review; `form` opens another, for who may."""

    form: Any = None


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with a reason, at an address."""

    key: str
    heading: str
    sentence: str
    address: str
    button: str


@dataclass(frozen=True, kw_only=True)
class RoundPage(Page):
    """One review: facts, what can be asked of it, what can be done."""

    synthetic: bool
    facts: tuple[tuple[str, Cell], ...]
    links: tuple[Link, ...]
    asked: Asked
    programmes: tuple[tuple[str, str], ...]
    lists: tuple[tuple[str, str], ...]
    only: tuple[tuple[str, str], ...]
    acts: tuple[Act, ...]
    forms: tuple[tuple[str, str], ...]
    file: str
    about: tuple[str, ...]
    wrong: str
    wrong_at: str
    note: str


@dataclass(frozen=True, kw_only=True)
class LinePage(Page):
    """One line: how it stands, one's own judgements, the panel's, an override."""

    synthetic: bool
    facts: tuple[tuple[str, Cell], ...]
    judging: Any
    overriding: Any
    override_at: str
    answers: tuple[tuple[str, str], ...]
    wrong: str
    beside: Table | None
    kept: bool
    note: str
    others: tuple[Table, ...]
    next: Link | None = None


@dataclass(frozen=True, kw_only=True)
class ComparePage(Page):
    """Two reviews beside each other."""

    facts: tuple[tuple[str, Cell], ...]
    notes: tuple[str, ...]


def rounds_page(actor: Actor, held: Sequence[ReviewRound], form: Any) -> RoundsPage:
    rows = (
        (Link(each.title, _at(each)), each.reference, long_date(each.on), _state(each), _day(each.settled))
        for each in held
    )
    columns = ("Review", "Reference", "Portfolio of", "State", "Settled")
    return RoundsPage(
        title="Portfolio reviews",
        lead="Which service lines suit leadership by integrated care boards, and which of them are ready.",
        trail=(Link("Your workspace", reverse("workspace")),),
        tables=(table("rounds", "Reviews, the latest first", columns, rows),) if held else (),
        form=form if nationally(actor, KEEP) else None,
    )


def round_page(
    actor: Actor, round_: ReviewRound, found: Sequence[Standing], asked: Asked, wrong: str, wrong_at: str
) -> RoundPage:
    lines = chosen(found, asked)
    judges = round_.course.judging and nationally(actor, JUDGE)
    keeps = nationally(actor, KEEP)
    programmes = sorted({each.review.programme for each in found if each.review.programme})
    ways = ways_on(round_.state) if keeps else ()
    return RoundPage(
        title=round_.title,
        lead=f"Portfolio of {long_date(round_.on)}. {round_.course.meaning}",
        trail=_trail(),
        synthetic=round_.synthetic,
        facts=_progress(actor, round_, found),
        links=(Link("Compare with the review before", reverse("portfolio_compare", args=[round_.pk])),),
        asked=asked,
        programmes=tuple((each, each) for each in programmes),
        lists=tuple((key, each.words) for key, each in recommendations().items()),
        only=tuple((key, words) for key, words in ONLY.items() if key),
        tables=(_lines(round_, lines, judges),) if lines else (),
        acts=tuple(
            Act(
                each.move,
                each.name,
                each.meaning,
                reverse("portfolio_move", args=[round_.pk, each.move]),
                each.name,
            )
            for each in ways
        ),
        forms=tuple(FORMS.items()),
        file=reverse("portfolio_file", args=[round_.pk]),
        about=tuple(round_.about),
        wrong=wrong,
        wrong_at=wrong_at,
        note="" if round_.course.shown else HIDDEN,
    )


def line_page(
    actor: Actor,
    standing: Standing,
    judging: Any,
    overriding: Any,
    *,
    wrong: str,
    beside: Table | None,
    kept: bool,
    onward: LineReview | None,
) -> LinePage:
    review, round_ = standing.review, standing.review.round
    named = recommendations()[standing.recommendation]
    facts: list[tuple[str, Cell]] = [
        ("Service line", Link(review.line, reverse("line", args=[review.line]))),
        ("Programme", review.programme or "None"),
        ("Recommendation", Tag(named.words, named.colour)),
        ("Because", standing.because),
    ]
    if review.override and not review.recommended:
        facts.append(("Overridden by", f"{review.edited_by}, in place of “{_by_rule(standing).words}”"))
    elif review.override:
        facts.append(("The rule would have said", _by_rule(standing).words))
    facts += [(tests()[each.test].name, _passed(each)) for each in standing.by_rule.tests]
    facts.append(("Review", f"{round_.reference}, {round_.course.name.lower()}"))
    judges = round_.course.judging and nationally(actor, JUDGE)
    return LinePage(
        title=review.name,
        trail=(*_trail(), Link(round_.title, _at(round_))),
        synthetic=round_.synthetic,
        facts=tuple(facts),
        tables=(_measured(standing),),
        judging=judging if judges else None,
        overriding=overriding if round_.course.overriding and nationally(actor, KEEP) else None,
        override_at=reverse("portfolio_override", args=[round_.pk, review.line]),
        answers=tuple(ANSWERS.items()),
        wrong=wrong,
        beside=beside,
        kept=kept,
        note="" if round_.course.shown else HIDDEN,
        others=_panel(standing),
        next=_next(onward) if judges else None,
    )


def compare_page(
    round_: ReviewRound, earlier: ReviewRound | None, then: Sequence[Standing], now: Sequence[Standing]
) -> ComparePage:
    trail = (*_trail(), Link(round_.title, _at(round_)))
    if earlier is None:
        return ComparePage(
            title="Compared with the review before",
            trail=trail,
            facts=(),
            notes=("No review before this one was settled, so there is nothing to compare with.",),
        )
    held = {each.review.line: each for each in then}
    moved = [
        (before, each)
        for each in now
        if (before := held.get(each.review.line)) and before.recommendation != each.recommendation
    ]
    new = [each for each in now if each.review.line not in held]
    gone = held.keys() - {each.review.line for each in now}
    columns = ("Service line", "Name", "Then", "Now", "Why now")
    rows = (
        (_to_line(each), each.review.name, _words(before), _words(each), each.because)
        for before, each in moved
    )
    return ComparePage(
        title="Compared with the review before",
        lead=f"{round_.title} beside {earlier.title}, which was settled on {_day(earlier.settled)}.",
        trail=trail,
        facts=(
            ("Recommended otherwise", len(moved)),
            ("The same", len(now) - len(moved) - len(new)),
            ("New in the list of codes", len(new)),
            ("No longer in it", ", ".join(sorted(gone)) or "None"),
        ),
        notes=() if round_.course.shown else (HIDDEN,),
        tables=(
            _lists_beside(earlier, round_, then, now),
            *((table("moved", "Lines recommended otherwise", columns, rows),) if moved else ()),
        ),
    )


def mine(actor: Actor, standing: Standing) -> dict[str, Judgement]:
    """One's own judgements of a line, by criterion."""
    return {each.criterion: each for each in standing.judgements if each.person_id == actor.person.pk}


def override_now(standing: Standing) -> dict[str, object]:
    """What the form of an override opens with."""
    return {"version": standing.review.version, "override": standing.review.override, "override_reason": ""}


# --- parts


def _progress(actor: Actor, round_: ReviewRound, found: Sequence[Standing]) -> tuple[tuple[str, Cell], ...]:
    lists = Counter(each.recommendation for each in found)
    whole = len(judged())
    facts: list[tuple[str, Cell]] = [
        ("State", _state(round_)),
        ("Reference", round_.reference),
        ("Service lines", len(found)),
        ("Lines that somebody has judged", sum(each.review.people > 0 for each in found)),
        ("Judgements given", sum(each.review.judgements for each in found)),
    ]
    if nationally(actor, JUDGE):
        done = sum(each.mine == whole for each in found)
        facts.append(("Lines that you have judged whole", f"{done} of {len(found)}"))
    facts += [(named.words, lists[key]) for key, named in recommendations().items()]
    if round_.course.shown:
        facts.append(("Lines judged differently", sum(each.divided for each in found)))
        facts.append(("Overridden", sum(bool(each.review.override) for each in found)))
    return tuple(facts)


def _lines(round_: ReviewRound, found: Sequence[Standing], judges: bool) -> Table:
    own = ("Yours",) if judges else ()
    columns = (
        "Service line",
        "Name",
        "Recommendation",
        "Suitability",
        "Readiness",
        "Outturn",
        "People",
        *own,
    )
    whole = len(judged())
    rows = (
        (
            _to_line(each),
            each.review.name,
            _words(each),
            RESULTS[each.by_rule.test(SUITABILITY).result],
            RESULTS[each.by_rule.test(READINESS).result],
            _millions(each.review.measured["outturn"]),
            each.review.people,
            *((f"{each.mine} of {whole}",) if judges else ()),
        )
        for each in found
    )
    return table("lines", f"{count(len(found), 'service line')} of {round_.title}", columns, rows)


def _measured(standing: Standing) -> Table:
    """Each measured criterion with its working: what was measured, of what, and the bar."""
    held = {each.criterion.criterion: each for each in standing.by_rule.standings}
    rows = (
        (
            criteria()[key].name,
            _value(each.column, standing.review.measured[each.column]),
            STANDINGS[held[key].standing],
            held[key].why,
            f"{COLUMNS[each.column].meaning[0].upper()}{COLUMNS[each.column].meaning[1:]}.",
        )
        for key, each in measures().items()
    )
    columns = ("Criterion", "Measured", "Speaks", "Bar, or why it is not known", "What it is")
    return table("measured", "What is measured", columns, rows)


def _judged(standing: Standing) -> Table:
    rows = (
        (
            each.criterion.name,
            tests()[each.criterion.test].name,
            STANDINGS[each.standing],
            each.favourable,
            each.unfavourable,
            each.cannot_tell,
        )
        for each in standing.by_rule.standings
        if each.criterion.judged
    )
    columns = ("Criterion", "Test", "Speaks", "For boards", "Against", "Cannot tell")
    return table("judged", "What is judged, as far as you may see it", columns, rows)


def _panel(standing: Standing) -> tuple[Table, ...]:
    rows = [
        (
            criteria()[each.criterion].name,
            each.person.name,
            ANSWERS[each.answer],
            each.reason,
            f"First: {ANSWERS[each.first_answer]}" if each.first_answer != each.answer else "",
        )
        for key in judged()
        for each in standing.judgements
        if each.criterion == key
    ]
    columns = ("Criterion", "Panel member", "Answer", "Why", "Changed")
    return (_judged(standing), table("panel", "Judgements and their reasons", columns, rows)) if rows else ()


def _lists_beside(
    earlier: ReviewRound, round_: ReviewRound, then: Sequence[Standing], now: Sequence[Standing]
) -> Table:
    before, after = (Counter(each.recommendation for each in held) for held in (then, now))
    rows = ((named.words, before[key], after[key]) for key, named in recommendations().items())
    return table("lists", "Lines in each list", ("List", earlier.title, round_.title), rows)


def _value(column: str, value: Any) -> Cell:
    if value is None:
        return "Not known"
    if column == "outturn":
        return Number(f"£{Decimal(value):,.0f}", Decimal(value))
    number = float(value)
    if column in _SHARES or column == "provider_income_volatility":
        return Number(f"{number:.1%}", number)
    return Number(f"{number:,.0f}", number)


def _millions(value: str | None) -> Cell:
    return "Not known" if value is None else Number(f"£{Decimal(value) / 1_000_000:,.1f}m", Decimal(value))


def _passed(passed: Passed) -> str:
    word = RESULTS[passed.result].text
    return f"{word}: {passed.favourable} of {passed.known} known criteria favour boards, of {passed.weighing} in all"


def _next(onward: LineReview | None) -> Link | None:
    if onward is None:
        return None
    address = reverse("portfolio_line", args=[onward.round_id, onward.line])
    return Link(f"Next line to judge: {onward.name}", address)


def _by_rule(standing: Standing) -> Named:
    return recommendations()[standing.by_rule.recommendation]


def _words(standing: Standing) -> Tag:
    named = recommendations()[standing.recommendation]
    return Tag(named.words, named.colour)


def _to_line(standing: Standing) -> Link:
    review = standing.review
    return Link(review.line, reverse("portfolio_line", args=[review.round_id, review.line]))


def _state(round_: ReviewRound) -> Tag:
    return Tag(round_.course.name, round_.course.colour)


def _day(at: Any) -> str:
    return long_date(timezone.localdate(at)) if at else "–"


def _at(round_: ReviewRound) -> str:
    return reverse("portfolio_round", args=[round_.pk])


def _trail() -> tuple[Link, ...]:
    return (Link("Your workspace", reverse("workspace")), Link("Portfolio reviews", reverse("portfolio")))
