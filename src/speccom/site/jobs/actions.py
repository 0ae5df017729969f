"""Begins work in the background, does it, and takes up again what a kill broke off.

A job and its place in the queue are rows of the site's database, written in the transaction of the act that
asks for it: work of an act that is undone is never begun.
"""

from __future__ import annotations

import functools
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks.base import Task, TaskResultStatus
from django_tasks_db.models import DBTaskResult

from speccom.errors import SpeccomError
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.keeping import CannotRead, decrypt, encrypt
from speccom.site.accounts.models import Person
from speccom.site.audit.actions import record_act
from speccom.site.jobs.models import BROKEN, DONE, LONGEST_ABOUT, LONGEST_ERROR, RUNNING, WAITING, Job

LOG = logging.getLogger(__name__)
LATER = (60, 10 * 60, 60 * 60, 6 * 3600)
"""Seconds until each further try of what another machine did not take."""
BEGUN_AT_MOST = 3
"""How often one place in the queue is begun by processes that are killed in it."""
KEPT = timedelta(days=30)
"""For how long places in the queue are kept once they are done."""
_TOLD_EVERY = 0.5


class JobError(SpeccomError):
    """Work in the background that cannot be done as asked."""

    code = "job"


class NotNow(SpeccomError):
    """What a job needs does not answer just now: it is tried again later."""

    code = "not_now"


@dataclass
class Progress:
    """How a job tells how far it is; seldom enough that telling costs nothing."""

    number: int
    _told: float = field(default=0.0)

    def __call__(self, part: int, whole: int) -> None:
        now = time.monotonic()
        if now - self._told >= _TOLD_EVERY or part == whole:
            self._told = now
            Job.objects.filter(pk=self.number).update(part=part, whole=whole)


def job(function: Callable[[Progress, dict[str, Any]], None]) -> Task[[int], None]:
    """Let a function of a module be work in the background; it is given its progress and what it needs.

    It may be begun again after a kill at any moment, so doing it twice must do no harm. It raises `NotNow` for
    what may be well later, and any other `SpeccomError` with a sentence for whoever started it.
    """

    @functools.wraps(function)
    def run(number: int) -> None:
        _run(number, function)

    made: Task[[int], None] = task()(run)
    return made


def start(
    does: Task[[int], None],
    *,
    about: str,
    needs: Mapping[str, Any],
    person: Person | None,
    organisation: str = "",
    address: str = "",
    makes: str = "",
) -> Job:
    """Put work in the queue, in the caller's own transaction. `needs` is JSON. Raises `JobError` outside one."""
    if not connection.in_atomic_block:
        raise JobError(f"{about!r} was to be started outside the transaction that asks for it.")
    made: Job = Job.objects.create(
        does=does.module_path,
        about=about[:LONGEST_ABOUT],
        address=address,
        makes=makes,
        person=person,
        organisation=organisation,
        needs=encrypt(json.dumps(dict(needs))),
    )
    does.enqueue(made.pk)
    return made


@transaction.atomic
def again(*, actor: Actor, held: Job, reason: str = "Started again") -> None:
    """Put a job that was broken off in the queue once more. Raises `JobError` for any other."""
    row: Job = Job.objects.select_for_update().get(pk=held.pk)
    if row.state != BROKEN:
        raise JobError("This is waiting, running or done: only what was broken off is started again.")
    row.state, row.tries, row.error, row.ended, row.part, row.asked = WAITING, 0, "", None, 0, timezone.now()
    row.save()
    import_string(row.does).enqueue(row.pk)
    record_act(
        actor,
        row.organisation or actor.organisation,
        "jobs.again",
        f"job {row.pk}",
        reason,
        before={"state": BROKEN},
        after={"state": WAITING},
    )


_regularly: list[Callable[[], object]] = []


def regularly(does: Callable[[], object]) -> None:
    """Let the one process that works call this now and again, about once an hour; called once, when its app is ready.

    It may be called at any time and again at once, so doing it twice must do no harm.
    """
    if does not in _regularly:
        _regularly.append(does)


def do_regularly() -> None:
    """Call what is to be called now and again; one that fails is told in the log, and holds up no other."""
    for does in _regularly:
        try:
            does()
        except OperationalError:
            raise  # the database does not answer: all of it is tried again
        except Exception:
            LOG.exception("%s.%s broke off", does.__module__, does.__name__)


def take_up() -> int:
    """Put back in the queue what a kill broke off; how many were. Only for who is the one that works.

    What broke off `BEGUN_AT_MOST` times is marked so, with what to do: it may be what ends the process.
    """
    found = list(DBTaskResult.objects.running())
    for held in found:
        with transaction.atomic():
            rows = Job.objects.filter(pk=held.args_kwargs["args"][0]).exclude(state=DONE)
            if len(held.worker_ids) < BEGUN_AT_MOST:
                DBTaskResult.objects.filter(pk=held.pk).update(status=TaskResultStatus.READY)
                rows.update(state=WAITING, part=0)
            else:
                DBTaskResult.objects.filter(pk=held.pk).update(
                    status=TaskResultStatus.FAILED, finished_at=timezone.now()
                )
                rows.update(
                    state=BROKEN,
                    ended=timezone.now(),
                    error=f"The process that did it was ended {BEGUN_AT_MOST} times in the middle. Start it "
                    "again; if it ends so once more, tell whoever runs the site.",
                )
    return len(found)


def forget() -> None:
    """Remove places in the queue that were done long ago; the jobs themselves stay."""
    DBTaskResult.objects.finished().filter(finished_at__lt=timezone.now() - KEPT).delete()


def _run(number: int, function: Callable[[Progress, dict[str, Any]], None]) -> None:
    with transaction.atomic():
        held: Job = Job.objects.select_for_update().get(pk=number)
        if held.state in {DONE, BROKEN}:
            return  # done before the kill that left its place in the queue unmarked
        held.state, held.tries, held.error = RUNNING, held.tries + 1, ""
        held.started = held.started or timezone.now()
        held.save()
    try:
        function(Progress(number), json.loads(decrypt(held.needs)))
    except CannotRead:
        _end(
            number, BROKEN, "The site's key has changed since this was asked for: do anew what asked for it."
        )
    except NotNow as error:
        if held.tries > len(LATER):
            _end(
                number,
                BROKEN,
                f"{error} It was tried {held.tries} times: start it again once that is mended.",
            )
            return
        wait = timedelta(seconds=LATER[held.tries - 1])
        with transaction.atomic():
            said = f"{error} It is tried again by itself."
            Job.objects.filter(pk=number).update(state=WAITING, error=said[:LONGEST_ERROR])
            import_string(held.does).using(run_after=timezone.now() + wait).enqueue(number)
    except SpeccomError as error:
        _end(number, BROKEN, str(error))
    except Exception:
        LOG.exception("Job %s, %s, broke off", number, held.does)
        _end(
            number,
            BROKEN,
            "Something went wrong that Speccom did not foresee. Start it again; if it breaks off once more, "
            f"tell whoever runs the site that it is job {number}: its log says more.",
        )
    else:
        _end(number, DONE, "")


def _end(number: int, state: str, error: str) -> None:
    said = {"state": state, "error": error[:LONGEST_ERROR], "ended": timezone.now()}
    Job.objects.filter(pk=number).update(**said, **({"needs": ""} if state == DONE else {}))
