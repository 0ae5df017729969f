"""What the register knows by name: lines, services, organisations, providers, areas, sources, answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from speccom.register.facts import Fact


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One NCBPS code. `kind` says what the code is; `service_ref` is empty where the list gives none."""

    code: str
    name: str
    service_ref: str | None
    programme: str | None
    grouping: str
    kind: str
    highly_specialised: bool | None

    @property
    def mental_health(self) -> bool:
        """Whether its service category is the mental health one of each pair."""
        return self.grouping == "Mental Health"


@dataclass(frozen=True, slots=True)
class Service:
    """A prescribed service by its reference: the manual number, or `ACC` for adult critical care."""

    ref: str
    name: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body with a code; `valid_to` is the first day on which it no longer is, empty while it is."""

    code: str
    name: str
    role: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Provider:
    """A trust. Region and host are empty outside England; degrees east and north."""

    code: str
    name: str
    region: str | None
    host_icb: str | None
    longitude: float | None
    latitude: float | None


@dataclass(frozen=True, slots=True)
class Area:
    """An integrated care board (`icb`) or sub-ICB location (`sub_icb`) as it stands on a date."""

    code: str
    kind: str
    icb: str
    region: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts were read. `note` says when the link is a copy or the title is a description."""

    source_id: str
    title: str
    publisher: str
    published: str
    url: str
    note: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision of the record; `made_on` keeps the source's own precision of date."""

    decision_id: str
    made_on: str
    made_by: str
    decision: str
    scope: str
    services: str
    source_id: str
    confidence: str


class Answer(NamedTuple):
    """Who decides on, pays for and contracts one service line for one area on one date.

    Codes throughout. `steps` are the facts that made it so, in the order of the explanation.
    """

    service_line: str
    area: str
    area_icb: str
    on: date
    known: date | None
    arrangement: str
    responsible_commissioner: str
    service_category: str
    accountable_commissioner: str
    decision_maker: str
    budget_holder: str
    contract_holder: str
    confidence: str
    steps: tuple[Fact, ...]
