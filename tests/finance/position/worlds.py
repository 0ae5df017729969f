"""Small worlds for the tests of positions: years of one board's lines and plans, budgets and contracts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.ledger.worlds import GUYS, Row, build_in, receive, workspace_in

from speccom.finance.position.budgets import import_budgets
from speccom.finance.position.forms import import_contracts
from speccom.finance.position.months import year_to_date
from speccom.finance.position.standing import Standing, standing
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace

KENT = "91Q"
"""The sub-ICB location of QKS, Kent and Medway, in the South East."""
BOARD = "QKS"
REGISTER = Register.load()
YEAR = FinancialYear(2025)


def month(number: int, year: int = 2025) -> Month:
    return Month(FinancialYear(year), number)


def lines(
    months: Iterable[int],
    pounds: Callable[[int], int | Decimal] = lambda month: 1000,
    *,
    year: str = "202526",
    **named: Any,
) -> list[Row]:
    """One patient-level row of Kent's people at Guy's in each month."""
    base: dict[str, Any] = {"provider": GUYS, "gp_responsibility": KENT, "submitted_commissioner": KENT}
    return [
        Row(financial_year=year, month=each, cost=Decimal(pounds(each)), patient_id=each, **(base | named))
        for each in months
    ]


def plans(
    months: Iterable[int],
    pounds: Callable[[int], int | Decimal] = lambda month: 900,
    *,
    year: str = "202526",
    **named: Any,
) -> list[Row]:
    """The aggregate row of the same, with its plan."""
    return [
        Row(
            **{
                "data_set": "ACM",
                "provider": GUYS,
                "gp_responsibility": KENT,
                "submitted_commissioner": KENT,
                "financial_year": year,
                "month": each,
                "planned_cost": Decimal(pounds(each)),
            }
            | named
        )
        for each in months
    ]


def world(directory: Path, *files: list[Row]) -> Workspace:
    """A workspace with a ledger of some files."""
    workspace = workspace_in(directory)
    for rows in files:
        receive(workspace, rows)
    build_in(workspace)
    return workspace


def stood(workspace: Workspace, number: int = 6, year: int = 2025, **named: Any) -> Standing:
    """The standing of Kent and Medway at a month."""
    held = year_to_date(workspace, month(number, year), commissioner=named.pop("commissioner", BOARD))
    return standing(held, **named)


def budgets_of(workspace: Workspace, text: str) -> str:
    """Import budgets from text."""
    path = workspace.root / "budgets.csv"
    path.write_text(text)
    return import_budgets(workspace, REGISTER, path)


def contracts_of(workspace: Workspace, text: str) -> str:
    """Import contracts from text."""
    path = workspace.root / "contracts.csv"
    path.write_text(text)
    return import_contracts(workspace, REGISTER, path)
