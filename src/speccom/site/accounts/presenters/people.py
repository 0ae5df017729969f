"""Words of the pages for administrators: people, one person, invitations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from speccom.period import long_date
from speccom.site.accounts.models import Invitation, Membership, Person
from speccom.site.accounts.presenters import FormPage, OncePage
from speccom.site.accounts.roles import ROLES
from speccom.site.core.pages import Link, Page, Tag, table


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done here, with a reason: where it is sent, and the words of its button."""

    key: str
    address: str
    heading: str
    sentence: str
    button: str


@dataclass(frozen=True, kw_only=True)
class ActsPage(Page):
    """A page of tables, the links above them, and what can be done below."""

    links: tuple[Link, ...] = ()
    acts: tuple[Act, ...] = ()
    wrong: str = ""
    wrong_at: str = ""


_WORKSPACE = ("Your workspace", "workspace")


def people_page(
    people: Iterable[Person], memberships: Iterable[Membership], invitations: Iterable[Invitation]
) -> ActsPage:
    held: dict[int, list[str]] = {}
    for each in memberships:
        if each.ended is None:
            held.setdefault(each.person_id, []).append(f"{each.held.name}, {each.organisation.name}")
    rows = (
        (
            Link(each.name, reverse("person", args=[each.pk])),
            each.email,
            "; ".join(held.get(each.pk, ["None"])),
            _day(each.last_login) if each.last_login else "Never",
            Tag("Open", "green") if each.is_active else Tag("Closed", "grey"),
        )
        for each in people
    )
    tables = [table("people", "People", ("Name", "E-mail", "Roles", "Signed in", "Account"), rows)]
    waiting = [each for each in invitations if each.open(timezone.now())]
    if waiting:
        tables.append(_invitations(waiting))
    return ActsPage(
        title="People and roles",
        lead="Those who belong to the organisations that you look after.",
        trail=(Link(_WORKSPACE[0], reverse(_WORKSPACE[1])),),
        links=(Link("Invite somebody", reverse("invite")),),
        tables=tuple(tables),
    )


def _invitations(waiting: list[Invitation]) -> Any:
    rows = (
        (
            Link(each.email, reverse("invitation_given", args=[each.pk])),
            ROLES[each.role].name if each.role else "Sign-in anew",
            each.organisation.name if each.organisation else "",
            _day(each.expires),
        )
        for each in waiting
    )
    return table("invitations", "Links not used yet", ("For", "What", "Organisation", "Until"), rows)


def person_page(
    person: Person, memberships: list[Membership], *, kept: bool, wrong: str = "", wrong_at: str = ""
) -> ActsPage:
    """`kept` is whether the reader may act on this person at all."""
    rows = (
        (
            each.held.name,
            each.organisation.name,
            _day(each.begun),
            _day(each.ended) if each.ended else "Still held",
        )
        for each in memberships
    )
    return ActsPage(
        title=person.name,
        lead=f"{person.email}. The account is {'open' if person.is_active else 'closed'}.",
        trail=(Link(_WORKSPACE[0], reverse(_WORKSPACE[1])), Link("People and roles", reverse("people"))),
        links=(Link("Give a further role", reverse("invite", query={"email": person.email})),)
        if kept
        else (),
        tables=(table("roles", "Roles", ("Role", "Organisation", "From", "To"), rows),)
        if memberships
        else (),
        acts=_acts(person, memberships) if kept else (),
        wrong=wrong,
        wrong_at=wrong_at,
    )


def _acts(person: Person, memberships: list[Membership]) -> tuple[Act, ...]:
    ends = [
        Act(
            f"role{each.pk}",
            reverse("end_role", args=[each.pk]),
            f"End the role of {each.held.name} at {each.organisation.name}",
            "It ends with the person’s next request. What was done in it stays on record.",
            "End this role",
        )
        for each in memberships
        if each.ended is None
    ]
    anew = Act(
        "anew",
        reverse("anew", args=[person.pk]),
        "Help with signing in",
        "Makes a link, good for a day and once, by which a new password and second step are set. Be sure whom "
        "you give it to: it is as good as the account.",
        "Make a link",
    )
    word = "Close" if person.is_active else "Open"
    account = Act(
        "account",
        reverse("close_account" if person.is_active else "open_account", args=[person.pk]),
        f"{word} the account",
        "Sessions and tokens end at once."
        if person.is_active
        else "The roles that were not ended count again.",
        f"{word} this account",
    )
    return (*ends, *((anew,) if person.is_active else ()), account)


def invite_page(form: Any) -> FormPage:
    return FormPage(
        title="Invite somebody",
        lead="A link goes to them by e-mail, and you are shown it. Somebody who has an account has the role at once.",
        trail=(Link(_WORKSPACE[0], reverse(_WORKSPACE[1])), Link("People and roles", reverse("people"))),
        form=form,
        button="Invite",
    )


def link_page(address: str, email: str, days: int) -> OncePage:
    last = "1 day" if days == 1 else f"{days} days"
    return OncePage(
        title="Pass this link on",
        lead=f"For {email}. It can be used once, within {last}.",
        what="Link",
        trail=(Link(_WORKSPACE[0], reverse(_WORKSPACE[1])), Link("People and roles", reverse("people"))),
        secrets=(address,),
        notes=(
            "It is shown on this page only. Give it to nobody else: whoever opens it first becomes this person.",
        ),
        link=Link("Back to people and roles", reverse("people")),
    )


def invitation_page(invitation: Invitation, wrong: str = "") -> ActsPage:
    what = ROLES[invitation.role].name if invitation.role else "Sign-in anew"
    place = invitation.organisation.name if invitation.organisation else "no organisation"
    state = "can be used" if invitation.open(timezone.now()) else "can no longer be used"
    return ActsPage(
        title=f"Link for {invitation.email}",
        lead=f"{what}, {place}. It {state}; it was made on {_day(invitation.made)}.",
        trail=(Link(_WORKSPACE[0], reverse(_WORKSPACE[1])), Link("People and roles", reverse("people"))),
        acts=(
            Act(
                "withdraw",
                reverse("withdraw", args=[invitation.pk]),
                "Withdraw the link",
                "It can then no longer be used.",
                "Withdraw it",
            ),
        )
        if invitation.open(timezone.now())
        else (),
        wrong=wrong,
        wrong_at="withdraw" if wrong else "",
    )


def _day(at: Any) -> str:
    return long_date(timezone.localdate(at))
