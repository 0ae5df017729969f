"""One short function to a page: ask, act, present, render."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from speccom.site.accounts.access import actor, may
from speccom.site.core.permissions import SIGNED_IN
from speccom.site.notices import actions, presenters, queries


@may(SIGNED_IN)
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    asks = actor(request)
    page = presenters.notices_page(queries.waiting(asks), queries.done(asks))
    return render(request, "notices/notices.jinja", {"page": page})


@may(SIGNED_IN)
@require_POST
def finish(request: HttpRequest, number: int) -> HttpResponse:
    actions.finish(notice=queries.notice(actor(request), number))
    return redirect("notices")
