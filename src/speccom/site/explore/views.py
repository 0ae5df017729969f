"""One short function to a page: read what was asked, ask, present, render."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.middleware import HtmxDetails

from speccom.errors import SpeccomError
from speccom.register.facts import in_force
from speccom.site.core.documents import as_it_is
from speccom.site.core.library import boundaries, ledger, practices, register, today
from speccom.site.core.pages import Page
from speccom.site.explore import downloads, forms
from speccom.site.explore.presenters import about as about_words
from speccom.site.explore.presenters import changes as change_words
from speccom.site.explore.presenters import decisions as decision_words
from speccom.site.explore.presenters import organisations as organisation_words
from speccom.site.explore.presenters import programmes as programme_words
from speccom.site.explore.presenters import services as service_words
from speccom.site.explore.presenters import who as who_words
from speccom.site.explore.presenters.home import home_page
from speccom.site.explore.presenters.pictures import MapAsked, Pictures, pictures
from speccom.site.explore.presenters.search import search_page
from speccom.site.explore.queries import changes as changes_asked
from speccom.site.explore.queries import coverage as coverage_asked
from speccom.site.explore.queries import decisions as decisions_asked
from speccom.site.explore.queries import meaning, timeline
from speccom.site.explore.queries import neuroscience as neuroscience_asked
from speccom.site.explore.queries import programmes as programmes_asked
from speccom.site.explore.queries import services as services_asked
from speccom.site.explore.queries import who as who_asked
from speccom.site.explore.queries.demonstration import report
from speccom.site.explore.refusals import (
    no_demonstration,
    no_organisation,
    no_programme,
    no_service,
    refused,
)
from speccom.site.explore.search import find, nearest


class HtmxRequest(HttpRequest):
    """A request that says whether a script asked for a part of a page."""

    htmx: HtmxDetails


def _render(request: HttpRequest, template: str, page: Page) -> HttpResponse:
    offered = downloads.offered(request, page)
    if wanted := forms.text(request.GET, "download"):
        return downloads.file(request, offered, wanted)
    return render(request, f"explore/{template}.jinja", {"page": offered}, status=page.status)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return _render(
        request, "home", home_page(register(), demonstrated=report(settings.WORKSPACE) is not None)
    )


@require_safe
def demonstration(request: HttpRequest) -> HttpResponse:
    path = report(settings.WORKSPACE)
    if path is None:
        raise no_demonstration()
    return as_it_is(path.read_bytes())


@require_safe
@vary_on_headers("HX-Request")
def search(request: HtmxRequest) -> HttpResponse:
    query = forms.text(request.GET, "q")
    told = find(register(), query, practices=practices())
    near = () if told.hits else nearest(register(), query)
    page = search_page(register(), query, told, near)
    if not request.htmx:
        return _render(request, "search", page)
    return _render(request, "found", page)


@require_safe
def who(request: HttpRequest) -> HttpResponse:
    asked = forms.question(request.GET, today())
    choose = who_asked.areas_to_choose(register(), asked.on, asked.known)
    if not asked.line and not asked.area:
        return _render(request, "ask", who_words.ask_page(register(), asked, choose))
    line = meaning.lines_meant(register(), asked.line)
    area = meaning.areas_meant(register(), practices(), asked.area, asked.on, asked.known)
    if line.unsettled or area.unsettled:
        return _render(request, "ask", who_words.choice_page(register(), asked, choose, line, area))
    asked = asked.settled(line.only, area.only)
    if not asked.line or not asked.area:
        return _render(request, "ask", who_words.ask_page(register(), asked, choose))
    try:
        told = who_asked.tell(register(), asked.line, asked.area, asked.on, asked.known)
    except SpeccomError as error:
        raise refused(register(), asked, error) from error
    site = request.build_absolute_uri("/").rstrip("/")
    return _render(
        request, "who", who_words.who_page(register(), asked, told, choose, today(), site, area.because)
    )


@require_safe
def services(request: HttpRequest) -> HttpResponse:
    grouped = services_asked.lines_by_service(register())
    return _render(request, "list", service_words.services_page(register(), grouped, today()))


@require_safe
def service(request: HttpRequest, ref: str) -> HttpResponse:
    if ref not in register().services:
        raise no_service(register(), ref)
    told = services_asked.tell(register(), ref)
    page = service_words.service_page(register(), ref, told, today(), ledger=ledger() is not None)
    drawn = _pictures(request, page.title, page.address, told.regions, [line.code for line in told.lines])
    return _render(request, "service", service_words.with_pictures(page, drawn))


def _pictures(
    request: HttpRequest,
    name: str,
    address: str,
    regions: dict[str, list[timeline.RegionSpell]],
    lines: list[str],
    line: str | None = None,
) -> Pictures | None:
    """The pictures of a service's or a line's page, its map on the day that is asked about, as far as was known."""
    on, known = forms.day(request.GET, "on", today()), forms.known(request.GET, today())
    boards = timeline.map_on(register(), lines, on, known)
    asked = MapAsked(address, line, on, known, today())
    return pictures(register(), name, asked, regions, boards, boundaries(on))


@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    grouped = services_asked.lines_without_service(register())
    return _render(request, "list", service_words.lines_page(register(), grouped, today()))


@require_safe
def line(request: HttpRequest, code: str) -> HttpResponse:
    held = register().line(code)
    group, statuses = (
        services_asked.group_of(register(), held.code),
        services_asked.statuses_of(register(), held.code),
    )
    regions = timeline.by_region(register(), held.code)
    asked = forms.Question(held.code, "", today(), forms.known(request.GET, today()))
    choose = who_asked.areas_to_choose(register(), asked.on, asked.known)
    ask = who_words.ask_form(register(), asked, choose)
    page = service_words.line_page(
        register(), held, group, statuses, regions, today(), ask, ledger=ledger() is not None
    )
    drawn = _pictures(request, page.title, page.address, regions, [held.code], held.code)
    return _render(request, "line", service_words.with_pictures(page, drawn))


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    return _render(request, "list", organisation_words.organisations_page(register(), today()))


@require_safe
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    if code in register().organisations:
        return _render(
            request, "organisation", organisation_words.organisation_page(register(), code, today())
        )
    if code not in register().providers:
        raise no_organisation(register(), code)
    provider, host = register().providers[code], register().host_icb(code, today())
    centre = in_force(
        register().facts.load("neuroscience_centres").about(code, "neuroscience centre"), today()
    )
    return _render(
        request, "organisation", organisation_words.provider_page(register(), provider, host, centre, today())
    )


@require_safe
def programmes(request: HttpRequest) -> HttpResponse:
    grouped = programmes_asked.programmes(register())
    return _render(request, "list", programme_words.programmes_page(register(), grouped))


@require_safe
def programme(request: HttpRequest, programme: str) -> HttpResponse:
    name = programmes_asked.programme_by_slug(register(), programme)
    if name is None:
        raise no_programme(register(), programme)
    groups = programmes_asked.groups_of(register(), name)
    return _render(request, "list", programme_words.programme_page(register(), name, groups, today()))


@require_safe
def group(request: HttpRequest, programme: str, group: str) -> HttpResponse:
    name = programmes_asked.programme_by_slug(register(), programme)
    held = programmes_asked.group_by_slug(register(), name, group) if name else None
    if name is None or held is None:
        raise no_programme(register(), group)
    return _render(request, "group", programme_words.group_page(register(), name, held, today()))


@require_safe
def decisions(request: HttpRequest) -> HttpResponse:
    effects = decisions_asked.effects(register())
    return _render(request, "decisions", decision_words.decisions_page(register(), effects))


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    span = forms.span(request.GET, today() - timedelta(days=365), today())
    changed = changes_asked.changed(register(), span.from_, span.to)
    return _render(request, "changes", change_words.changes_page(register(), span, changed))


@require_safe
def neuroscience(request: HttpRequest) -> HttpResponse:
    centres = neuroscience_asked.centres(register(), today())
    without = neuroscience_asked.boards_without(register(), today())
    return _render(request, "list", about_words.neuroscience_page(register(), centres, without, today()))


@require_safe
def disagreements(request: HttpRequest) -> HttpResponse:
    return _render(request, "disagreements", about_words.disagreements_page(register()))


@require_safe
def coverage(request: HttpRequest) -> HttpResponse:
    counted = coverage_asked.by_confidence(register())
    return _render(request, "text", about_words.coverage_page(register(), counted))


@require_safe
def data(request: HttpRequest) -> HttpResponse:
    return _render(request, "text", about_words.data_page(register()))


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return _render(request, "text", about_words.about_page())


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return _render(request, "text", about_words.accessibility_page())
