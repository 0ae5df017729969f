"""Reads which rows of the record are asked for from an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from speccom.period import PeriodError, parse_date
from speccom.site.explore.forms import AskedWrong, text


@dataclass(frozen=True, slots=True)
class Asked:
    """Rows by an actor, about a subject (both in part), of an action, from a day until before another."""

    actor: str
    subject: str
    action: str
    from_: date | None
    to: date | None
    before: int | None

    @property
    def query(self) -> dict[str, str]:
        """How an address asks the same, without where its page begins."""
        dates = {"from": str(self.from_ or ""), "to": str(self.to or "")}
        return {"actor": self.actor, "subject": self.subject, "action": self.action} | dates


def question(asked: Mapping[str, str]) -> Asked:
    """What an address asks. Raises `AskedWrong` and `PeriodError`."""
    from_, to = (parse_date(text(asked, name)) if text(asked, name) else None for name in ("from", "to"))
    if from_ and to and to < from_:
        raise PeriodError(f"{to} lies before {from_}: give the earlier date first.")
    before = text(asked, "before")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 18):
        raise AskedWrong(f"{before!r} is no row: give its number.")
    return Asked(
        text(asked, "actor"),
        text(asked, "subject"),
        text(asked, "action"),
        from_,
        to,
        int(before) if before else None,
    )
