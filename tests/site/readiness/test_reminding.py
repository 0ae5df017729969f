"""Those whom an assessment waits for are reminded of its last day, once, by whatever works in the background."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from tests.site.readiness.world import OURS, THEIRS, People, begun, moved, opened, rated, recommended, signed

from speccom.readiness.course import REMINDED, due_soon
from speccom.site.jobs import actions as jobs
from speccom.site.jobs.models import Job
from speccom.site.notices.models import Notice
from speccom.site.readiness import actions
from speccom.site.readiness.models import Round

OnDay = Callable[[date], int]


@pytest.fixture
def on_day(monkeypatch: pytest.MonkeyPatch) -> OnDay:
    """Remind as on a day."""

    def remind(day: date) -> int:
        monkeypatch.setattr(actions, "today", lambda: day)
        return actions.remind()

    return remind


def reminders() -> list[str]:
    """Who was reminded, by their addresses."""
    found = Notice.objects.filter(sentence__startswith="A reminder: it is with").select_related("person")
    return sorted(each.person.email for each in found)


def test_a_step_is_near_its_end_from_a_week_before_its_last_day_until_that_day() -> None:
    last = date(2027, 1, 25)
    near = [due_soon("draft", {"draft": last}, last + timedelta(days=days)) for days in (-8, -7, 0, 1)]
    assert near == [False, True, True, False] and timedelta(days=7) == REMINDED
    assert not due_soon("draft", {}, last)


def test_leads_of_a_board_are_reminded_once_on_the_site_and_by_mail(people: People, on_day: OnDay) -> None:
    round_ = opened(people.national)
    begun(people.lead, round_)
    last = round_.days["draft"]
    assert on_day(last - timedelta(days=8)) == 0 and reminders() == []
    before = Job.objects.count()
    assert on_day(last - timedelta(days=7)) == 1
    assert reminders() == ["colleague@qnc.example", "lead@qnc.example"]
    assert Job.objects.count() == before + 2, "no e-mail goes with it"
    assert [on_day(last - timedelta(days=days)) for days in (7, 3, 0)] == [0, 0, 0]
    assert len(reminders()) == 2


def test_a_last_day_that_was_changed_is_reminded_of_anew(people: People, on_day: OnDay) -> None:
    round_ = opened(people.national)
    begun(people.lead, round_)
    last = round_.days["draft"]
    assert on_day(last) == 1
    later = last + timedelta(days=10)
    deadlines = {**round_.deadlines, "draft": later.isoformat()}
    Round.objects.filter(pk=round_.pk).update(deadlines=deadlines)
    assert (on_day(last), on_day(later), on_day(later)) == (0, 1, 0)


def test_who_was_told_of_the_last_day_by_a_move_in_its_week_is_not_reminded(
    people: People, on_day: OnDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = opened(people.national)
    last = round_.days["signed"]
    monkeypatch.setattr(actions, "today", lambda: last - timedelta(days=1))
    signed(people, round_)
    assert on_day(last) == 0 and reminders() == []


def test_a_board_that_has_signed_is_not_reminded_while_the_other_is(people: People, on_day: OnDay) -> None:
    round_ = opened(people.national)
    made = begun(people.region, round_, OURS, THEIRS, name="Both")
    rated(people.lead, made)
    moved(people.lead, made, "sign")
    assert on_day(round_.days["draft"]) == 1
    assert reminders() == ["lead@qhl.example"]


def test_the_region_and_the_panel_are_reminded_of_theirs_and_nobody_of_what_is_recommended(
    people: People, on_day: OnDay
) -> None:
    made = signed(people)
    assert on_day(made.round.days["signed"]) == 1 and reminders() == ["region@y60.example"]
    rated(people.region, made, "partly")
    moved(people.region, made, "complete")
    assert on_day(made.round.days["assessed"]) == 1
    assert reminders() == ["national@x24.example", "region@y60.example"]


def test_nobody_is_reminded_of_what_is_recommended(people: People, on_day: OnDay) -> None:
    made = recommended(people)
    assert [on_day(day) for day in made.round.days.values()] == [0, 0, 0]


def test_what_works_in_the_background_reminds_and_goes_on_where_something_fails(
    people: People, on_day: OnDay, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_ = opened(people.national)
    begun(people.lead, round_)
    monkeypatch.setattr(actions, "today", lambda: round_.days["draft"])
    assert actions.remind in jobs._regularly

    def fails() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(jobs, "_regularly", [fails, *jobs._regularly])
    jobs.do_regularly()
    assert len(reminders()) == 2
