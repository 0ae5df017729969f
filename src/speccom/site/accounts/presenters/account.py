"""Words of the pages about oneself: the workspace, the account, its tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone

from speccom.period import long_date
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.models import ApiToken
from speccom.site.accounts.organisations import name_in
from speccom.site.accounts.presenters import FormPage, OncePage
from speccom.site.core.library import register
from speccom.site.core.pages import Cell, Link, Page, Tag, table
from speccom.site.core.permissions import allowed


@dataclass(frozen=True, kw_only=True)
class WorkspacePage(Page):
    """What somebody is and may, and the pages that are open to them."""

    roles: tuple[tuple[str, tuple[str, ...]], ...]
    ways: tuple[tuple[Link, str], ...]


@dataclass(frozen=True, kw_only=True)
class TokensPage(FormPage):
    """The tokens of an account, each with its way to end it."""

    ends: tuple[tuple[str, str], ...]


WAYS = (
    (
        "people.keep",
        "people",
        "People and roles",
        "Invite people, give and end roles, help who cannot sign in.",
    ),
    (
        "portfolio.open",
        "portfolio",
        "Portfolio reviews",
        "Which service lines suit leadership by boards, and which are ready.",
    ),
    (
        "readiness.open",
        "readiness",
        "Readiness of systems",
        "Whether systems are ready for delegation: assess, sign, moderate and see what is recommended.",
    ),
    (
        "decisions.open",
        "decisions_kept",
        "Decisions in the making",
        "Draft, approve and adopt decisions, and see what each would change.",
    ),
    (
        "scenarios.keep",
        "kept_scenarios",
        "Scenarios",
        "What would follow if boards merged or services were delegated, kept by you.",
    ),
    ("audit.open", "audit", "What was done", "Who did what, when and why."),
    (
        "signed_in",
        "jobs",
        "Work in the background",
        "E-mails and other work: how far it is, and what broke off.",
    ),
    ("signed_in", "account", "Your account", "Your password, second step, e-mails and tokens for programs."),
)


def workspace_page(actor: Actor, waiting: str) -> WorkspacePage:
    """The workspace; `waiting` says how many notices wait."""
    return WorkspacePage(
        title="Your workspace",
        lead=f"Signed in as {actor.person.name}, {actor.email}.",
        roles=_roles(actor),
        ways=(
            (Link("Notices", reverse("notices")), waiting),
            *(
                (Link(words, reverse(name)), sentence)
                for permission, name, words, sentence in WAYS
                if allowed(permission, actor)
            ),
        ),
    )


def account_page(actor: Actor) -> WorkspacePage:
    return WorkspacePage(
        title="Your account",
        lead=f"{actor.person.name}, {actor.email}.",
        trail=(Link("Your workspace", reverse("workspace")),),
        roles=(),
        ways=(
            (
                Link("Change your password", reverse("change_password")),
                "Every session of yours ends, and your tokens do too.",
            ),
            (
                Link("New recovery codes", reverse("recovery_codes")),
                "Ten new codes in place of the old ones, shown once.",
            ),
            (
                Link("Notices by e-mail", reverse("email_notices")),
                "Your notices go to your address as well."
                if actor.person.by_email
                else "Your notices are on the site only.",
            ),
            (Link("Tokens for programs", reverse("tokens")), "So that a program of yours can ask the API."),
        ),
    )


def trail() -> tuple[Link, ...]:
    return (Link("Your workspace", reverse("workspace")), Link("Your account", reverse("account")))


def password_page(form: Any) -> FormPage:
    return FormPage(
        title="Change your password",
        trail=trail(),
        form=form,
        button="Change my password",
        notes=("Every session of yours ends, this one too, and so do your tokens. You then sign in again.",),
    )


def email_page(form: Any) -> FormPage:
    return FormPage(
        title="Notices by e-mail",
        trail=trail(),
        form=form,
        button="Save",
        notes=(
            "An e-mail says what waits for you, with a link to its page. Notices stay on the site either way.",
        ),
    )


def renew_page(form: Any) -> FormPage:
    return FormPage(
        title="New recovery codes",
        trail=trail(),
        form=form,
        button="Make new codes",
        notes=("Your old recovery codes end. The new ones are shown once. Confirm with a code first.",),
    )


def tokens_page(form: Any, held: Iterable[ApiToken]) -> TokensPage:
    now = timezone.now()
    tokens = list(held)
    rows = (
        (
            each.name,
            f"{each.start}…",
            each.scopes,
            _day(each.made),
            _day(each.expires),
            _used(each),
            _state(each, now),
        )
        for each in tokens
    )
    columns = ("Name", "Begins with", "May", "Made", "Until", "Last used", "State")
    return TokensPage(
        title="Tokens for programs",
        lead="A program that sends a token is answered as you, as far as the token allows.",
        trail=trail(),
        form=form,
        button="Make a token",
        tables=(table("tokens", "Your tokens", columns, rows),) if tokens else (),
        ends=tuple(
            (reverse("end_token", args=[each.pk]), each.name)
            for each in tokens
            if each.ended is None and each.expires > now
        ),
    )


def token_page(text: str) -> OncePage:
    return OncePage(
        title="Your new token",
        what="Token",
        trail=trail(),
        secrets=(text,),
        notes=(
            "It is shown on this page only. Whoever has it is answered as you.",
            "Programs send it as a header: Authorization: Bearer, then the token.",
        ),
        link=Link("I have kept it: back to tokens", reverse("tokens")),
    )


def _roles(actor: Actor) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (
            f"{each.role.name}, {name_in(register(), each.organisation) or each.organisation}",
            each.role.may,
        )
        for each in actor.holdings
    )


def _day(at: Any) -> str:
    return long_date(timezone.localdate(at))


def _used(token: ApiToken) -> str:
    return _day(token.last_used) if token.last_used else "Never"


def _state(token: ApiToken, now: Any) -> Cell:
    if token.ended:
        return Tag("Ended", "grey")
    return Tag("Expired", "grey") if token.expires <= now else Tag("Counts", "green")
