"""The questions that programs may ask, each answered by what the pages ask."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Path, Query, Schema

from speccom.period import PeriodError
from speccom.site.core.library import practices, register, today
from speccom.site.explore import forms
from speccom.site.explore.api import errors, records, shapes
from speccom.site.explore.api.answers import Record, reply, wants_csv
from speccom.site.explore.api.description import Described
from speccom.site.explore.queries import changes as changes_asked
from speccom.site.explore.refusals import no_organisation, no_service
from speccom.site.explore.search import find

DATES = {"on", "known", "from", "to"}

api = Described(
    title="Speccom",
    version="1",
    description=(
        "Who commissions each NHS specialised service in England, at any date, with reasons and sources. "
        "Reading is free to everybody and needs no key. Every answer is JSON; with `Accept: text/csv`, or "
        "with `.csv` at the end of the path, it is CSV with its headings in the first row. An answer has an "
        "`ETag` that changes when the register does, and the header `Speccom-Register` names the register. "
        "What cannot be answered is told as `error`, a word, and `message`, a sentence."
    ),
    docs_url=None,  # its page would load a program from another site
    urls_namespace="api",
)
errors.install(api)


@api.answers("/who", shapes.Who, "Who commissions a service line for an area on a date, and why")
def who(request: HttpRequest, asked: Query[shapes.WhoAsked]) -> HttpResponseBase:
    question = forms.question(_said(asked), today())
    answer = register().who_commissions(question.line, question.area, question.on, question.known)
    whole = {"line": answer.service_line, "area": answer.area, "on": answer.on, "known": answer.known}

    def told() -> Record:
        explained = register().explain(answer)
        return records.answer(explained) if wants_csv(request) else explained

    return reply(request, "who", whole, told)


@api.answers("/matrix", list[shapes.Cell], "Who commissions every service line in every area on a date")
def matrix(request: HttpRequest, asked: Query[shapes.MatrixAsked]) -> HttpResponseBase:
    said = _said(asked)
    on, known = forms.day(said, "on", today()), forms.known(said, today())
    return reply(request, "matrix", {"on": on, "known": known}, lambda: register().matrix(on, known))


@api.answers("/changes", list[shapes.Change], "Facts and answers that changed between two dates")
def changes(request: HttpRequest, asked: Query[shapes.ChangesAsked]) -> HttpResponseBase:
    span = forms.span(_said(asked), today(), today())
    return reply(
        request,
        "changes",
        {"from": span.from_, "to": span.to},
        lambda: changes_asked.table(register(), span.from_, span.to),
    )


@api.answers("/services", list[shapes.Service], "Every prescribed service with its service lines")
def services(request: HttpRequest) -> HttpResponseBase:
    return reply(request, "services", {}, lambda: records.services(register()))


@api.answers("/services/{ref}", shapes.Service, "One prescribed service")
def service(request: HttpRequest, ref: Path[shapes.ServiceNamed]) -> HttpResponseBase:
    if ref.ref not in register().services:
        raise no_service(register(), ref.ref)
    return reply(request, "service", {"ref": ref.ref}, lambda: records.service(register(), ref.ref))


@api.answers("/lines", list[shapes.Line], "The codes of the service code list, with their status on a date")
def lines(request: HttpRequest, asked: Query[shapes.LinesAsked]) -> HttpResponseBase:
    said = _said(asked)
    on = forms.day(said, "on", today())
    only = {name: forms.text(said, name) for name in ("service", "programme", "group")}
    return reply(request, "lines", only | {"on": on}, lambda: records.lines(register(), on, **only))


@api.answers("/lines/{code}", shapes.Line, "One code of the service code list")
def line(
    request: HttpRequest, code: Path[shapes.LineNamed], asked: Query[shapes.LineAsked]
) -> HttpResponseBase:
    held, said = register().line(code.code), _said(asked)
    on, known = forms.day(said, "on", today()), forms.known(said, today())
    whole = {"code": held.code, "on": on, "known": known}
    return reply(request, "line", whole, lambda: records.line(register(), held, on, known))


@api.answers("/organisations", list[shapes.Organisation], "Boards, their parts, committees, regions, trusts")
def organisations(request: HttpRequest, asked: Query[shapes.OnAsked]) -> HttpResponseBase:
    on = forms.day(_said(asked), "on", today())
    return reply(request, "organisations", {"on": on}, lambda: records.organisations(register(), on))


@api.answers("/organisations/{code}", shapes.Organisation, "One body or trust")
def organisation(
    request: HttpRequest, code: Path[shapes.OrganisationNamed], asked: Query[shapes.OnAsked]
) -> HttpResponseBase:
    wanted, on = code.code, forms.day(_said(asked), "on", today())
    if wanted not in register().organisations and wanted not in register().providers:
        raise no_organisation(register(), wanted)
    return reply(
        request,
        "organisation",
        {"code": wanted, "on": on},
        lambda: records.organisation(register(), wanted, on),
    )


@api.answers("/decisions", list[shapes.Decision], "The decisions, and what each changed")
def decisions(request: HttpRequest) -> HttpResponseBase:
    return reply(request, "decisions", {}, lambda: records.decisions(register()))


@api.answers("/sources", list[shapes.Source], "Every source that a fact names")
def sources(request: HttpRequest) -> HttpResponseBase:
    return reply(request, "sources", {}, lambda: records.sources(register()))


@api.answers("/search", list[shapes.Found], "What words may mean, best first")
def search(request: HttpRequest, asked: Query[shapes.SearchAsked]) -> HttpResponseBase:
    words = forms.text(_said(asked), "q")
    return reply(
        request,
        "search",
        {"q": words},
        lambda: records.hits(register(), find(register(), words, practices=practices()).hits),
    )


def _said(asked: Schema) -> dict[str, str]:
    """What was asked, by the names of the address, as the pages' forms read it.

    A form leaves a date empty for today; a program that does has lost one, and is told so.
    """
    said: dict[str, str] = asked.model_dump(by_alias=True, exclude_unset=True)
    for name in DATES & said.keys():
        if not said[name].strip():
            raise PeriodError(f"`{name}` is empty: leave it out, or write a date such as 2025-04-01.")
    return said
