"""Words of the pages on the way in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse

from speccom.site.accounts.models import Invitation
from speccom.site.accounts.presenters import FormPage, OncePage
from speccom.site.accounts.roles import ROLES
from speccom.site.core.pages import Link


def sign_in_page(form: Any, onward: str, notes: tuple[str, ...]) -> FormPage:
    links: tuple[Link, ...] = ()
    if settings.OIDC:
        start = reverse("sign_in_organisation", query={"next": onward} if onward else None)
        links = (Link(f"Sign in with {settings.OIDC['name']}", start),)
    return FormPage(
        title="Sign in",
        lead="For people who work in commissioning, in trusts or in patients’ bodies and were invited. "
        "Everything public is open to you without signing in.",
        form=form,
        button="Sign in",
        onward=onward,
        notes=notes,
        links=links,
    )


def code_page(form: Any) -> FormPage:
    return FormPage(
        title="Enter your code",
        lead="The second step of signing in, so that a password alone opens nothing.",
        form=form,
        button="Go on",
        links=(Link("Begin again", reverse("sign_in")),),
        notes=(
            "Neither your application nor a recovery code at hand? An administrator of your organisation can "
            "give you a link to set your sign-in anew.",
        ),
    )


def set_up_page(form: Any, picture: str, secret: str) -> FormPage:
    return FormPage(
        title="Set up your second step",
        lead="From now on you sign in with your password and a code that an application on your own device "
        "makes. Any application for one-time codes will do.",
        form=form,
        button="Go on",
        picture=picture,
        typed=" ".join(secret[part : part + 4] for part in range(0, len(secret), 4)),
        notes=(
            "In the application, add an account and point the camera at this picture, or type the key below it. "
            "Then enter the code that it shows.",
        ),
    )


def codes_page(codes: list[str], onward: str) -> OncePage:
    return OncePage(
        title="Keep your recovery codes",
        lead="If you lose your device, each of these signs you in once in place of a code.",
        what="Recovery codes",
        secrets=tuple(codes),
        notes=("They are shown on this page only. Print them, or keep them where you keep passwords.",),
        link=Link("I have kept them: go on", onward),
    )


def join_page(form: Any, invitation: Invitation) -> FormPage:
    assert invitation.organisation is not None
    role = ROLES[invitation.role].name
    return FormPage(
        title="Join Speccom",
        lead=f"You are invited as {role} at {invitation.organisation.name}.",
        form=form,
        button="Make my account",
        notes=(f"You will sign in as {invitation.email}. Next you set up a second step.",),
    )


def take_page(form: Any, invitation: Invitation, *, signed_in: bool) -> FormPage:
    assert invitation.organisation is not None
    role = ROLES[invitation.role].name
    here = reverse("sign_in")
    return FormPage(
        title="Take a further role",
        lead=f"{invitation.email}, who has an account, is invited as {role} at {invitation.organisation.name}.",
        form=form,
        button="Take the role" if signed_in else "",
        notes=() if signed_in else ("Sign in with that account, then open this link again.",),
        links=() if signed_in else (Link("Sign in", here),),
    )


def anew_page(form: Any, invitation: Invitation) -> FormPage:
    return FormPage(
        title="Set your sign-in anew",
        lead=f"For {invitation.email}. Your old password, second step, recovery codes and tokens end with this.",
        form=form,
        button="Set my password",
    )
