"""A small world of assessments: leads of two boards of the Midlands, their region, another's, the national team."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tests.site.accounts.world import person

from speccom.readiness.tables import criteria
from speccom.site.accounts.actor import Actor
from speccom.site.readiness import actions
from speccom.site.readiness.models import Assessment, Round

ON = date(2026, 11, 2)
OURS, THEIRS, ELSEWHERE = "QNC", "QHL", "QMF"
"""Two boards of the Midlands (Y60), and one of London (Y56)."""


class People:
    """Everybody who has a part in an assessment, and some who have none."""

    def __init__(self) -> None:
        self.lead = person("icb_lead", OURS, "lead@qnc.example").actor()
        self.colleague = person("icb_lead", OURS, "colleague@qnc.example").actor()
        self.analyst = person("icb_analyst", OURS, "analyst@qnc.example").actor()
        self.neighbour = person("icb_lead", THEIRS, "lead@qhl.example").actor()
        self.elsewhere = person("icb_lead", ELSEWHERE, "lead@qmf.example").actor()
        self.region = person("regional_team", "Y60", "region@y60.example").actor()
        self.other_region = person("regional_team", "Y56", "region@y56.example").actor()
        self.national = person("national_team", "X24", "national@x24.example").actor()
        self.secretary = person("board_secretary", "X24", "secretary@x24.example").actor()


def opened(by: Actor, opens: date = ON, on: date = ON) -> Round:
    return actions.open_round(
        actor=by, title="Assessment of 2026", on=on, opens=opens, deadlines={}, reason="As planned"
    )


def begun(by: Actor, round_: Round, *boards: str, name: str = "") -> Assessment:
    return actions.begin(actor=by, round_=round_, boards=boards or (OURS,), name=name)


def rated(by: Actor, of: Assessment, rating: str = "met", only: Iterable[str] = ()) -> None:
    """Rate every test alike, or some."""
    for criterion in only or criteria():
        actions.rate(
            actor=by, assessment=of, criterion=criterion, rating=rating, grounds="The evidence", version=0
        )


def moved(by: Actor, of: Assessment, name: str, reason: str = "As agreed") -> Assessment:
    """Move an assessment as somebody who has just looked at it."""
    changes = Assessment.objects.get(pk=of.pk).changes
    return actions.move(actor=by, assessment=of, name=name, changes=changes, reason=reason)


def signed(people: People, round_: Round | None = None) -> Assessment:
    """The assessment of our board, rated and signed: with the region."""
    made = begun(people.lead, round_ or opened(people.national))
    rated(people.lead, made)
    return moved(people.lead, made, "sign")


def assessed(people: People, round_: Round | None = None) -> Assessment:
    """With the national panel."""
    made = signed(people, round_)
    rated(people.region, made, "partly")
    return moved(people.region, made, "complete")


def recommended(people: People, recommendation: str = "delegate", round_: Round | None = None) -> Assessment:
    """Recommended, with finance partly met and a condition for it."""
    made = assessed(people, round_)
    rated(people.national, made)
    actions.rate(
        actor=people.national, assessment=made, criterion="finance", rating="partly", grounds="A deficit", version=1
    )  # fmt: skip
    actions.put_point(
        actor=people.national,
        assessment=made,
        kind="condition",
        values={"criterion": "finance", "words": "A plan to balance by April 2028"},
    )
    actions.recommend(
        actor=people.national,
        assessment=made,
        recommendation=recommendation,
        grounds="Ready but for money",
        version=0,
    )
    return moved(people.national, made, "recommend")
