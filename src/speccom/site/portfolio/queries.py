"""Rounds, lines and judgements as an actor may see them, and what is recommended from those."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.urls import reverse

from speccom.portfolio.course import SETTLED
from speccom.portfolio.criteria import judged
from speccom.portfolio.recommendation import SUITABLE_AND_READY, Recommended
from speccom.portfolio.table import recommend_row
from speccom.site.core.recommended import Recommendation
from speccom.site.core.refusals import NotFound
from speccom.site.core.words import count, long_date
from speccom.site.portfolio.models import Judgement, LineReview, ReviewRound

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor


@dataclass(frozen=True, slots=True)
class Standing:
    """A line as somebody sees it: by the rule, and as it is recommended; the judgements that they may see.

    `mine` is how many criteria they have judged themselves.
    """

    review: LineReview
    by_rule: Recommended
    judgements: tuple[Judgement, ...] = field(default=())
    mine: int = 0

    @property
    def recommendation(self) -> str:
        return self.review.recommended or self.review.override or self.by_rule.recommendation

    @property
    def because(self) -> str:
        if self.review.recommended:
            return self.review.because
        if self.review.override:
            return f"Overridden: {self.review.override_reason}"
        return self.by_rule.because

    @property
    def divided(self) -> bool:
        """Whether people answered one criterion of it differently."""
        return any(each.favourable and each.unfavourable for each in self.by_rule.standings)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which lines of a round are meant."""

    text: str = ""
    programme: str = ""
    list: str = ""
    only: str = ""


def rounds(actor: Actor) -> list[ReviewRound]:
    """Every round, the latest first."""
    return list(ReviewRound.objects.visible_to(actor))


def round_of(actor: Actor, number: int) -> ReviewRound:
    """One round. Raises `NotFound`."""
    found: ReviewRound | None = ReviewRound.objects.visible_to(actor).filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such review among those that you may see.")
    return found


def line_of(actor: Actor, number: int, code: str) -> LineReview:
    """One line of a round. Raises `NotFound`."""
    lines = LineReview.objects.visible_to(actor).select_related("round")
    found: LineReview | None = lines.filter(round_id=number, line=code).first()
    if found is None:
        raise NotFound(f"{code} is not in this review.")
    return found


def next_to_judge(actor: Actor, review: LineReview) -> LineReview | None:
    """The first line after one that the actor has not judged whole."""
    mine = Judgement.objects.visible_to(actor).filter(person=actor.person, review__round=review.round_id)
    given = Counter(mine.values_list("review_id", flat=True))
    later = LineReview.objects.visible_to(actor).filter(round=review.round_id, line__gt=review.line)
    return next((each for each in later if given[each.pk] < len(judged())), None)


def standing_of(actor: Actor, review: LineReview) -> Standing:
    """One line as an actor sees it."""
    seen = Judgement.objects.visible_to(actor).filter(review=review).select_related("person")
    return _standing(actor, review, tuple(seen))


def standings(actor: Actor, round_: ReviewRound) -> list[Standing]:
    """Every line of a round as an actor sees it, in the order of codes."""
    by_line: dict[int, list[Judgement]] = {}
    for each in Judgement.objects.visible_to(actor).filter(review__round=round_):
        by_line.setdefault(each.review_id, []).append(each)
    reviews = LineReview.objects.visible_to(actor).filter(round=round_)
    return [_standing(actor, each, tuple(by_line.get(each.pk, ()))) for each in reviews]


def chosen(found: Iterable[Standing], asked: Asked) -> list[Standing]:
    """Those of some lines that were asked for."""
    text = asked.text.casefold()
    whole = len(judged())
    only: dict[str, Callable[[Standing], bool]] = {
        "": lambda _: True,
        "to_judge": lambda each: each.mine < whole,
        "judged": lambda each: each.mine == whole,
        "divided": lambda each: each.divided,
        "overridden": lambda each: bool(each.review.override),
    }
    wanted = only[asked.only]
    return [
        each
        for each in found
        if (not text or text in f"{each.review.line} {each.review.name}".casefold())
        and asked.programme in ("", each.review.programme)
        and asked.list in ("", each.recommendation)
        and wanted(each)
    ]


def before(actor: Actor, round_: ReviewRound) -> ReviewRound | None:
    """The last round before one that was settled, if there is one."""
    earlier = ReviewRound.objects.visible_to(actor).filter(state=SETTLED, pk__lt=round_.pk)
    found: ReviewRound | None = earlier.order_by("-pk").first()
    return found


def recommendations(actor: Actor) -> list[Recommendation]:
    """The lines suitable and ready of the latest settled round, for who may see it."""
    last = ReviewRound.objects.visible_to(actor).filter(state=SETTLED).order_by("-settled").first()
    if last is None:
        return []
    ready = LineReview.objects.visible_to(actor).filter(round=last, recommended=SUITABLE_AND_READY)
    lines = tuple(ready.values_list("line", flat=True))
    if not lines:
        return []
    return [
        Recommendation(
            reference=last.reference,
            title=f"Delegate the service lines found suitable and ready: {last.title}",
            lines=lines,
            areas=(),
            arrangement="delegated",
            tier="",
            reasons=(
                f"{count(len(lines), 'service line')} found suitable and ready in the portfolio review of "
                f"{long_date(last.on)}.",
            ),
            conditions=(),
            address=reverse("portfolio_round", args=[last.pk]),
            settled=last.settled,
        )
    ]


def _standing(actor: Actor, review: LineReview, seen: tuple[Judgement, ...]) -> Standing:
    by_rule = recommend_row(review.measured, [(each.criterion, each.answer) for each in seen])
    return Standing(review, by_rule, seen, sum(each.person_id == actor.person.pk for each in seen))
