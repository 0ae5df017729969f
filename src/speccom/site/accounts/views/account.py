"""The pages about oneself, and who a program's token belongs to."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from speccom.site.accounts import forms, queries, sessions
from speccom.site.accounts.access import actor, may
from speccom.site.accounts.actions import factors, joining, signing_in, tokens
from speccom.site.accounts.models import Person
from speccom.site.accounts.presenters import account as words
from speccom.site.accounts.presenters import signing_in as way_in
from speccom.site.accounts.views import rendered, sent, tried
from speccom.site.core.permissions import SIGNED_IN
from speccom.site.notices.presenters import counted
from speccom.site.notices.queries import count


@may(SIGNED_IN)
@require_safe
def workspace(request: HttpRequest) -> HttpResponse:
    return rendered(
        request, "workspace", words.workspace_page(actor(request), counted(count(actor(request))))
    )


@may(SIGNED_IN)
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return rendered(request, "workspace", words.account_page(actor(request)))


@may(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    form = forms.ChangePassword(sent(request))
    status = 200
    if request.method == "POST":
        person = actor(request).person
        changed, status = tried(form, lambda said: _changed(person, said))
        if changed:
            sessions.end(request)
            return HttpResponseRedirect(reverse("sign_in", query={"changed": "1"}))
    return rendered(request, "form", words.password_page(form), status)


@may(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def email_notices(request: HttpRequest) -> HttpResponse:
    person = actor(request).person
    form = forms.EmailNotices(sent(request), initial={"by_email": str(int(person.by_email))})
    if request.method == "POST" and form.is_valid():
        joining.choose_email(person=person, by_email=form.cleaned_data["by_email"] == "1")
        return HttpResponseRedirect(reverse("account"))
    return rendered(request, "form", words.email_page(form), 400 if form.errors else 200)


@may(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def recovery_codes(request: HttpRequest) -> HttpResponse:
    form = forms.Code(sent(request))
    status = 200
    if request.method == "POST":
        person = actor(request).person
        codes, status = tried(form, lambda said: _renewed(person, said["code"]))
        if codes is not None:
            return rendered(request, "once", way_in.codes_page(codes, reverse("account")))
    return rendered(request, "form", words.renew_page(form), status)


@may(SIGNED_IN)
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request: HttpRequest) -> HttpResponse:
    form = forms.MakeToken(sent(request))
    status = 200
    if request.method == "POST":
        text, status = tried(
            form,
            lambda said: tokens.make(
                actor=actor(request), name=said["name"], scopes=[said["scopes"]], days=said["days"]
            ),
        )
        if text is not None:
            return rendered(request, "once", words.token_page(text))
    return rendered(request, "tokens", words.tokens_page(form, queries.tokens(actor(request))), status)


@may(SIGNED_IN)
@require_POST
def end_token(request: HttpRequest, number: int) -> HttpResponse:
    tokens.end(actor=actor(request), token=queries.token(actor(request), number))
    return HttpResponseRedirect(reverse("tokens"))


@may("token.me")
@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Who a token belongs to, what they hold, and what the token may, as JSON."""
    asked = actor(request)
    return JsonResponse(
        {
            "email": asked.email,
            "name": asked.person.name,
            "roles": [{"role": each.role.key, "organisation": each.organisation} for each in asked.holdings],
            "scopes": sorted(asked.scopes or ()),
        }
    )


def _changed(person: Person, said: dict[str, Any]) -> bool:
    joining.change_password(person=person, old=said["old"], new=said["password"])
    return True


def _renewed(person: Person, code: str) -> list[str]:
    signing_in.with_code(person=person, code=code)
    return factors.renew_recovery_codes(person=person)
