"""What is done to reviews of the portfolio; each is one transaction, with its row of the audit table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from speccom.insight.result import Result
from speccom.ledger.manifest import LedgerError
from speccom.portfolio.course import SETTLED, move_named
from speccom.portfolio.criteria import ANSWERS, PortfolioError, judged
from speccom.portfolio.measures import measured, unmeasured
from speccom.portfolio.recommendation import recommendations
from speccom.portfolio.table import recommend_row
from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.audit.actions import SHORTEST_REASON, ReasonNeeded, record_act
from speccom.site.core.edited import save_over
from speccom.site.core.library import register
from speccom.site.core.words import count
from speccom.site.notices.actions import holders, tell
from speccom.site.notices.models import LONGEST_ABOUT
from speccom.site.portfolio.models import Judgement, LineReview, ReviewRound
from speccom.site.portfolio.rules import JUDGE, nationally

WORDS = {"answer": "Your answer", "reason": "Your reason"}
OVERRIDE_WORDS = {"override": "Recommendation", "override_reason": "Reason"}


class Said(NamedTuple):
    """What a panel member says of one criterion; `version` is that of their earlier judgement, or 0."""

    criterion: str
    answer: str
    reason: str
    version: int


def open_round(*, actor: Actor, title: str, on: date, reason: str) -> ReviewRound:
    """Begin a review of every specialised line, measured as the ledger stands. Raises `NotAllowed`."""
    _allowed(actor, move_named("open").permission)
    held = _measured()
    with transaction.atomic():
        made: ReviewRound = ReviewRound.objects.create(
            title=title.strip(),
            on=on,
            about=list(held.said()),
            synthetic=held.synthetic,
            opened_by=actor.person,
        )
        rows = held.table.to_pylist()
        LineReview.objects.bulk_create(
            LineReview(
                round=made,
                line=row["service_line"],
                name=row["service_line_name"],
                programme=row["programme"] or "",
                measured=_kept(row),
            )
            for row in rows
        )
        after = {"title": made.title, "on": on, "lines": len(rows), "state": made.state}
        record_act(actor, NHS_ENGLAND, "portfolio.open", made.reference, reason, after=after)
        _tell_panel(
            made,
            "It is open: judge its service lines. Nobody sees another’s judgement before giving their own.",
        )
    return made


def judge(*, actor: Actor, review: LineReview, said: Sequence[Said]) -> int:
    """Give or change one's own judgements of a line's criteria, all of them or none; how many were.

    What is as it was given is left alone. Raises `NotAllowed`, `PortfolioError` where the round takes no
    judgements or one cannot be, `ReasonNeeded`, and `Stale` where the same person saved meanwhile.
    """
    _allowed(actor, JUDGE)
    for each in said:
        _check(each)
    with transaction.atomic():
        held = _line(review)
        if not held.round.course.judging:
            raise PortfolioError(
                f"{held.round.reference} is “{held.round.course.name.lower()}”: it takes no more judgements."
            )
        changed = [each for each in said if _judge(actor, held, each)]
        if changed:
            given = Judgement.objects.filter(review=held)
            LineReview.objects.filter(pk=held.pk).update(
                judgements=given.count(), people=given.values("person").distinct().count()
            )
            record_act(
                actor,
                NHS_ENGLAND,
                "portfolio.judge",
                f"{held.line} in {held.round.reference}",
                f"Judged {count(len(changed), 'criterion', 'criteria')}",
                after={each.criterion: {"answer": each.answer, "reason": each.reason} for each in changed},
            )
    return len(changed)


def override(
    *, actor: Actor, review: LineReview, recommendation: str, reason: str, version: int
) -> LineReview:
    """Put a recommendation in place of the rule's, or with none let the rule's stand again, and say why.

    Raises `NotAllowed`, `PortfolioError` outside a disclosed round, `ReasonNeeded` without a reason, `Stale`.
    """
    _allowed(actor, move_named("open").permission)
    if recommendation and recommendation not in recommendations():
        raise PortfolioError(f"{recommendation!r} cannot be recommended: choose one of the list.")
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonNeeded("Say why in a few words: an override is kept with its reason.")
    with transaction.atomic():
        held = _line(review)
        if not held.round.course.overriding:
            raise PortfolioError(
                f"{held.round.reference} is “{held.round.course.name.lower()}”: "
                "what the rule recommends is overridden once judgements are disclosed, and before it is settled."
            )
        before = {"override": held.override, "reason": held.override_reason}
        values = {"override": recommendation, "override_reason": reason.strip()}
        save_over(held, version=version, values=values, words=OVERRIDE_WORDS, by=actor.email)
        record_act(
            actor,
            NHS_ENGLAND,
            "portfolio.override",
            f"{held.line} in {held.round.reference}",
            reason,
            before=before,
            after={"override": recommendation, "reason": reason.strip()},
        )
    return held


def move(*, actor: Actor, round_: ReviewRound, name: str, reason: str) -> ReviewRound:
    """Move a round on as its table of moves says. Raises `NotAllowed`, `PortfolioError`, `ReasonNeeded`."""
    with transaction.atomic():
        held: ReviewRound = ReviewRound.objects.select_for_update().get(pk=round_.pk)
        wanted = move_named(name, held.state)
        _allowed(actor, wanted.permission)
        before, held.state = held.state, wanted.to_state
        if hasattr(held, wanted.to_state):
            setattr(held, wanted.to_state, timezone.now())
        held.save()
        after: dict[str, Any] = {"state": held.state}
        if held.state == SETTLED:
            after["lists"] = _settle(held)
        record_act(
            actor,
            NHS_ENGLAND,
            f"portfolio.{name}",
            held.reference,
            reason,
            before={"state": before},
            after=after,
        )
        _tell_panel(held, f"{wanted.name}: {wanted.meaning}")
    return held


def export(*, actor: Actor, round_: ReviewRound, form: str, reason: str) -> None:
    """Put on record that the lists of a round were taken away as a file. Raises `ReasonNeeded`."""
    with transaction.atomic():
        record_act(
            actor,
            NHS_ENGLAND,
            "portfolio.export",
            round_.reference,
            reason,
            after={"file": form, "state": round_.state},
        )


def _tell_panel(held: ReviewRound, sentence: str) -> None:
    tell(
        people=holders(JUDGE, NHS_ENGLAND),
        about=f"Portfolio: {held.title}"[:LONGEST_ABOUT],
        sentence=sentence,
        address=reverse("portfolio_round", args=[held.pk]),
    )


def _settle(held: ReviewRound) -> dict[str, int]:
    """Keep what is recommended of each line; how many lines each list has."""
    answers: dict[int, list[tuple[str, str]]] = {}
    for review, criterion, answer in Judgement.objects.filter(review__round=held).values_list(
        "review_id", "criterion", "answer"
    ):
        answers.setdefault(review, []).append((criterion, answer))
    reviews = list(LineReview.objects.filter(round=held))
    lists = dict.fromkeys(recommendations(), 0)
    for each in reviews:
        found = recommend_row(each.measured, answers.get(each.pk, []))
        each.recommended = each.override or found.recommendation
        each.because = f"Overridden: {each.override_reason}" if each.override else found.because
        lists[each.recommended] += 1
    LineReview.objects.bulk_update(reviews, ("recommended", "because"), batch_size=200)
    return lists


def _judge(actor: Actor, held: LineReview, said: Said) -> bool:
    """Keep one judgement; whether it is another than before."""
    mine = Judgement.objects.filter(review=held, criterion=said.criterion, person=actor.person).first()
    values = {"answer": said.answer, "reason": said.reason.strip()}
    if mine is None:
        Judgement.objects.create(
            review=held,
            criterion=said.criterion,
            person=actor.person,
            first_answer=said.answer,
            edited_by=actor.email,
            edited_at=timezone.now(),
            **values,
        )
        return True
    if {name: getattr(mine, name) for name in values} == values:
        return False
    save_over(mine, version=said.version, values=values, words=WORDS, by=actor.email)
    return True


def _check(said: Said) -> None:
    if said.criterion not in judged():
        raise PortfolioError(f"{said.criterion!r} is not for judging: choose from {', '.join(judged())}.")
    if said.answer not in ANSWERS:
        raise PortfolioError(f"{said.answer!r} is no answer: choose from {', '.join(ANSWERS.values())}.")
    if len(said.reason.strip()) < SHORTEST_REASON:
        raise ReasonNeeded(f"{judged()[said.criterion].name}: say why, in a few words.")


def _line(review: LineReview) -> LineReview:
    """The row as it is now, its round held until the transaction ends."""
    ReviewRound.objects.select_for_update().get(pk=review.round_id)
    found: LineReview = LineReview.objects.select_related("round").select_for_update().get(pk=review.pk)
    return found


def _measured() -> Result:
    held = register()
    try:
        return measured(settings.WORKSPACE, register=held)
    except LedgerError as error:
        return unmeasured(held, "all", str(error))


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value if value is None or isinstance(value, bool | int | float | str) else f"{value:f}"
        for name, value in row.items()
    }


def _allowed(actor: Actor, permission: str) -> None:
    if not nationally(actor, permission):
        raise NotAllowed("Your roles do not allow this of the portfolio.")
