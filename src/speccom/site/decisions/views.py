"""One short function to a page: read what was sent, act, present, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from speccom.site.accounts.access import actor, may
from speccom.site.accounts.actor import Actor
from speccom.site.accounts.views import edited, sent, tried
from speccom.site.core.pages import Page
from speccom.site.core.recommended import recommended
from speccom.site.core.refusals import NotFound
from speccom.site.decisions import actions, drafting, forms, presenters, queries, working
from speccom.site.decisions.models import DecisionRecord
from speccom.site.decisions.rules import OPEN
from speccom.site.decisions.states import ADOPTED, ADOPTS, APPROVES, DRAFTS
from speccom.site.explore import downloads

Acting = Callable[[Actor, DecisionRecord, dict[str, Any]], object]


@may(OPEN)
@require_safe
def kept(request: HttpRequest) -> HttpResponse:
    asks = actor(request)
    page = presenters.list_page(asks, queries.records(asks), queries.counting(asks), recommended(asks))
    return _rendered(request, "list", page)


@may(DRAFTS)
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    asks = actor(request)
    begun = drafting.begun(asks, request.GET)
    form = forms.NewHead(drafting.organisations(asks), sent(request), initial=begun.initial)
    status = 200
    if request.method == "POST":
        made, status = tried(
            form,
            lambda said: actions.draft(
                actor=asks,
                reference=said["reference"],
                organisation=said["organisation"],
                content={
                    **{name: each for name, each in form.content.items() if name != "organisation"},
                    "effects": list(begun.effects),
                },
                recommended=begun.recommended,
            ),
        )
        if made is not None:
            return _to(made)
    return _rendered(request, "form", presenters.draft_page(form, begun.recommended, begun.notes), status)


@may(OPEN)
@require_safe
def record(request: HttpRequest, number: int) -> HttpResponse:
    return _record(request, queries.record(actor(request), number))


@may(DRAFTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = queries.record(asks, number)
    form = forms.Head(sent(request), initial=forms.Head.of(held))
    done, beside, status = edited(
        form,
        lambda said: actions.change(actor=asks, record=held, version=said["version"], content=form.content),
    )
    if done is not None:
        return _to(done)
    return _rendered(request, "form", presenters.edit_page(held, form, beside), status)


@may(OPEN)
@require_safe
def effect(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = _open(queries.record(asks, number))
    found = queries.previewed(held)
    sees = asks.reach(APPROVES) is None
    moved = working.moved(asks, held, found.preview) if sees and found.preview else None
    page = presenters.effect_page(held, found, moved)
    return _rendered(request, "effect", page)


@may(OPEN)
@require_safe
def differences(request: HttpRequest, number: int) -> HttpResponse:
    held = _open(queries.record(actor(request), number))
    page = presenters.effect_page(held, queries.previewed(held), None)
    if not any(each.key == "differences" for each in page.tables):
        raise NotFound("No answer differs, so that there is no file of differences.")
    return downloads.file(request, page, "differences.csv")


@may(DRAFTS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_change(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = queries.record(asks, number)
    kind = request.GET.get("kind", "")
    if kind not in forms.CHANGES:
        raise NotFound("There is no such kind of change: choose one on the page of the decision.")
    form = forms.Change(kind, held, sent(request), initial={"version": held.version})
    status = 200
    if request.method == "POST":
        made, status = tried(
            form,
            lambda said: actions.add_effect(
                actor=asks, record=held, version=said["version"], effect=form.effect
            ),
        )
        if made is not None:
            return _to(held)
    return _rendered(request, "form", presenters.change_page(held, form), status)


@may(DRAFTS)
@require_POST
def remove_change(request: HttpRequest, number: int) -> HttpResponse:
    return _acted(
        request,
        number,
        "remove",
        lambda asks, held, said: actions.remove_effect(
            actor=asks, record=held, version=said["version"] or 0, place=said["place"] or 0
        ),
    )


@may(DRAFTS)
@require_POST
def propose(request: HttpRequest, number: int) -> HttpResponse:
    return _acted(
        request,
        number,
        "propose",
        lambda asks, held, said: actions.propose(
            actor=asks, record=held, version=said["version"] or 0, reason=said["reason"]
        ),
    )


@may(APPROVES)
@require_POST
def approve(request: HttpRequest, number: int) -> HttpResponse:
    return _acted(
        request,
        number,
        "approve",
        lambda asks, held, said: actions.approve(
            actor=asks,
            record=held,
            content_hash=said["content_hash"],
            snapshot=said["snapshot"],
            reason=said["reason"],
        ),
    )


@may(APPROVES)
@require_POST
def send_back(request: HttpRequest, number: int) -> HttpResponse:
    return _acted(
        request,
        number,
        "send_back",
        lambda asks, held, said: actions.send_back(actor=asks, record=held, reason=said["reason"]),
    )


@may(ADOPTS)
@require_POST
def adopt(request: HttpRequest, number: int) -> HttpResponse:
    return _acted(
        request,
        number,
        "adopt",
        lambda asks, held, said: actions.adopt(
            actor=asks, record=held, content_hash=said["content_hash"], reason=said["reason"]
        ),
    )


@may(DRAFTS)
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    return _acted(
        request,
        number,
        "withdraw",
        lambda asks, held, said: actions.withdraw(actor=asks, record=held, reason=said["reason"]),
    )


def _acted(request: HttpRequest, number: int, key: str, act: Acting) -> HttpResponse:
    """Act on a decision with what was sent, and go back to its page, or show there what was refused."""
    asks = actor(request)
    held = queries.record(asks, number)
    form = forms.Act(request.POST)
    done, status = tried(form, lambda said: act(asks, held, said) or True)
    if done is not None:
        return _to(held)
    wrong = next((str(error) for errors in form.errors.values() for error in errors), "")
    return _record(request, queries.record(asks, number), wrong, key, status)


def _record(
    request: HttpRequest, held: DecisionRecord, wrong: str = "", wrong_at: str = "", status: int = 200
) -> HttpResponse:
    asks = actor(request)
    page = presenters.record_page(
        asks,
        held,
        queries.approvals(asks, held),
        queries.history(asks, held),
        queries.previewed(held) if held.state not in {ADOPTED, "withdrawn"} else None,
        wrong=wrong,
        wrong_at=wrong_at,
    )
    return _rendered(request, "record", page, status)


def _open(held: DecisionRecord) -> DecisionRecord:
    if held.state == ADOPTED:
        raise NotFound(
            f"{held.reference} is adopted, so that the register answers by it: look at the changes of its days."
        )
    return held


def _to(held: DecisionRecord) -> HttpResponse:
    return HttpResponseRedirect(reverse("decision_record", args=[held.pk]))


def _rendered(request: HttpRequest, template: str, page: Page, status: int = 200) -> HttpResponse:
    return render(request, f"decisions/{template}.jinja", {"page": page}, status=status)
