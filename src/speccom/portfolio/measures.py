"""The measured criteria of every line, from the ledger's summaries; it knows no judgement and no recommendation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from speccom.engine import run_steps
from speccom.insight.asked import lines_of
from speccom.insight.kept import kept, packed, unpacked
from speccom.insight.result import Column, Gap, Result, described
from speccom.insight.volatility import volatility
from speccom.ledger.manifest import Manifest, require_manifest
from speccom.ledger.summaries import summaries, years_held
from speccom.period import FinancialYear
from speccom.portfolio.criteria import measures
from speccom.register import Register
from speccom.workspace import Workspace

MONTHS_OF_A_YEAR = 12
COLUMNS = {
    "service_line": Column("code", "service line"),
    "service_line_name": Column("", "its name"),
    "service": Column("reference", "the prescribed service that it is of"),
    "programme": Column("", "its national programme of care"),
    "highly_specialised": Column("yes or no", "whether the register has it as highly specialised"),
    "outturn": Column("£", "pounds of the latest whole year, patient-level and aggregate"),
    "activity": Column("units", "activity of the patient-level records of that year, as providers count it"),
    "provider_income_volatility": Column(
        "ratio", "coefficient of variation of providers' yearly income about a straight line, by income"
    ),
    "change_in_volume": Column("ratio", "mean absolute change of patients from year to year, England"),
    "change_in_cost": Column("ratio", "mean absolute change of cost from year to year, England"),
    "providers": Column("providers", "providers with 1% or more of England's spend on it"),
    "out_of_area_share": Column(
        "share", "of spend, the part at providers outside the area of the patients' joint committee"
    ),
    "out_of_board_share": Column("share", "of spend, the part at providers outside the patients' board"),
    "years": Column("years", "whole years that variation rests on"),
    "note": Column("", "why a number is not there"),
}
_KINDS: dict[str, pa.DataType] = {
    "outturn": pa.decimal128(38, 8),
    "activity": pa.decimal128(38, 3),
    "highly_specialised": pa.bool_(),
    "years": pa.int64(),
    **dict.fromkeys(
        (
            "provider_income_volatility",
            "change_in_volume",
            "change_in_cost",
            "providers",
            "out_of_area_share",
            "out_of_board_share",
        ),
        pa.float64(),
    ),
}
_FROM = {
    "england": {
        "provider_income_volatility": "provider_income_variation",
        "change_in_volume": "change_in_volume",
        "change_in_cost": "change_in_cost",
        "providers": "providers",
        "years": "years",
    },
    "multi_icb": {"out_of_area_share": "out_of_area_share"},
    "icb": {"out_of_board_share": "out_of_area_share"},
}
"""Rung of the ladder → our column → the column of `insight.volatility` at that rung."""


def measured(workspace: Workspace, lines: str = "all", *, register: Register | None = None) -> Result:
    """A row for each line asked, whether the ledger has it or not; columns are those of `COLUMNS`.

    Outturn and activity are of the latest whole financial year, of everybody's; variation and flows are those of
    `insight.volatility`, of people of boards, over the whole years that compare. A cell that cannot be filled has
    its reason in `note` and among the gaps. What was worked out is kept for the next who asks. Raises
    `LedgerError` where no ledger is built, `InsightError` for unknown lines.
    """
    known, manifest = register or Register.load(workspace), require_manifest(workspace)

    def make() -> list[pa.Table]:
        return [packed(_measured(workspace, manifest, lines, known))]

    # The columns are part of the question, so that a version with other ones reads no older answer.
    asked = {"lines": lines, "columns": [*COLUMNS], "from": _FROM}
    [found] = kept(workspace, manifest, known, "portfolio", asked, make)
    return unpacked(found)


def unmeasured(register: Register, lines: str, reason: str) -> Result:
    """The same rows where nothing can be measured, with the one reason why."""
    rows = [_line(register, code) | {"note": reason} for code in lines_of(register, lines).codes]
    gaps = (Gap("Every line", "measured criterion", reason),)
    return Result("Portfolio: measured criteria", _table(rows), (), gaps, synthetic=False)


def values_of(row: Mapping[str, Any]) -> dict[str, float | None]:
    """The values of the measured criteria in a row of `measured`, by criterion."""
    held = {key: row[each.column] for key, each in measures().items()}
    return {key: None if value is None else float(value) for key, value in held.items()}


def latest_whole_year(manifest: Manifest) -> FinancialYear | None:
    """The last financial year of which all twelve months are held."""
    months = [each.financial_year for each in manifest.months if each.files]
    whole = [year for year in years_held(manifest) if months.count(year.code) == MONTHS_OF_A_YEAR]
    return whole[-1] if whole else None


def _measured(workspace: Workspace, manifest: Manifest, lines: str, register: Register) -> Result:
    asked = lines_of(register, lines)
    year = latest_whole_year(manifest)
    steady = volatility(workspace, lines, register=register)
    rungs: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in steady.table.to_pylist():
        rungs.setdefault(row["service_line"], {})[row["footprint"]] = row
    outturns = _outturns(workspace, asked.codes, year) if year else {}
    rows = []
    for code in asked.codes:
        row = _line(register, code) | outturns.get(code, {})
        for rung, columns in _FROM.items():
            held = rungs.get(code, {}).get(rung, {})
            row |= {ours: held.get(theirs) for ours, theirs in columns.items()}
        row["note"] = _why(row, year, in_ledger=code in rungs or code in outturns)
        rows.append(row)
    return Result(
        title=f"Portfolio: measured criteria of {asked.name}",
        table=_table(rows),
        notes=(
            f"Outturn and activity: {year}, everybody's."
            if year
            else "No outturn: no financial year is whole.",
            *steady.notes,
            "The criteria are those of A guide to specialised commissioning in 2023/24 (Specialised Healthcare "
            "Alliance, March 2023), appendix 1; no thresholds were published.",
        ),
        gaps=tuple(_gaps(rows, year) + [gap for gap in steady.gaps if gap.missing != "volatility or tier"]),
        synthetic=steady.synthetic,
    )


def _line(register: Register, code: str) -> dict[str, Any]:
    line = register.lines[code]
    return {
        "service_line": code,
        "service_line_name": line.name,
        "service": line.service_ref,
        "programme": line.programme,
        "highly_specialised": line.highly_specialised,
    }


def _outturns(
    workspace: Workspace, codes: tuple[str, ...], year: FinancialYear
) -> dict[str, dict[str, Decimal]]:
    with summaries(workspace, [year]) as (engine, _):
        engine.register("asked_line", pa.table({"code": pa.array(codes, pa.string())}))
        engine.register("outturn_year", pa.table({"code": pa.array([year.code], pa.string())}))
        run_steps(engine, __package__, ["outturn"])
        return {
            row["service_line"]: {"outturn": row["outturn"], "activity": row["activity"]}
            for row in engine.fetch("select service_line, outturn, activity from outturn").to_pylist()
        }


def _why(row: Mapping[str, Any], year: FinancialYear | None, *, in_ledger: bool) -> str:
    if not in_ledger:
        return "the ledger has no line of it in these years"
    said = []
    if row.get("outturn") is None:
        said.append(
            "no outturn: " + (f"the ledger has no line of it in {year}" if year else "no year is whole")
        )
    if row.get("change_in_cost") is None:
        held = row.get("years") or 0
        reason = f"2 whole years needed, {held} held" if held < 2 else "a year has none of it"
        said.append(f"no change from year to year: {reason}")
    if row.get("provider_income_volatility") is None:
        held = row.get("years") or 0
        reason = f"3 whole years needed, {held} held" if held < 3 else "no provider has it in enough of them"
        said.append(f"no income volatility: {reason}")
    if row.get("providers") is None:
        said.append("no number of providers: no provider of people of boards in England is named")
    if row.get("out_of_area_share") is None:
        said.append("no flows: nobody of a board in England had it")
    return "; ".join(said)


def _gaps(rows: list[dict[str, Any]], year: FinancialYear | None) -> list[Gap]:
    missing = [row for row in rows if row["note"].startswith("the ledger has no line")]
    gaps = [Gap(row["service_line_name"], "measured criterion", row["note"]) for row in missing]
    if year is None:
        gaps.append(Gap("Every line", "outturn", "no financial year has all its twelve months"))
    return gaps


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    return described(
        {
            name: (column, [row.get(name) for row in rows], _KINDS.get(name, pa.string()))
            for name, column in COLUMNS.items()
        }
    )
