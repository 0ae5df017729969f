"""One short function to a page: read what was sent, act, present, render."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from speccom.errors import SpeccomError
from speccom.readiness.evidence import LARGEST, EvidenceRefused, too_large
from speccom.readiness.tables import criteria, kinds, points
from speccom.site.accounts.access import actor, may
from speccom.site.accounts.refusals import NotAllowed
from speccom.site.accounts.views import STATUS, edited, sent
from speccom.site.core.pages import Page
from speccom.site.core.refusals import NotFound
from speccom.site.readiness import actions, exports, forms, keeping, presenters, queries
from speccom.site.readiness.models import Assessment
from speccom.site.readiness.rules import BEGIN, GATHER, KEEP, MOVE, OPEN, WRITE

_READ_OR_SEND = require_http_methods(["GET", "HEAD", "POST"])


@may(OPEN)
@_READ_OR_SEND
def rounds(request: HttpRequest) -> HttpResponse:
    asks, form = actor(request), forms.OpenRound(sent(request))
    done, _, status = edited(
        form, lambda said: actions.open_round(actor=asks, deadlines=form.deadlines, **_head(said))
    )
    if done is not None:
        return HttpResponseRedirect(reverse("readiness_round", args=[done.pk]))
    return _page(request, "rounds", presenters.rounds_page(asks, queries.rounds(asks), form), status)


@may(OPEN)
@require_safe
def round_(request: HttpRequest, number: int) -> HttpResponse:
    return _round(request, number)


@may(OPEN)
@require_POST
def file(request: HttpRequest, number: int) -> HttpResponse:
    asks, form = actor(request), request.POST.get("file", "")
    held = queries.round_of(asks, number)
    try:
        asked = forms.asked(request.GET)
        rows = queries.chosen(queries.beside(asks, held), asked)
        made = exports.file(held, rows, form)
        actions.export(
            actor=asks,
            round_=held,
            form=form,
            rows=len(rows),
            asked={name: getattr(asked, name) for name in asked.__slots__},
            reason=request.POST.get("reason", "")[:500],
        )
    except SpeccomError as error:
        return _round(request, number, str(error), 400)
    return made


@may(KEEP)
@_READ_OR_SEND
def change(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = queries.round_of(asks, number)
    form = forms.ChangeRound(sent(request), initial=forms.ChangeRound.of(held))
    done, beside, status = edited(
        form,
        lambda said: actions.change_round(
            actor=asks,
            round_=held,
            version=said["version"],
            title=said["title"],
            deadlines=form.deadlines,
            reason=said["reason"],
        ),
    )
    if done is not None:
        return HttpResponseRedirect(reverse("readiness_round", args=[number]))
    return _page(request, "form", presenters.change_page(held, form, beside), status)


@may(BEGIN)
@_READ_OR_SEND
def begin(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = queries.round_of(asks, number)
    boards = queries.free_boards(asks, held)
    only = [*boards] if len(boards) == 1 else []
    form = forms.Begin(boards, sent(request), initial={"boards": only})
    done, _, status = edited(
        form,
        lambda said: actions.begin(actor=asks, round_=held, boards=said["boards"], name=said["name"]),
    )
    if done is not None:
        return _to(done.pk)
    return _page(request, "form", presenters.begin_page(held, form, len(boards)), status)


@may(OPEN)
@require_safe
def assessment(request: HttpRequest, number: int) -> HttpResponse:
    return _assessment(request, number)


@may(GATHER)
@_READ_OR_SEND
def gather(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = queries.assessment_of(asks, number)
    if request.method != "POST" and not queries.gathers(asks, held):
        raise NotFound("Which boards are assessed together can be changed while it is with its boards.")
    boards = queries.free_boards(asks, held.round) | queries.names(held)
    form = forms.Gather(boards, sent(request), initial=forms.gathered(held))
    done, beside, status = edited(
        form,
        lambda said: actions.gather(
            actor=asks,
            assessment=held,
            boards=said["boards"],
            name=said["name"],
            version=said["version"],
            reason=said["reason"],
        ),
    )
    if done is not None:
        return _to(number)
    return _page(request, "form", presenters.gather_page(held, form, beside), status)


@may(OPEN)
@_READ_OR_SEND
def test(request: HttpRequest, number: int, criterion: str) -> HttpResponse:
    asks = actor(request)
    held = queries.assessment_of(asks, number)
    if criterion not in criteria():
        raise NotFound("That is none of the eight tests.")
    seen = queries.seen(asks, held)
    form = forms.Rate(sent(request), initial=forms.Rate.of(seen.of(seen.writes, criterion)))
    done, beside, status = edited(
        form,
        lambda said: actions.rate(
            actor=asks,
            assessment=held,
            criterion=criterion,
            rating=said["rating"],
            grounds=said["grounds"],
            version=said["version"],
        ),
    )
    if done is not None:
        return HttpResponseRedirect(reverse("readiness_test", args=[number, criterion], query={"kept": "1"}))
    if request.method == "POST":
        _refuse(form, status)
        seen = queries.seen(asks, held)
    page = presenters.test_page(seen, criterion, form, beside, "kept" in request.GET and status == 200)
    return _page(request, "test", page, status)


@may(WRITE)
@_READ_OR_SEND
def add_point(request: HttpRequest, number: int, kind: str) -> HttpResponse:
    asks = actor(request)
    held = _writable(request, number)
    if kind not in points():
        raise NotFound("There is no such kind of thing to add: choose one on the page of the assessment.")
    form = forms.PutPoint(kind, sent(request))
    done, _, status = edited(
        form,
        lambda said: actions.put_point(actor=asks, assessment=held, kind=kind, values=said),
    )
    if done is not None:
        return _to(number)
    _refuse(form, status)
    return _page(request, "form", presenters.point_page(held, kind, form, None, None), status)


@may(WRITE)
@_READ_OR_SEND
def point(request: HttpRequest, number: int, point: int) -> HttpResponse:
    asks = actor(request)
    held = _writable(request, number)
    found = queries.point_of(asks, held, point)
    form = forms.PutPoint(found.kind, sent(request), initial=forms.PutPoint.of(found))
    done, beside, status = edited(
        form,
        lambda said: actions.put_point(
            actor=asks,
            assessment=held,
            kind=found.kind,
            values=said,
            point=found,
            version=said["version"] or 0,
        ),
    )
    if done is not None:
        return _to(number)
    _refuse(form, status)
    return _page(request, "form", presenters.point_page(held, found.kind, form, found, beside), status)


@may(WRITE)
@require_POST
def remove_point(request: HttpRequest, number: int, point: int) -> HttpResponse:
    asks = actor(request)
    held = queries.assessment_of(asks, number)
    found = queries.point_of(asks, held, point)
    form = forms.Seen(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    return _acted(
        request,
        number,
        "",
        lambda: actions.remove_point(actor=asks, assessment=held, point=found, version=version),
    )


@may(KEEP)
@_READ_OR_SEND
def recommend(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = _writable(request, number)
    seen = queries.seen(asks, held)
    form = forms.Recommend(sent(request), initial=forms.Recommend.of(seen.verdict))
    done, beside, status = edited(
        form,
        lambda said: actions.recommend(
            actor=asks,
            assessment=held,
            recommendation=said["recommendation"],
            grounds=said["grounds"],
            version=said["version"],
        ),
    )
    if done is not None:
        return _to(number)
    _refuse(form, status)
    return _page(request, "form", presenters.recommend_page(seen, form, beside), status)


@may(WRITE)
@_READ_OR_SEND
def send(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = _writable(request, number)
    posted = request.method == "POST"
    form = forms.SendEvidence(request.POST if posted else None, request.FILES if posted else None)
    done, _, status = edited(
        form,
        lambda said: actions.send_evidence(
            actor=asks,
            assessment=held,
            criterion=said["criterion"],
            name=said["file"].name,
            content=_content(said["file"]),
        ),
    )
    if done is not None:
        return _to(number)
    _refuse(form, status)
    return _page(request, "form", presenters.evidence_page(held, form), status)


@may(OPEN)
@require_safe
def evidence(request: HttpRequest, number: int, evidence: int) -> HttpResponse:
    asks = actor(request)
    found = queries.evidence_of(asks, queries.assessment_of(asks, number), evidence)
    return HttpResponse(
        keeping.kept(found.kept_as),
        content_type=kinds()[found.kind].media_type,
        headers={
            "Content-Disposition": content_disposition_header(True, found.name) or "attachment",
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        },
    )


@may(WRITE)
@require_POST
def remove_evidence(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    held = queries.assessment_of(asks, number)
    form = forms.Remove(request.POST)
    if not form.is_valid():
        return _assessment(request, number, "Choose a file", "evidence", 400)
    found = queries.evidence_of(asks, held, form.cleaned_data["evidence"])
    return _acted(
        request,
        number,
        "evidence",
        lambda: actions.remove_evidence(actor=asks, assessment=held, evidence=found),
    )


@may(MOVE)
@require_POST
def move(request: HttpRequest, number: int, name: str) -> HttpResponse:
    asks = actor(request)
    held = queries.assessment_of(asks, number)
    form = forms.Act(request.POST)
    if not form.is_valid():
        wrong = next(str(error) for errors in form.errors.values() for error in errors)
        return _assessment(request, number, wrong, name, 400)
    said = form.cleaned_data
    return _acted(
        request,
        number,
        name,
        lambda: actions.move(
            actor=asks, assessment=held, name=name, changes=said["changes"], reason=said["reason"]
        ),
    )


def _head(said: dict[str, Any]) -> dict[str, Any]:
    return {name: said[name] for name in ("title", "on", "opens", "reason")}


def _refuse(form: Any, status: int) -> None:
    """Somebody who may not write is told so, and shown no form."""
    if status == 403:
        raise NotAllowed(" ".join(form.non_field_errors()))


def _writable(request: HttpRequest, number: int) -> Assessment:
    """One assessment; a page to write on is there for whoever may write now. What is sent, the action judges."""
    asks = actor(request)
    held = queries.assessment_of(asks, number)
    if request.method != "POST" and not queries.writes(asks, held):
        raise NotFound(
            f"{held.reference} is {held.course.name.lower()}: there is nothing for you to write now."
        )
    return held


def _content(upload: Any) -> bytes:
    """What was sent, if it is no larger than a file may be. Raises `EvidenceRefused`."""
    if upload.size > LARGEST:
        raise EvidenceRefused(too_large(upload.name))
    return bytes(upload.read())


def _acted(request: HttpRequest, number: int, key: str, act: Callable[[], object]) -> HttpResponse:
    """Act on an assessment and go back to its page, or show there what was refused."""
    try:
        act()
    except SpeccomError as error:
        return _assessment(request, number, str(error), key, STATUS.get(type(error), 400))
    return _to(number)


def _round(request: HttpRequest, number: int, wrong: str = "", status: int = 200) -> HttpResponse:
    asks = actor(request)
    held = queries.round_of(asks, number)
    asked = forms.asked(request.GET)
    rows = queries.beside(asks, held)
    page = presenters.beside_page(asks, held, rows, queries.chosen(rows, asked), asked, wrong)
    return _page(request, "beside", page, status)


def _assessment(
    request: HttpRequest, number: int, wrong: str = "", wrong_at: str = "", status: int = 200
) -> HttpResponse:
    asks = actor(request)
    seen = queries.seen(asks, queries.assessment_of(asks, number))
    return _page(request, "assessment", presenters.assessment_page(seen, wrong, wrong_at), status)


def _to(number: int) -> HttpResponse:
    return HttpResponseRedirect(reverse("readiness_assessment", args=[number]))


def _page(request: HttpRequest, template: str, page: Page, status: int = 200) -> HttpResponse:
    return render(request, f"readiness/{template}.jinja", {"page": page}, status=status)
