"""Rounds of assessments, and of each assessment its boards, what each side said, its files and its moves.

What one side says is hidden from the others here, until the state from which its part is shown.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from speccom.period import long_date
from speccom.readiness.course import FIRST, LAST, overdue, shown_in
from speccom.readiness.tables import State, criteria, points, ratings, recommendations, sides, states
from speccom.site.core.edited import Edited
from speccom.site.core.scoped import Scoped
from speccom.site.readiness.rules import SEES, decides, held_at

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor


def rating_choices() -> list[tuple[str, str]]:
    """A function, so that another rating changes no table; so are the others."""
    return [(key, each.name) for key, each in ratings().items()]


def recommendation_choices() -> list[tuple[str, str]]:
    return [(key, each.name) for key, each in recommendations().items()]


def criterion_choices() -> list[tuple[str, str]]:
    return [(key, each.label) for key, each in criteria().items()]


class Round(Edited, Scoped):
    """One round of assessments. `on` is the day whose boards and regions it is of.

    `deadlines` is state → the last day of its step, as ISO text, counted when it was opened or set by somebody.
    """

    title = models.CharField(max_length=200)
    on = models.DateField()
    opens = models.DateField()
    deadlines = models.JSONField(default=dict)
    opened_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    opened = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-opens", "-pk")

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """All, for whoever sees assessments at all: a round is a name and days."""
        sees = decides(actor) or any(held_at(actor, side, SEES) for side in sides())
        return rows if sees else rows.none()

    @property
    def days(self) -> dict[str, date]:
        """State → the last day of its step."""
        return {state: date.fromisoformat(day) for state, day in self.deadlines.items()}

    def in_words(self, name: str, value: Any) -> str:
        """Last days by the names of their states."""
        if name != "deadlines":
            return super().in_words(name, value)
        return "; ".join(
            f"{states()[state].name} until {long_date(date.fromisoformat(day))}"
            for state, day in value.items()
        )


class Assessment(Edited, Scoped):
    """Whether one board, or the boards of a footprint, are ready. `version` counts how often its boards
    were chosen anew, `changes` what was changed of all its content.

    A move is bound to `changes`: nobody signs or recommends what they have not seen. `reminded` is the state and last
    day of which those whom it waits for were last reminded.
    """

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    region = models.CharField(max_length=10)
    state = models.CharField(max_length=20, default=FIRST, db_index=True)
    changes = models.PositiveIntegerField(default=0)
    begun = models.DateTimeField(default=timezone.now)
    settled = models.DateTimeField(null=True, blank=True)
    reminded = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("region", "name", "pk")

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """A board its own, a region those of its boards, the national team all; who decides, those recommended."""
        return rows.filter(_reached(actor, ""))

    @property
    def reference(self) -> str:
        return f"READINESS-{self.pk}"

    @property
    def course(self) -> State:
        return states()[self.state]

    @property
    def boards(self) -> list[Member]:
        """Its boards with their signatures, for whoever has the assessment by right."""
        return list(Member.objects.filter(assessment=self).select_related("signed_by"))

    def late(self, on: date) -> bool:
        """Whether its step is not done though the last day of it has passed."""
        return overdue(self.state, self.round.days, on)


class Member(Scoped):
    """One board of an assessment, with its signature."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="members")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="+")
    board = models.CharField(max_length=10)
    signed_by = models.ForeignKey(
        "accounts.Person", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    signed = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("board",)
        constraints = (models.UniqueConstraint(fields=("round", "board"), name="a_board_once_a_round"),)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the assessments that an actor sees."""
        return rows.filter(_reached(actor, "assessment__"))


class Answer(Edited, Scoped):
    """How one side rates one test, and on what grounds."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=20)
    criterion = models.CharField(max_length=40)
    rating = models.CharField(max_length=20, choices=rating_choices)
    grounds = models.CharField(max_length=4000)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("assessment", "side", "criterion"), name="one_answer_a_side_and_test"
            ),
        )

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the parts that an actor sees."""
        return rows.filter(_parts(actor))


class Point(Edited, Scoped):
    """A strength, a risk, a condition or a step of development, as `kind` says, that one side added."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    criterion = models.CharField(max_length=40, blank=True, choices=criterion_choices)
    words = models.CharField(max_length=1000)
    mitigation = models.CharField(max_length=1000, blank=True)
    owner = models.CharField(max_length=200, blank=True)
    due = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the parts that an actor sees."""
        return rows.filter(_parts(actor))

    @property
    def named(self) -> str:
        return points()[self.kind].name


class Verdict(Edited, Scoped):
    """What the panel recommends of one assessment, and why."""

    assessment = models.OneToOneField(Assessment, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=20, default="panel")
    recommendation = models.CharField(max_length=20, choices=recommendation_choices)
    grounds = models.CharField(max_length=4000)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the parts that an actor sees."""
        return rows.filter(_parts(actor))


class Evidence(Scoped):
    """A file that one side sent. `kept_as` is its random name in the workspace, `name` what its sender called it."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=20)
    criterion = models.CharField(max_length=40, blank=True, choices=criterion_choices)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    kept_as = models.CharField(max_length=64, unique=True)
    sent_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    sent = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the parts that an actor sees."""
        return rows.filter(_parts(actor))


class Move(Scoped):
    """One move of an assessment: by whom, of which side, from where to where and why. Never changed or removed."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    move = models.CharField(max_length=20)
    side = models.CharField(max_length=20)
    to_side = models.CharField(max_length=20, blank=True)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    organisation = models.CharField(max_length=40)
    by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=500)

    class Meta:
        ordering = ("pk",)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """A side's moves are seen as its part is, and by the side that has the assessment by them."""
        return rows.filter(_parts(actor) | _own(actor, "to_side"))


def _reached(actor: Actor, to: str) -> Q:
    """The assessments that an actor sees; `to` leads to one."""
    seen = Q(pk__in=())
    for side in sides():
        seen |= _of(actor, side, to)
    return seen | Q(**{f"{to}state": LAST}) if decides(actor) else seen


def _of(actor: Actor, side: str, to: str) -> Q:
    """The assessments that an actor sees from one side."""
    held = held_at(actor, side, SEES)
    if not held:
        return Q(pk__in=())
    if side == "board":
        members = Member.objects.filter(board__in=sorted(held))
        return Q(**{f"{to}pk__in": members.values("assessment_id")})
    return Q(**{f"{to}region__in": sorted(held)}) if side == "region" else Q(pk__isnull=False)


def _parts(actor: Actor) -> Q:
    """The parts of assessments that an actor sees: those of their own side, and those shown by now."""
    shown = Q(pk__in=())
    for side in sides():
        shown |= Q(side=side, assessment__state__in=shown_in(side))
    return (_reached(actor, "assessment__") & shown) | _own(actor, "side")


def _own(actor: Actor, field: str) -> Q:
    own = Q(pk__in=())
    for side in sides():
        own |= Q(**{field: side}) & _of(actor, side, "assessment__")
    return own
