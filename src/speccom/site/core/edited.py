"""Two people edit the same thing: the second is shown what the first saved beside their own. It knows no subject.

A model that people edit is `Edited`; its edit form carries the `version` that it was opened at; the action
saves through `save_over`, inside its own transaction. Where somebody saved in between, `Stale` says so and
nothing is written: `keep_theirs_beside` makes the form sent again carry the version of now, so that saving
once more is a choice that was made with both in sight.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone

from speccom.errors import SpeccomError
from speccom.site.core.pages import Table, table
from speccom.site.core.words import long_date

FIELD = "version"


class Edited(models.Model):
    """A row that people edit: how often it was, and who did last and when. Mix it in before `Scoped`."""

    version = models.PositiveIntegerField(default=1)
    edited_by = models.CharField(max_length=254, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def in_words(self, name: str, value: Any) -> str:
        """A value of a field as people read it, its choice's words where it has choices."""
        if isinstance(value, list):
            value = "; ".join(map(str, value))
        choices = dict(getattr(self._meta.get_field(name), "flatchoices", ()))
        return str(choices.get(value, "" if value is None else value)) or "(nothing)"


class Stale(SpeccomError):
    """Somebody else saved while this was being edited. `beside` sets theirs beside what was sent."""

    code = "stale"

    def __init__(self, *, version: int, by: str, at: datetime | None, beside: Table) -> None:
        when = (
            f" at {timezone.localtime(at):%H:%M} on {long_date(timezone.localdate(at))}"
            if at is not None
            else ""
        )
        super().__init__(
            f"{by or 'Somebody else'} saved a change{when}, after you opened this page. Nothing of yours is "
            "lost: it stands in the form. Look at both, change what you want, and save again."
        )
        self.version = version
        self.beside = beside


def version_field() -> forms.IntegerField:
    """The hidden field of an edit form, `version = version_field()`; open it with the row's version."""
    return forms.IntegerField(
        min_value=1,
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value"), "This page is not whole any more: open it again."
        ),
    )


def save_over(
    row: Edited, *, version: int, values: Mapping[str, Any], words: Mapping[str, str], by: str
) -> None:
    """Write `values` (field → value) if nobody wrote since `version`, else raise `Stale` and write nothing.

    The row's fields are those of now either way. `words` is field → what people call it, and `by` who saves.
    For actions: of two that save at once the database lets one through.
    """
    held = type(row).objects.filter(pk=row.pk, version=version)  # type: ignore[attr-defined]
    changed = held.update(**values, version=version + 1, edited_by=by, edited_at=timezone.now())
    row.refresh_from_db()
    if not changed:
        raise Stale(
            version=row.version, by=row.edited_by, at=row.edited_at, beside=_beside(row, values, words)
        )


def keep_theirs_beside(form: forms.BaseForm, stale: Stale) -> None:
    """Make the form that was sent carry the version of now, for the page that shows both."""
    sent = form.data.copy()  # type: ignore[attr-defined]
    sent[form.add_prefix(FIELD)] = str(stale.version)
    form.data = sent


def _beside(row: Edited, yours: Mapping[str, Any], words: Mapping[str, str]) -> Table:
    differ = [name for name in yours if getattr(row, name) != yours[name]]
    return table(
        "beside",
        "What was saved, and yours",
        ("What", f"Saved by {row.edited_by or 'somebody else'}", "Yours"),
        (
            (words.get(name, name), row.in_words(name, getattr(row, name)), row.in_words(name, yours[name]))
            for name in differ
        ),
    )
