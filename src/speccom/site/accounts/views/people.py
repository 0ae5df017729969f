"""The pages for administrators."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from speccom.site.accounts import forms, queries
from speccom.site.accounts.access import actor, may
from speccom.site.accounts.actions import people as actions
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.models import KEEP, Person
from speccom.site.accounts.presenters import people as words
from speccom.site.accounts.views import rendered, sent, tried


@may(KEEP)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    asks = actor(request)
    page = words.people_page(queries.people(asks), queries.memberships(asks), queries.invitations(asks))
    return rendered(request, "acts", page)


@may(KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    asks = actor(request)
    form = forms.Invite(asks, sent(request), initial={"email": request.GET.get("email", "")[:254]})
    status = 200
    if request.method == "POST":
        invited, status = tried(
            form,
            lambda said: actions.invite(
                actor=asks,
                email=said["email"],
                role=said["role"],
                organisation=said["place"],
                own_name=said["own_name"],
                reason=said["reason"],
                by_email=True,
            ),
        )
        if invited is not None:
            if invited.token is None:
                return HttpResponseRedirect(reverse("people"))
            return _link(request, invited.token, invited.email, actions.JOIN_WITHIN.days)
    return rendered(request, "form", words.invite_page(form), status)


@may(KEEP)
@require_safe
def person(request: HttpRequest, number: int) -> HttpResponse:
    return _person(request, queries.person(actor(request), number))


@may(KEEP)
@require_POST
def end_role(request: HttpRequest, number: int) -> HttpResponse:
    held = queries.membership(actor(request), number)
    return _acted(
        request,
        held.person,
        f"role{held.pk}",
        lambda reason: actions.end_role(actor=actor(request), membership=held, reason=reason),
    )


@may(KEEP)
@require_POST
def anew(request: HttpRequest, number: int) -> HttpResponse:
    helped = queries.person(actor(request), number)
    form = forms.Reason(request.POST)
    token, status = tried(
        form, lambda said: actions.anew(actor=actor(request), person=helped, reason=said["reason"])
    )
    if token is not None:
        return _link(request, token, helped.email, actions.ANEW_WITHIN.days)
    return _person(request, helped, form, "anew", status)


@may(KEEP)
@require_POST
def close_account(request: HttpRequest, number: int) -> HttpResponse:
    return _set_open(request, number, is_open=False)


@may(KEEP)
@require_POST
def open_account(request: HttpRequest, number: int) -> HttpResponse:
    return _set_open(request, number, is_open=True)


@may(KEEP)
@require_safe
def invitation(request: HttpRequest, number: int) -> HttpResponse:
    return rendered(request, "acts", words.invitation_page(queries.invitation(actor(request), number)))


@may(KEEP)
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    held = queries.invitation(actor(request), number)
    form = forms.Reason(request.POST)
    done, status = tried(
        form,
        lambda said: _done(
            lambda: actions.withdraw(actor=actor(request), invitation=held, reason=said["reason"])
        ),
    )
    if done:
        return HttpResponseRedirect(reverse("people"))
    return rendered(request, "acts", words.invitation_page(held, _first_error(form)), status)


def _set_open(request: HttpRequest, number: int, *, is_open: bool) -> HttpResponse:
    about = queries.person(actor(request), number)
    return _acted(
        request,
        about,
        "account",
        lambda reason: actions.set_open(actor=actor(request), person=about, is_open=is_open, reason=reason),
    )


def _acted(request: HttpRequest, about: Person, key: str, act: Callable[[str], None]) -> HttpResponse:
    """Act on a person with the reason that was sent, and go back to their page."""
    form = forms.Reason(request.POST)
    done, status = tried(form, lambda said: _done(lambda: act(said["reason"])))
    if done:
        return HttpResponseRedirect(reverse("person", args=[about.pk]))
    return _person(request, about, form, key, status)


def _person(
    request: HttpRequest, about: Person, form: Any = None, key: str = "", status: int = 200
) -> HttpResponse:
    asks: Actor = actor(request)
    held = list(queries.memberships(asks).filter(person=about))
    page = words.person_page(
        about,
        held,
        kept=about.pk != asks.person.pk,
        wrong=_first_error(form) if form is not None else "",
        wrong_at=key,
    )
    return rendered(request, "acts", page, status)


def _link(request: HttpRequest, token: str, email: str, days: int) -> HttpResponse:
    address = request.build_absolute_uri(reverse("invitation", args=[token]))
    return rendered(request, "once", words.link_page(address, email, days))


def _done(act: Callable[[], None]) -> bool:
    act()
    return True


def _first_error(form: Any) -> str:
    return next((str(error) for errors in form.errors.values() for error in errors), "")
