"""Rounds, assessments and their parts as an actor may see them, and what is recommended from those."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import reverse

from speccom.readiness.course import LAST, lacking, ways_on
from speccom.readiness.tables import criteria, ratings, sides
from speccom.readiness.tables import recommendations as may_be_recommended
from speccom.site.accounts.organisations import name_in
from speccom.site.core.library import register, today
from speccom.site.core.recommended import Recommendation
from speccom.site.core.refusals import NotFound
from speccom.site.core.words import count, listed
from speccom.site.readiness.actions import boards_on, standing_of
from speccom.site.readiness.models import Answer, Assessment, Evidence, Member, Move, Point, Round, Verdict
from speccom.site.readiness.rules import SEES, SUPPORTS, acts_for, held_at

if TYPE_CHECKING:
    from speccom.readiness.tables import Move as Way
    from speccom.site.accounts.actor import Actor

NOT_BEGUN = "not_begun"


@dataclass(frozen=True, slots=True)
class Step:
    """A move that an actor may make of an assessment, and what it still lacks."""

    way: Way
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """One assessment as somebody sees it. `answers` is side → criterion → answer; `writes` the side they write for."""

    assessment: Assessment
    members: tuple[Member, ...]
    answers: Mapping[str, Mapping[str, Answer]]
    points: tuple[Point, ...]
    evidence: tuple[Evidence, ...]
    verdict: Verdict | None
    moves: tuple[Move, ...]
    writes: str
    steps: tuple[Step, ...]
    gathers: bool

    def of(self, side: str, criterion: str) -> Answer | None:
        return self.answers.get(side, {}).get(criterion)


@dataclass(frozen=True, slots=True)
class Row:
    """One board beside others: its assessment, if one has begun, and what of that somebody sees."""

    board: str
    name: str
    region: str
    assessment: Assessment | None = None
    rated: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    recommendation: str = ""

    @property
    def state(self) -> str:
        return self.assessment.state if self.assessment else NOT_BEGUN

    @property
    def late(self) -> bool:
        return self.assessment is not None and self.assessment.late(today())

    def rating(self, criterion: str, side: str = "") -> str:
        """What one side said of a test, or the last side of which somebody sees something; empty for nothing."""
        for each in (side,) if side else reversed(sides()):
            found = self.rated.get(each, {}).get(criterion)
            if found:
                return found
        return ""

    @property
    def differing(self) -> bool:
        """Whether two sides rate one test differently."""
        return any(
            len({each[criterion] for each in self.rated.values() if criterion in each}) > 1
            for criterion in criteria()
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """Which boards of a round are meant, and whose ratings."""

    text: str = ""
    region: str = ""
    state: str = ""
    recommendation: str = ""
    side: str = ""
    only: str = ""


def rounds(actor: Actor) -> list[Round]:
    """Every round, the latest first."""
    return list(Round.objects.visible_to(actor))


def round_of(actor: Actor, number: int) -> Round:
    """One round. Raises `NotFound`."""
    found: Round | None = Round.objects.visible_to(actor).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such round of assessments, or it is not yours to see.")
    return found


def assessment_of(actor: Actor, number: int) -> Assessment:
    """One assessment. Raises `NotFound`, the same for what is not there and what is not the actor's to see."""
    found: Assessment | None = (
        Assessment.objects.visible_to(actor).select_related("round").filter(pk=number).first()
    )
    if found is None:
        raise NotFound("There is no such assessment, or it is not yours to see.")
    return found


def point_of(actor: Actor, assessment: Assessment, number: int) -> Point:
    """A strength, risk, condition or step of one assessment. Raises `NotFound`."""
    found: Point | None = Point.objects.visible_to(actor).filter(assessment=assessment, pk=number).first()
    if found is None:
        raise NotFound("That is not in this assessment any more, or it is not yours to see.")
    return found


def evidence_of(actor: Actor, assessment: Assessment, number: int) -> Evidence:
    """A file of one assessment. Raises `NotFound`."""
    found: Evidence | None = (
        Evidence.objects.visible_to(actor).filter(assessment=assessment, pk=number).first()
    )
    if found is None:
        raise NotFound("There is no such file in this assessment, or it is not yours to see.")
    return found


def seen(actor: Actor, assessment: Assessment) -> Seen:
    """One assessment with all of it that an actor sees, and what they may do with it."""
    answers: dict[str, dict[str, Answer]] = {}
    for each in Answer.objects.visible_to(actor).filter(assessment=assessment):
        answers.setdefault(each.side, {})[each.criterion] = each
    members = tuple(
        Member.objects.visible_to(actor).filter(assessment=assessment).select_related("signed_by")
    )
    return Seen(
        assessment=assessment,
        members=members,
        answers=answers,
        points=tuple(Point.objects.visible_to(actor).filter(assessment=assessment)),
        evidence=tuple(
            Evidence.objects.visible_to(actor).filter(assessment=assessment).select_related("sent_by")
        ),
        verdict=Verdict.objects.visible_to(actor).filter(assessment=assessment).first(),
        moves=tuple(Move.objects.visible_to(actor).filter(assessment=assessment).select_related("by")),
        writes=writes(actor, assessment),
        steps=_steps(actor, assessment, members),
        gathers=gathers(actor, assessment),
    )


def writes(actor: Actor, assessment: Assessment) -> str:
    """The side that somebody may write for now; empty for none."""
    side = assessment.course.held_by
    boards = [each.board for each in assessment.boards]
    mine = side and acts_for(actor, side, sides()[side].permission, boards, assessment.region)
    return side if mine else ""


def gathers(actor: Actor, assessment: Assessment) -> bool:
    """Whether somebody may say anew of which boards an assessment is."""
    return assessment.course.held_by == "board" and acts_for(actor, "region", SUPPORTS, (), assessment.region)


def names(assessment: Assessment) -> dict[str, str]:
    """The boards of one assessment: code → name."""
    held = register()
    return {each.board: name_in(held, each.board) or each.board for each in assessment.boards}


def free_boards(actor: Actor, round_: Round) -> dict[str, str]:
    """The boards of a round's day of which somebody may begin an assessment, and none has begun: code → name."""
    taken = set(Member.objects.visible_to(actor).filter(round=round_).values_list("board", flat=True))
    held = register()
    return {
        code: name_in(held, code) or code
        for code, region in boards_on(round_.on).items()
        if code not in taken
        and any(
            acts_for(actor, side, sides()[side].permission, [code], region) for side in ("board", "region")
        )
    }


def beside(actor: Actor, round_: Round) -> list[Row]:
    """The boards of a round's day that an actor sees, by region and name, each with what they see of it."""
    held, boards = register(), boards_on(round_.on)
    members = {
        each.board: each.assessment
        for each in Member.objects.visible_to(actor).filter(round=round_).select_related("assessment__round")
    }
    rated: dict[int, dict[str, dict[str, str]]] = {}
    for each in Answer.objects.visible_to(actor).filter(assessment__round=round_):
        rated.setdefault(each.assessment_id, {}).setdefault(each.side, {})[each.criterion] = each.rating
    verdicts = dict(
        Verdict.objects.visible_to(actor)
        .filter(assessment__round=round_)
        .values_list("assessment_id", "recommendation")
    )
    own, regions = held_at(actor, "board", SEES), held_at(actor, "region", SEES)
    everywhere = bool(held_at(actor, "panel", SEES))
    rows = [
        Row(
            code,
            name_in(held, code) or code,
            region,
            found := members.get(code),
            rated.get(found.pk, {}) if found else {},
            verdicts.get(found.pk, "") if found else "",
        )
        for code, region in boards.items()
        if everywhere or code in members or code in own or region in regions
    ]
    return sorted(rows, key=lambda each: (each.region, each.name))


def chosen(rows: Iterable[Row], asked: Asked) -> list[Row]:
    """Those of some boards that were asked for."""
    text = asked.text.casefold()
    only: dict[str, Callable[[Row], bool]] = {
        "": lambda _: True,
        "late": lambda each: each.late,
        "differ": lambda each: each.differing,
        "low": lambda each: any(each.rating(key, asked.side) == [*ratings()][-1] for key in criteria()),
    }
    wanted = only[asked.only]
    return [
        each
        for each in rows
        if (not text or text in f"{each.board} {each.name}".casefold())
        and asked.region in ("", each.region)
        and asked.state in ("", each.state)
        and asked.recommendation in ("", each.recommendation)
        and wanted(each)
    ]


def recommendations(actor: Actor) -> list[Recommendation]:
    """What the panel recommended of systems, for who may see it: of each board the latest alone."""
    found, told = [], set[str]()
    held = (
        Assessment.objects.visible_to(actor)
        .filter(state=LAST)
        .select_related("round")
        .order_by("-settled", "-pk")
    )
    for each in held:
        boards = [member.board for member in Member.objects.visible_to(actor).filter(assessment=each)]
        if told.isdisjoint(boards):
            found.append(_recommendation(actor, each, boards))
        told.update(boards)
    return found


def _recommendation(actor: Actor, of: Assessment, boards: list[str]) -> Recommendation:
    assert of.settled is not None  # it is recommended
    verdict = Verdict.objects.visible_to(actor).get(assessment=of)
    panel = Answer.objects.visible_to(actor).filter(assessment=of, side="panel")
    given = list(panel.values_list("rating", flat=True))
    named = may_be_recommended()[verdict.recommendation]
    conditions = Point.objects.visible_to(actor).filter(assessment=of, side="panel", kind="condition")
    rated = [
        f"{count(given.count(key), 'test')} {each.name.lower()}"
        for key, each in ratings().items()
        if key in given
    ]
    whole = [of.region] if set(boards) == {
        code for code, region in boards_on(of.round.on).items() if region == of.region
    } else []  # fmt: skip
    return Recommendation(
        reference=of.reference,
        title=f"{named.name}: {of.name}",
        lines=(),
        areas=(*boards, *whole),
        arrangement=named.arrangement,
        tier="",
        reasons=(verdict.grounds, f"{of.round.title}: {listed(rated)}."),
        conditions=tuple(each.words for each in conditions),
        address=reverse("readiness_assessment", args=[of.pk]),
        settled=of.settled,
    )


def _steps(actor: Actor, assessment: Assessment, members: Iterable[Member]) -> tuple[Step, ...]:
    members = list(members)
    boards = [each.board for each in members]
    own = held_at(actor, "board", "sign")
    signed = [each.board for each in members if each.signed and each.board in own]
    waiting = [each.board for each in members if not each.signed and each.board in own]
    return tuple(
        Step(way, lacking(way, standing_of(assessment, way.side)))
        for way in ways_on(assessment.state)
        if acts_for(actor, way.side, way.permission, boards, assessment.region)
        and not (way.side == "board" and signed and not waiting)
    )
