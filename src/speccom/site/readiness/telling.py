"""Tells people what an assessment waits for, in the transaction of the act that makes it wait."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from speccom.readiness.course import FIRST, LAST
from speccom.readiness.tables import Move, sides, states
from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND
from speccom.site.accounts.models import Person
from speccom.site.core.library import register, today
from speccom.site.core.words import long_date
from speccom.site.notices.actions import holders, tell
from speccom.site.notices.models import LONGEST_ABOUT
from speccom.site.readiness.models import Assessment, Round
from speccom.site.readiness.rules import acts_for

_WAITS = {
    "board": "It is with your board: rate the eight tests, add evidence, risks and steps of development, and sign.",
    "region": "It is with your regional team: read what the boards signed, rate the eight tests and complete it.",
    "panel": "It is with the national panel: set it beside others, rate the eight tests and recommend.",
}


def opened(made: Round) -> None:
    """The leads of every board, and the regional teams, are told that they may begin."""
    there = {code: area.region for code, area in register().areas(made.on).items() if area.kind == "icb"}
    people = [each for board, region in there.items() for each in _people("board", [board], region)] + [
        each for region in set(there.values()) for each in _people("region", (), region)
    ]
    until = long_date(made.days[FIRST])
    tell(
        people=people,
        about=f"Readiness: {made.title}"[:LONGEST_ABOUT],
        sentence=f"A round of assessments is open: boards assess themselves and sign until {until}.",
        address=reverse("readiness_round", args=[made.pk]),
    )


def begun(made: Assessment) -> None:
    """The leads of its boards are told that it waits for them."""
    _tell(made, _side(made, "board"), _until(made, _WAITS["board"]))


def moved(held: Assessment, move: Move, reason: str, by: Person) -> None:
    """Who now has an assessment is told, and what its boards, region and Board secretaries should know of the end."""
    if held.state == move.from_state:
        return  # one of several boards signed: the others were told when it began
    holder = states()[held.state].held_by
    why = f" {move.name}: {reason.strip()[:250]}"
    if holder:
        waits = _until(held, _WAITS[holder])
        _tell(held, _side(held, holder), waits + why, waits)
    if held.state == LAST:
        _tell(
            held,
            [*_side(held, "board"), *_side(held, "region")],
            "The national panel has recommended: read it.",
        )
        deciding = holders("decisions.draft", NHS_ENGLAND)
        _tell(held, deciding, "The national panel has recommended: a decision can be drafted from it.")
    if move.from_state == LAST:
        told = [*_side(held, "board"), *_side(held, "region"), *holders("decisions.draft", NHS_ENGLAND)]
        _tell(held, told, "The national panel has taken its recommendation back, and will recommend anew.")


def reminded(held: Assessment) -> None:
    """Who has an assessment is reminded of its last day; of several boards, those that have not signed."""
    side = states()[held.state].held_by
    boards = [each.board for each in held.boards if not each.signed]
    sentence = _until(held, _WAITS[side])
    _tell(held, _people(side, boards, held.region), f"A reminder: {sentence[0].lower()}{sentence[1:]}")


def _until(held: Assessment, sentence: str) -> str:
    day = held.round.days.get(held.state)
    return f"{sentence} Its last day is {long_date(day)}." if day else sentence


def _side(held: Assessment, side: str) -> list[Person]:
    boards = [each.board for each in held.boards]
    return _people(side, boards, held.region)


def _people(side: str, boards: Iterable[str], region: str) -> list[Person]:
    """Who acts for a side, and not those who reach it from elsewhere."""
    permission, held = sides()[side].permission, register()
    there = list(boards)
    today_there = {held.board_on(each, today()) or each for each in there}
    asked = {"board": today_there, "region": {region}, "panel": {NHS_ENGLAND}}[side]
    return [
        person
        for code in sorted(asked)
        for person in holders(permission, code)
        if acts_for(person.actor(), side, permission, there, region)
    ]


def _tell(held: Assessment, people: Iterable[Person], sentence: str, in_mail: str | None = None) -> None:
    about = f"{held.reference}: {held.name}"[:LONGEST_ABOUT]
    tell(
        people=people,
        about=about,
        sentence=sentence[:500],
        address=reverse("readiness_assessment", args=[held.pk]),
        in_mail=in_mail,
    )
