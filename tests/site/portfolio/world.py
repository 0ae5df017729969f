"""A small world of reviews: two panel members, one who keeps the portfolio, and no ledger unless one is given."""

from __future__ import annotations

from datetime import date

from tests.site.accounts.world import person

from speccom.portfolio.criteria import NO, YES, judged
from speccom.site.accounts.actor import Actor
from speccom.site.portfolio import actions
from speccom.site.portfolio.actions import Said
from speccom.site.portfolio.models import LineReview, ReviewRound

RENAL = "NCBPS11B"
OTHER = {YES: NO, NO: YES}
STEADY = {
    "outturn": "5000000.00000000",
    "activity": "900.000",
    "provider_income_volatility": 0.02,
    "change_in_volume": 0.01,
    "change_in_cost": 0.01,
    "providers": 30.0,
    "out_of_area_share": 0.1,
}


class People:
    """Two who judge, one who keeps, one who decides."""

    def __init__(self) -> None:
        self.ann = person("panel_member", email="ann@x24.example").actor()
        self.bob = person("panel_member", email="bob@x24.example").actor()
        self.keeper = person("national_team", email="keeper@x24.example").actor()
        self.secretary = person("board_secretary", email="secretary@x24.example").actor()


def opened(by: Actor, title: str = "Review of a test") -> ReviewRound:
    return actions.open_round(actor=by, title=title, on=date(2026, 11, 1), reason="The year's review")


def renal(round_: ReviewRound, *, steady: bool = False) -> LineReview:
    """Renal dialysis in a round; with `steady`, as though a ledger had measured it well within every bar."""
    found: LineReview = LineReview.objects.select_related("round").get(round=round_, line=RENAL)
    if steady:
        found.measured |= STEADY
        found.save()
    return found


def judge(by: Actor, review: LineReview, criterion: str, answer: str = YES, version: int = 0) -> None:
    said = [Said(criterion, answer, f"{by.person.name} thinks so", version)]
    actions.judge(actor=by, review=review, said=said)


def judge_all(by: Actor, review: LineReview) -> None:
    """Judge every criterion in favour of leadership by boards."""
    said = [Said(key, each.favours, "It is so", 0) for key, each in judged().items()]
    actions.judge(actor=by, review=review, said=said)


def move(by: Actor, round_: ReviewRound, name: str) -> ReviewRound:
    return actions.move(actor=by, round_=round_, name=name, reason="As planned")
