"""What the API is asked and what it answers, described for its OpenAPI document."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from ninja import Field, Schema

from speccom.site.core.refusals import KINDS
from speccom.site.explore.forms import LONGEST


def _code(what: str, example: str, *, needed: bool = True) -> Any:
    extra: dict[str, Any] = {"maxLength": LONGEST} | ({"example": example} if example else {})
    if needed:
        return Field(..., description=what, json_schema_extra=extra)
    return Field(default_factory=str, description=what, json_schema_extra=extra)


def _day(what: str, example: str, *, needed: bool = False, alias: str | None = None) -> Any:
    extra: dict[str, Any] = {"example": example, "format": "date"}
    if needed:
        return Field(..., description=what, json_schema_extra=extra, alias=alias)
    return Field(default_factory=str, description=what, json_schema_extra=extra, alias=alias)


_ON = "The day asked about, as year-month-day; today where it is not given."
_KNOWN = (
    "Only what was public by this day counts; it cannot lie ahead. Everything held where it is not given."
)

# --- questions


class WhoAsked(Schema):
    line: str = _code("A code of the service code list.", "NCBPS11B")
    area: str = _code("The code of an integrated care board or a sub-ICB location.", "QNC")
    on: str = _day(_ON, "2024-05-01")
    known: str = _day(_KNOWN, "2024-01-01")


class MatrixAsked(Schema):
    on: str = _day(_ON, "2024-05-01")
    known: str = _day(_KNOWN, "2024-01-01")


class ChangesAsked(Schema):
    from_: str = _day("Changes after this day.", "2024-03-31", needed=True, alias="from")
    to: str = _day("Changes up to and on this day; today where it is not given.", "2024-04-01")


class LinesAsked(Schema):
    service: str = _code("Only the lines of this prescribed service.", "15", needed=False)
    programme: str = _code(
        "Only the lines of this programme of care, by its name.", "Internal Medicine", needed=False
    )
    group: str = _code("Only the lines of this clinical reference group, by its name.", "", needed=False)
    on: str = _day(_ON, "2024-05-01")


class ServiceNamed(Schema):
    ref: str = _code("The number of a prescribed service.", "15")


class LineNamed(Schema):
    code: str = _code("A code of the service code list.", "NCBPS11B")


class OrganisationNamed(Schema):
    code: str = _code("The code of a board, a part of one, a committee, a region or a trust.", "QNC")


class OnAsked(Schema):
    on: str = _day(_ON, "2024-05-01")


class LineAsked(Schema):
    on: str = _day(_ON, "2024-05-01")
    known: str = _day(_KNOWN, "2024-01-01")


class SearchAsked(Schema):
    q: str = _code("A service, a condition, a code or an organisation, in everyday words.", "renal dialysis")


# --- answers


class Reason(Schema):
    text: str
    valid_from: date | None
    valid_to: date | None = Field(description="The first day on which it no longer holds.")
    source_id: str
    confidence: Literal["stated", "inferred", "recalled"]


class Source(Schema):
    source_id: str
    title: str
    publisher: str | None
    published: date | None
    url: str | None
    note: str | None


class Who(Schema):
    service_line: str
    area: str
    area_icb: str
    on: date
    known: date | None
    arrangement: Literal["national", "joint", "delegated", "retained"]
    responsible_commissioner: str
    service_category: str
    accountable_commissioner: str
    decision_maker: str
    budget_holder: str
    contract_holder: str
    confidence: Literal["stated", "inferred", "recalled"] = Field(description="That of the weakest reason.")
    because: list[Reason]
    planned: list[Reason] = Field(description="What is planned, and is no part of the answer.")
    sources: list[Source]


class Service(Schema):
    ref: str = Field(description="Its number in the manual of prescribed services.")
    name: str
    lines: list[str]


class Line(Schema):
    code: str
    name: str
    service: str | None
    programme: str | None
    group: str | None = Field(description="The clinical reference group, in the words of the code list.")
    grouping: str
    kind: str
    highly_specialised: bool | None
    status: Literal["GREEN", "AMBER", "RED", "BLUE", "NOT APPLICABLE"] | None
    on: date
    known: date | None


class Organisation(Schema):
    code: str
    name: str
    role: str
    valid_from: date | None
    valid_to: date | None = Field(description="The first day on which it no longer is.")
    board: str | None = Field(description="The integrated care board that it is, is part of or lies in.")
    region: str | None
    predecessors: list[str]
    successors: list[str]
    on: date


class ServicesPassed(Schema):
    on: date
    arrangement: str
    services: int
    boards: int | None = Field(description="In how many boards; empty for all of England.")


class BoardsRedrawn(Schema):
    on: date
    closed: int
    begun: int
    after: int


class Decision(Schema):
    decision_id: str
    made_on: str = Field(description="In the precision of its source.")
    made_by: str
    decision: str
    scope: str
    services: str
    source_id: str
    confidence: Literal["stated", "inferred", "recalled"]
    effects: list[ServicesPassed | BoardsRedrawn]


class Change(Schema):
    kind: Literal["fact", "answer"]
    subject: str = Field(description="What changed; of an answer, its line and area.")
    attribute: str
    before: str
    after: str
    on: date
    source_id: str


class Cell(Schema):
    service_line: str
    area: str
    on: date
    arrangement: Literal["national", "joint", "delegated", "retained"]
    responsible_commissioner: str
    service_category: str


class Found(Schema):
    kind: str
    key: str
    name: str
    found_by: str
    page: str | None


class Refusal(Schema):
    error: str = Field(
        description=f"A word for programs: {', '.join(KINDS)}.",
        json_schema_extra={"example": "unknown_service_line"},
    )
    message: str = Field(
        description="A sentence: what was wrong, and what to do.",
        json_schema_extra={"example": "'NCBPS99' is not a code of the service code list, such as NCBPS11B."},
    )
