"""What a decision in the making may be, and who may move it from where to where: a table, and no more."""

from __future__ import annotations

from typing import NamedTuple

DRAFT, PROPOSED, ADOPTING, ADOPTED, WITHDRAWN = "draft", "proposed", "adopting", "adopted", "withdrawn"
DRAFTS, APPROVES, ADOPTS = "decisions.draft", "decisions.approve", "decisions.adopt"
APPROVALS = 2
"""How many different people must approve, none of whom wrote any of it."""

STATES = {
    DRAFT: "Draft",
    PROPOSED: "For approval",
    ADOPTING: "Being adopted",
    ADOPTED: "Adopted",
    WITHDRAWN: "Withdrawn",
}
"""State → its words."""


class Move(NamedTuple):
    """From which states to which, by whom (no permission: by the site itself), and what it is in words."""

    words: str
    from_: tuple[str, ...]
    to: str
    permission: str


MOVES = {
    "draft": Move("Draft", (), DRAFT, DRAFTS),
    "change": Move("Change, which ends its approvals", (DRAFT, PROPOSED), DRAFT, DRAFTS),
    "propose": Move("Put for approval", (DRAFT,), PROPOSED, DRAFTS),
    "approve": Move("Approve", (PROPOSED,), PROPOSED, APPROVES),
    "send_back": Move("Send back", (PROPOSED,), DRAFT, APPROVES),
    "withdraw": Move("Withdraw", (DRAFT, PROPOSED), WITHDRAWN, DRAFTS),
    "adopt": Move("Adopt, once two have approved", (PROPOSED,), ADOPTING, ADOPTS),
    "adopted": Move("In the register", (ADOPTING,), ADOPTED, ""),
    "not_adopted": Move("Refused or interrupted", (ADOPTING,), PROPOSED, ""),
}
"""Every move, by its name in the audit table."""
