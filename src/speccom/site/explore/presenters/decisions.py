"""Words for the timeline of decisions: each said plainly, with its effect, source and how sure it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.urls import reverse

from speccom.period import long_date
from speccom.register import Decision, Register
from speccom.site.core.pages import Link, Page, table
from speccom.site.core.words import count
from speccom.site.explore.content import rows
from speccom.site.explore.presenters.shared import CONFIDENCE, source_link
from speccom.site.explore.queries.decisions import Passed, Redrawn

_WHEN = re.compile(r"(\d{4})(?:-(\d\d))?(?:/(\d\d))?(?:-(\d\d))?(?: \(([a-z]+).*\))?")
_HOW = {
    "national": "commissioned nationally",
    "joint": "commissioned jointly",
    "delegated": "delegated",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One decision: when, by whom, what, what it changed, its source, and its words in the record."""

    key: str
    year: str
    when: str
    by: str
    heading: str
    plainly: str
    effects: tuple[Link, ...]
    source: Link
    sure: str
    record: str
    relations: tuple[tuple[str, Link], ...]


@dataclass(frozen=True, kw_only=True)
class DecisionsPage(Page):
    """The decisions by year, earliest first."""

    years: tuple[tuple[str, tuple[Told, ...]], ...]


def decisions_page(register: Register, effects: dict[str, list[Passed | Redrawn]]) -> DecisionsPage:
    """The timeline."""
    plain = {row["decision_id"]: row for row in rows("decisions")}
    told = [
        _told(register, decision, plain.get(decision.decision_id), effects[decision.decision_id])
        for decision in sorted(register.decisions.values(), key=lambda each: _order(each))
    ]
    years = tuple((year, tuple(each)) for year, each in groupby(told, key=lambda each: each.year))
    return DecisionsPage(
        title="Decisions, 2012 to 2027",
        lead=(
            "Who decided what about specialised services, and what each decision changed. The newest "
            "are plans."
        ),
        years=years,
        tables=(
            table(
                "decisions",
                "Every decision",
                ("Decision", "When", "By whom", "What it changed", "How sure", "Source"),
                (
                    (
                        each.heading,
                        each.when,
                        each.by,
                        "; ".join(effect.text for effect in each.effects) or "–",
                        each.sure,
                        each.source,
                    )
                    for each in told
                ),
            ),
        ),
    )


def when(made_on: str) -> str:
    """A date in the precision of its source, in words."""
    match = _WHEN.fullmatch(made_on)
    if not match:
        return made_on
    year, month, other, day, note = match.groups()
    if day:
        said = long_date(date(int(year), int(month), int(day)))
    elif month:
        months = " or ".join(f"{date(2000, int(each), 1):%B}" for each in (month, other) if each)
        said = f"{months} {year}"
    else:
        said = year
    about = {"approx": f"About {said}", "early": f"Early {said}"}
    return about.get(note, f"{said} ({note})" if note else said)


def _order(decision: Decision) -> tuple[str, str]:
    return decision.made_on[:10].ljust(
        10, "0"
    ) if "(early" not in decision.made_on else "2026-02", decision.decision_id


def _told(
    register: Register, decision: Decision, plain: dict[str, str] | None, effects: list[Passed | Redrawn]
) -> Told:
    """`plain` are the words that a shipped decision is told in; one adopted in the workspace has its own."""
    return Told(
        key=decision.decision_id,
        year=decision.made_on[:4],
        when=when(decision.made_on),
        by=plain["by"] if plain else decision.made_by,
        heading=plain["heading"] if plain else decision.decision,
        plainly=plain["plainly"] if plain else _adopted(register, decision),
        effects=tuple(Link(_effect(effect), _changes(effect.on)) for effect in effects),
        source=source_link(register.sources[decision.source_id]),
        sure=CONFIDENCE[decision.confidence],
        record=decision.decision,
        relations=_relations(register, decision.decision_id),
    )


def _adopted(register: Register, decision: Decision) -> str:
    """What is said of a decision that was adopted here, beside its title."""
    said = [
        f"{name}: {text}."
        for name, text in (("For", decision.scope), ("Services", decision.services))
        if text
    ]
    conditions = register.facts.value(decision.decision_id, "conditions")
    return " ".join([*said, *([f"Conditions: {conditions}."] if conditions else [])])


_EARLIER = {"amends": "Amends", "revokes": "Revokes"}
_LATER = {"amends": "Amended by", "revokes": "Revoked by"}


def _relations(register: Register, reference: str) -> tuple[tuple[str, Link], ...]:
    """What a decision says of earlier ones, and later ones of it."""
    earlier = [(_EARLIER[how], each) for how, each in register.earlier_decisions(reference)]
    later = [(_LATER[how], each) for how, each in register.later_decisions(reference)]
    return tuple(
        (words, Link(register.decisions[each].decision, f"{reverse('decisions')}#{each}"))
        for words, each in (*earlier, *later)
    )


def _effect(effect: Passed | Redrawn) -> str:
    if isinstance(effect, Redrawn):
        return (
            f"{long_date(effect.on)}: {effect.closed} integrated care boards closed, {effect.begun} began: "
            f"{effect.after} from then"
            if effect.closed
            else f"{long_date(effect.on)}: {effect.begun} integrated care boards (ICBs) began"
        )
    where = f"in {count(effect.boards, 'ICB')}" if effect.boards else "in all of England"
    return f"{long_date(effect.on)}: {count(effect.services, 'service')} {_HOW[effect.arrangement]}, {where}"


def _changes(on: date) -> str:
    return reverse("changes", query={"from": (on - timedelta(days=1)).isoformat(), "to": on.isoformat()})
