"""One short function to a page: read what was sent, act, present, render."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from speccom.errors import SpeccomError
from speccom.site.accounts.access import actor, may
from speccom.site.accounts.views import STATUS, edited, sent, tried
from speccom.site.core.edited import Stale
from speccom.site.core.pages import Page, Table
from speccom.site.portfolio import actions, exports, forms, presenters, queries
from speccom.site.portfolio.rules import KEEP, OPEN


@may(OPEN)
@require_http_methods(["GET", "HEAD", "POST"])
def rounds(request: HttpRequest) -> HttpResponse:
    asks, form = actor(request), forms.OpenRound(sent(request))
    made, status = tried(form, lambda said: actions.open_round(actor=asks, **said))
    if made is not None:
        return HttpResponseRedirect(reverse("portfolio_round", args=[made.pk]))
    return _page(request, "rounds", presenters.rounds_page(asks, queries.rounds(asks), form), status)


@may(OPEN)
@require_safe
def round_(request: HttpRequest, number: int) -> HttpResponse:
    return _round(request, number)


@may(KEEP)
@require_POST
def move(request: HttpRequest, number: int, name: str) -> HttpResponse:
    asks = actor(request)
    found = queries.round_of(asks, number)
    try:
        actions.move(actor=asks, round_=found, name=name, reason=request.POST.get("reason", "")[:500])
    except SpeccomError as error:
        return _round(request, number, str(error), name, STATUS.get(type(error), 400))
    return HttpResponseRedirect(reverse("portfolio_round", args=[number]))


@may(OPEN)
@require_safe
def compare(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    found = queries.round_of(asks, number)
    earlier = queries.before(asks, found)
    then = queries.standings(asks, earlier) if earlier else []
    page = presenters.compare_page(found, earlier, then, queries.standings(asks, found))
    return _page(request, "compare", page)


@may(OPEN)
@require_POST
def file(request: HttpRequest, number: int) -> HttpResponse:
    asks, form = actor(request), request.POST.get("file", "")
    found = queries.round_of(asks, number)
    try:
        made = exports.file(found, queries.standings(asks, found), form)
        actions.export(actor=asks, round_=found, form=form, reason=request.POST.get("reason", "")[:500])
    except SpeccomError as error:
        return _round(request, number, str(error), "file", 400)
    return made


@may(OPEN)
@require_http_methods(["GET", "HEAD", "POST"])
def line(request: HttpRequest, number: int, code: str) -> HttpResponse:
    asks = actor(request)
    review = queries.line_of(asks, number, code)
    if request.method != "POST":
        return _line(request, number, code)
    judging = forms.judge_forms(_mine(request, number, code), request.POST)
    if any(each.errors for each in judging):
        return _line(request, number, code, judging=judging, status=400)
    try:
        actions.judge(actor=asks, review=review, said=forms.said(judging))
    except Stale as stale:
        fresh = forms.judge_forms(_mine(request, number, code), request.POST)
        for each in fresh:
            _carry_now(each)
        return _line(request, number, code, judging=fresh, wrong=str(stale), beside=stale.beside, status=409)
    except SpeccomError as error:
        status = STATUS.get(type(error), 400)
        return _line(request, number, code, judging=judging, wrong=str(error), status=status)
    return HttpResponseRedirect(reverse("portfolio_line", args=[number, code], query={"kept": "1"}))


@may(KEEP)
@require_POST
def override(request: HttpRequest, number: int, code: str) -> HttpResponse:
    asks = actor(request)
    review = queries.line_of(asks, number, code)
    form = forms.Override(request.POST)
    done, beside, status = edited(
        form,
        lambda said: actions.override(
            actor=asks,
            review=review,
            recommendation=said["override"],
            reason=said["override_reason"],
            version=said["version"],
        ),
    )
    if done is None:
        return _line(request, number, code, overriding=form, beside=beside, status=status)
    return HttpResponseRedirect(reverse("portfolio_line", args=[number, code]))


def _round(
    request: HttpRequest, number: int, wrong: str = "", wrong_at: str = "", status: int = 200
) -> HttpResponse:
    asks = actor(request)
    found = queries.round_of(asks, number)
    asked = forms.asked(request.GET)
    page = presenters.round_page(asks, found, queries.standings(asks, found), asked, wrong, wrong_at)
    return _page(request, "round", page, status)


def _line(
    request: HttpRequest,
    number: int,
    code: str,
    *,
    judging: Any = None,
    overriding: Any = None,
    wrong: str = "",
    beside: Table | None = None,
    status: int = 200,
) -> HttpResponse:
    asks = actor(request)
    standing = queries.standing_of(asks, queries.line_of(asks, number, code))
    page = presenters.line_page(
        asks,
        standing,
        judging if judging is not None else forms.judge_forms(presenters.mine(asks, standing)),
        overriding if overriding is not None else forms.Override(initial=presenters.override_now(standing)),
        wrong=wrong,
        beside=beside,
        kept="kept" in request.GET,
        onward=queries.next_to_judge(asks, standing.review),
    )
    return _page(request, "line", page, status)


def _mine(request: HttpRequest, number: int, code: str) -> Any:
    asks = actor(request)
    return presenters.mine(asks, queries.standing_of(asks, queries.line_of(asks, number, code)))


def _carry_now(form: forms.Judge) -> None:
    """Make a form that was sent carry the version of now: saving once more is a choice made with both in sight."""
    sent = form.data.copy()  # type: ignore[attr-defined]
    sent[form.add_prefix("version")] = str(form.initial["version"])
    form.data = sent


def _page(request: HttpRequest, template: str, page: Page, status: int = 200) -> HttpResponse:
    return render(request, f"portfolio/{template}.jinja", {"page": page}, status=status)
