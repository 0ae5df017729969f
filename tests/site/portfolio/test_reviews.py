"""Reviews of the portfolio: independence, disclosure, overrides, what settles, and requests that are crafted."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.insight.test_volatility import year_of
from tests.ledger.worlds import build_in, receive
from tests.site.accounts.world import come_in, person
from tests.site.portfolio.world import RENAL, People, judge, judge_all, move, opened, renal
from tests.site.reading import words

from speccom.portfolio.course import moves, states, ways_on
from speccom.portfolio.criteria import NO, YES, PortfolioError, judged
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.accounts.roles import ROLES
from speccom.site.audit.actions import ReasonNeeded, verify
from speccom.site.audit.models import Entry
from speccom.site.core.edited import Stale
from speccom.site.core.recommended import recommended
from speccom.site.notices.models import Notice
from speccom.site.portfolio import actions, queries
from speccom.site.portfolio.actions import Said
from speccom.site.portfolio.models import Judgement, LineReview, ReviewRound
from speccom.workspace import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def workspace(settings: Any, tmp_path: Path) -> Workspace:
    settings.WORKSPACE = Workspace(tmp_path / "workspace").make()
    held: Workspace = settings.WORKSPACE
    return held


@pytest.fixture
def people() -> People:
    return People()


def signed_in(actor: Actor) -> Client:
    client = Client()
    come_in(client, actor.person)
    return client


def seen(actor: Actor) -> set[tuple[str, str]]:
    """Whose judgements of what somebody sees."""
    return {(each.person.email, each.criterion) for each in Judgement.objects.visible_to(actor)}


# --- independence


def test_nobody_on_the_panel_sees_anothers_judgement_of_a_criterion_before_their_own(people: People) -> None:
    review = renal(opened(people.keeper))
    judge(people.ann, review, "quality")
    judge(people.ann, review, "governance")
    assert seen(people.bob) == set()
    judge(people.bob, review, "quality", NO)
    assert seen(people.bob) == {
        ("ann@x24.example", "quality"),
        ("bob@x24.example", "quality"),
    }
    assert ("bob@x24.example", "quality") in seen(people.ann)


def test_a_judgement_of_another_line_opens_nothing(people: People) -> None:
    round_ = opened(people.keeper)
    judge(people.ann, renal(round_), "quality")
    other = LineReview.objects.filter(round=round_).exclude(line=RENAL)[0]
    judge(people.bob, other, "quality")
    assert seen(people.bob) == {("bob@x24.example", "quality")}
    assert Judgement.objects.visible_to(people.bob).get().review_id == other.pk


def test_who_keeps_the_portfolio_sees_how_many_and_nobodys_mind_while_it_is_open(people: People) -> None:
    review = renal(opened(people.keeper))
    judge(people.ann, review, "quality")
    assert seen(people.keeper) == set()
    review.refresh_from_db()
    assert (review.judgements, review.people) == (1, 1)


def test_no_page_or_file_tells_of_anothers_judgement_before_ones_own(people: People) -> None:
    review = renal(opened(people.keeper), steady=True)
    judge_all(people.ann, review)
    for actor in (people.bob, people.keeper):
        client = signed_in(actor)
        here = reverse("portfolio_line", args=[review.round_id, RENAL])
        assert "It is so" not in client.get(here).content.decode()
        for address in (here, reverse("portfolio_round", args=[review.round_id])):
            text = words(client.get(address, {"list": "suitable_and_ready"}).content.decode())
            assert "Not yet recommended" in text
        assert "No service line is like that" in text
        sent = {"file": "csv", "reason": "To look"}
        rows = csv.DictReader(
            io.StringIO(client.post(reverse("portfolio_file", args=[review.round_id]), sent).content.decode())
        )
        [own] = [row for row in rows if row["service_line"] == RENAL]
        assert (own["list"], own["readiness"]) == ("Not yet recommended", "not known")


def test_who_has_left_the_panel_sees_only_their_own(people: People) -> None:
    review = renal(opened(people.keeper))
    judge(people.ann, review, "quality")
    judge(people.bob, review, "quality")
    left = Actor(people.bob.person, person("national_team", email="b2@x24.example").actor().holdings)
    assert seen(left) == {("bob@x24.example", "quality")}


def test_a_change_after_seeing_others_is_shown_beside_the_first_answer(people: People) -> None:
    review = renal(opened(people.keeper))
    judge(people.ann, review, "quality", YES)
    judge(people.bob, review, "quality", NO)
    judge(people.ann, review, "quality", NO, version=1)
    held = Judgement.objects.get(person=people.ann.person)
    assert (held.answer, held.first_answer) == (NO, YES)
    move(people.keeper, review.round, "disclose")
    page = signed_in(people.bob).get(reverse("portfolio_line", args=[review.round_id, RENAL]))
    assert "First: Yes" in words(page.content.decode())


def test_disclosed_everybody_on_it_sees_all_and_where_they_differ(people: People) -> None:
    review = renal(opened(people.keeper))
    judge(people.ann, review, "quality", YES)
    judge(people.bob, review, "quality", NO)
    judge(people.bob, review, "outcomes", YES)
    move(people.keeper, review.round, "disclose")
    for actor in (people.ann, people.bob, people.keeper):
        assert len(seen(actor)) == 3
    [found] = [each for each in queries.standings(people.keeper, review.round) if each.divided]
    assert found.review.line == RENAL
    with pytest.raises(PortfolioError, match="no more judgements"):
        judge(people.ann, review, "outcomes")


def test_a_round_that_is_withdrawn_shows_nobodys_judgements(people: People) -> None:
    review = renal(opened(people.keeper))
    judge(people.ann, review, "quality")
    judge(people.bob, review, "quality")
    move(people.keeper, review.round, "withdraw")
    assert seen(people.keeper) == set() and len(seen(people.ann)) == 1


# --- crafted requests


def test_who_is_not_on_the_panel_cannot_judge_even_by_a_crafted_request(people: People) -> None:
    review = renal(opened(people.keeper))
    with pytest.raises(NotAllowed):
        judge(people.keeper, review, "quality")
    address = reverse("portfolio_line", args=[review.round_id, RENAL])
    sent = {f"{key}-version": "0" for key in judged()} | {"quality-answer": "yes", "quality-reason": "So"}
    answer = signed_in(people.keeper).post(address, sent | {"quality-reason": "It is so"})
    assert answer.status_code == 403 and not Judgement.objects.exists()


@pytest.mark.parametrize("role", sorted(ROLES.keys() - {"national_team"}))
def test_nobody_but_the_national_team_opens_moves_or_overrides(people: People, role: str) -> None:
    round_ = opened(people.keeper)
    actor = person(role, email="other@x.example").actor()
    with pytest.raises(NotAllowed):
        opened(actor)
    with pytest.raises(NotAllowed):
        move(actor, round_, "disclose")
    with pytest.raises(NotAllowed):
        actions.override(
            actor=actor, review=renal(round_), recommendation="retained", reason="I want to", version=1
        )
    assert ReviewRound.objects.get().state == "open"


def test_who_decides_sees_a_round_only_once_it_is_settled(people: People) -> None:
    round_ = opened(people.keeper)
    client, address = signed_in(people.secretary), reverse("portfolio_round", args=[round_.pk])
    assert client.get(address).status_code == 404
    move(people.keeper, round_, "disclose")
    assert client.get(address).status_code == 404
    move(people.keeper, round_, "settle")
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (Said("outturn", YES, "It is so", 0), PortfolioError),
        (Said("quality", "perhaps", "It is so", 0), PortfolioError),
        (Said("quality", YES, " ", 0), ReasonNeeded),
    ],
)
def test_a_judgement_that_cannot_be_is_refused_and_the_others_sent_with_it_are_too(
    people: People, said: Said, refused: type[Exception]
) -> None:
    review = renal(opened(people.keeper))
    with pytest.raises(refused):
        actions.judge(actor=people.ann, review=review, said=[Said("governance", YES, "It is so", 0), said])
    assert not Judgement.objects.exists()


# --- states, overrides, stale edits


def test_every_move_leads_between_states_that_there_are_and_no_end_leads_on() -> None:
    for each in moves():
        assert each.to_state in states() and each.from_state in {"", *states()}
    assert ways_on("settled") == () and ways_on("withdrawn") == ()


def test_a_move_that_the_state_does_not_have_is_refused(people: People) -> None:
    round_ = opened(people.keeper)
    with pytest.raises(PortfolioError, match="open for judging"):
        move(people.keeper, round_, "settle")
    with pytest.raises(PortfolioError, match="no move"):
        move(people.keeper, round_, "publish")


def test_an_override_without_a_reason_is_refused(people: People) -> None:
    review = renal(move(people.keeper, opened(people.keeper), "disclose"))
    with pytest.raises(ReasonNeeded):
        actions.override(actor=people.keeper, review=review, recommendation="retained", reason=" ", version=1)
    sent = {"override": "retained", "override_reason": "", "version": "1"}
    address = reverse("portfolio_override", args=[review.round_id, RENAL])
    answer = signed_in(people.keeper).post(address, sent)
    assert answer.status_code == 400 and "Say why" in answer.content.decode()
    review.refresh_from_db()
    assert review.override == ""


def test_an_override_waits_for_disclosure(people: People) -> None:
    review = renal(opened(people.keeper))
    with pytest.raises(PortfolioError, match="once judgements are disclosed"):
        actions.override(
            actor=people.keeper, review=review, recommendation="retained", reason="Because", version=1
        )


def test_the_second_of_two_who_override_is_shown_the_first(people: People) -> None:
    review = renal(move(people.keeper, opened(people.keeper), "disclose"))
    actions.override(
        actor=people.keeper, review=review, recommendation="retained", reason="One provider", version=1
    )
    second = person("national_team", email="second@x24.example").actor()
    with pytest.raises(Stale, match=r"keeper@x24\.example saved"):
        actions.override(
            actor=second, review=review, recommendation="suitable_and_ready", reason="All is well", version=1
        )
    address = reverse("portfolio_override", args=[review.round_id, RENAL])
    sent = {"override": "suitable_and_ready", "override_reason": "All is well", "version": "1"}
    answer = signed_in(second).post(address, sent)
    text = words(answer.content.decode())
    assert answer.status_code == 409 and "One provider" in text
    assert 'name="version" value="2"' in answer.content.decode()
    assert signed_in(second).post(address, sent | {"version": "2"}).status_code == 302


def test_two_windows_of_one_panel_member_do_not_lose_either(people: People) -> None:
    review = renal(opened(people.keeper))
    client, address = signed_in(people.ann), reverse("portfolio_line", args=[review.round_id, RENAL])
    empty = {f"{key}-version": "0" for key in judged()}
    first = empty | {"quality-answer": "yes", "quality-reason": "Shorter waits"}
    assert client.post(address, first).status_code == 302
    answer = client.post(address, empty | {"quality-answer": "no", "quality-reason": "Longer waits"})
    text = words(answer.content.decode())
    assert answer.status_code == 409 and "Shorter waits" in text and "Longer waits" in text
    assert Judgement.objects.get().answer == YES
    again = empty | {"quality-version": "1", "quality-answer": "no", "quality-reason": "Longer waits"}
    assert client.post(address, again).status_code == 302
    assert Judgement.objects.get().answer == NO


def test_an_answer_without_a_reason_and_a_reason_without_an_answer_are_asked_for_again(
    people: People,
) -> None:
    review = renal(opened(people.keeper))
    client, address = signed_in(people.ann), reverse("portfolio_line", args=[review.round_id, RENAL])
    empty = {f"{key}-version": "0" for key in judged()}
    for sent, told in (
        ({"quality-answer": "yes"}, "say why"),
        ({"quality-reason": "Because of it"}, "choose an answer"),
    ):
        answer = client.post(address, empty | sent)
        assert answer.status_code == 400 and told in answer.content.decode()
    assert not Judgement.objects.exists()


# --- what comes of it


def settled(people: People, title: str = "Review of a test", override: str = "") -> ReviewRound:
    round_ = opened(people.keeper, title)
    review = renal(round_, steady=True)
    judge_all(people.ann, review)
    move(people.keeper, round_, "disclose")
    if override:
        actions.override(
            actor=people.keeper, review=review, recommendation=override, reason="One provider", version=1
        )
    return move(people.keeper, round_, "settle")


def test_what_is_settled_is_recommended_to_who_decides_and_to_nobody_else(people: People) -> None:
    round_ = settled(people)
    [found] = [each for each in recommended(people.secretary) if each.reference == round_.reference]
    assert (found.lines, found.arrangement) == ((RENAL,), "delegated")
    assert signed_in(people.secretary).get(found.address).status_code == 200
    other = person("icb_lead", email="lead@qnc.example").actor()
    assert all(each.reference != round_.reference for each in recommended(other))


def test_an_override_is_what_settles_and_says_so(people: People) -> None:
    round_ = settled(people, override="retained")
    review = renal(round_)
    assert (review.recommended, review.because) == ("retained", "Overridden: One provider")
    assert all(each.reference != round_.reference for each in recommended(people.secretary))


def test_a_round_is_compared_with_the_last_that_was_settled(people: People) -> None:
    first = settled(people, "First review")
    second = settled(people, "Second review", override="retained")
    client = signed_in(people.keeper)
    text = words(client.get(reverse("portfolio_compare", args=[second.pk])).content.decode())
    assert "Recommended otherwise 1" in text and RENAL in text and "One provider" in text
    text = words(client.get(reverse("portfolio_compare", args=[first.pk])).content.decode())
    assert "nothing to compare with" in text


def test_the_lists_leave_as_csv_and_as_a_workbook_and_are_put_on_record(people: People) -> None:
    round_ = settled(people)
    client, address = signed_in(people.secretary), reverse("portfolio_file", args=[round_.pk])
    held = client.post(address, {"file": "csv", "reason": "For the Board"})
    rows = list(csv.DictReader(io.StringIO(held.content.decode())))
    assert len(rows) == LineReview.objects.filter(round=round_).count()
    assert rows[0]["list"] == "Suitable and ready" and rows[0]["service_line"] == RENAL
    assert rows[0]["outturn"] == "5000000.00"
    book = zipfile.ZipFile(io.BytesIO(client.post(address, {"file": "xlsx", "reason": "For it"}).content))
    for name in ("Suitable and ready", "Suitable, not yet ready", "Retained"):
        assert name in book.read("xl/workbook.xml").decode()
    assert Entry.objects.filter(action="portfolio.export").count() == 2
    assert client.post(address, {"file": "csv", "reason": ""}).status_code == 400
    assert client.post(address, {"file": "doc", "reason": "For it"}).status_code == 400


def test_everything_done_is_on_record_with_its_reason(people: People) -> None:
    settled(people, override="retained")
    done = set(Entry.objects.filter(action__startswith="portfolio.").values_list("action", flat=True))
    assert done == {
        "portfolio.open",
        "portfolio.judge",
        "portfolio.disclose",
        "portfolio.override",
        "portfolio.settle",
    }
    verify()


# --- pages


def test_a_round_is_measured_from_the_ledger_and_says_so(people: People, workspace: Workspace) -> None:
    receive(workspace, [*year_of("202425", 20), *year_of("202526", 22)])
    build_in(workspace)
    round_ = opened(people.keeper)
    assert round_.synthetic
    text = words(
        signed_in(people.ann).get(reverse("portfolio_line", args=[round_.pk, RENAL])).content.decode()
    )
    assert "Synthetic data" in text and "£2,200" in text and "10.0%" in text
    assert "3 whole years needed, 2 held" in text


def test_without_a_ledger_every_line_is_there_and_says_that_nothing_is_measured(people: People) -> None:
    round_ = opened(people.keeper)
    text = words(
        signed_in(people.ann).get(reverse("portfolio_line", args=[round_.pk, RENAL])).content.decode()
    )
    assert "speccom build" in text


def test_lines_are_chosen_by_words_programme_list_and_what_one_has_judged(people: People) -> None:
    round_ = opened(people.keeper)
    judge_all(people.ann, renal(round_))
    client, address = signed_in(people.ann), reverse("portfolio_round", args=[round_.pk])
    assert f"{RENAL}" in client.get(address, {"only": "judged"}).content.decode()
    assert f"lines/{RENAL}/" not in client.get(address, {"only": "to_judge"}).content.decode()
    assert "1 service line of" in words(client.get(address, {"text": RENAL.lower()}).content.decode())
    assert client.get(address, {"only": "mine"}).status_code == 400
    assert client.get(address, {"list": "mine"}).status_code == 400


def test_a_panel_member_is_led_to_the_next_line_that_they_have_not_judged_whole(people: People) -> None:
    round_ = opened(people.keeper)
    first, second, third = LineReview.objects.filter(round=round_)[:3]
    judge_all(people.ann, second)
    onward = queries.next_to_judge(people.ann, first)
    assert onward is not None and onward.line == third.line
    other = queries.next_to_judge(people.bob, first)
    assert other is not None and other.line == second.line
    page = signed_in(people.ann).get(reverse("portfolio_line", args=[round_.pk, first.line]))
    assert f"Next line to judge: {third.name}" in words(page.content.decode())


def test_a_review_is_opened_moved_and_refused_from_its_pages(people: People) -> None:
    client = signed_in(people.keeper)
    sent = {"title": "Review 2026", "on": "2026-11-01", "reason": "The year's review"}
    assert client.post(reverse("portfolio"), sent | {"title": ""}).status_code == 400
    answer = client.post(reverse("portfolio"), sent)
    assert answer.status_code == 302
    round_ = ReviewRound.objects.get()
    address = reverse("portfolio_move", args=[round_.pk, "disclose"])
    assert client.post(address, {"reason": ""}).status_code == 400
    assert client.post(address, {"reason": "As planned"}).status_code == 302
    assert "Review 2026" in client.get(reverse("portfolio")).content.decode()
    assert signed_in(people.ann).post(reverse("portfolio"), sent).status_code == 403


def test_the_panel_is_told_that_a_review_is_open_and_that_it_is_disclosed(people: People) -> None:
    made = opened(people.keeper)
    actions.move(actor=people.keeper, round_=made, name="disclose", reason="Judged enough")
    told = Notice.objects.order_by("pk").values_list("person__email", "sentence")
    assert [(email, sentence.partition(":")[0]) for email, sentence in told] == [
        ("ann@x24.example", "It is open"),
        ("bob@x24.example", "It is open"),
        ("ann@x24.example", "End judging and disclose"),
        ("bob@x24.example", "End judging and disclose"),
    ]
    assert {each.about for each in Notice.objects.all()} == {"Portfolio: Review of a test"}
