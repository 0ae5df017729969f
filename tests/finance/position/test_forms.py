"""Contract forms: what is due under each, when they change, and files that are refused."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.finance.position.worlds import YEAR, contracts_of, lines, month, plans, stood, world
from tests.ledger.worlds import GUYS

from speccom.finance.position.dues import by_form
from speccom.finance.position.forms import Contract, contracts, forms
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.low_volume import rule_of
from speccom.finance.position.table import position
from speccom.period import FinancialYear
from speccom.workspace import Workspace

HEADER = (
    "provider,commissioner,form,from,to,fixed,variable_share,variable_points_of_delivery,"
    "at_cost_points_of_delivery,lower,rate_below,upper,rate_above\n"
)
HALF = [month(number) for number in range(1, 7)]


def contract(form: str, **named: object) -> Contract:
    return Contract(1, GUYS, "QKS", form, YEAR.interval, **named)  # type: ignore[arg-type]


def pounds(**priced: int | str) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in priced.items()}


def test_aligned_is_the_fixed_part_and_the_share_given_of_what_is_variable() -> None:
    aligned = contract(
        "aligned",
        fixed=Decimal(1200),
        variable_share=Decimal("0.75"),
        variable=frozenset({"EL", "DC"}),
        at_cost=frozenset({"DRUG"}),
    )
    due = aligned.due(pounds(EL=100, DC=300, NEL=5000, DRUG="12.34"), HALF)
    assert (due.fixed, due.variable, due.at_cost) == (600, 300, Decimal("12.34"))
    assert due.total == Decimal("912.34")


def test_block_is_the_fixed_sum_whatever_the_activity() -> None:
    block = contract("block", fixed=Decimal(1200))
    assert block.due(pounds(EL=9999), HALF).total == block.due({}, HALF).total == 600


@pytest.mark.parametrize(
    ("value", "due"), [(400, 450), (500, 500), (700, 700), (800, 800), (900, 830), (0, 250)]
)
def test_cost_and_volume_pays_the_rate_beyond_a_threshold(value: int, due: int) -> None:
    form = contract(
        "cost-and-volume",
        lower=Decimal(1000),
        rate_below=Decimal("0.5"),
        upper=Decimal(1600),
        rate_above=Decimal("0.3"),
    )
    assert form.due(pounds(EL=value), HALF).total == due


@given(st.decimals(0, 10**6, places=2), st.decimals(0, 10**6, places=2))
def test_more_activity_never_makes_less_due(one: Decimal, other: Decimal) -> None:
    form = contract(
        "cost-and-volume",
        lower=Decimal(10**5),
        rate_below=Decimal("0.2"),
        upper=Decimal(10**6),
        rate_above=Decimal("0.4"),
    )
    less, more = sorted((one, other))
    assert form.due({"EL": less}, HALF).total <= form.due({"EL": more}, HALF).total


def test_a_fixed_sum_is_due_month_by_month_to_the_penny() -> None:
    block = contract("block", fixed=Decimal(100))
    months = list(YEAR.months())
    assert sum(block.due({}, [each]).total for each in months) == block.due({}, months).total == 100


def test_a_form_that_changes_in_the_year_counts_from_its_first_day(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 7)))
    contracts_of(
        workspace,
        HEADER
        + "RJ1,QKS,block,2025-04-01,2025-07-01,600,,,,,,,\nRJ1,QKS,cost-and-volume,2025-07-01,2026-04-01,,,,,,,,\n",
    )
    rows = {row["form"]: row for row in position(stood(workspace), ("form",)).table.to_pylist()}
    assert (rows["block"]["actual"], rows["block"]["due"]) == (3000, 600)
    assert (rows["cost-and-volume"]["actual"], rows["cost-and-volume"]["due"]) == (3000, 3000)
    assert rows["block"]["forecast"] == 3000
    assert rows["cost-and-volume"]["forecast"] > 8000
    months = {row["form"]: row["months"] for row in by_form(stood(workspace)).table.to_pylist()}
    assert months == {"block": "1-3", "cost-and-volume": "4-6"}


def test_a_block_without_any_activity_is_due_all_the_same(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 7)))
    contracts_of(workspace, HEADER + "RYJ,QKS,block,2025-04-01,2026-04-01,1200,,,,,,,\n")
    rows = {row["provider"]: row for row in position(stood(workspace), ("provider",)).table.to_pylist()}
    assert (rows["RYJ"]["actual"], rows["RYJ"]["due"], rows["RYJ"]["due_year"]) == (0, 600, 1200)
    assert (rows["RJ1"]["actual"], rows["RJ1"]["due"]) == (6000, 6000)


def test_what_is_due_by_pair_adds_up_to_what_is_due_in_all(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 7)), lines(range(1, 5), provider="R1H"))
    contracts_of(workspace, HEADER + "RJ1,QKS,aligned,2025-04-01,2026-04-01,900,1,OPFUP,,,,,\n")
    of = stood(workspace)
    [whole] = position(of).table.to_pylist()
    parts = position(of, ("provider",)).table.to_pylist()
    assert whole["due"] == sum(row["due"] for row in parts) == 450 + 6000 + 4000
    assert whole["due_less_actual"] == 450


def test_no_sum_is_due_of_a_service_line(tmp_path: Path) -> None:
    found = position(stood(world(tmp_path, lines(range(1, 7)))), ("service_line",))
    assert found.table["due"].to_pylist() == [None]
    assert "a fixed sum is of no service line" in " ".join(found.said())


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("RJ1,QKS,tariff,2025-04-01,2026-04-01,,,,,,,,", "no form of contract"),
        ("RJ1,QKS,activity,2025-04-01,2026-04-01,,,,,,,,", "no form of contract"),
        ("RJ1,QKS,block,2025-04-01,2026-04-01,,,,,,,,", "field fixed: is empty, and block needs it"),
        ("RJ1,QKS,block,2025-04-01,2026-04-01,1,0.5,,,,,,", "block does not use it"),
        ("RJ1,QKS,aligned,2025-04-01,2026-04-01,1,1.5,EL,,,,,", "no share from 0 to 1"),
        ("RJ1,QKS,aligned,2025-04-01,2026-04-01,1,1,ELX,,,,,", "'ELX' is no point of delivery"),
        ("RJ1,QKS,cost-and-volume,2025-04-01,2026-04-01,,,,,5,,,", "lower and rate_below go together"),
        ("RJ1,QKS,cost-and-volume,2025-04-01,2026-04-01,,,,,5,1,4,1", "lies above upper"),
        ("RJ1,QKS,block,2025-04-02,2026-04-01,1,,,,,,,", "not the first day of a month"),
    ],
)
def test_a_contract_that_cannot_be_is_refused(tmp_path: Path, row: str, why: str) -> None:
    workspace = Workspace(tmp_path / "workspace").make()
    with pytest.raises(PositionError, match=why):
        contracts_of(workspace, HEADER + row + "\n")


def test_two_forms_of_a_pair_in_one_month_are_refused(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace").make()
    with pytest.raises(
        PositionError, match=r"rows 2 and 3: RJ1 and QKS have block in .* a month has one form"
    ):
        contracts_of(
            workspace,
            HEADER
            + "RJ1,QKS,block,2025-04-01,2026-04-01,1,,,,,,,\nRJ1,QKS,block,2026-03-01,2027-04-01,1,,,,,,,\n",
        )
    assert not contracts(workspace)


def test_every_form_says_what_is_due_and_from_where() -> None:
    for form in forms().values():
        assert form.due
        assert form.source
        assert form.confidence in ("stated", "inferred", "recalled", "own")


# --- low-volume activity


def test_thresholds_are_those_of_the_year() -> None:
    thresholds = {year: rule_of(FinancialYear(year)) for year in (2022, 2023, 2024, 2025, 2026)}
    assert {year: rule and rule.threshold for year, rule in thresholds.items()} == {
        2022: None,
        2023: 500_000,
        2024: 500_000,
        2025: 1_500_000,
        2026: None,
    }


@pytest.fixture(scope="module")
def four_years(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Guy's has £1.2m, £1.2m and £1.2m a year, Barts £2.4m; then both have half."""
    files = []
    for year in ("202223", "202324", "202425"):
        files += [
            lines(range(1, 13), lambda _: 100_000, year=year),
            lines(range(1, 13), lambda _: 200_000, year=year, provider="R1H"),
        ]
    files += [lines(range(1, 7), lambda _: 50_000), lines(range(1, 7), lambda _: 100_000, provider="R1H")]
    return world(tmp_path_factory.mktemp("low"), *files)


def test_low_volume_is_off_unless_it_is_asked_for(four_years: Workspace) -> None:
    found = position(stood(four_years))
    [row] = found.table.to_pylist()
    assert row["due"] == row["actual"] == 900_000
    assert "not established" in " ".join(found.notes)


def test_low_volume_pays_the_average_of_three_years_to_pairs_within_the_threshold(
    four_years: Workspace,
) -> None:
    of = stood(four_years, with_low_volume=True)
    due = {(row["provider"], row["form"]): row["due"] for row in by_form(of).table.to_pylist()}
    assert due == {(GUYS, "low-volume"): 600_000, ("R1H", "activity"): 600_000}
    assert "assumed, not established" in " ".join(of.low_volume.notes if of.low_volume else ())


def test_low_volume_is_not_decided_without_three_whole_years(tmp_path: Path) -> None:
    of = stood(world(tmp_path, lines(range(1, 7)), plans(range(1, 7))), with_low_volume=True)
    assert of.low_volume is not None
    assert of.low_volume.contracts == ()
    assert "holds 0 of them whole" in str(of.low_volume.gaps[0])
