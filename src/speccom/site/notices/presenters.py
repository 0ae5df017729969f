"""The words of the page of notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from speccom.period import long_date
from speccom.site.core.pages import Link, Page, table
from speccom.site.notices.models import Notice


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One notice that waits."""

    link: Link
    sentence: str
    told: str
    finish: str


@dataclass(frozen=True, kw_only=True)
class NoticesPage(Page):
    """What waits, and in its tables what is done."""

    waiting: tuple[Waiting, ...]


def notices_page(waiting: list[Notice], done: list[Notice]) -> NoticesPage:
    rows = ((Link(each.about, each.address), each.sentence, when(each.told)) for each in done)
    return NoticesPage(
        title="Notices",
        lead=counted(len(waiting)),
        trail=(Link("Your workspace", reverse("workspace")),),
        waiting=tuple(
            Waiting(
                link=Link(each.about, each.address),
                sentence=each.sentence,
                told=when(each.told),
                finish=reverse("finish_notice", args=[each.pk]),
            )
            for each in waiting
        ),
        tables=(table("done", "Done, the latest first", ("About", "What it said", "Told"), rows),)
        if done
        else (),
    )


def counted(number: int) -> str:
    """How many wait, as a sentence."""
    if number == 0:
        return "Nothing waits for you."
    return "One thing waits for you." if number == 1 else f"{number} things wait for you."


def when(at: datetime) -> str:
    """`26 November 2026, 14:05`, in England."""
    local = timezone.localtime(at)
    return f"{long_date(local.date())}, {local:%H:%M}"
