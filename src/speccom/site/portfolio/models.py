"""Review rounds, each line in them with what was measured, and the judgements of panel members.

Independence is kept here: `Judgement.visible` gives nobody another's judgement of a criterion before their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from speccom.portfolio.course import OPEN, SETTLED, State, states
from speccom.portfolio.criteria import ANSWERS, criteria
from speccom.portfolio.recommendation import recommendations
from speccom.site.core.edited import Edited
from speccom.site.core.scoped import Scoped
from speccom.site.portfolio.rules import JUDGE, KEEP, SEE_SETTLED, nationally

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor


def answer_choices() -> list[tuple[str, str]]:
    """A function, so that another answer changes no table."""
    return list(ANSWERS.items())


def recommendation_choices() -> list[tuple[str, str]]:
    return [(key, each.words) for key, each in recommendations().items()]


class ReviewRound(Scoped):
    """One review of every service line of a date. `about` are the notes of what was measured, and of what."""

    title = models.CharField(max_length=200)
    on = models.DateField()
    state = models.CharField(max_length=12, default=OPEN, db_index=True)
    about = models.JSONField(default=list)
    synthetic = models.BooleanField(default=False)
    opened_by = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    opened = models.DateTimeField(default=timezone.now)
    disclosed = models.DateTimeField(null=True, blank=True)
    settled = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-on", "-pk")

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """All for who judges or keeps the portfolio; those settled for who decides."""
        return rows.filter(_reached(actor, ""))

    @property
    def reference(self) -> str:
        return f"PORTFOLIO-{self.pk}"

    @property
    def course(self) -> State:
        return states()[self.state]


class LineReview(Edited, Scoped):
    """One line in a round. `measured` is its row of `portfolio.measures`, decimals as text.

    `override` is a recommendation in place of the rule's, and empty without one. `judgements` and `people` count
    what was given, which tells progress and nobody's mind. `recommended` and `because` are kept as it is settled.
    """

    round = models.ForeignKey(ReviewRound, on_delete=models.CASCADE, related_name="+")
    line = models.CharField(max_length=20)
    name = models.CharField(max_length=300)
    programme = models.CharField(max_length=100, blank=True)
    measured = models.JSONField(default=dict)
    judgements = models.PositiveIntegerField(default=0)
    people = models.PositiveIntegerField(default=0)
    override = models.CharField(max_length=40, blank=True, choices=recommendation_choices)
    override_reason = models.CharField(max_length=500, blank=True)
    recommended = models.CharField(max_length=40, blank=True)
    because = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ("line",)
        constraints = (models.UniqueConstraint(fields=("round", "line"), name="a_line_once_a_round"),)

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """Those of the rounds that an actor sees."""
        return rows.filter(_reached(actor, "round__"))


class Judgement(Edited, Scoped):
    """One panel member's answer to one criterion of one line; `first_answer` is theirs before they saw others'."""

    review = models.ForeignKey(LineReview, on_delete=models.CASCADE, related_name="+")
    criterion = models.CharField(max_length=40)
    person = models.ForeignKey("accounts.Person", on_delete=models.PROTECT, related_name="+")
    answer = models.CharField(max_length=12, choices=answer_choices)
    reason = models.CharField(max_length=1000)
    first_answer = models.CharField(max_length=12, choices=answer_choices)
    given = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("review", "criterion", "person"), name="one_judgement_a_person"),
        )

    @classmethod
    def visible(cls, rows: models.QuerySet[Any], actor: Actor) -> models.QuerySet[Any]:
        """One's own; others' of a criterion that one has judged oneself; and all of a round that is disclosed."""
        shown = [key for key, state in states().items() if state.shown]
        seen = Q(person=actor.person) | Q(review__round__state__in=shown)
        if nationally(actor, JUDGE):
            own = cls.objects.filter(
                person=actor.person, review=OuterRef("review"), criterion=OuterRef("criterion")
            )
            seen |= Q(Exists(own)) & Q(review__round__state=OPEN)
        return rows.filter(_reached(actor, "review__round__") & seen)

    @property
    def asked(self) -> str:
        return criteria()[self.criterion].name


def _reached(actor: Actor, to_round: str) -> Q:
    if nationally(actor, JUDGE, KEEP):
        return Q(pk__isnull=False)
    if nationally(actor, *SEE_SETTLED):
        return Q(**{f"{to_round}state": SETTLED})
    return Q(pk__in=())
