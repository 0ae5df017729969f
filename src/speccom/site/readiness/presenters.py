"""The words of the pages of assessments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from markupsafe import Markup

from speccom.charts.look import NARROW, WIDE
from speccom.charts.rated import rated_grid
from speccom.readiness.course import LAST
from speccom.readiness.evidence import LARGEST
from speccom.readiness.tables import criteria, kinds, moves, points, ratings, recommendations, sides, states
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.organisations import name_in
from speccom.site.core import pages
from speccom.site.core.library import register, today
from speccom.site.core.pages import Cell, Link, Number, Page, Table, Tag, table
from speccom.site.core.permissions import allowed
from speccom.site.core.words import count, listed, long_date
from speccom.site.insight.presenters import Picture
from speccom.site.notices.presenters import when
from speccom.site.readiness.exports import FORMS, OWN, counts, state_name
from speccom.site.readiness.forms import ONLY
from speccom.site.readiness.models import Answer, Assessment, Evidence, Member, Point, Round
from speccom.site.readiness.queries import NOT_BEGUN, Asked, Row, Seen, Step
from speccom.site.readiness.rules import BEGIN, KEEP

SIDES = {"board": "Board", "region": "Region", "panel": "Panel"}
"""Side → its word at the head of a column."""
WHOM = {"board": "Your board", "region": "Your region", "panel": "The panel"}
NOT_SHOWN = "–"
_COLOURS = dict(zip(ratings(), ("green", "yellow", "red"), strict=True))
_RECOMMENDED = {"delegate": "green", "joint": "blue", "not_yet": "orange"}
_STATES = dict(zip((*states(), NOT_BEGUN), ("grey", "blue", "purple", "green", "white"), strict=True))


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with a reason, at an address; `missing` is what it still lacks."""

    key: str
    heading: str
    sentence: str
    address: str
    missing: tuple[str, ...]
    forward: bool


@dataclass(frozen=True, kw_only=True)
class RoundsPage(Page):
    """Every round; `form` opens another, for who may."""

    form: Any = None


@dataclass(frozen=True, kw_only=True)
class BesidePage(Page):
    """The boards of a round beside each other: what is asked of them, their counts, their file."""

    progress: Table
    links: tuple[Link, ...]
    asked: Asked
    choices: dict[str, tuple[tuple[str, str], ...]]
    picture: Picture | None
    counts: tuple[Table, ...]
    forms: tuple[tuple[str, str], ...]
    file: str
    wrong: str


@dataclass(frozen=True, kw_only=True)
class AssessmentPage(Page):
    """One assessment: where it stands, what each side said, what can be done."""

    facts: tuple[tuple[str, Cell], ...]
    tests: Table
    verdict: tuple[tuple[str, Cell], ...]
    ways: tuple[Link, ...]
    writes: str
    acts: tuple[Act, ...]
    changes: int
    history: tuple[Table, ...]
    removable: tuple[tuple[str, str], ...]
    remove: str
    wrong: str
    wrong_at: str
    own: str = OWN


@dataclass(frozen=True, kw_only=True)
class FormPage(pages.FormPage):
    """A form, what it takes out, and whether it takes a file."""

    remove: str = ""
    version: int = 0
    upload: bool = False


@dataclass(frozen=True, kw_only=True)
class TestPage(Page):
    """One test of one assessment: what each side said, and the form of the side that has it now."""

    answers: tuple[tuple[str, Cell, str, str], ...]
    form: Any
    button: str
    beside: Table | None
    kept: bool
    links: tuple[Link, ...]


def rounds_page(actor: Actor, held: Sequence[Round], form: Any) -> RoundsPage:
    rows: Iterator[tuple[Cell, ...]] = (
        (
            Link(each.title, _at(each)),
            long_date(each.on),
            long_date(each.opens),
            *(long_date(day) for day in each.days.values()),
        )
        for each in held
    )
    columns = ("Round", "Boards of", "Opens", *(f"{state_name(state)} until" for state in _dated()))
    return RoundsPage(
        title="Readiness of systems",
        lead="Whether systems are ready to take on specialised services, by eight tests.",
        trail=(Link("Your workspace", reverse("workspace")),),
        tables=(table("rounds", "Rounds, the latest first", columns, rows),) if held else (),
        form=form if allowed(KEEP, actor) else None,
    )


def beside_page(
    actor: Actor, round_: Round, rows: Sequence[Row], found: Sequence[Row], asked: Asked, wrong: str
) -> BesidePage:
    """`rows` are all that the actor sees, `found` those that were asked for."""
    held = register()
    regions = sorted({each.region for each in rows})
    links = []
    if allowed(BEGIN, actor):
        links.append(Link("Begin an assessment", reverse("readiness_begin", args=[round_.pk])))
    if allowed(KEEP, actor):
        links.append(Link("Change its name and last days", reverse("readiness_change", args=[round_.pk])))
    return BesidePage(
        title=round_.title,
        lead=f"Boards of {long_date(round_.on)}, side by side.",
        trail=trail(),
        progress=_progress(round_, rows),
        links=tuple(links),
        asked=asked,
        choices={
            "region": tuple((each, name_in(held, each) or each) for each in regions),
            "state": tuple((key, state_name(key)) for key in (NOT_BEGUN, *states())),
            "recommendation": tuple((key, each.name) for key, each in recommendations().items()),
            "side": tuple((key, each.name) for key, each in sides().items()),
            "only": tuple(ONLY.items()),
        },
        tables=(_beside(found, asked),) if found else (),
        picture=_picture(found, asked),
        counts=(_counts(found, asked),) if found else (),
        forms=tuple(FORMS.items()),
        file=reverse("readiness_file", args=[round_.pk], query=_query(asked) or None),
        wrong=wrong,
    )


def assessment_page(seen: Seen, wrong: str, wrong_at: str) -> AssessmentPage:
    of = seen.assessment
    return AssessmentPage(
        title=of.name,
        lead=f"{of.course.name}. {of.course.meaning}",
        trail=(*trail(), Link(of.round.title, _at(of.round))),
        facts=tuple(_facts(seen)),
        tests=_tests(seen),
        verdict=_verdict(seen),
        ways=tuple(_ways(seen)),
        writes=f"It is with {'your' if seen.writes != 'panel' else 'the'} {SIDES[seen.writes].lower()}: you may write."
        if seen.writes
        else "",
        acts=tuple(
            Act(
                step.way.move,
                step.way.name,
                step.way.meaning,
                reverse("readiness_move", args=[of.pk, step.way.move]),
                step.missing,
                _forward(step),
            )
            for step in seen.steps
        ),
        changes=of.changes,
        tables=(*_points(seen), *_evidence(seen)),
        history=_history(seen),
        removable=tuple((str(each.pk), each.name) for each in seen.evidence if each.side == seen.writes),
        remove=reverse("readiness_remove_evidence", args=[of.pk]),
        wrong=wrong,
        wrong_at=wrong_at,
    )


def test_page(seen: Seen, criterion: str, form: Any, beside: Table | None, kept: bool) -> TestPage:
    test, of = criteria()[criterion], seen.assessment
    keys = list(criteria())
    onward = next((each for each in keys[keys.index(criterion) + 1 :]), None)
    links = (
        *((Link(f"Next test: {criteria()[onward].label}", _test(of, onward)),) if onward else ()),
        Link("All eight tests", _address(of)),
    )
    return TestPage(
        title=test.label,
        lead=test.test,
        trail=_under(of),
        answers=tuple(_answers(seen, criterion)),
        tables=(
            *_points(seen, criterion),
            *_evidence(seen, criterion),
        ),
        form=form if seen.writes else None,
        button="Keep the rating",
        beside=beside,
        kept=kept,
        links=links,
    )


# --- forms


def begin_page(round_: Round, form: Any, boards: int) -> FormPage:
    notes = (
        ("Boards that are assessed together lie in one region, and each of them signs.",)
        if boards
        else ("There is no board of yours whose assessment has not begun.",)
    )
    return FormPage(
        title="Begin an assessment",
        lead=round_.title,
        trail=(*trail(), Link(round_.title, _at(round_))),
        form=form if boards else None,
        button="Begin it",
        notes=notes,
    )


def change_page(round_: Round, form: Any, beside: Table | None) -> FormPage:
    return FormPage(
        title="Change the round",
        lead=f"{round_.title} opens on {long_date(round_.opens)}.",
        trail=(*trail(), Link(round_.title, _at(round_))),
        form=form,
        button="Save",
        beside=beside,
    )


def gather_page(of: Assessment, form: Any, beside: Table | None) -> FormPage:
    return FormPage(
        title="Boards assessed together",
        lead=of.name,
        trail=_under(of),
        form=form,
        button="Save",
        notes=("Every board signs again after a change.",),
        beside=beside,
    )


def point_page(of: Assessment, kind: str, form: Any, point: Point | None, beside: Table | None) -> FormPage:
    named = points()[kind].name
    return FormPage(
        title=f"{'Change' if point else 'Add'} a {named.lower()}",
        lead=of.name,
        trail=_under(of),
        form=form,
        button="Save" if point else "Add it",
        beside=beside,
        remove=reverse("readiness_remove_point", args=[of.pk, point.pk]) if point else "",
        version=point.version if point else 0,
    )


def recommend_page(seen: Seen, form: Any, beside: Table | None) -> FormPage:
    return FormPage(
        title="Recommendation",
        lead=seen.assessment.name,
        trail=_under(seen.assessment),
        form=form,
        button="Keep it",
        notes=(
            "It is shown to others when the panel moves the assessment on with “Recommend”.",
            "Each test that is not met needs a condition or a step of development.",
        ),
        beside=beside,
        tables=(_tests(seen),),
    )


def evidence_page(of: Assessment, form: Any) -> FormPage:
    taken = "; ".join(each.name for each in kinds().values())
    return FormPage(
        title="Add evidence",
        lead=of.name,
        trail=_under(of),
        form=form,
        button="Send the file",
        notes=(
            f"At most {LARGEST // 1024 // 1024} MB, of one of these kinds, judged by its content: {taken}.",
            "Send nothing that tells of a patient.",
        ),
        upload=True,
    )


# --- parts


def trail() -> tuple[Link, ...]:
    return (Link("Your workspace", reverse("workspace")), Link("Readiness of systems", reverse("readiness")))


def _under(of: Assessment) -> tuple[Link, ...]:
    return (*trail(), Link(of.round.title, _at(of.round)), Link(of.name, _address(of)))


def _progress(round_: Round, rows: Sequence[Row]) -> Table:
    """How many boards are in each state, until when, and how many of them are late."""
    on, held = today(), Counter(each.state for each in rows)
    late = Counter(each.state for each in rows if each.late)

    def until(state: str) -> str:
        day = round_.days.get(state)
        return f"{long_date(day)}{', passed' if on > day else ''}" if day else "–"

    def boards(state: str) -> Cell:
        number = held[state]
        address = f"{_at(round_)}?state={state}#beside" if number else None
        return Number(f"{number:,}", number, address=address)

    told = ((state_name(state), boards(state), late[state], until(state)) for state in (NOT_BEGUN, *states()))
    return table("states", "How far the boards are", ("State", "Boards", "Late", "Until"), told)


def _forward(step: Step) -> bool:
    order = list(states())
    return order.index(step.way.to_state) > order.index(step.way.from_state)


def _beside(found: Sequence[Row], asked: Asked) -> Table:
    held = register()
    several = len({each.region for each in found}) > 1
    labels = (each.label for each in criteria().values())
    columns = ("Board", "State", "Outcome", *labels, *(("Region",) if several else ()))

    def row(each: Row) -> tuple[Cell, ...]:
        address = _address(each.assessment) if each.assessment else None
        region = (name_in(held, each.region) or each.region).removeprefix("NHS England ")
        return (
            Link(_short(each.name), address),
            Tag(
                f"{state_name(each.state)}{', late' if each.late else ''}",
                "red" if each.late else _STATES[each.state],
            ),
            _recommendation(each.recommendation),
            *(_rating(each.rating(key, asked.side)) for key in criteria()),
            *((region,) if several else ()),
        )

    side = sides()[asked.side].name if asked.side else "As the last side that you see rates them"
    return table(
        "beside",
        f"{count(len(found), 'board')}. {side}",
        columns,
        map(row, found),
    )


def _picture(found: Sequence[Row], asked: Asked) -> Picture | None:
    """The ratings of the table below as marks; none where nothing is rated."""
    places = {key: place for place, key in enumerate(ratings())}
    rows = [
        (_short(each.name), [places.get(each.rating(key, asked.side)) for key in criteria()])
        for each in found
    ]
    given = Counter(place for _, rated in rows for place in rated)
    if given.keys() <= {None}:
        return None
    said = [f"{given[place]:,} {each.name.lower()}" for place, each in enumerate(ratings().values())]
    words = (
        f"{count(len(rows), 'board')} by the eight tests: {listed(said)}, and {given[None]:,} not rated or not "
        "shown. The table below says each in words."
    )
    tests = [each.label for each in criteria().values()]
    marks = [each.name for each in ratings().values()]
    title = "Ratings of boards by the eight tests"
    wide, narrow = (
        Markup(rated_grid(f"ratings-{name}", title, words, rows, tests, marks, width))
        for name, width in (("wide", WIDE), ("narrow", NARROW))
    )
    return Picture("Ratings as a picture", wide, narrow, words)


def _counts(found: Sequence[Row], asked: Asked) -> Table:
    columns = ("Test", *(each.name for each in ratings().values()), "Not rated, or not shown")
    rows: Iterator[tuple[Cell, ...]] = ((label, *held.values()) for label, held in counts(found, asked.side))
    return table("counts", "How many of these boards have each rating", columns, rows)


def _facts(seen: Seen) -> Iterator[tuple[str, Cell]]:
    of, held = seen.assessment, register()
    yield "State", Tag(of.course.name, _STATES[of.state])
    due = of.round.days.get(of.state)
    if due:
        yield "To be done by", f"{long_date(due)}{': late' if of.late(today()) else ''}"
    for each in seen.members:
        yield name_in(held, each.board) or each.board, _signature(each)
    yield "Region", name_in(held, of.region) or of.region
    yield "Reference", of.reference
    if of.state == LAST and of.settled:
        yield "Recommended on", long_date(timezone.localdate(of.settled))


def _signature(each: Member) -> str:
    if each.signed and each.signed_by:
        return f"Signed by {each.signed_by.name}, {when(each.signed)}"
    return "Not signed"


def _tests(seen: Seen) -> Table:
    of = seen.assessment
    rows = (
        (
            Link(each.label, _test(of, key)),
            *(_rating(answer.rating if (answer := seen.of(side, key)) else "") for side in sides()),
        )
        for key, each in criteria().items()
    )
    return table("tests", "The eight tests", ("Test", *SIDES.values()), rows)


def _answers(seen: Seen, criterion: str) -> Iterator[tuple[str, Cell, str, str]]:
    for key, side in sides().items():
        answer: Answer | None = seen.of(key, criterion)
        if answer:
            by = f"{answer.edited_by}, {when(answer.edited_at)}" if answer.edited_at else answer.edited_by
            yield side.name, _rating(answer.rating), answer.grounds, by


def _verdict(seen: Seen) -> tuple[tuple[str, Cell], ...]:
    if seen.verdict is None:
        return ()
    stands = "Recommendation" if seen.assessment.state == LAST else "Recommendation, not yet moved on"
    return ((stands, _recommendation(seen.verdict.recommendation)), ("Why", seen.verdict.grounds))


def _ways(seen: Seen) -> Iterator[Link]:
    of = seen.assessment
    if seen.writes:
        unrated = [key for key in criteria() if seen.of(seen.writes, key) is None]
        if unrated:
            left = f"Rate the next test: {criteria()[unrated[0]].label} ({len(unrated)} of {len(criteria())} left)"
            yield Link(left, _test(of, unrated[0]))
        for key, each in points().items():
            if seen.writes in each.sides:
                yield Link(f"Add a {each.name.lower()}", reverse("readiness_point_add", args=[of.pk, key]))
        yield Link("Add evidence", reverse("readiness_send", args=[of.pk]))
        if seen.writes == "panel":
            yield Link("Choose the recommendation", reverse("readiness_recommend", args=[of.pk]))
    if seen.gathers:
        yield Link("Change which boards are assessed together", reverse("readiness_gather", args=[of.pk]))


def _points(seen: Seen, criterion: str = "") -> Iterator[Table]:
    for kind, named in points().items():
        found = [each for each in seen.points if each.kind == kind and criterion in ("", each.criterion)]
        if not found:
            continue
        said = [name for name in ("mitigation", "owner", "due") if name in named.needs]
        heads = {"mitigation": "What is done about it", "owner": "By whom", "due": "By when"}
        columns = (named.name, "Said by", *(() if criterion else ("Test",)), *(heads[name] for name in said))
        rows: Iterator[tuple[Cell, ...]] = (
            (
                _own(seen, each),
                SIDES[each.side],
                *(() if criterion else (_label(each.criterion),)),
                *(
                    long_date(each.due) if name == "due" and each.due else getattr(each, name) or ""
                    for name in said
                ),
            )
            for each in found
        )
        yield table(f"{kind}s", named.many, columns, rows)


def _own(seen: Seen, each: Point) -> Cell:
    if each.side != seen.writes:
        return each.words
    return Link(each.words, reverse("readiness_point", args=[seen.assessment.pk, each.pk]))


def _evidence(seen: Seen, criterion: str = "") -> Iterator[Table]:
    found = [each for each in seen.evidence if criterion in ("", each.criterion)]
    if found:
        columns = ("File", "Kind", "Size", "Sent by", *(() if criterion else ("Test",)), "When")
        rows = (
            (
                Link(each.name, reverse("readiness_evidence", args=[seen.assessment.pk, each.pk])),
                kinds()[each.kind].name,
                _size(each),
                f"{each.sent_by.name}, {SIDES[each.side].lower()}",
                *(() if criterion else (_label(each.criterion),)),
                when(each.sent),
            )
            for each in found
        )
        yield table("evidence", "Evidence", columns, rows)


def _history(seen: Seen) -> tuple[Table, ...]:
    if not seen.moves:
        return ()
    rows = (
        (
            moves()[each.move].name,
            f"{each.by.name}, {SIDES[each.side].lower()}",
            when(each.at),
            states()[each.to_state].name,
            each.reason,
        )
        for each in reversed(seen.moves)
    )
    return (
        table("moves", "How it came here, the latest first", ("Move", "By", "When", "Then", "Reason"), rows),
    )


def _rating(rating: str) -> Cell:
    return Tag(ratings()[rating].name, _COLOURS[rating]) if rating else NOT_SHOWN


def _recommendation(recommendation: str) -> Cell:
    if not recommendation:
        return NOT_SHOWN
    return Tag(recommendations()[recommendation].name, _RECOMMENDED[recommendation])


def _label(criterion: str) -> str:
    return criteria()[criterion].label if criterion else "The whole"


def _size(each: Evidence) -> str:
    if each.size < 1024 * 1024:
        return f"{max(1, round(each.size / 1024)):,} KB"
    return f"{each.size / 1024 / 1024:.1f} MB"


def _short(name: str) -> str:
    """A board's name without what every board's has."""
    return name.removeprefix("NHS ").removesuffix(" Integrated Care Board").removesuffix(" ICB")


def _query(asked: Asked) -> dict[str, str]:
    return {name: said for name in asked.__slots__ if (said := getattr(asked, name))}


def _dated() -> list[str]:
    return [each.state for each in states().values() if each.days is not None]


def _test(of: Assessment, criterion: str) -> str:
    return reverse("readiness_test", args=[of.pk, criterion])


def _address(of: Assessment) -> str:
    return reverse("readiness_assessment", args=[of.pk])


def _at(round_: Round) -> str:
    return reverse("readiness_round", args=[round_.pk])
