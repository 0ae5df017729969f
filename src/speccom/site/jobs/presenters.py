"""The words of the page of work in the background."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from speccom.site.accounts.organisations import name_in
from speccom.site.core.library import register
from speccom.site.core.pages import Link, Page, Tag
from speccom.site.jobs.models import BROKEN, DONE, RUNNING, STATES, WAITING, Job
from speccom.site.notices.presenters import when

LONG = {WAITING: timedelta(minutes=1), RUNNING: timedelta(minutes=10)}
"""State → after how long in it a job may be one that nothing works on."""

_COLOURS = {WAITING: "grey", RUNNING: "blue", DONE: "green", BROKEN: "red"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One job; `whole` is 0 where nobody knows how much there is to do, `again` where to start it once more."""

    key: int
    about: Link
    state: Tag
    whose: str
    running: bool
    part: int
    whole: int
    times: tuple[tuple[str, str], ...]
    error: str
    again: str


@dataclass(frozen=True, kw_only=True)
class JobsPage(Page):
    """The latest jobs; `moving` where one of them waits or runs, so that the page is worth asking again."""

    jobs: tuple[Shown, ...]
    moving: bool
    wrong: str


def jobs_page(jobs: list[Job], wrong: str = "") -> JobsPage:
    moving = sum(each.state in {WAITING, RUNNING} for each in jobs)
    return JobsPage(
        title="Work in the background",
        lead=_counted(moving),
        trail=(Link("Your workspace", reverse("workspace")),),
        jobs=tuple(shown(each) for each in jobs),
        moving=moving > 0,
        wrong=wrong,
    )


def _counted(moving: int) -> str:
    if not moving:
        return "Nothing is waiting or running."
    return (
        "One piece of work is not done yet." if moving == 1 else f"{moving} pieces of work are not done yet."
    )


def shown(job: Job) -> Shown:
    times = (("Asked for", job.asked), ("Started", job.started), ("Ended", job.ended))
    place = (name_in(register(), job.organisation) or job.organisation) if job.organisation else ""
    return Shown(
        key=job.pk,
        about=Link(job.about, job.address or None),
        state=Tag(STATES[job.state], _COLOURS[job.state]),
        whose=place or "For you alone",
        running=job.state == RUNNING,
        part=job.part,
        whole=job.whole,
        times=tuple((words, when(at)) for words, at in times if at),
        error=job.error or _stands(job),
        again=reverse("job_again", args=[job.pk]) if job.state == BROKEN else "",
    )


def _stands(job: Job) -> str:
    """What to do about a job that may stand still: nobody can tell, of a process that is gone, that it is gone."""
    begun = job.started if job.state == RUNNING else job.asked
    if job.state not in LONG or begun is None or timezone.now() - begun < LONG[job.state]:
        return ""
    return (
        "This takes long: other work may be before it, or nothing works in the background. If it stays so, ask "
        "whoever runs the site whether speccom work is running. Nothing is lost meanwhile."
    )
