"""One short function to a page: ask, act, present, render."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from speccom.finance.scenarios import LONGEST_NAME, parse
from speccom.site.accounts.access import actor, may
from speccom.site.accounts.views import sent, tried
from speccom.site.explore.forms import text
from speccom.site.finance.queries.scenarios import scenario
from speccom.site.scenarios import actions, forms, presenters, queries
from speccom.site.scenarios.models import KEEP


@may(KEEP)
@require_safe
def kept(request: HttpRequest) -> HttpResponse:
    page = presenters.kept_page(queries.kept(actor(request)))
    return render(request, "scenarios/kept.jinja", {"page": page})


@may(KEEP)
@require_http_methods(["GET", "HEAD", "POST"])
def keep(request: HttpRequest) -> HttpResponse:
    """The form, with the scenario of the address in it where one is named; then the scenario, kept."""
    wanted = text(request.GET, "scenario", LONGEST_NAME)
    held = {"file": scenario(wanted).canonical} if wanted else None
    form = forms.Keep(sent(request), initial=held)
    status = 200
    if request.method == "POST":
        found, status = tried(
            form,
            lambda said: actions.keep(
                actor=actor(request), scenario=parse(said["file"]), reason=said["reason"]
            ),
        )
        if found is not None:
            return redirect("scenario", found.content)
    return render(request, "accounts/form.jinja", {"page": presenters.keep_page(form)}, status=status)
