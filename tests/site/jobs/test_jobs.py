"""Work in the background: begun with the act that asks for it, seen by whose it is, and its end said plainly."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult
from tests.site.accounts.world import come_in, person
from tests.site.jobs.jobs_for_tests import fail, later, refuse, write
from tests.site.reading import words

from speccom.site.accounts.models import Person
from speccom.site.audit.models import Entry
from speccom.site.jobs.actions import LATER, JobError, start, take_up
from speccom.site.jobs.models import Job

pytestmark = pytest.mark.django_db


def asked(does: Task[Any, Any], who: Person | None = None, at: str = "", **needs: str) -> Job:
    with transaction.atomic():
        return start(does, about="The work", needs=needs, person=who, organisation=at)


def do_all() -> None:
    """Do what may be begun now, as the worker does, in this process."""
    for held in list(DBTaskResult.objects.ready()):
        held.claim("tests")
        held.task.call(*held.args_kwargs["args"])
        held.set_successful(None)


def now(job: Job) -> Job:
    found: Job = Job.objects.get(pk=job.pk)
    return found


def test_work_is_done_once_and_what_it_needed_is_forgotten(tmp_path: Path) -> None:
    made = asked(write, file=str(tmp_path / "done"))
    assert "done" not in made.needs and str(tmp_path) not in made.needs, "what it needs lies open"
    do_all()
    held = now(made)
    assert (held.state, held.part, held.whole, held.needs, held.error) == ("done", 1, 4, "", "")
    assert held.started and held.ended and (tmp_path / "done").read_text() == "begun\nended\n"


def test_work_of_an_act_that_is_undone_is_never_begun() -> None:
    with pytest.raises(RuntimeError, match="undone"), transaction.atomic():
        start(write, about="x", needs={}, person=None)
        raise RuntimeError("undone")
    assert not Job.objects.exists() and not DBTaskResult.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_no_work_is_begun_outside_the_transaction_that_asks() -> None:
    with pytest.raises(JobError, match="outside the transaction"):
        start(write, about="x", needs={}, person=None)


def test_a_refusal_is_said_to_who_started_it_who_may_start_again(client: Client) -> None:
    lead = person("icb_lead")
    made = asked(refuse, lead, "QNC")
    do_all()
    come_in(client, lead)
    page = client.get("/workspace/jobs/").content.decode()
    assert "The file has no column of amounts: add one." in words(page) and "Broken off" in words(page)
    assert client.post(f"/workspace/jobs/{made.pk}/again/").status_code == 302
    assert now(made).state == "waiting" and Entry.objects.get(action="jobs.again").actor == lead.email
    answer = client.post(f"/workspace/jobs/{made.pk}/again/")
    assert answer.status_code == 409 and "only what was broken off" in words(answer.content.decode())
    do_all()
    assert now(made).state == "broken"


def test_what_nobody_foresaw_is_told_without_the_programs_words() -> None:
    made = asked(fail)
    do_all()
    assert now(made).state == "broken"
    assert "secret" not in now(made).error and f"job {made.pk}" in now(made).error


def test_what_does_not_answer_is_tried_again_later_and_not_for_ever() -> None:
    made = asked(later)
    for tried, wait in enumerate(LATER, start=1):
        do_all()
        held = now(made)
        assert (held.state, held.tries) == ("waiting", tried)
        assert held.error == "The other machine does not answer. It is tried again by itself."
        again = DBTaskResult.objects.get(status="READY")
        assert abs(again.run_after - timezone.now() - timedelta(seconds=wait)) < timedelta(seconds=30)
        do_all()
        assert now(made).tries == tried, "it was begun before its time"
        DBTaskResult.objects.filter(pk=again.pk).update(run_after=timezone.now())
    do_all()
    assert now(made).state == "broken" and "tried 5 times" in now(made).error


def test_the_page_shows_how_far_work_is_and_asks_again_while_it_goes_on(client: Client) -> None:
    lead = person("icb_lead")
    made = asked(write, lead, "QNC")
    Job.objects.filter(pk=made.pk).update(state="running", part=3, whole=8, started=timezone.now())
    come_in(client, lead)
    page = client.get("/workspace/jobs/").content.decode()
    assert '<progress class="jobs__bar"' in page and 'value="3" max="8"' in page and "hx-get" in page
    assert "One piece of work is not done yet." in words(page)
    Job.objects.filter(pk=made.pk).update(state="done", ended=timezone.now())
    page = client.get("/workspace/jobs/").content.decode()
    assert "<progress" not in page and "hx-get" not in page and "Ended" in words(page)


def test_one_sees_ones_own_work_and_ones_organisations_and_no_other(client: Client) -> None:
    lead, colleague = person("icb_lead"), person("icb_analyst")
    other = person("icb_lead", "QHL")
    ours, mine, theirs = asked(refuse, lead, "QNC"), asked(refuse, lead), asked(refuse, other, "QHL")
    do_all()
    for who, seen in ((lead, {ours, mine}), (colleague, {ours}), (other, {theirs})):
        assert set(Job.objects.visible_to(who.actor())) == seen
    come_in(client, colleague)
    for hidden in (mine, theirs):
        assert client.post(f"/workspace/jobs/{hidden.pk}/again/").status_code == 404
        assert now(hidden).state == "broken"


def test_what_a_kill_broke_off_is_begun_again_and_after_three_times_marked() -> None:
    made = asked(refuse)
    for times in (1, 2, 3):
        held = DBTaskResult.objects.get()
        held.claim(f"worker {times}")
        Job.objects.filter(pk=made.pk).update(state="running")
        assert take_up() == 1
        assert now(made).state == ("waiting" if times < 3 else "broken")
    assert "ended 3 times in the middle. Start it again" in now(made).error
    assert DBTaskResult.objects.get().status == "FAILED" and take_up() == 0
