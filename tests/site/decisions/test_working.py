"""What a decision would move is worked out in the background, once, shown while it is, and kept for what it is of."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.ledger.worlds import Row, build_in, receive
from tests.site.accounts.world import come_in, person
from tests.site.decisions.world import People, adopted, drafted, proposed
from tests.site.jobs.test_jobs import do_all
from tests.site.jobs.test_killed import until, working
from tests.site.processes import own_database, run
from tests.site.reading import words

from speccom.insight.moved import moved_before, place_of_moved
from speccom.ledger.effect import effect_of
from speccom.register import Register
from speccom.site.decisions import queries
from speccom.site.decisions import working as work
from speccom.site.decisions.models import DecisionRecord
from speccom.site.jobs.models import BROKEN, DONE, RUNNING, WAITING, Job
from speccom.workspace import Workspace

LONDON_BACK = {"kind": "arrange", "regions": ["Y56"], "arrangement": "national", "from": "2027-04-01"}
MOVES = "£12,000 passes from one commissioner to another, of 10 patients"


def ledger(workspace: Workspace, each: int = 1000) -> None:
    rows = [Row(patient_id=number, cost=Decimal(each)) for number in range(12)]
    receive(workspace, rows, name=f"{each}.csv")
    build_in(workspace)


def come(who: Any) -> Client:
    client = Client()
    come_in(client, who.person)
    return client


def seen(client: Client, of: DecisionRecord) -> str:
    answer = client.get(f"/workspace/decisions/{of.pk}/effect/")
    assert answer.status_code == 200
    return answer.content.decode()


def asked(workspace: Workspace, people: People) -> tuple[DecisionRecord, Client]:
    """A decision that waits for approval over a small ledger, and the browser of one who may see its money."""
    ledger(workspace)
    return proposed(people.secretary, LONDON_BACK), come(people.first)


def states() -> list[str]:
    return [each.state for each in Job.objects.filter(makes__gt="").order_by("pk")]


@pytest.mark.django_db
def test_the_registers_difference_is_there_at_once_and_money_once_it_is_worked_out(
    workspace: Workspace, people: People
) -> None:
    made, client = asked(workspace, people)
    for _ in range(2):  # who looks again begins nothing more
        page = seen(client, made)
        assert "What passes from whom to whom" in words(page) and "the answer changes for" in words(page)
        assert "This is being worked out from the ledger" in words(page) and "passes from one" not in words(
            page
        )
        assert 'hx-select="#moved"' in page and "See how far it is now" in words(page)
    assert states() == [WAITING]
    assert "Whose money and people T2026-01 would move" in words(
        client.get("/workspace/jobs/").content.decode()
    )
    do_all()
    assert states() == [DONE] and Job.objects.get(makes__gt="").whole == 5
    for who in (people.first, people.second):
        page = seen(come(who), made)
        assert MOVES in words(page) and "hx-get" not in page and "Made-up data" in words(page)
    assert states() == [DONE], "it was asked again though it was kept"


@pytest.mark.django_db
def test_how_far_it_is_stands_as_a_bar(workspace: Workspace, people: People) -> None:
    made, client = asked(workspace, people)
    seen(client, made)
    Job.objects.filter(makes__gt="").update(state=RUNNING, part=2, whole=5, started=timezone.now())
    assert '<progress class="jobs__bar"' in seen(client, made) and "2 of 5" in words(seen(client, made))


@pytest.mark.django_db
def test_where_nothing_works_in_the_background_the_page_says_what_to_do(
    workspace: Workspace, people: People
) -> None:
    made, client = asked(workspace, people)
    assert "speccom work" not in words(seen(client, made))
    long_ago = timezone.now() - timedelta(minutes=11)
    for state in (WAITING, RUNNING):  # never begun; begun by a process that is gone
        Job.objects.filter(makes__gt="").update(state=state, asked=long_ago, started=long_ago)
        assert "ask whoever runs the site whether speccom work is running" in words(seen(client, made))
        assert "speccom work is running" in words(client.get("/workspace/jobs/").content.decode())


@pytest.mark.django_db
def test_what_is_kept_is_of_this_decision_this_register_and_this_ledger(
    workspace: Workspace, people: People
) -> None:
    ledger(workspace)
    made = drafted(people.secretary, LONDON_BACK)
    client = come(people.secretary)
    seen(client, made)
    do_all()
    assert MOVES in words(seen(client, made))
    made.title = "Other words, and the same facts"
    made.save()
    assert MOVES in words(seen(client, made))

    made.effects = [LONDON_BACK | {"from": "2027-10-01"}]
    made.save()
    assert "being worked out" in words(seen(client, made))
    do_all()
    assert "1 October 2027: £12,000 passes" in words(seen(client, made))

    ledger(workspace, 500)  # the same month sent anew
    assert "being worked out" in words(seen(client, made))
    do_all()
    assert "1 October 2027: £6,000 passes" in words(seen(client, made))

    adopted(people, reference="T2026-02")
    assert "being worked out" in words(seen(client, made))
    do_all()
    assert "1 October 2027: £6,000 passes" in words(seen(client, made))
    assert states() == [DONE] * 4


@pytest.mark.django_db
def test_what_is_kept_is_what_the_command_line_works_out(workspace: Workspace, people: People) -> None:
    ledger(workspace)
    made = proposed(people.secretary, LONDON_BACK)
    seen(come(people.first), made)
    do_all()
    preview = queries.previewed(made).preview
    assert preview is not None and preview.snapshot == Register.load(workspace).snapshot
    kept, anew = moved_before(place_of_moved(workspace, preview)), effect_of(workspace, preview)
    assert kept is not None and kept == anew
    assert kept.moves.schema.equals(anew.moves.schema, check_metadata=True)


@pytest.mark.django_db
def test_work_of_a_register_that_changed_while_it_waited_says_so_and_keeps_nothing(
    workspace: Workspace, people: People
) -> None:
    made, client = asked(workspace, people)
    seen(client, made)
    adopted(people, reference="T2026-02")
    do_all()
    held = Job.objects.get(makes__gt="")
    assert held.state == BROKEN and "changed since this was asked for" in held.error
    assert not list(workspace.kept.rglob("moved-*"))
    assert "being worked out" in words(seen(client, made))


@pytest.mark.django_db
def test_what_cannot_be_told_is_said_with_what_to_do_and_begun_again_by_hand_alone(
    workspace: Workspace, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger(workspace)
    for file in workspace.ledger.rglob("*people*.parquet"):
        file.rename(file.with_suffix(".away"))
    made = proposed(people.secretary, LONDON_BACK)
    client = come(people.first)
    seen(client, made)
    do_all()
    page = seen(client, made)
    assert "could not be worked out" in words(page) and "run speccom build" in words(page)
    assert "Start again" in words(page) and "hx-get" not in page and states() == [BROKEN]
    for file in workspace.ledger.rglob("*.away"):
        file.rename(file.with_suffix(".parquet"))
    client.post(f"/workspace/jobs/{Job.objects.get(makes__gt='').pk}/again/")
    do_all()
    assert MOVES in words(seen(client, made))
    monkeypatch.setattr(work, "work_out_moved", lambda *_: None)
    made = proposed(people.secretary, LONDON_BACK | {"from": "2027-10-01"}, reference="T2026-03")
    seen(client, made)
    do_all()
    assert "must let it write to its workspace" in words(seen(client, made))


@pytest.mark.django_db
def test_who_may_not_see_money_begins_no_work(workspace: Workspace, people: People) -> None:
    ledger(workspace)
    secretary = person("committee_secretary").actor()
    made = proposed(people.secretary, LONDON_BACK)
    DecisionRecord.objects.filter(pk=made.pk).update(organisation="COM-MIDLANDS")
    page = seen(come(secretary), made)
    assert "People, money" not in words(page) and not states()


KILLED = """
from speccom.workspace import Workspace
from speccom.site.config.ready import ready
ready(Workspace.locate())
import os, signal
from speccom.ledger import effect
effect.register_patients = lambda _: os.kill(os.getpid(), signal.SIGKILL)
from speccom.site.jobs.worker import work
work(Workspace.locate(), print)
"""
ASK = """
from speccom.workspace import Workspace
from speccom.site.config.ready import ready
ready(Workspace.locate())
from speccom.site.accounts.models import Person
from speccom.site.decisions import queries, working
from speccom.site.decisions.models import DecisionRecord
from speccom.site.jobs.models import Job
from tests.site.decisions.test_working import LONDON_BACK
from tests.site.decisions.world import People, proposed
if not DecisionRecord.objects.exists():
    proposed(People().secretary, LONDON_BACK)
held = DecisionRecord.objects.get()
asks = Person.objects.get(email="first@x24.example").actor()
found = working.moved(asks, held, queries.previewed(held).preview)
print(found.state if isinstance(found, Job) else found.totals["pounds"].to_pylist())
"""


def test_killed_half_way_it_is_worked_out_by_the_next_process(tmp_path: Path) -> None:
    environment = own_database(tmp_path)
    ledger(Workspace(tmp_path).make())
    assert run(environment, ASK).strip() == WAITING
    left = subprocess.run([sys.executable, "-c", KILLED], env=environment, capture_output=True, check=False)
    assert left.returncode == -signal.SIGKILL, left.stderr
    assert run(environment, ASK).strip() == RUNNING
    with working(environment):
        until(lambda: run(environment, ASK).strip() == "[Decimal('12000.00000000')]")
