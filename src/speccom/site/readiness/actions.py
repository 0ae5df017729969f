"""What is done to assessments; each is one transaction, with its row of the audit table.

Who may write is the side that holds the assessment, as its state says; who may move it, as the table of moves says.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from speccom.readiness.course import (
    FIRST,
    LAST,
    PLANNING,
    ReadinessError,
    Standing,
    check_deadlines,
    due_soon,
    lacking,
    move_named,
    proposed_deadlines,
)
from speccom.readiness.evidence import clean_name, kind_of
from speccom.readiness.tables import criteria, points, ratings, recommendations, sides, states
from speccom.register.commissioning import ACCOUNTABLE as NHS_ENGLAND
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.organisations import name_in
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.audit.actions import SHORTEST_REASON, ReasonNeeded, record_act
from speccom.site.core.edited import Stale, save_over
from speccom.site.core.library import register, today
from speccom.site.core.words import listed, long_date
from speccom.site.readiness import keeping, telling
from speccom.site.readiness.models import Answer, Assessment, Evidence, Member, Move, Point, Round, Verdict
from speccom.site.readiness.rules import BEGINNERS, SUPPORTS, acts_for, held_at

MOST_FILES = 60
"""Files of one side of one assessment at most."""
MOST_POINTS = 200

ANSWER_WORDS = {"rating": "Rating", "grounds": "Grounds"}
VERDICT_WORDS = {"recommendation": "Recommendation", "grounds": "Why"}
POINT_WORDS = {
    "criterion": "Test",
    "words": "What it is",
    "mitigation": "What is done about it",
    "owner": "By whom",
    "due": "By when",
}
GATHER_WORDS = {"name": "Name of the footprint"}
ROUND_WORDS = {"title": "Name", "deadlines": "Last days"}


# --- rounds


def open_round(
    *, actor: Actor, title: str, on: date, opens: date, deadlines: Mapping[str, date], reason: str
) -> Round:
    """Open a round over the boards of a day. Deadlines that are not given are those put forward.

    Raises `NotAllowed`, `ReadinessError` for a step due before the one before it or a day without boards.
    """
    _keeps(actor)
    days = proposed_deadlines(opens) | dict(deadlines)
    check_deadlines(opens, days)
    if not boards_on(on):
        raise ReadinessError(
            f"The register has no integrated care board on {long_date(on)}: give a later day."
        )
    with transaction.atomic():
        made: Round = Round.objects.create(
            title=title.strip(),
            on=on,
            opens=opens,
            deadlines=_texts(days),
            opened_by=actor.person,
            edited_by=actor.email,
            edited_at=timezone.now(),
        )
        after = {"title": made.title, "on": on, "opens": opens, "deadlines": made.deadlines}
        record_act(actor, NHS_ENGLAND, "readiness.open", f"readiness round {made.pk}", reason, after=after)
        telling.opened(made)
    return made


def change_round(
    *, actor: Actor, round_: Round, version: int, title: str, deadlines: Mapping[str, date], reason: str
) -> Round:
    """Change a round's name and last days. Raises `NotAllowed`, `ReadinessError`, `Stale`."""
    _keeps(actor)
    check_deadlines(round_.opens, deadlines)
    with transaction.atomic():
        held: Round = Round.objects.select_for_update().get(pk=round_.pk)
        before = {"title": held.title, "deadlines": held.deadlines}
        values = {"title": title.strip(), "deadlines": _texts(deadlines)}
        save_over(held, version=version, values=values, words=ROUND_WORDS, by=actor.email)
        subject = f"readiness round {held.pk}"
        record_act(actor, NHS_ENGLAND, "readiness.change_round", subject, reason, before=before, after=values)
    return held


def export(
    *, actor: Actor, round_: Round, form: str, rows: int, asked: Mapping[str, str], reason: str
) -> None:
    """Put on record that what somebody sees of a round was taken away as a file. Raises `ReasonNeeded`."""
    with transaction.atomic():
        after = {"file": form, "rows": rows, "asked": {key: each for key, each in asked.items() if each}}
        record_act(
            actor, actor.organisation, "readiness.export", f"readiness round {round_.pk}", reason, after=after
        )


def remind() -> int:
    """Remind those whom assessments wait for of a last day that is near, once of each; how many were.

    A last day that was changed is another one. Called again and again, by whatever works in the background.
    """
    told = 0
    for each in Assessment.objects.exclude(state=LAST).select_related("round"):
        with transaction.atomic():
            held = Assessment.objects.select_for_update(of=("self",)).select_related("round").get(pk=each.pk)
            near = _near(held)
            if near in ("", held.reminded):
                continue
            Assessment.objects.filter(pk=held.pk).update(reminded=near)
            telling.reminded(held)
            told += 1
    return told


def _near(held: Assessment) -> str:
    """An assessment's state and the last day of it, where that is near; else nothing."""
    days = held.round.days
    return f"{held.state} {days[held.state]}" if due_soon(held.state, days, today()) else ""


# --- assessments and their boards


def begin(*, actor: Actor, round_: Round, boards: Collection[str], name: str = "") -> Assessment:
    """Begin the assessment of a board, or of the boards of a footprint, which then needs a name.

    A board's lead begins that of the own board, a regional team any of its region's boards. Raises `NotAllowed`,
    and `ReadinessError` for boards that are not there on the round's day, of two regions, or assessed already.
    """
    chosen, region = _chosen(round_, boards)
    if not any(
        all(acts_for(actor, side, sides()[side].permission, [board], region) for board in chosen)
        for side in BEGINNERS
    ):
        raise NotAllowed("You begin assessments of your own board, or of boards in your region.")
    with transaction.atomic():
        Round.objects.select_for_update().get(pk=round_.pk)
        _free(round_, chosen)
        made: Assessment = Assessment.objects.create(round=round_, name=_named(chosen, name), region=region)
        Member.objects.bulk_create(Member(assessment=made, round=round_, board=board) for board in chosen)
        after = {"name": made.name, "boards": chosen, "round": round_.title}
        record_act(
            actor,
            _organisation(actor, made, "board") or region,
            "readiness.begin",
            made.reference,
            "Begun",
            after=after,
        )
        telling.begun(made)
    return made


def gather(
    *,
    actor: Actor,
    assessment: Assessment,
    boards: Collection[str],
    name: str,
    version: int,
    reason: str,
) -> Assessment:
    """Say anew which boards an assessment is of, while it is with them; every board then signs again.

    Raises `NotAllowed` for other than its regional team, `ReadinessError`, `ReasonNeeded`, `Stale`.
    """
    with transaction.atomic():
        held = _held(assessment)
        if not acts_for(actor, "region", SUPPORTS, (), held.region):
            raise NotAllowed("The regional team says which boards are assessed together.")
        if held.state != FIRST:
            raise ReadinessError(
                f"{held.reference} is {held.course.name.lower()}: return it to its boards first."
            )
        chosen, region = _chosen(held.round, boards)
        if region != held.region:
            raise ReadinessError("Choose boards of the same region.")
        members = Member.objects.filter(assessment=held)
        there = sorted(each.board for each in members)
        before = {"name": held.name, "boards": there}
        named = _named(chosen, name)
        try:
            save_over(held, version=version, values={"name": named}, words=GATHER_WORDS, by=actor.email)
        except Stale as stale:
            theirs = ("Boards", listed(there), listed(chosen))
            stale.beside = replace(stale.beside, rows=(*stale.beside.rows, theirs))
            raise
        _free(held.round, set(chosen) - set(there))
        members.exclude(board__in=chosen).delete()
        for board in sorted(set(chosen) - set(there)):
            Member.objects.create(assessment=held, round=held.round, board=board)
        _changed(held)
        after = {"name": held.name, "boards": chosen}
        record_act(actor, held.region, "readiness.gather", held.reference, reason, before=before, after=after)
    return held


# --- what a side says


def rate(
    *, actor: Actor, assessment: Assessment, criterion: str, rating: str, grounds: str, version: int
) -> Answer:
    """Rate one test for the side that holds the assessment; `version` is that of its earlier answer, or 0.

    Raises `NotAllowed`, `ReadinessError`, `ReasonNeeded` without grounds, `Stale`.
    """
    if criterion not in criteria():
        raise ReadinessError(f"{criterion!r} is none of the eight tests.")
    if rating not in ratings():
        raise ReadinessError(f"{rating!r} is no rating: choose one of {listed([*ratings()], 'or')}.")
    if len(grounds.strip()) < SHORTEST_REASON:
        raise ReasonNeeded(f"{criteria()[criterion].label}: give your grounds in a few words.")
    with transaction.atomic():
        held = _written(actor, assessment)
        side = held.course.held_by
        values = {"rating": rating, "grounds": grounds.strip()}
        key = {"assessment": held, "side": side, "criterion": criterion}
        mine: Answer
        mine, before = _put(actor, Answer, key, values, version, ANSWER_WORDS)
        if before == values:
            return mine
        _changed(held)
        told = f"Rated {criteria()[criterion].label}: {ratings()[rating].name.lower()}"
        _side_record(actor, held, "rate", told, before, values | {"criterion": criterion})
    return mine


def put_point(
    *, actor: Actor, assessment: Assessment, kind: str, values: Mapping[str, Any], point: Point | None = None,
    version: int = 0,
) -> Point:  # fmt: skip
    """Add a strength, risk, condition or step of development, or change one of the side's own.

    `values` has `criterion`, `words`, `mitigation`, `owner` and `due`. Raises `NotAllowed`, `ReadinessError` for
    what the kind needs and is not said, `Stale`.
    """
    with transaction.atomic():
        held = _written(actor, assessment)
        side = held.course.held_by
        said = _said(kind, side, values)
        before = None
        if point is None:
            if Point.objects.filter(assessment=held, side=side).count() >= MOST_POINTS:
                raise ReadinessError(f"There are {MOST_POINTS} of these already: put some together.")
            made: Point = Point.objects.create(
                assessment=held, side=side, kind=kind, edited_by=actor.email, edited_at=timezone.now(), **said
            )
        else:
            made = _own_point(held, point)
            before = {name: getattr(made, name) for name in said}
            save_over(made, version=version, values=said, words=POINT_WORDS, by=actor.email)
        _changed(held)
        told = f"{points()[kind].name}: {said['words']}"
        _side_record(actor, held, f"{kind}_{'change' if before else 'add'}", told, before, said)
    return made


def remove_point(*, actor: Actor, assessment: Assessment, point: Point, version: int) -> None:
    """Take one of the side's own points out again, as it was seen. Raises `NotAllowed`, `ReadinessError`."""
    with transaction.atomic():
        held = _written(actor, assessment)
        gone = _own_point(held, point)
        if gone.version != version:
            raise ReadinessError(f"{gone.edited_by} changed it since you looked: look at it again.")
        before = {"words": gone.words, "criterion": gone.criterion}
        gone.delete()
        _changed(held)
        _side_record(actor, held, f"{point.kind}_remove", "Taken out", before, None)


def recommend(
    *, actor: Actor, assessment: Assessment, recommendation: str, grounds: str, version: int
) -> Verdict:
    """Say what the panel recommends, before it moves the assessment on. Raises as `rate` does."""
    if recommendation not in recommendations():
        raise ReadinessError(
            f"{recommendation!r} cannot be recommended: choose one of {listed([*recommendations()], 'or')}."
        )
    if len(grounds.strip()) < SHORTEST_REASON:
        raise ReasonNeeded("Say why in a few words: a recommendation is kept with its grounds.")
    with transaction.atomic():
        held = _written(actor, assessment)
        if held.course.held_by != "panel":
            raise NotAllowed("The national moderation panel recommends.")
        values = {"recommendation": recommendation, "grounds": grounds.strip()}
        found: Verdict
        found, before = _put(actor, Verdict, {"assessment": held}, values, version, VERDICT_WORDS)
        if before == values:
            return found
        _changed(held)
        told = f"Chose: {recommendations()[recommendation].name}"
        _side_record(actor, held, "verdict", told, before, values)
    return found


def send_evidence(
    *, actor: Actor, assessment: Assessment, criterion: str, name: str, content: bytes
) -> Evidence:
    """Keep a file of the side that holds the assessment, of a test or of the whole (empty).

    Raises `NotAllowed`, `ReadinessError`, and `EvidenceRefused` for what it is by its content.
    """
    if criterion and criterion not in criteria():
        raise ReadinessError(f"{criterion!r} is none of the eight tests.")
    kept_as = ""
    try:
        with transaction.atomic():
            held = _written(actor, assessment)
            kind = kind_of(content, name)
            side = held.course.held_by
            if Evidence.objects.filter(assessment=held, side=side).count() >= MOST_FILES:
                raise ReadinessError(f"There are {MOST_FILES} files already: remove one that is not needed.")
            kept_as = keeping.keep(content)
            made: Evidence = Evidence.objects.create(
                assessment=held,
                side=side,
                criterion=criterion,
                name=clean_name(name),
                kind=kind.kind,
                size=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                kept_as=kept_as,
                sent_by=actor.person,
            )
            _changed(held)
            after = {"name": made.name, "kind": made.kind, "size": made.size, "sha256": made.sha256}
            _side_record(actor, held, "evidence_add", f"Sent {made.name}", None, after)
    except BaseException:
        if kept_as:
            keeping.forget(kept_as)
        raise
    return made


def remove_evidence(*, actor: Actor, assessment: Assessment, evidence: Evidence) -> None:
    """Remove a file of the side that holds the assessment, for good. Raises `NotAllowed`, `ReadinessError`."""
    with transaction.atomic():
        held = _written(actor, assessment)
        gone = Evidence.objects.filter(pk=evidence.pk, assessment=held, side=held.course.held_by).first()
        if gone is None:
            raise ReadinessError("That file is not there, or another side sent it: it is theirs to remove.")
        before = {"name": gone.name, "sha256": gone.sha256}
        kept_as = gone.kept_as
        gone.delete()
        _changed(held)
        _side_record(actor, held, "evidence_remove", f"Removed {before['name']}", before, None)
        transaction.on_commit(lambda: keeping.forget(kept_as))


# --- moves


def move(*, actor: Actor, assessment: Assessment, name: str, changes: int, reason: str) -> Assessment:
    """Move an assessment on or back as the table of moves says; a board's lead signs for the boards of theirs.

    `changes` is what the page showed. Raises `NotAllowed`, `ReadinessError` for what is lacking or was changed
    since, `ReasonNeeded`.
    """
    with transaction.atomic():
        held = _held(assessment)
        members = list(Member.objects.filter(assessment=held))
        wanted = move_named(name, held.state)
        boards = [each.board for each in members]
        if not acts_for(actor, wanted.side, wanted.permission, boards, held.region):
            raise NotAllowed("Your roles do not allow this of this assessment.")
        if held.changes != changes:
            raise ReadinessError(f"{held.reference} was changed since you looked: look at it again.")
        missing = lacking(wanted, standing_of(held, wanted.side))
        if missing:
            raise ReadinessError(" ".join(missing))
        before, organisation = held.state, _organisation(actor, held, wanted.side)
        to_state = wanted.to_state
        if wanted.side == "board":
            signed = _sign(actor, members)
            organisation = " ".join(signed)
            if any(each.signed is None for each in members):
                to_state = held.state
        held.state = to_state
        if to_state != before:
            held.reminded = (
                _near(held) or held.reminded
            )  # whom it waits for is told of the last day with the move
        held.settled = timezone.now() if to_state == LAST else None
        if to_state == FIRST and before != FIRST:
            Member.objects.filter(assessment=held).update(signed=None, signed_by=None)
        held.save()
        record_act(
            actor,
            organisation.split(" ")[0],
            f"readiness.{name}",
            held.reference,
            reason,
            before={"state": before},
            after={"state": to_state} | ({"signed_for": organisation} if wanted.side == "board" else {}),
        )
        Move.objects.create(
            assessment=held,
            move=name,
            side=wanted.side,
            to_side=states()[to_state].held_by,
            from_state=before,
            to_state=to_state,
            organisation=organisation,
            by=actor.person,
            reason=reason.strip()[:500],
        )
        telling.moved(held, wanted, reason, actor.person)
    return held


def standing_of(assessment: Assessment, side: str) -> Standing:
    """What one side has said, as the rules of the course ask it."""
    verdict = Verdict.objects.filter(assessment=assessment).first() if side == "panel" else None
    planned = Point.objects.filter(assessment=assessment, side=side, kind__in=PLANNING)
    return Standing(
        rated=dict(
            Answer.objects.filter(assessment=assessment, side=side).values_list("criterion", "rating")
        ),
        recommendation=verdict.recommendation if verdict else "",
        planned=frozenset(planned.values_list("criterion", flat=True)),
    )


def boards_on(on: date) -> dict[str, str]:
    """Board → region, as the register has them on a day."""
    return {code: area.region for code, area in register().areas(on).items() if area.kind == "icb"}


# --- the parts


def _sign(actor: Actor, members: Sequence[Member]) -> list[str]:
    """Sign for each board of the actor that has not signed; which those are."""
    own = held_at(actor, "board", "sign")
    mine = [each for each in members if each.board in own]
    waiting = [each for each in mine if each.signed is None]
    if not waiting:
        raise ReadinessError("Your board has signed already: the other boards' signatures are still to come.")
    for each in waiting:
        each.signed, each.signed_by = timezone.now(), actor.person
        each.save()
    return [each.board for each in waiting]


def _said(kind: str, side: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a point. Raises `ReadinessError` naming everything that its kind needs and that is not there."""
    found = points().get(kind)
    if found is None or side not in found.sides:
        raise ReadinessError(f"{kind!r} cannot be added by {sides()[side].name.lower()}.")
    said = {
        "criterion": values.get("criterion") or "",
        "words": str(values.get("words") or "").strip(),
        "mitigation": str(values.get("mitigation") or "").strip(),
        "owner": str(values.get("owner") or "").strip(),
        "due": values.get("due"),
    }
    if said["criterion"] and said["criterion"] not in criteria():
        raise ReadinessError(f"{said['criterion']!r} is none of the eight tests.")
    missing = [POINT_WORDS[name].lower() for name in ("words", *found.needs) if not said[name]]
    if missing:
        raise ReadinessError(f"{found.name}: say {listed(missing)} too.")
    return said


def _put(
    actor: Actor,
    model: type[Answer | Verdict],
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    version: int,
    words: Mapping[str, str],
) -> tuple[Any, dict[str, Any] | None]:
    """Make a row, or write over the one that is there if nobody did since `version`; the row, and what it said.

    One that said just this already is left as it is. Raises `Stale`.
    """
    found = model.objects.filter(**key).first()
    if found is None:
        edited = {"edited_by": actor.email, "edited_at": timezone.now()}
        return model.objects.create(**key, **values, **edited), None
    before = {name: getattr(found, name) for name in values}
    if before != values:
        save_over(found, version=version, values=values, words=words, by=actor.email)
    return found, before


def _own_point(held: Assessment, point: Point) -> Point:
    found: Point | None = Point.objects.filter(pk=point.pk, assessment=held, side=held.course.held_by).first()
    if found is None:
        raise ReadinessError("That is not there, or another side wrote it: it is theirs to change.")
    return found


def _held(assessment: Assessment) -> Assessment:
    """The row as it is now, held until the transaction ends."""
    found: Assessment = (
        Assessment.objects.select_related("round").select_for_update(of=("self",)).get(pk=assessment.pk)
    )
    return found


def _written(actor: Actor, assessment: Assessment) -> Assessment:
    """The row, held, for somebody who may write the part of the side that has it now. Raises `NotAllowed`."""
    held = _held(assessment)
    side = held.course.held_by
    if not side:
        raise ReadinessError(
            f"{held.reference} is recommended: nothing of it is changed unless the panel takes it up."
        )
    boards = [each.board for each in held.boards]
    if not acts_for(actor, side, sides()[side].permission, boards, held.region):
        raise NotAllowed(f"{held.reference} is {held.course.name.lower()}: it is theirs to write now.")
    return held


def _changed(held: Assessment) -> None:
    """Count a change of what an assessment says, which ends the signatures under what it said before."""
    held.changes += 1
    held.save()
    if held.state == FIRST:
        Member.objects.filter(assessment=held).update(signed=None, signed_by=None)


def _chosen(round_: Round, boards: Collection[str]) -> tuple[list[str], str]:
    """The boards in order, and their region. Raises `ReadinessError`."""
    there, chosen = boards_on(round_.on), sorted(set(boards))
    if not chosen:
        raise ReadinessError("Choose at least one board.")
    missing = [each for each in chosen if each not in there]
    if missing:
        raise ReadinessError(f"{listed(missing)}: no board on {long_date(round_.on)}.")
    regions = {there[each] for each in chosen}
    if len(regions) > 1:
        raise ReadinessError("Boards that are assessed together lie in one region: choose others.")
    return chosen, regions.pop()


def _free(round_: Round, boards: Collection[str]) -> None:
    taken = Member.objects.filter(round=round_, board__in=boards).values_list("board", flat=True)
    if taken:
        raise ReadinessError(f"{listed(sorted(taken))}: assessed in this round already.")


def _named(boards: Sequence[str], name: str) -> str:
    if name.strip():
        return name.strip()[:200]
    if len(boards) > 1:
        raise ReadinessError("Give the footprint a name: it is of more than one board.")
    return name_in(register(), boards[0]) or boards[0]


def _organisation(actor: Actor, held: Assessment, side: str) -> str:
    """The organisation that what somebody does for a side is filed under; empty where they have none."""
    if side == "region":
        return held.region
    if side == "panel":
        return NHS_ENGLAND
    own = held_at(actor, "board", sides()["board"].permission)
    members = Member.objects.filter(assessment=held, board__in=sorted(own))
    return next(iter(members.values_list("board", flat=True)), "")


def _keeps(actor: Actor) -> None:
    if not acts_for(actor, "panel", sides()["panel"].permission, (), ""):
        raise NotAllowed("The national moderation panel opens rounds and sets their last days.")


def _texts(days: Mapping[str, date]) -> dict[str, str]:
    return {state: day.isoformat() for state, day in days.items()}


def _side_record(
    actor: Actor,
    held: Assessment,
    action: str,
    reason: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    organisation = _organisation(actor, held, held.course.held_by)
    record_act(
        actor, organisation, f"readiness.{action}", held.reference, reason[:500], before=before, after=after
    )
