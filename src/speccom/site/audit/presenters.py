"""The words of the record's pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC

from django.urls import reverse
from django.utils import timezone

from speccom.period import long_date
from speccom.site.accounts.organisations import name_in
from speccom.site.audit.forms import Asked
from speccom.site.audit.models import Entry
from speccom.site.core.library import register
from speccom.site.core.pages import Link, Page, table

COLUMNS = ("Row", "When", "Who", "Did", "To", "Reason")


FILES = {"csv": "CSV", "xlsx": "Excel workbook"}
"""Kinds of file in which rows can be taken away."""


@dataclass(frozen=True, kw_only=True)
class EntriesPage(Page):
    """Rows of the record, what was asked, and where the next ones are."""

    asked: Asked
    actions: tuple[tuple[str, str], ...]
    found: bool
    older: str | None
    wrong: str
    file: str


@dataclass(frozen=True, kw_only=True)
class EntryPage(Page):
    """One row in full."""

    facts: tuple[tuple[str, str], ...]


def entries_page(
    asked: Asked, entries: list[Entry], more: bool, actions: list[str], wrong: str = ""
) -> EntriesPage:
    rows = (
        (
            Link(str(each.number), reverse("audit_entry", args=[each.number])),
            when(each),
            each.actor,
            words_of(each.action),
            each.subject,
            each.reason,
        )
        for each in entries
    )
    older = reverse("audit", query=_said(asked) | {"before": str(entries[-1].number)}) if more else None
    return EntriesPage(
        title="What was done",
        lead="Who did what, when and why, newest first. Rows are only ever added.",
        trail=_trail(),
        asked=asked,
        actions=tuple((each, words_of(each)) for each in actions),
        found=bool(entries),
        older=older,
        wrong=wrong,
        file=reverse("audit_file", query=_said(asked) or None),
        tables=(table("entries", "Rows of the record", COLUMNS, rows),) if entries else (),
    )


def file_page(entries: list[Entry]) -> Page:
    """The rows whole, for a file: times in UTC, states and hashes as they are kept."""
    rows = (
        (
            each.number,
            each.at.astimezone(UTC).isoformat(timespec="microseconds"),
            each.actor,
            each.organisation,
            each.action,
            each.subject,
            each.reason,
            each.before,
            each.after,
            each.previous_hash,
            each.own_hash,
        )
        for each in entries
    )
    columns = ("Row", "At", "Actor", "Organisation", "Action", "Subject", "Reason", "Before", "After")
    hashes = ("Previous hash", "Own hash")
    held = table("entries", "Rows of the record", (*columns, *hashes), rows)
    return Page(title="What was done", tables=(held,), sources=("This site's audit table",))


def entry_page(entry: Entry) -> EntryPage:
    place = entry.organisation
    named = name_in(register(), place) if place else None
    facts = [
        ("When", when(entry)),
        ("Who", entry.actor),
        ("Organisation", f"{named} ({place})" if named else place or "None"),
        ("Did", words_of(entry.action)),
        ("To", entry.subject),
        ("Reason", entry.reason),
        *_state("Before", entry.before),
        *_state("After", entry.after),
        ("Hash of this row", entry.own_hash),
        ("Hash of the row before", entry.previous_hash),
    ]
    return EntryPage(
        title=f"Row {entry.number}",
        trail=(*_trail(), Link("What was done", reverse("audit"))),
        facts=tuple(facts),
    )


def when(entry: Entry) -> str:
    """`26 November 2026, 14:05`, in England."""
    local = timezone.localtime(entry.at)
    return f"{long_date(local.date())}, {local:%H:%M}"


def words_of(action: str) -> str:
    """`people.give_role` as `Give role`: the domain is told by what it was done to."""
    return action.rpartition(".")[2].replace("_", " ").capitalize()


def _state(name: str, text: str) -> list[tuple[str, str]]:
    if not text:
        return []
    held = json.loads(text)
    return [(f"{name}: {key.replace('_', ' ')}", _plain(value)) for key, value in held.items()]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return "None" if value is None else str(value)


def _said(asked: Asked) -> dict[str, str]:
    return {name: value for name, value in asked.query.items() if value}


def _trail() -> tuple[Link, ...]:
    return (Link("Your workspace", reverse("workspace")),)
