"""The pages on the way in and out, and of links that were given."""

from __future__ import annotations

import segno
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from speccom.errors import SpeccomError
from speccom.site.accounts import forms, oidc, sessions
from speccom.site.accounts.access import may
from speccom.site.accounts.actions import factors, joining, signing_in
from speccom.site.accounts.actions import provider as providers
from speccom.site.accounts.keeping import decrypt
from speccom.site.accounts.models import Invitation, Person
from speccom.site.accounts.presenters import signing_in as words
from speccom.site.accounts.views import address_of, rendered, sent, tried
from speccom.site.core.permissions import PUBLIC, SIGNED_IN
from speccom.site.core.refusals import NotFound

_SECRET = "second_factor_to_confirm"
PASSWORD, PROVIDER = "password", "the organisation's provider"


@may(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    onward = _onward(request)
    form = forms.SignIn(sent(request))
    status = 200
    if request.method == "POST":
        person, status = tried(
            form,
            lambda said: signing_in.with_password(
                email=said["email"], password=said["password"], address=address_of(request)
            ),
        )
        if person is not None:
            return _first_factor_met(request, person, PASSWORD, onward)
    notes = ("Your password was changed. Sign in with the new one.",) if "changed" in request.GET else ()
    return rendered(request, "form", words.sign_in_page(form, onward, notes), status)


@may(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    waiting = sessions.waiting(request)
    if waiting is None:
        return HttpResponseRedirect(reverse("sign_in"))
    if not waiting.person.second_factor:
        return HttpResponseRedirect(reverse("set_up_second_factor"))
    form = forms.CodeOrRecovery(sent(request))
    status = 200
    if request.method == "POST":
        met, status = tried(form, lambda said: _met(waiting.person, said["code"]))
        if met:
            sessions.begin(request, waiting.person, how=f"{waiting.how} and second factor")
            return HttpResponseRedirect(waiting.onward)
    return rendered(request, "form", words.code_page(form), status)


@may(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def set_up_second_factor(request: HttpRequest) -> HttpResponse:
    waiting = sessions.waiting(request)
    if waiting is None or waiting.person.second_factor:
        return HttpResponseRedirect(reverse("second_factor" if waiting else "sign_in"))
    person = waiting.person
    secret = request.session.setdefault(_SECRET, factors.new_secret())
    form = forms.Code(sent(request))
    status = 200
    if request.method == "POST":
        codes, status = tried(
            form, lambda said: factors.set_up(person=person, secret=secret, code=said["code"])
        )
        if codes is not None:
            sessions.begin(request, person, how=f"{waiting.how} and second factor")
            return rendered(request, "once", words.codes_page(codes, waiting.onward))
    picture = segno.make(factors.address_of(secret=secret, email=person.email), error="m").svg_inline(
        scale=5, border=4, light="#fff", svgclass=None, lineclass=None
    )
    return rendered(request, "form", words.set_up_page(form, picture, decrypt(secret)), status)


@may(SIGNED_IN)
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    sessions.end(request)
    return HttpResponseRedirect(reverse("home"))


@may(PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    held = joining.invitation_of(token=token)
    if held.purpose == Invitation.ANEW:
        return _anew(request, token, held)
    if joining.account_of(invitation=held) is not None:
        return _take(request, token, held)
    form = forms.Join(sent(request))
    status = 200
    if request.method == "POST":
        person, status = tried(
            form, lambda said: joining.join(token=token, name=said["name"], password=said["password"])
        )
        if person is not None:
            return _first_factor_met(request, person, PASSWORD, "")
    return rendered(request, "form", words.join_page(form, held), status)


@may(PUBLIC)
@require_safe
def sign_in_organisation(request: HttpRequest) -> HttpResponse:
    _provider_there()
    request.session["onward"] = _onward(request)
    return oidc.start(request, request.build_absolute_uri(reverse("sign_in_organisation_back")))


@may(PUBLIC)
@require_safe
def sign_in_organisation_back(request: HttpRequest) -> HttpResponse:
    issuer = _provider_there()
    onward = request.session.get("onward", "")
    claims = oidc.claims(request)
    person = providers.person_of(issuer=issuer, claims=claims)
    if providers.has_second_factor(claims):
        sessions.begin(request, person, how=f"{PROVIDER}, its second factor included")
        return HttpResponseRedirect(onward or reverse("workspace"))
    return _first_factor_met(request, person, PROVIDER, onward)


def _provider_there() -> str:
    if not settings.OIDC:
        raise NotFound("No organisation's provider is set up here: sign in with your password.")
    return str(settings.OIDC["issuer"])


def _first_factor_met(request: HttpRequest, person: Person, how: str, onward: str) -> HttpResponse:
    sessions.wait(request, person, how=how, onward=onward or reverse("workspace"))
    return HttpResponseRedirect(reverse("second_factor" if person.second_factor else "set_up_second_factor"))


def _met(person: Person, code: str) -> bool:
    signing_in.with_code(person=person, code=code)
    return True


def _anew(request: HttpRequest, token: str, held: Invitation) -> HttpResponse:
    form = forms.Anew(sent(request))
    status = 200
    if request.method == "POST":
        person, status = tried(form, lambda said: joining.set_anew(token=token, password=said["password"]))
        if person is not None:
            return _first_factor_met(request, person, PASSWORD, "")
    return rendered(request, "form", words.anew_page(form, held), status)


def _take(request: HttpRequest, token: str, held: Invitation) -> HttpResponse:
    found = None if isinstance(request.user, AnonymousUser) else sessions.actor_of(request)
    own = found is not None and found.email == held.email
    form = forms.Form(sent(request))
    if request.method == "POST":
        if found is None or not own:
            raise SpeccomError("Sign in with the account that was invited, then open the link again.")
        taken, status = tried(form, lambda _: joining.take(token=token, person=found.person) or True)
        if taken:
            return HttpResponseRedirect(reverse("workspace"))
        return rendered(request, "form", words.take_page(form, held, signed_in=own), status)
    return rendered(request, "form", words.take_page(form, held, signed_in=own))


def _onward(request: HttpRequest) -> str:
    """Where somebody was going, if that is within the site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else ""
