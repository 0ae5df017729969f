"""The position with plan: exact sums, bodies that pay, changeover days, and what is missing."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.finance.position.worlds import BOARD, KENT, REGISTER, lines, month, plans, stood, world
from tests.ledger.worlds import RENAL, SPINAL, Row, build_in, receive, workspace_in

from speccom.finance.position.challenged import IN, OUT, WITHIN, at_challenge
from speccom.finance.position.inputs import PositionError
from speccom.finance.position.month_end import month_end
from speccom.finance.position.months import last_month, year_to_date
from speccom.finance.position.risks import risks
from speccom.finance.position.standing import standing
from speccom.finance.position.table import COLUMNS, position
from speccom.ledger.manifest import LedgerError
from speccom.ledger.position import position as plain_position


def test_a_position_is_to_the_penny_and_by_the_board_that_pays(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 4), lambda at: Decimal("100.10") * at), plans(range(1, 4)))
    [row] = position(stood(workspace, 3)).table.to_pylist()
    assert row["commissioner"] == BOARD
    assert row["commissioner_name"] == "NHS Kent and Medway ICB"
    assert row["actual"] == Decimal("600.60")
    assert (row["plan"], row["plan_variance"]) == (2700, Decimal("-2099.40"))
    assert row["plan_variance_share"] == pytest.approx(-2099.40 / 2700)


def test_later_months_are_left_out_and_their_plans_are_the_years(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 13)), plans(range(1, 13)))
    [row] = position(stood(workspace, 4)).table.to_pylist()
    assert (row["actual"], row["plan"], row["year_plan"]) == (4000, 3600, 10_800)
    assert row["forecast_against"] == "plan"


def test_the_plan_of_part_of_a_year_is_not_held_against_the_full_year(tmp_path: Path) -> None:
    [row] = position(stood(world(tmp_path, lines(range(1, 7)), plans(range(1, 7))))).table.to_pylist()
    assert (row["plan"], row["year_plan"], row["forecast_against"], row["forecast_variance"]) == (
        5400,
        None,
        "",
        None,
    )


def test_without_a_plan_there_is_a_gap_and_no_variance(tmp_path: Path) -> None:
    found = position(stood(world(tmp_path, lines(range(1, 7)))))
    [row] = found.table.to_pylist()
    assert (row["plan"], row["plan_variance"], row["note"]) == (None, None, "no plan")
    assert any("no plan, because no aggregate row of it has a plan" in said for said in found.said())


def test_a_month_that_has_only_a_plan_is_still_to_come(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines(range(1, 7)), plans(range(1, 13)))
    assert last_month(workspace) == month(6)
    with pytest.raises(PositionError, match="does not hold 2025/26 month 7"):
        stood(workspace, 7)
    only_plans = world(tmp_path / "plans", plans(range(1, 13)))
    with pytest.raises(PositionError, match="no patient-level row"):
        last_month(only_plans)


def test_a_plan_of_nothing_has_no_share(tmp_path: Path) -> None:
    [row] = position(
        stood(world(tmp_path, lines(range(1, 4)), plans(range(1, 4), lambda _: 0)), 3)
    ).table.to_pylist()
    assert (row["plan"], row["plan_variance"], row["plan_variance_share"]) == (0, 3000, None)


def test_a_month_or_commissioner_that_is_not_held_is_refused_with_those_that_are(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines([1, 2]))
    assert last_month(workspace) == month(2)
    with pytest.raises(PositionError, match=r"does not hold 2025/26 month 7: choose one of 2025/26 month 1,"):
        stood(workspace, 7)
    with pytest.raises(PositionError, match=r"QZZ pays for nothing in 2025/26: choose one of QKS"):
        stood(workspace, 2, commissioner="QZZ")
    with pytest.raises(
        PositionError, match="nothing to sum a forecast by: choose from commissioner, service_line"
    ):
        position(stood(workspace, 2), ("weather",))
    with pytest.raises(PositionError, match="Name each dimension once"):
        position(stood(workspace, 2), ("form", "form"))


def test_there_is_no_position_before_the_first_build(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="speccom build"):
        year_to_date(workspace_in(tmp_path), month(1))


def test_the_day_on_which_boards_merge_changes_who_pays(tmp_path: Path) -> None:
    """QHG and others are no more from 1 April 2026: March is theirs, April their successor's."""
    old = "QHG"
    [area] = [
        code
        for code, each in sorted(REGISTER.areas(date(2026, 3, 1)).items())
        if each.icb == old and each.kind == "sub_icb"
    ][:1]
    new = REGISTER.areas(date(2026, 4, 1))[area].icb
    assert new != old
    workspace = world(
        tmp_path,
        lines(range(1, 13), gp_responsibility=area, submitted_commissioner=area, year="202526"),
        lines([1], gp_responsibility=area, submitted_commissioner=area, year="202627"),
    )
    [march] = position(stood(workspace, 12, commissioner=old)).table.to_pylist()
    [april] = position(stood(workspace, 1, 2026, commissioner=new)).table.to_pylist()
    assert (march["commissioner"], march["actual"]) == (old, 12_000)
    assert (april["commissioner"], april["actual"]) == (new, 1000)
    with pytest.raises(PositionError, match=f"{old} pays for nothing in 2026/27"):
        stood(workspace, 1, 2026, commissioner=old)


def test_a_board_that_began_in_the_year_is_forecast_from_its_own_months(tmp_path: Path) -> None:
    """Boards began on 1 July 2022: three months of nine say what the nine come to."""
    workspace = world(tmp_path, lines([4, 5, 6], year="202223", submitted_category="12", service_code=None))
    rows = position(stood(workspace, 6, 2022)).table.to_pylist()
    assert rows[0]["actual"] == 3000
    assert float(rows[0]["forecast"]) == pytest.approx(9000, rel=0.06)


def test_what_does_not_resolve_is_of_nobody_and_comes_last(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines([1]), [Row(provider="8HK42", gp_responsibility=None)])
    found = position(standing(year_to_date(workspace, month(1)))).table.to_pylist()
    assert [(row["commissioner"], row["commissioner_name"]) for row in found][-1] == ("", "Not resolved")


_cells = st.lists(
    st.builds(
        Row,
        provider=st.sampled_from(["RJ1", "R1H"]),
        month=st.integers(1, 4),
        service_code=st.sampled_from([RENAL, SPINAL]),
        gp_responsibility=st.sampled_from([KENT, "15F", None]),
        cost=st.decimals(-(10**4), 10**6, places=8, allow_nan=False, allow_infinity=False),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=_cells)
def test_every_way_of_summing_comes_to_the_ledgers_own_sum(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    workspace = workspace_in(tmp_path_factory.mktemp("any"))
    receive(workspace, rows)
    build_in(workspace)
    of = standing(year_to_date(workspace, last_month(workspace)))
    ledger = sum(plain_position(workspace, ["provider"])["actual"].to_pylist())
    for by in ((), ("commissioner",), ("service_line", "provider"), ("form",), ("programme",)):
        assert sum(position(of, by).table["actual"].to_pylist()) == ledger


def test_each_column_says_its_unit_and_meaning(tmp_path: Path) -> None:
    table = position(stood(world(tmp_path, lines([1])), 1), ("provider",)).table
    assert table.column_names == ["provider", "provider_name", *COLUMNS]
    assert all((field.metadata or {}).get(b"meaning") for field in table.schema)


# --- challenges and risks


@pytest.fixture(scope="module")
def disputed(tmp_path_factory: pytest.TempPathFactory):  # type: ignore[no-untyped-def]
    """Kent's lines: some billed to Leeds, some of Leeds' billed to Kent, one to the board and not the place."""
    return world(
        tmp_path_factory.mktemp("disputed"),
        [
            *lines([1, 2], lambda _: 500),
            *lines([1], lambda _: 70, submitted_commissioner="15F"),
            *lines([2], lambda _: 30, submitted_commissioner=BOARD),
            *lines([2], lambda _: 11, gp_responsibility="15F"),
            *lines([6], lambda _: 9, submitted_commissioner="15F"),
        ],
        plans(range(1, 13), lambda _: 100),
    )


def test_pounds_at_challenge_go_the_way_of_the_decision_table(disputed) -> None:  # type: ignore[no-untyped-def]
    held = year_to_date(disputed, month(2), commissioner=BOARD)
    rows = {row["direction"]: row for row in at_challenge(held, BOARD).table.to_pylist()}
    assert (rows[IN]["cost"], rows[IN]["effect"], rows[IN]["other"]) == (70, 70, "QWO")
    assert (rows[OUT]["cost"], rows[OUT]["effect"], rows[OUT]["other"]) == (11, -11, "QWO")
    assert (rows[WITHIN]["cost"], rows[WITHIN]["effect"]) == (30, 0)


def test_every_pound_that_comes_to_one_goes_from_another(disputed) -> None:  # type: ignore[no-untyped-def]
    held = year_to_date(disputed, month(6))
    rows = at_challenge(held).table.to_pylist()
    assert sum(row["effect"] for row in rows) == 0


def test_risks_are_ranked_with_their_working(disputed) -> None:  # type: ignore[no-untyped-def]
    found = risks(stood(disputed, 2), BOARD)
    rows = found.table.to_pylist()
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["pounds"] for row in rows] == sorted((row["pounds"] for row in rows), reverse=True)
    kinds = {row["kind"]: row for row in rows}
    assert kinds["Challenges that may not be upheld"]["pounds"] == 11
    assert "Guy's" in kinds["Challenges that may not be upheld"]["working"]
    over = kinds["Forecast above plan"]
    [line] = [
        row
        for row in position(stood(disputed, 2), ("service_line",)).table.to_pylist()
        if row["forecast_variance"] > 0
    ]
    assert over["pounds"] == line["forecast_variance"]
    assert "less plan £1,200" in over["working"]
    assert "needs 3 whole earlier years" in " ".join(found.said())


def test_money_whose_home_is_guessed_from_the_provider_is_a_risk(tmp_path: Path) -> None:
    workspace = world(tmp_path, lines([1], lambda _: 40, provider="RVV", gp_responsibility=None), lines([1]))
    found = {row["kind"]: row for row in risks(stood(workspace, 1), BOARD).table.to_pylist()}
    assert found["Home not known"]["pounds"] == 40


def test_a_month_end_takes_a_code_however_it_is_written(disputed) -> None:  # type: ignore[no-untyped-def]
    made = month_end(disputed, " qks ", month(2))
    assert (made.commissioner, made.total["actual"]) == (BOARD, 1100)
    assert set(made.tables) >= {"Position", "By month", "Risks", "Challenges"}
