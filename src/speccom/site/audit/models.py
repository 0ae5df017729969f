"""The audit table and the head of its chain. A row is appended by `actions.record`, and by nothing else."""

from __future__ import annotations

import hashlib
from datetime import UTC
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from django.db import models

from speccom.errors import SpeccomError
from speccom.site.audit import rules
from speccom.site.audit.canonical import canonical
from speccom.site.core.scoped import Scoped, ScopedManager

if TYPE_CHECKING:
    from speccom.site.accounts.actor import Actor

FIRST = "0" * 64
"""What the first row has for the hash of the row before."""


class AppendOnly(SpeccomError):
    """Something tried to change or remove a row of the audit table."""

    code = "append_only"


def _refuse() -> NoReturn:
    raise AppendOnly("The audit table is only added to: its rows are never changed or removed.")


class EntryRows(models.QuerySet["Entry"]):
    """Rows to read; whatever would change them is refused."""

    def update(self, **_: Any) -> NoReturn:
        _refuse()

    def delete(self) -> NoReturn:
        _refuse()

    def bulk_update(self, *_: Any, **__: Any) -> NoReturn:
        _refuse()

    def bulk_create(self, *_: Any, **__: Any) -> NoReturn:
        _refuse()

    def create(self, **_: Any) -> NoReturn:
        _refuse()

    def _raw_delete(self, using: str | None) -> NoReturn:
        _refuse()


class Entry(Scoped):
    """One thing that was done. `before` and `after` are canonical JSON, empty where there was nothing.

    `actor` is an e-mail address, or words for what has none; `subject` is a kind and a key, such as
    `person ann@example.org`.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    actor = models.CharField(max_length=254, db_index=True)
    organisation = models.CharField(max_length=40, db_index=True, blank=True)
    action = models.CharField(max_length=60, db_index=True)
    subject = models.CharField(max_length=300, db_index=True)
    reason = models.TextField()
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64)
    own_hash = models.CharField(max_length=64, unique=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(EntryRows)()

    class Meta:
        ordering = ("-number",)
        base_manager_name = "objects"

    @classmethod
    def visible(cls, rows: models.QuerySet[Entry], actor: Actor) -> models.QuerySet[Entry]:
        return rows.filter(rules.readable(actor))

    def hashed(self) -> str:
        """The hash of all that the row says, the hash of the row before included."""
        said = {
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "actor": self.actor,
            "organisation": self.organisation,
            "action": self.action,
            "subject": self.subject,
            "reason": self.reason,
            "before": self.before,
            "after": self.after,
            "previous": self.previous_hash,
        }
        return hashlib.sha256(canonical(said).encode()).hexdigest()

    def append(self) -> None:
        """Add this row, once; only `actions.record` calls it, which holds the head of the chain."""
        super().save(force_insert=True)

    def save(self, *_: Any, **__: Any) -> NoReturn:
        _refuse()

    def delete(self, *_: Any, **__: Any) -> NoReturn:
        _refuse()


class Head(models.Model):
    """The last row's number and hash: one row, locked by whoever appends, so that there is one chain."""

    unscoped = "It holds a number and a hash, and no page shows it."

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    number = models.PositiveBigIntegerField(default=0)
    own_hash = models.CharField(max_length=64, default=FIRST)

    objects = models.Manager["Head"]()
