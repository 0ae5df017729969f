"""Who may open a view: each says its rule, and one that says none is refused. Public pages ask nobody anything.

A view states its rule with `@may("people.keep")`. The rule of every permission is in `rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from speccom.site.accounts.actions import tokens
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.sessions import actor_of
from speccom.site.core.permissions import PUBLIC, allowed
from speccom.site.core.refusals import RefusalPage

View = Callable[..., HttpResponse]
PROGRAMS = "token."
"""How the rules of views begin that programs open with a token."""


def may(rule: str) -> Callable[[View], View]:
    """State who may open a view: `public`, `signed_in`, a permission, or `token.` and a scope."""

    def stated(view: View) -> View:
        view.rule = rule  # type: ignore[attr-defined]
        return view

    return stated


def rule_of(view: Any, namespace: str) -> str | None:
    """The rule that a view states; what the public apps serve states none and is public."""
    rule: str | None = getattr(view, "rule", None)
    if rule is None:
        module = getattr(view, "__module__", "") or ""
        apart = any(module.startswith(f"{app}.") for app in settings.PUBLIC_APPS)
        return PUBLIC if apart or namespace in settings.PUBLIC_NAMESPACES else None
    return rule


class Access:
    """Lets a request through to its view where the view's rule allows who asks."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self._respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._respond(request)
        if getattr(request, "keep_nowhere", False):
            response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Any, _arguments: Any, _named: Any
    ) -> HttpResponse | None:
        matched = request.resolver_match
        rule = rule_of(view, matched.namespace if matched else "")
        if rule is None:
            raise ImproperlyConfigured(f"{view} states no rule: put @may(…) above it.")
        if rule == PUBLIC:
            # Pages on the way to signing in are public too, and hold what nobody should keep.
            request.keep_nowhere = hasattr(view, "rule")  # type: ignore[attr-defined]
            return None
        request.keep_nowhere = True  # type: ignore[attr-defined]
        if rule.startswith(PROGRAMS):
            return _program(request, rule)
        actor = actor_of(request)
        if actor is None:
            return _sign_in(request)
        request.actor = actor  # type: ignore[attr-defined]
        return None if allowed(rule, actor) else not_allowed(request)


def actor(request: HttpRequest) -> Actor:
    """Who asks, in a view whose rule is not public."""
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def not_allowed(request: HttpRequest, sentence: str = "Your roles do not allow this.") -> HttpResponse:
    """The page that says no."""
    page = RefusalPage(title="Not allowed", status=403, sentence=sentence, near=())
    return render(request, "core/refusal.jinja", {"page": page}, status=403)


def _sign_in(request: HttpRequest) -> HttpResponse:
    onward = request.get_full_path() if request.method in {"GET", "HEAD"} else None
    return HttpResponseRedirect(reverse("sign_in", query={"next": onward} if onward else None))


def _program(request: HttpRequest, rule: str) -> HttpResponse | None:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    found = tokens.actor_of(text=text.strip()) if kind.lower() == "bearer" and text.strip() else None
    if found is None:
        return _told(
            401,
            "not_signed_in",
            "Send a token that counts, as `Authorization: Bearer …`: they are made under “Your account”.",
            'Bearer realm="speccom"',
        )
    if not allowed(rule, found):
        scope = rule.removeprefix(PROGRAMS)
        return _told(
            403,
            "not_allowed",
            f"This token was not made for {scope!r}: make one that may.",
            f'Bearer realm="speccom", error="insufficient_scope", scope="{scope}"',
        )
    request.actor = found  # type: ignore[attr-defined]
    return None


def _told(status: int, code: str, message: str, challenge: str) -> HttpResponse:
    return JsonResponse(
        {"error": code, "message": message}, status=status, headers={"WWW-Authenticate": challenge}
    )
