"""The register as one object: look-ups on dates, the question of who commissions, and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from speccom.period import FinancialYear
from speccom.register import commissioning, facts, refusals
from speccom.register.facts import Fact, Facts, in_force
from speccom.register.model import (
    Answer,
    Area,
    Decision,
    Organisation,
    Provider,
    Service,
    ServiceLine,
    Source,
)
from speccom.workspace import Workspace

if TYPE_CHECKING:
    import pyarrow as pa

    from speccom.register.integrity import Finding

# What the question of who commissions needs; every other file is read when it is asked for.
_CORE = ("service_lines", "service_line_statuses", "organisations", "relations", "successions", "delegations")
_AREAS = ("integrated care board", "sub-ICB location")


class Register:
    """Every shipped fact, with those that a workspace adds; read-only.

    Dates: `on` is the day asked about; `known` keeps to what was public by then, and empty means
    everything held. Codes are those of the Organisation Data Service and the service code list.
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        proposed: Sequence[Fact] = (),
        proposed_sources: Sequence[Source] = (),
    ) -> None:
        self._workspace = workspace
        self._proposed, self._proposed_sources = tuple(proposed), tuple(proposed_sources)
        additions = facts.added(workspace.register, set(self.sources)) if workspace else ()
        until = facts.held_until(workspace.register) if workspace else None
        self.facts = Facts((*additions, *self._proposed), until).load(*_CORE)
        self.statuses = self.facts.of("delegation status")
        self.boards = self.facts.of("in integrated care board")
        self.regions = self.facts.of("in region")
        self.area_roles = {
            subject: roles for subject, roles in self.facts.of("role").items() if roles[0].value in _AREAS
        }
        self._places: dict[tuple[date, date | None], dict[str, Area]] = {}

    @classmethod
    def load(cls, workspace: Workspace | None = None) -> Self:
        """The shipped register, with the facts of `<workspace>/register/*.csv` on top.

        Raises `FactError`, naming file and row, for an addition that cannot be read.
        """
        return cls(workspace)

    def adding(self, proposed: Sequence[Fact], *sources: Source) -> Register:
        """The register as it would be with some more facts and their sources; this one stays as it is."""
        return Register(
            self._workspace,
            (*self._proposed, *proposed),
            (*self._proposed_sources, *(each for each in sources if each.source_id not in self.sources)),
        )

    @cached_property
    def snapshot(self) -> str:
        """Names this content: changes with any shipped or added row."""
        return facts.snapshot(self._workspace.register if self._workspace else None)

    # --- who commissions

    def who_commissions(self, line: str, area: str, on: date, known: date | None = None) -> Answer:
        """Who decides on, pays for and contracts one service line for the people of one area.

        `line` is an NCBPS code, `area` an ICB or sub-ICB location code that is active on `on`. With
        `known`, only facts public by then count. Refusals are checked first: `UnknownServiceLine`,
        `NotCommissioned`, `UnknownArea`, `NotActive`. Then the rows of `commissioning.RULE`.
        """
        return commissioning.who_commissions(self, line, area, on, known)

    def explain(self, answer: Answer) -> dict[str, Any]:
        """An answer with its reasons in order, each with dates, source and confidence, ready for JSON."""
        from speccom.register import explanation

        return explanation.explain(self, answer)

    def matrix(self, on: date, known: date | None = None) -> pa.Table:
        """Every line × area that has an answer on a date; see `tables.matrix`."""
        from speccom.register import tables

        return tables.matrix(self, on, known)

    def changes(self, from_: date, to: date) -> pa.Table:
        """The facts and answers that changed in (from_, to]; see `tables.changes`."""
        from speccom.register import tables

        return tables.changes(self, from_, to)

    def check(self) -> list[Finding]:
        """Every integrity rule with the faults it found, if any; see `integrity`."""
        from speccom.register import integrity

        return integrity.check(self)

    def totals(self) -> dict[str, int]:
        """The numbers that the record is known by: services, delegable services, boards; see `integrity`."""
        from speccom.register import integrity

        return integrity.totals(self)

    # --- service lines and services

    @cached_property
    def lines(self) -> dict[str, ServiceLine]:
        """Every code of the service code list, those that are no specialised service included."""
        value = self.facts.value
        specialised = {"yes": True, "no": False, None: None}
        return {
            code: ServiceLine(
                code,
                value(code, "name") or code,
                value(code, "service"),
                value(code, "programme"),
                grouping[0].value,
                value(code, "kind") or "service line",
                specialised[value(code, "highly specialised")],
            )
            for code, grouping in self.facts.of("grouping").items()
        }

    @cached_property
    def specialised(self) -> tuple[str, ...]:
        """The codes of the service code list that are of specialised care, in order; other direct
        commissioning of NHS England is in the list too."""
        return tuple(sorted(code for code in self.lines if code.startswith("NCBPS")))

    def line(self, code: str) -> ServiceLine:
        """One line by its code. Raises `UnknownServiceLine`, suggesting the nearest by code or by name."""
        found = self.lines.get(code.strip().upper())
        if found is None:
            raise refusals.unknown_service_line(self, code)
        return found

    @cached_property
    def services(self) -> dict[str, Service]:
        """The prescribed services by reference, two that were omitted from the regulations included."""
        names = self.facts.load("services").of("name")
        prefix = "service "
        return {
            subject.removeprefix(prefix): Service(subject.removeprefix(prefix), name[0].value)
            for subject, name in names.items()
            if subject.startswith(prefix)
        }

    def statutory_services(self, on: date) -> dict[str, str]:
        """The services of Schedule 4 in force on a date: paragraph → wording."""
        wordings = self.facts.load("statutory_services").of("wording")
        found = {subject: in_force(each, on) for subject, each in wordings.items()}
        return {subject.rpartition(" ")[2]: fact.value for subject, fact in found.items() if fact}

    def line_status(self, code: str, on: date, known: date | None = None) -> str | None:
        """GREEN, AMBER, RED, BLUE or NOT APPLICABLE; none before 2023-04-01 or while none was known."""
        fact = in_force(self.statuses.get(code, ()), on, known)
        return fact.value if fact else None

    # --- areas and organisations

    @cached_property
    def organisations(self) -> dict[str, Organisation]:
        """Every body that commissions or once did, with its dates."""
        return {
            code: Organisation(
                code, self.facts.value(code, "name") or code, role.value, role.valid_from, role.valid_to
            )
            for code, (role, *_) in self.facts.of("role").items()
        }

    def areas(self, on: date, known: date | None = None) -> dict[str, Area]:
        """The integrated care boards and sub-ICB locations active on a date, by code."""
        if (on, known) not in self._places:
            found: dict[str, Area] = {}
            for code in self.area_roles:
                try:
                    found[code] = commissioning.place_of(self, code, on, known).area
                except refusals.NotActive:
                    continue
            self._places[on, known] = found
        return self._places[on, known]

    def board_on(self, area: str, on: date) -> str | None:
        """The board responsible on a date for the people of a board or sub-ICB location of any date.

        A sub-ICB location carries on under its board's successor; a board is followed through whole
        successions. None where there is no single successor, and for a code of no area.
        """
        active = self.areas(on).get(area)
        if active is not None:
            return active.icb
        last = next(iter(self.boards.get(area, ())), None)
        return self._whole_successor(last.value if last else area, on)

    def hub(self, region: str, on: date) -> str | None:
        """The commissioning hub of a region."""
        return self._hub(region, on, "hub of region")

    def justice_hub(self, region: str, on: date) -> str | None:
        """The health and justice commissioning hub of a region."""
        return self._hub(region, on, "health and justice hub of region")

    def _hub(self, region: str, on: date, relation: str) -> str | None:
        try:
            return commissioning.hub_of(self, region, on, None, relation).subject
        except refusals.NotActive:
            return None

    def arrangement(self, region: str, on: date, known: date | None = None) -> str:
        """`national`, `joint` or `delegated`: how a region's suitable services are commissioned on a date."""
        return commissioning.arrangement_of(self, region, on, known).value

    def successors(self, code: str, on: date) -> list[str]:
        """The bodies that followed one, whole or in part, by a date; none while it carries on."""
        return [
            fact.value
            for extent in ("whole", "part")
            for fact in self.facts.about(code, f"succeeded in {extent} by")
            if fact.valid_from <= on
        ]

    def predecessors(self, code: str) -> list[str]:
        """The bodies that one followed, whole or in part."""
        return sorted(
            predecessor
            for extent in ("whole", "part")
            for predecessor, successions in self.facts.of(f"succeeded in {extent} by").items()
            if any(fact.value == code for fact in successions)
        )

    # --- providers

    @cached_property
    def providers(self) -> dict[str, Provider]:
        """Trusts, closed ones included, with the board that hosted them last before any reorganisation."""
        value = self.facts.load("providers").value
        return {
            code: Provider(
                code,
                value(code, "name") or code,
                value(code, "provider region"),
                value(code, "host integrated care board"),
                _degrees(value(code, "longitude")),
                _degrees(value(code, "latitude")),
            )
            for code in self.facts.of("provider status")
        }

    def host_icb(self, provider: str, on: date) -> str | None:
        """The board in whose area a provider lies on a date, following whole successions.

        None where the board was split, outside England, for an unknown provider, and before boards were.
        """
        hosts = self.facts.load("providers").about(provider, "host integrated care board")
        last = next((host for host in hosts if host.valid_from <= on), None)
        return self._whole_successor(last.value, on) if last else None

    def _whole_successor(self, icb: str, on: date) -> str | None:
        successor: str | None = icb
        while successor is not None and in_force(self.area_roles.get(successor, ()), on) is None:
            fact = in_force(self.facts.about(successor, "succeeded in whole by"), on)
            successor = fact.value if fact else None
        return successor

    def committee(self, icb: str) -> str | None:
        """The joint committee that a board, or every board it followed, was a member of; none if several."""
        members = self.facts.load("relations").of("member of joint committee")
        found = {fact.value for board in (icb, *self.predecessors(icb)) for fact in members.get(board, ())}
        return found.pop() if len(found) == 1 else None

    # --- need, decisions, sources

    def population(self, icb: str, year: FinancialYear | str) -> Decimal | None:
        """The projected population of a board (`ENG`: England) in a financial year, where held."""
        return self._need(icb, year, "projected population")

    def need_index(
        self, icb: str, year: FinancialYear | str, component: str = "core overall"
    ) -> Decimal | None:
        """Need for each head against England's 1; inferred, and not need for specialised care.

        `component` is one of the core allocation's: `general acute`, `community`, `maternity`, and so on.
        """
        return self._need(icb, year, f"need index {component}")

    def _need(self, icb: str, year: FinancialYear | str, attribute: str) -> Decimal | None:
        start = (year if isinstance(year, FinancialYear) else FinancialYear.parse(year)).start
        fact = in_force(self.facts.load("populations").about(icb, attribute), start)
        return Decimal(fact.value) if fact else None

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Every source that a fact may name, by id; a workspace's own included."""
        own = facts.added_sources(self._workspace.register) if self._workspace else ()
        found = [Source(**row) for row in (*facts.table("sources"), *own)]
        return {each.source_id: each for each in (*found, *self._proposed_sources)}

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """The decisions of 2012 to 2026 that made the arrangements, by id."""
        decisions = self.facts.load("decisions")
        found = {}
        for subject, texts in decisions.of("decision").items():
            text = texts[0]
            made_on, made_by, scope, services = (
                decisions.value(subject, attribute) or ""
                for attribute in ("made on", "made by", "scope", "services")
            )
            found[subject] = Decision(
                subject, made_on, made_by, text.value, scope, services, text.source_id, text.confidence
            )
        return found

    def earlier_decisions(self, reference: str) -> list[tuple[str, str]]:
        """What a decision says of earlier ones: `amends` or `revokes`, and the earlier one's id."""
        self.facts.load("decisions")
        return [
            (how, fact.value)
            for how in ("amends", "revokes")
            for fact in self.facts.about(reference, f"{how} decision")
        ]

    def later_decisions(self, reference: str) -> list[tuple[str, str]]:
        """What later decisions say of one: `amends` or `revokes`, and the later one's id."""
        self.facts.load("decisions")
        return [
            (how, later)
            for how in ("amends", "revokes")
            for later, each in sorted(self.facts.of(f"{how} decision").items())
            if any(fact.value == reference for fact in each)
        ]

    def decided_by(self, fact: Fact) -> Decision | None:
        """The decision that a status or an arrangement follows from, where the record has one."""
        if fact.source_id in self.decisions:  # one adopted in the workspace is the source of what it made
            return self.decisions[fact.source_id]
        for row in facts.table("decided_by"):
            if row["attribute"] == fact.attribute and row["recorded_on"] == fact.recorded_on.isoformat():
                return self.decisions.get(row["decision_id"])
        return None

    def planned(self, known: date | None = None) -> Sequence[Fact]:
        """What is planned and not yet so. Plans are listed beside answers and never are one."""
        plans = (each[0] for each in self.facts.load("planned").of("plan").values())
        public = (plan for plan in plans if known is None or plan.recorded_on <= known)
        return sorted(public, key=lambda plan: plan.subject)


def _degrees(text: str | None) -> float | None:
    return float(text) if text else None
