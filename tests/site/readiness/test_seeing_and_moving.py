"""Who sees which part of an assessment in which state, who moves it, signatures, notices, and crafted requests."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.site.accounts.world import come_in, person
from tests.site.readiness.world import (
    ELSEWHERE,
    ON,
    OURS,
    THEIRS,
    People,
    assessed,
    begun,
    moved,
    opened,
    rated,
    recommended,
    signed,
)
from tests.site.reading import words

from speccom.readiness.course import ReadinessError
from speccom.readiness.tables import moves, sides, states
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.audit.actions import ReasonNeeded, verify
from speccom.site.audit.models import Entry
from speccom.site.core import library
from speccom.site.core.recommended import recommended as offered
from speccom.site.core.refusals import NotFound
from speccom.site.notices.models import Notice
from speccom.site.readiness import actions, queries, rules, telling
from speccom.site.readiness.models import Answer, Assessment, Member, Move, Point, Verdict


def page(who: Actor, name: str, *given: Any, status: int = 200) -> str:
    client = Client()
    come_in(client, who.person)
    answer = client.get(reverse(name, args=given))
    assert answer.status_code == status
    return words(answer.content.decode())


def send(who: Actor, name: str, /, *given: Any, **said: Any) -> Any:
    client = Client()
    come_in(client, who.person)
    return client.post(reverse(name, args=given), said)


def parts(who: Actor, of: Assessment) -> set[str]:
    """The sides of which somebody sees an answer."""
    return {each.side for each in Answer.objects.visible_to(who).filter(assessment=of)}


# --- who sees what


def test_the_regions_part_is_hidden_from_boards_until_it_is_complete(people: People) -> None:
    made = signed(people)
    rated(people.region, made, "not_yet")
    for who in (people.lead, people.analyst, people.national):
        assert parts(who, made) == {"board"}
    assert parts(people.region, made) == {"board", "region"}
    assert "Not yet met" not in page(people.lead, "readiness_test", made.pk, "finance")
    moved(people.region, made, "complete")
    for who in (people.lead, people.analyst, people.national):
        assert parts(who, made) == {"board", "region"}
    assert "Not yet met" in page(people.lead, "readiness_test", made.pk, "finance")


def test_the_panels_part_is_hidden_until_it_has_recommended_and_again_when_it_takes_it_up(
    people: People,
) -> None:
    made = recommended(people)
    everybody = (people.lead, people.analyst, people.region, people.national, people.secretary)
    for who in everybody:
        assert parts(who, made) == set(sides())
        assert Verdict.objects.visible_to(who).count() == 1
    moved(people.national, made, "reopen", "New accounts")
    for who in (people.lead, people.analyst, people.region):
        assert parts(who, made) == {"board", "region"}
        assert not Verdict.objects.visible_to(who).exists()
        assert not Point.objects.visible_to(who).filter(side="panel").exists()
        assert "New accounts" not in page(who, "readiness_assessment", made.pk)
    assert parts(people.national, made) == set(sides())
    with pytest.raises(NotFound):
        queries.assessment_of(people.secretary, made.pk)


def test_a_referral_back_hides_the_regions_part_from_its_boards_again(people: People) -> None:
    made = assessed(people)
    moved(people.national, made, "refer", "Say more of money")
    assert parts(people.lead, made) == {"board"} and parts(people.region, made) == {"board", "region"}
    assert "Say more of money" in page(people.region, "readiness_assessment", made.pk)
    assert "Say more of money" not in page(people.lead, "readiness_assessment", made.pk)


def test_others_see_nothing_at_all(people: People) -> None:
    made = recommended(people)
    outside = (people.neighbour, people.elsewhere, people.other_region)
    for who in outside:
        assert page(who, "readiness_assessment", made.pk, status=404)
        assert page(who, "readiness_test", made.pk, "finance", status=404)
        assert not Answer.objects.visible_to(who).exists() and not Move.objects.visible_to(who).exists()
        assert not Member.objects.visible_to(who).exists()
    for role in ("provider", "voice_partner", "panel_member", "administrator", "committee_secretary"):
        who = person(role).actor()
        assert page(who, "readiness", status=403)
        assert not Assessment.objects.visible_to(who).exists()


def test_who_decides_sees_what_is_recommended_and_nothing_before(people: People) -> None:
    made = assessed(people)
    assert page(people.secretary, "readiness_assessment", made.pk, status=404)
    rated(people.national, made)
    actions.recommend(
        actor=people.national, assessment=made, recommendation="delegate", grounds="All is met", version=0
    )
    moved(people.national, made, "recommend")
    assert "All is met" in page(people.secretary, "readiness_assessment", made.pk)
    assert "You may write" not in page(people.secretary, "readiness_assessment", made.pk)


def test_an_administrator_of_a_board_sees_none_of_its_assessments(people: People) -> None:
    made = signed(people)
    who = person("administrator", OURS, "admin@qnc.example").actor()
    assert page(who, "readiness_assessment", made.pk, status=403)


# --- who moves it


def test_each_move_is_refused_to_everybody_but_its_own_side(people: People) -> None:
    by_side = {"board": {"lead", "colleague"}, "region": {"region"}, "panel": {"national"}}
    makers = {
        "sign": "board",
        "return": "region",
        "complete": "region",
        "refer": "panel",
        "recommend": "panel",
        "reopen": "panel",
    }
    made = signed(people)
    for name, move in moves().items():
        Assessment.objects.filter(pk=made.pk).update(state=move.from_state)
        for key, who in vars(people).items():
            if key in by_side[makers[name]]:
                continue
            with pytest.raises(NotAllowed):
                moved(who, made, name)
            sent = send(who, "readiness_move", made.pk, name, changes=made.changes, reason="crafted")
            assert sent.status_code in {403, 404}, f"{key} {name}"
            made.refresh_from_db()
            assert made.state == move.from_state
    assert makers.keys() == moves().keys()


def test_a_move_that_its_state_does_not_have_is_refused(people: People) -> None:
    made = signed(people)
    with pytest.raises(ReadinessError, match="with the region"):
        moved(people.national, made, "recommend")
    with pytest.raises(ReadinessError, match="no move"):
        moved(people.national, made, "adopt")


def test_an_analyst_writes_nothing_of_their_own_board(people: People) -> None:
    made = begun(people.lead, opened(people.national))
    with pytest.raises(NotAllowed):
        rated(people.analyst, made)
    sent = send(
        people.analyst, "readiness_test", made.pk, "finance", version=0, rating="met", grounds="I think so"
    )
    assert sent.status_code == 403 and not Answer.objects.exists()
    for address, given in (
        ("readiness_point_add", (made.pk, "risk")),
        ("readiness_send", (made.pk,)),
        ("readiness_move", (made.pk, "sign")),
    ):
        assert send(people.analyst, address, *given, reason="crafted").status_code == 403


def test_a_side_writes_only_while_it_has_the_assessment(people: People) -> None:
    made = begun(people.lead, opened(people.national))
    writers = {"draft": people.lead, "signed": people.region, "assessed": people.national}
    everybody = (*writers.values(), people.neighbour, people.secretary)
    for state in states():
        Assessment.objects.filter(pk=made.pk).update(state=state)
        made.refresh_from_db()
        for who in everybody:
            assert bool(queries.writes(who, made)) == (writers.get(state) is who)
            if writers.get(state) is not who:
                with pytest.raises((NotAllowed, ReadinessError)):
                    rated(who, made, only=["finance"])
                sent = send(
                    who, "readiness_test", made.pk, "finance", version=0, rating="met", grounds="Mine"
                )
                assert sent.status_code in {400, 403, 404}
    assert not Answer.objects.exists()


def test_the_region_does_not_write_the_boards_part(people: People) -> None:
    made = begun(people.lead, opened(people.national))
    with pytest.raises(NotAllowed):
        rated(people.region, made)


def test_one_side_does_not_change_anothers_points_by_a_crafted_address(people: People) -> None:
    made = begun(people.lead, opened(people.national))
    mine = actions.put_point(
        actor=people.lead, assessment=made, kind="strength", values={"words": "Our people"}
    )
    rated(people.lead, made)
    moved(people.lead, made, "sign")
    sent = send(people.region, "readiness_point", made.pk, mine.pk, version=1, words="Nothing")
    assert sent.status_code == 400 and "theirs to change" in sent.content.decode()
    assert send(people.region, "readiness_remove_point", made.pk, mine.pk, version=1).status_code == 400
    mine.refresh_from_db()
    assert mine.words == "Our people"


def test_a_point_is_not_changed_through_another_assessment(people: People) -> None:
    round_ = opened(people.national)
    made, other = begun(people.lead, round_), begun(people.neighbour, round_, THEIRS)
    theirs = actions.put_point(
        actor=people.neighbour, assessment=other, kind="strength", values={"words": "Their people"}
    )
    sent = send(people.lead, "readiness_point", made.pk, theirs.pk, version=1, words="Nothing")
    assert sent.status_code == 404
    with pytest.raises(ReadinessError):
        actions.put_point(
            actor=people.lead,
            assessment=made,
            kind="strength",
            values={"words": "x"},
            point=theirs,
            version=1,
        )


def test_a_condition_is_the_panels_to_give(people: People) -> None:
    made = begun(people.lead, opened(people.national))
    values = {"criterion": "finance", "words": "A plan"}
    with pytest.raises(ReadinessError, match="cannot be added"):
        actions.put_point(actor=people.lead, assessment=made, kind="condition", values=values)


def test_only_the_panel_opens_rounds_and_sets_days(people: People) -> None:
    round_ = opened(people.national)
    sent = {"title": "Mine", "on": "2026-11-02", "opens": "2026-11-02", "reason": "crafted"}
    for who in (people.lead, people.region, people.secretary):
        assert send(who, "readiness", **sent).status_code == 403
        assert send(who, "readiness_change", round_.pk, **sent).status_code == 403
        with pytest.raises(NotAllowed):
            opened(who)
        with pytest.raises(NotAllowed):
            actions.change_round(
                actor=who, round_=round_, version=1, title="Mine", deadlines=round_.days, reason="crafted"
            )


# --- boards


def test_a_lead_begins_the_assessment_of_their_own_board_and_no_other(people: People) -> None:
    round_ = opened(people.national)
    for boards in ((THEIRS,), (OURS, THEIRS), (ELSEWHERE,)):
        with pytest.raises(NotAllowed):
            begun(people.lead, round_, *boards, name="A footprint")
    assert begun(people.lead, round_).name.startswith("NHS Staffordshire")
    with pytest.raises(ReadinessError, match="already"):
        begun(people.region, round_, OURS, THEIRS, name="A footprint")


def test_boards_assessed_together_lie_in_one_region_and_are_there_on_the_day(people: People) -> None:
    round_ = opened(people.national)
    with pytest.raises(ReadinessError, match="one region"):
        begun(people.region, round_, OURS, ELSEWHERE, name="A footprint")
    with pytest.raises(ReadinessError, match="no board"):
        begun(people.region, round_, "QXX")
    with pytest.raises(ReadinessError, match="name"):
        begun(people.region, round_, OURS, THEIRS)
    with pytest.raises(NotAllowed):
        begun(people.other_region, round_, OURS)


def test_every_board_of_a_footprint_signs_and_the_last_moves_it_on(people: People) -> None:
    made = begun(people.region, opened(people.national), OURS, THEIRS, name="The North Midlands")
    rated(people.lead, made)
    moved(people.neighbour, made, "sign")
    made.refresh_from_db()
    assert made.state == "draft"
    assert Member.objects.get(board=THEIRS).signed and not Member.objects.get(board=OURS).signed
    with pytest.raises(ReadinessError, match="signed already"):
        moved(people.neighbour, made, "sign")
    assert queries.seen(people.neighbour, made).steps == ()
    assert [step.way.move for step in queries.seen(people.lead, made).steps] == ["sign"]
    assert moved(people.lead, made, "sign").state == "signed"
    assert [each.organisation for each in Move.objects.all()] == [THEIRS, OURS]


def test_a_change_ends_the_signatures_under_what_was_said_before(people: People) -> None:
    made = begun(people.region, opened(people.national), OURS, THEIRS, name="The North Midlands")
    rated(people.lead, made)
    moved(people.neighbour, made, "sign")
    actions.put_point(actor=people.lead, assessment=made, kind="strength", values={"words": "Our people"})
    assert not Member.objects.filter(signed__isnull=False).exists()


def test_nobody_signs_what_was_changed_after_they_looked(people: People) -> None:
    made = begun(people.lead, opened(people.national))
    rated(people.lead, made)
    seen = Assessment.objects.get(pk=made.pk).changes
    actions.put_point(actor=people.colleague, assessment=made, kind="strength", values={"words": "Staff"})
    with pytest.raises(ReadinessError, match="changed since you looked"):
        actions.move(actor=people.lead, assessment=made, name="sign", changes=seen, reason="Ours")
    sent = send(people.lead, "readiness_move", made.pk, "sign", changes=seen, reason="Ours")
    assert sent.status_code == 400 and "changed since you looked" in sent.content.decode()


def test_nothing_is_signed_before_every_test_is_rated(people: People) -> None:
    made = begun(people.lead, opened(people.national))
    rated(people.lead, made, only=["finance"])
    with pytest.raises(ReadinessError, match="Rate every test"):
        moved(people.lead, made, "sign")
    assert "It lacks something yet" in page(people.lead, "readiness_assessment", made.pk)


def test_a_return_ends_every_signature_and_says_why(people: People) -> None:
    made = signed(people)
    with pytest.raises(ReasonNeeded):
        moved(people.region, made, "return", " ")
    moved(people.region, made, "return", "Say more of workforce")
    assert Member.objects.get().signed is None
    assert "Say more of workforce" in page(people.lead, "readiness_assessment", made.pk)
    assert moved(people.lead, made, "sign").state == "signed"


def test_the_regional_team_puts_boards_together_while_it_is_with_them(people: People) -> None:
    made = begun(people.lead, opened(people.national))
    rated(people.lead, made)
    said = {"boards": [OURS, THEIRS], "name": "The North Midlands", "reason": "One footprint", "version": 1}
    assert send(people.lead, "readiness_gather", made.pk, **said).status_code == 403
    with pytest.raises(NotAllowed):
        actions.gather(actor=people.other_region, assessment=made, **said)  # type: ignore[arg-type]
    assert send(people.region, "readiness_gather", made.pk, **said).status_code == 302
    assert {each.board for each in Member.objects.all()} == {OURS, THEIRS}
    for who in (people.lead, people.neighbour):
        moved(who, made, "sign")
    with pytest.raises(ReadinessError, match="return it"):
        actions.gather(
            actor=people.region, assessment=made, boards=[OURS], name="", version=2, reason="Apart again"
        )


def test_who_follows_a_board_in_whole_acts_for_it(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    day = date(2026, 4, 1)
    gone = [
        code
        for code in library.register().areas(date(2026, 3, 31))
        if code not in library.register().areas(day) and library.register().board_on(code, day)
    ]
    heirs = {code: library.register().board_on(code, day) for code in gone}
    before, heir = next((code, heir) for code, heir in heirs.items() if heir and len(code) == 3)
    region = actions.boards_on(date(2026, 3, 31))[before]
    round_ = opened(people.national, on=date(2026, 3, 31))
    lead = person("icb_lead", heir, "heir@x.example").actor()
    made = begun(lead, round_, before)
    rated(lead, made)
    assert moved(lead, made, "sign").state == "signed"
    assert made.region == region
    assert lead.person in telling._side(made, "board")


# --- deadlines


def test_a_step_is_late_the_day_after_its_last_day_and_not_on_it(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = opened(people.national)
    made = begun(people.lead, round_)
    last = round_.days["draft"]
    for day, late in ((last, False), (date.fromordinal(last.toordinal() + 1), True)):
        for module in ("queries", "presenters"):
            monkeypatch.setattr(f"speccom.site.readiness.{module}.today", lambda day=day: day)
        assert (": late" in page(people.lead, "readiness_assessment", made.pk)) == late
        [row] = [each for each in queries.beside(people.lead, round_) if each.board == OURS]
        assert row.late == late
        assert [each.board for each in queries.chosen([row], queries.Asked(only="late"))] == [OURS] * late


def test_a_round_of_the_day_before_boards_merged_has_42_and_of_the_day_after_fewer(people: People) -> None:
    before = opened(people.national, on=date(2026, 3, 31))
    after = opened(people.national, on=date(2026, 4, 1))
    assert len(queries.beside(people.national, before)) == 42
    assert len(queries.beside(people.national, after)) == len(actions.boards_on(date(2026, 4, 1))) < 42


def test_a_step_due_before_the_one_before_it_is_refused(people: People) -> None:
    with pytest.raises(ReadinessError, match="give a later day"):
        actions.open_round(
            actor=people.national, title="A round", on=ON, opens=ON, deadlines={"signed": ON}, reason="As planned"
        )  # fmt: skip
    round_ = opened(people.national)
    said = {
        "version": 1,
        "title": "A round",
        "last_day_draft": "2027-01-10",
        "last_day_signed": "2027-01-10",
        "last_day_assessed": "2027-03-01",
        "reason": "Later",
    }
    assert send(people.national, "readiness_change", round_.pk, **said).status_code == 400
    said["last_day_signed"] = "2027-02-10"
    assert send(people.national, "readiness_change", round_.pk, **said).status_code == 302
    round_.refresh_from_db()
    assert round_.days["signed"] == date(2027, 2, 10)


# --- recommending


def test_a_test_that_is_not_met_needs_a_condition_or_a_step(people: People) -> None:
    made = assessed(people)
    rated(people.national, made, "partly")
    actions.recommend(
        actor=people.national, assessment=made, recommendation="joint", grounds="A year together", version=0
    )
    with pytest.raises(ReadinessError, match="each test that is not met"):
        moved(people.national, made, "recommend")


def test_delegation_does_not_stand_beside_a_test_that_is_not_yet_met(people: People) -> None:
    made = assessed(people)
    rated(people.national, made, "not_yet")
    actions.recommend(
        actor=people.national, assessment=made, recommendation="delegate", grounds="All the same", version=0
    )
    with pytest.raises(ReadinessError, match="does not stand"):
        moved(people.national, made, "recommend")


def test_the_panel_alone_recommends(people: People) -> None:
    made = signed(people)
    with pytest.raises(NotAllowed):
        actions.recommend(
            actor=people.region, assessment=made, recommendation="delegate", grounds="Ready", version=0
        )
    said = {"version": 0, "recommendation": "delegate", "grounds": "Ready"}
    assert send(people.region, "readiness_recommend", made.pk, **said).status_code == 403
    assert send(people.national, "readiness_recommend", made.pk, **said).status_code == 403
    assert not Verdict.objects.exists()


def test_what_is_recommended_is_offered_to_a_decision_with_its_conditions(people: People) -> None:
    made = recommended(people)
    [found] = [each for each in offered(people.secretary) if each.reference == made.reference]
    assert (found.areas, found.arrangement) == ((OURS,), "delegated")
    assert found.conditions == ("A plan to balance by April 2028",)
    assert found.reasons == ("Ready but for money", "Assessment of 2026: 7 tests met and 1 test partly met.")
    assert "A plan to balance by April 2028" in page(people.secretary, "readiness_assessment", made.pk)
    draft = Client()
    come_in(draft, people.secretary.person)
    drafted = draft.get(reverse("draft_decision"), {"recommended": made.reference}).content.decode()
    assert "A plan to balance by April 2028" in drafted
    moved(people.national, made, "reopen", "New accounts")
    assert all(each.reference != made.reference for each in offered(people.secretary))


def test_a_region_is_offered_whole_where_all_its_boards_were_assessed_together(people: People) -> None:
    midlands = sorted(code for code, region in actions.boards_on(ON).items() if region == "Y60")
    made = begun(people.region, opened(people.national), *midlands, name="The Midlands")
    rated(people.lead, made)
    Member.objects.update(signed=made.begun)
    Member.objects.filter(board=OURS).update(signed=None)
    moved(people.lead, made, "sign")
    rated(people.region, made)
    moved(people.region, made, "complete")
    rated(people.national, made)
    actions.recommend(
        actor=people.national, assessment=made, recommendation="joint", grounds="A year together", version=0
    )
    moved(people.national, made, "recommend")
    [found] = [each for each in offered(people.secretary) if each.reference == made.reference]
    assert (found.areas, found.arrangement) == ((*midlands, "Y60"), "joint")


def test_of_two_recommendations_of_one_board_the_later_is_offered(people: People) -> None:
    first = recommended(people, "joint")
    second = recommended(people)
    references = {each.reference for each in offered(people.secretary)}
    assert second.reference in references and first.reference not in references


# --- notices and the record


def test_who_now_has_an_assessment_is_told_and_nobody_else(people: People) -> None:
    made = recommended(people)
    told: dict[str, list[str]] = {}
    address = reverse("readiness_assessment", args=[made.pk])
    for each in Notice.objects.filter(address=address).order_by("pk"):
        told.setdefault(each.person.email, []).append(each.sentence.partition(":")[0])
    ends = "The national panel has recommended"
    assert told == {
        "lead@qnc.example": ["It is with your board", ends],
        "colleague@qnc.example": ["It is with your board", ends],
        "region@y60.example": ["It is with your regional team", ends],
        "national@x24.example": ["It is with the national panel"],
        "secretary@x24.example": [ends],
    }


def test_a_round_that_opens_is_told_to_leads_and_regional_teams(people: People) -> None:
    opened(people.national)
    assert set(Notice.objects.values_list("person__email", flat=True)) == {
        "lead@qnc.example",
        "colleague@qnc.example",
        "lead@qhl.example",
        "lead@qmf.example",
        "region@y60.example",
        "region@y56.example",
    }


def test_everything_done_is_on_record_under_whom_it_was_done_for(people: People) -> None:
    recommended(people)
    done = list(
        Entry.objects.filter(action__startswith="readiness.").values_list("action", "organisation").distinct()
    )
    assert ("readiness.sign", OURS) in done and ("readiness.complete", "Y60") in done
    assert ("readiness.recommend", "X24") in done and ("readiness.condition_add", "X24") in done
    assert not Entry.objects.filter(organisation__in=(OURS, "Y60"), after__contains="A deficit").exists()
    verify()


def test_every_permission_of_the_tables_opens_the_pages_of_who_holds_it(people: People) -> None:
    for side in sides().values():
        holders = {"board": people.lead, "region": people.region, "panel": people.national}
        assert rules.held_at(holders[side.side], side.side, side.permission)
        for other in holders.keys() - {side.side}:
            assert not rules.held_at(holders[other], side.side, side.permission)
