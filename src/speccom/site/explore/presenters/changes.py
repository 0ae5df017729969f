"""Words for what changed between two dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from django.urls import reverse
from markupsafe import Markup

from speccom.register import Register
from speccom.site.core.pages import Cell, Link, Page, Table, Tag, table
from speccom.site.core.words import count, listed, long_date
from speccom.site.explore.forms import Span
from speccom.site.explore.presenters.shared import ARRANGEMENTS, ROLES, STATUSES, source_in_short
from speccom.site.explore.queries.changes import Changed, FactsChanged, changed

ATTRIBUTES = {
    "arrangement": "Arrangement of a region",
    "delegation status": "Status of service lines",
    "role": "Organisations that began or ended",
    "in region": "Region of a board",
    "in integrated care board": "Board of a sub-ICB location",
    "member of joint committee": "Membership of a joint committee",
    "hub of region": "Commissioning hub of a region",
    "succeeded in whole by": "Followed by another body",
    "succeeded in part by": "Followed, in part, by another body",
    "wording": "Services named in the regulations",
}
_NAMED = 6  # subjects named in one cell; more are counted
CHANGEOVERS = (date(2023, 4, 1), date(2024, 4, 1), date(2025, 4, 1), date(2026, 4, 1))


@dataclass(frozen=True, kw_only=True)
class ChangesPage(Page):
    """The two dates, days worth looking at, and what changed."""

    from_: str
    to: str
    days: tuple[Link, ...]
    answers: Table | None
    facts: Table | None
    others: str


def changes_page(register: Register, span: Span, changed: Changed) -> ChangesPage:
    """What changed after one day, up to and on another."""
    answers, facts = _answers(changed), _facts(register, changed)
    nothing = "" if answers or facts else " Nothing changed."
    return ChangesPage(
        title="What changed between two dates",
        lead=f"After {long_date(span.from_)}, up to and on {long_date(span.to)}.{nothing}",
        from_=span.from_.isoformat(),
        to=span.to.isoformat(),
        days=tuple(Link(long_date(day), _address(day - timedelta(days=1), day)) for day in CHANGEOVERS),
        answers=answers,
        facts=facts,
        others=(
            f"{count(changed.others, 'other fact')} changed too, such as figures on population and need, "
            "names and codes."
            if changed.others
            else ""
        ),
        tables=tuple(each for each in (answers, facts) if each),
    )


@dataclass(frozen=True, slots=True)
class DayOfChanges:
    """One day's changes as an entry of a feed: its title, its page, and what changed as a list."""

    title: str
    address: str
    html: str


@lru_cache(maxsize=64)
def day_of_changes(register: Register, on: date) -> DayOfChanges:
    """What changed on one day."""
    eve = on - timedelta(days=1)
    page = changes_page(register, Span(eve, on), changed(register, eve, on))
    said = [
        f"{row[1]} → {row[2]}: {count(int(row[3]), 'service line')} in {count(int(row[4]), 'area')}"
        for row in (page.answers.plain if page.answers else ())
    ]
    said += [
        f"{what} ({of}): {before} → {after}"
        for _, what, before, after, of, *_ in (page.facts.plain if page.facts else ())
    ]
    kinds = dict.fromkeys(str(row[1]) for row in (page.facts.plain if page.facts else ()))
    items = Markup("").join(Markup("<li>{}</li>").format(each) for each in said)
    return DayOfChanges(
        f"{long_date(on)}: {'; '.join([*(['Who commissions'] if page.answers else []), *kinds])}",
        _address(eve, on),
        Markup("<ul>{}</ul>").format(items),
    )


def _answers(changed: Changed) -> Table | None:
    rows = [
        (
            long_date(each.on),
            _arrangement(each.before),
            _arrangement(each.after),
            each.lines,
            each.areas,
            each.answers,
        )
        for each in changed.answers
    ]
    columns = ("On", "Before", "After", "Service lines", "Areas", "Answers that changed")
    return table("answers", "Who commissions: answers that changed", columns, rows) if rows else None


def _arrangement(word: str) -> Tag:
    return ARRANGEMENTS[word] if word else Tag("No answer", "white")


def _facts(register: Register, changed: Changed) -> Table | None:
    rows: list[tuple[Cell, ...]] = [
        (
            long_date(each.on),
            ATTRIBUTES[each.attribute],
            _value(register, each.attribute, each.before),
            _value(register, each.attribute, each.after),
            _subjects(register, each),
            source_in_short(register.sources[each.source_id]),
        )
        for each in changed.facts
    ]
    columns = ("On", "What", "Before", "After", "Of", "Source")
    return table("facts", "Facts that began, ended or changed", columns, rows) if rows else None


def _value(register: Register, attribute: str, value: str) -> Cell:
    if not value:
        return "–"
    if attribute == "arrangement":
        return ARRANGEMENTS[value]
    if attribute == "delegation status":
        return STATUSES[value]
    if attribute == "role":
        return ROLES[value]
    body = register.organisations.get(value)
    return Link(body.name, reverse("organisation", args=[value])) if body else value


def _subjects(register: Register, each: FactsChanged) -> Cell:
    if len(each.subjects) > _NAMED:
        return count(
            len(each.subjects),
            "service line" if each.attribute == "delegation status" else "body",
            None if each.attribute == "delegation status" else "bodies",
        )
    if len(each.subjects) == 1:
        return _subject(register, each.subjects[0])
    return listed([_subject(register, subject).text for subject in each.subjects])


def _subject(register: Register, subject: str) -> Link:
    if subject in register.organisations:
        return Link(register.organisations[subject].name, reverse("organisation", args=[subject]))
    if subject in register.lines:
        return Link(register.lines[subject].name, reverse("line", args=[subject]))
    return Link(subject)


def _address(from_: date, to: date) -> str:
    return reverse("changes", query={"from": from_.isoformat(), "to": to.isoformat()})
