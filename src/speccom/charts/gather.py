"""Reads the summaries of a built ledger into what a report is made from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from speccom.charts.results import Accounted, Area, Cited, Found, Results
from speccom.contracts import book, checks
from speccom.contracts.book import Receipt
from speccom.contracts.checks import Check
from speccom.engine import run_steps
from speccom.finance.bases import host_and_population
from speccom.ledger.challenges import challenges
from speccom.ledger.conservation import total
from speccom.ledger.manifest import Manifest, require_manifest
from speccom.ledger.position import positions
from speccom.ledger.reading import reading
from speccom.ledger.reconciliation import reconcile
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

# Every position that a run writes out, and what it is by. The report is drawn from the same tables.
POSITIONS = {
    "position by commissioner": ["commissioner", "arrangement"],
    "position by arrangement": ["arrangement"],
    "position by ICB": ["icb", "arrangement"],
    "position by region": ["region"],
    "position by programme": ["programme"],
    "position by service": ["service"],
    "position by service line": ["service_line"],
    "position by provider": ["provider"],
    "position by point of delivery": ["point_of_delivery"],
    "position by month": ["month"],
}
BASES, RECONCILIATION, CHALLENGES = "host and population basis", "reconciliation differences", "challenges"
_PLACES = ("received", "ledger", "quarantined", "superseded")


def tables(workspace: Workspace) -> dict[str, pa.Table]:
    """Every result of a built ledger, by name: positions, bases, reconciliation, challenges."""
    return {
        **dict(zip(POSITIONS, positions(workspace, list(POSITIONS.values())), strict=True)),
        BASES: host_and_population(workspace),
        RECONCILIATION: reconcile(workspace),
        CHALLENGES: challenges(workspace),
    }


def gather(workspace: Workspace, written: Mapping[str, pa.Table]) -> Results:
    """Everything the report shows of a built workspace; `written` is what `tables` gave of it.

    Raises `LedgerError` before the first build.
    """
    manifest = require_manifest(workspace)
    register = Register.load(workspace)
    receipts = book.read(workspace)
    last = max(month.period for month in manifest.months)
    return Results(
        synthetic=manifest.synthetic,
        built=manifest.built,
        snapshot=manifest.snapshot,
        months=[month.period for month in manifest.months],
        receipts=len(receipts),
        providers=len({provider for receipt in receipts for provider in receipt.providers}),
        patients=_patients(workspace),
        accounted=_accounted(manifest),
        areas_on=last.start,
        areas=_areas(register, last.start, last.year),
        found=_found(receipts),
        sources=[
            Cited(source.title, source.publisher, source.published, source.url)
            for source in register.sources.values()
        ],
        by_payer=_under_boards(written["position by commissioner"], register, last.start),
        by_arrangement=written["position by arrangement"],
        by_area=written["position by ICB"],
        by_line=written["position by service line"],
        by_month=written["position by month"],
        challenged=_by_provider_and_step(written[CHALLENGES], register),
        bases=written[BASES],
        reconciled=_by_provider(written[RECONCILIATION]),
    )


def _patients(workspace: Workspace) -> int:
    """Distinct patients of the whole ledger, over activity, drugs and devices together."""
    with reading(workspace) as (engine, _):
        run_steps(engine, __package__, ["patients"])
        return int(engine.fetch("select * from patients")["patients"][0].as_py())


def _under_boards(position: pa.Table, register: Register, on: date) -> pa.Table:
    """The position by commissioner with each sub-ICB location under its board, which is who pays."""
    areas = register.areas(on)
    boards = [areas[code].icb if code in areas else code for code in position["commissioner"].to_pylist()]
    names = [
        register.organisations[board].name if board in areas else name
        for board, name in zip(boards, position["commissioner_name"].to_pylist(), strict=True)
    ]
    renamed = {"commissioner": boards, "commissioner_name": names}
    for name, values in renamed.items():
        position = position.set_column(position.column_names.index(name), name, pa.array(values, pa.string()))
    return position


def _by_provider_and_step(challenged: pa.Table, register: Register) -> pa.Table:
    """Challenges by provider and reason, with the step of the decision table: `G1` of `G1-3`."""
    summed = challenged.group_by(["provider", "reason"]).aggregate([([], "count_all"), ("cost", "sum")])
    steps = [str(reason).partition("-")[0] for reason in summed["reason"].to_pylist()]
    renamed = summed.rename_columns({"count_all": "lines", "cost_sum": "cost"})
    return _with_provider_names(renamed.append_column("step", pa.array(steps, pa.string())), register)


def differing(reconciliation: pa.Table) -> pa.Table:
    """The rows of the reconciliation that do not agree, which are those that somebody has to look at."""
    return reconciliation.filter(_differs(reconciliation))


def _differs(reconciliation: pa.Table) -> Any:
    difference = reconciliation["difference"]
    return pc.not_equal(difference, pa.scalar(0, difference.type))


def _by_provider(reconciliation: pa.Table) -> pa.Table:
    """The reconciliation by provider, with how many totals were compared and how many differ."""
    differs = _differs(reconciliation)
    sums = ("differing", "aggregate", "patient_level", "difference")
    summed = (
        reconciliation.append_column("differing", differs.cast(pa.int64()))
        .group_by(["provider", "provider_name"])
        .aggregate([([], "count_all"), *((name, "sum") for name in sums)])
    )
    return summed.rename_columns({"count_all": "keys", **{f"{name}_sum": name for name in sums}})


def _with_provider_names(table: pa.Table, register: Register) -> pa.Table:
    codes = table["provider"].to_pylist()
    names = [register.providers[code].name if code in register.providers else code for code in codes]
    return table.append_column("provider_name", pa.array(names, pa.string()))


def _accounted(manifest: Manifest) -> Accounted:
    tallies = {place: total(getattr(account, place) for account in manifest.accounts) for place in _PLACES}
    return Accounted(
        {place: tally.rows for place, tally in tallies.items()},
        {place: tally.cost for place, tally in tallies.items()},
        sum(account.unread_costs for account in manifest.accounts),
        all(account.conserved for account in manifest.accounts),
    )


def _areas(register: Register, on: date, year: FinancialYear) -> list[Area]:
    return [
        Area(
            code,
            register.organisations[code].name,
            register.organisations[area.region].name,
            register.arrangement(area.region, on),
            register.population(code, year),
        )
        for code, area in sorted(register.areas(on).items())
        if area.kind == "icb"
    ]


def _found(receipts: Sequence[Receipt]) -> list[Found]:
    rows: Counter[str] = Counter()
    for receipt in receipts:
        rows.update(receipt.findings)
    return [
        Found(code, check.severity, _meaning(check), rows[code])
        for code, check in checks.all_checks().items()
        if rows[code]
    ]


def _meaning(check: Check) -> str:
    subject = check.field.replace("_", " ") or f"the {'row' if check.scope == 'record' else 'file'}"
    capitals = {"nhs": "NHS", "gp": "GP"}
    first, _, rest = subject.partition(" ")
    return " ".join(filter(None, (capitals.get(first, first.capitalize()), rest, check.message)))
