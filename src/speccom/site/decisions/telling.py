"""Tells people what a decision in the making waits for, in the transaction of the act that makes it wait."""

from __future__ import annotations

from django.urls import reverse

from speccom.site.accounts.models import Person
from speccom.site.decisions.models import DecisionRecord
from speccom.site.decisions.states import ADOPTS, APPROVES
from speccom.site.notices.actions import holders, open_accounts, tell
from speccom.site.notices.models import LONGEST_ABOUT


def proposed(held: DecisionRecord) -> None:
    """Those who may approve and wrote none of it are asked to look."""
    asked = [each for each in holders(APPROVES, held.organisation) if each.pk not in held.writers]
    _tell(held, asked, "It is for approval: look at what it would change, and approve it or send it back.")


def approved(held: DecisionRecord) -> None:
    """Those who may adopt are told that it has the approvals that it needs."""
    _tell(held, holders(ADOPTS, held.organisation), "It has the approvals that it needs: adopt it.")


def sent_back(held: DecisionRecord, reason: str) -> None:
    """Its writers are told why it came back."""
    _tell(
        held,
        open_accounts(held.writers),
        f"It was sent back to be changed: {reason.strip()[:300]}",
        "It was sent back to be changed: its page says why.",
    )


def adopted(held: DecisionRecord, adopter: Person | None) -> None:
    """Its writers are told that the register answers by it, but for whoever adopted it."""
    others = [each for each in held.writers if adopter is None or each != adopter.pk]
    _tell(held, open_accounts(others), "It is adopted: the register answers by it from now on.")


def _tell(held: DecisionRecord, people: list[Person], sentence: str, in_mail: str | None = None) -> None:
    about = f"{held.reference}: {held.title}"[:LONGEST_ABOUT]
    tell(
        people=people,
        about=about,
        sentence=sentence,
        address=reverse("decision_record", args=[held.pk]),
        in_mail=in_mail,
    )
