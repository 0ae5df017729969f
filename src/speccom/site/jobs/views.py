"""One short function to a page: ask, act, present, render."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from speccom.site.accounts.access import actor, may
from speccom.site.core.permissions import SIGNED_IN
from speccom.site.jobs import actions, presenters, queries
from speccom.site.jobs.actions import JobError


@may(SIGNED_IN)
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    return _page(request)


@may(SIGNED_IN)
@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    asks = actor(request)
    try:
        actions.again(actor=asks, held=queries.job(asks, number))
    except JobError as error:
        return _page(request, str(error), 409)
    return redirect("jobs")


def _page(request: HttpRequest, wrong: str = "", status: int = 200) -> HttpResponse:
    page = presenters.jobs_page(queries.jobs(actor(request)), wrong)
    return render(request, "jobs/jobs.jinja", {"page": page}, status=status)
