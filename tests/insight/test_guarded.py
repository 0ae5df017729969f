"""What everybody may see of changes, volatility and tiers: nothing of few patients, and nothing it follows from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.insight.worlds import (
    NORTH_EAST_LONDON,
    RENAL,
    SMALL_HOME,
    WEST_YORKSHIRE,
    Row,
    fourteen_months,
    ledger,
)
from tests.ledger.worlds import SPINAL

from speccom.insight.areas import ENGLAND
from speccom.insight.asked import lines_of
from speccom.insight.coarse import SMALL, amount_band, one_figure, share_band
from speccom.insight.equity import equity
from speccom.insight.flows import balances, by_board, by_provider
from speccom.insight.guarded import FEW, FEW_IN_UNITS
from speccom.insight.kept import _make_room
from speccom.insight.prepared import prepare
from speccom.insight.public_charts import _complemented, _small, hidden_charts
from speccom.insight.result import InsightError, Result
from speccom.insight.tiers import Settings, ThresholdError, Thresholds, decide
from speccom.insight.trends import FEWEST_LISTED, PUBLIC, chart_of, trends
from speccom.insight.variation import variation
from speccom.insight.volatility import tiers, tiers_overview, volatility
from speccom.ledger.manifest import require_manifest
from speccom.ledger.summaries import summaries, years_held
from speccom.register import Register
from speccom.workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return ledger(tmp_path_factory.mktemp("guarded"), fourteen_months())


@pytest.fixture(scope="module")
def small_board(workspace: Workspace) -> str:
    """The board of three patients."""
    held = {row["icb"]: row for row in variation(workspace, RENAL).table.to_pylist()}
    [code] = [icb for icb, row in held.items() if row["patients"] == 3]
    return code


def public_chart(workspace: Workspace, icb: str | None, measure: str = "spend", lines: str = RENAL) -> Result:
    return chart_of(workspace, lines, icb, measure=measure, hidden=hidden_charts(workspace, lines))


# --- what changed


def test_a_series_is_listed_only_where_every_month_is_of_many_patients(workspace: Workspace) -> None:
    found = trends(workspace, public=True).table.to_pylist()
    assert [(row["icb"], row["service_line"], row["new"]) for row in found] == [
        (NORTH_EAST_LONDON, RENAL, True)
    ]
    everything = {(row["icb"], row["service_line"]) for row in trends(workspace).table.to_pylist()}
    assert len(everything) >= 1
    said = trends(workspace, public=True).notes[-1]
    assert f"fewer than {FEWEST_LISTED} patients" in said
    assert said.startswith("Not listed: 3 of 6")  # those of 12 and of 3 patients, and spinal care


def test_what_is_listed_holds_no_pounds_and_no_counts(workspace: Workspace) -> None:
    result = trends(workspace, public=True)
    assert set(result.table.column_names) == set(PUBLIC)
    assert not {"mean", "latest", "level", "change", "lower", "upper"} & set(result.table.column_names)
    [row] = result.table.to_pylist()
    assert row["size"] == "£2,000 to £5,000"
    assert all(each % 5 == 0 for each in row["index"])
    assert row["index"][-1] > row["index_upper"]


def test_all_boards_together_are_a_series_of_their_own(workspace: Workspace) -> None:
    rows = trends(workspace, icb=ENGLAND).table.to_pylist()
    assert {(row["icb"], row["icb_name"]) for row in rows} == {(ENGLAND, "All boards and beyond")}


def test_a_signal_is_new_in_its_first_month_and_in_no_later_one(tmp_path: Path) -> None:
    rows = [row for row in fourteen_months() if row.gp_responsibility == Row().gp_responsibility]
    later = [
        Row(**{name: getattr(row, name) for name in Row.__dataclass_fields__} | {"month": 3})
        for row in rows
        if (row.financial_year, row.month) == ("202526", 2)
    ]
    held = ledger(tmp_path, [*rows, *later])
    until = {month.number: month for month in years_held(require_manifest(held))[-1].months()}
    found = {
        number: {
            row["service_line"]: row["new"] for row in trends(held, until=until[number]).table.to_pylist()
        }
        for number in (2, 3)
    }
    assert found[2][RENAL] is True
    assert found[3][RENAL] is False


def test_other_boundaries_are_refused_to_everybody(workspace: Workspace) -> None:
    from datetime import date

    with pytest.raises(InsightError, match="as they were only"):
        trends(workspace, boundaries=date(2025, 4, 1), public=True)


# --- charts


def test_a_chart_with_a_small_month_is_withheld_whole_with_its_reason(
    workspace: Workspace, small_board: str
) -> None:
    result = public_chart(workspace, small_board)
    assert result.table["value"].null_count == result.table.num_rows == 14
    assert result.table["mean"].null_count == 14
    assert any("1 to 7 patients" in said for said in result.said())
    spinal = public_chart(workspace, None, lines=SPINAL)
    assert spinal.table["value"].null_count == 14


def test_no_months_of_a_small_board_follow_from_all_the_charts_that_are_shown(
    workspace: Workspace, small_board: str
) -> None:
    """The attack: all boards together less every board that is shown, month by month and over the year."""
    hidden = hidden_charts(workspace, RENAL)
    assert small_board in hidden and ENGLAND not in hidden
    boards = {
        icb for icb in (row["icb"] for row in variation(workspace, RENAL).table.to_pylist()) if icb != ENGLAND
    }
    together = np.array(public_chart(workspace, None).table["value"].to_pylist())
    rest = together.copy()
    for icb in boards - hidden.keys():
        try:
            rest -= np.array(public_chart(workspace, icb).table["value"].to_pylist())
        except InsightError:  # a board without anything
            continue
    secret = np.array(chart_of(workspace, RENAL, small_board).table["value"].to_pylist())
    assert (secret > 0).all()
    # What remains is of others too, of whom there are more than seven.
    assert (rest > secret + SMALL * 60).all()


def test_what_the_pages_on_spend_a_head_withhold_has_no_chart_either(workspace: Workspace) -> None:
    hidden = hidden_charts(workspace, RENAL)
    for year in years_held(require_manifest(workspace)):
        rows = variation(workspace, RENAL, year, public=True).table.to_pylist()
        assert {row["icb"] for row in rows if row["withheld"] and row["icb"] != ENGLAND} <= hidden.keys()


def test_lines_in_a_chart_are_rounded_and_limits_are_of_what_is_shown(workspace: Workspace) -> None:
    shown = public_chart(workspace, WEST_YORKSHIRE, "lines")
    if WEST_YORKSHIRE in hidden_charts(workspace, RENAL):
        shown = public_chart(workspace, NORTH_EAST_LONDON, "lines")
    assert {value % 5 for value in shown.table["value"].to_pylist()} == {0}
    assert set(shown.table["mean"].to_pylist()) == {20.0}


_months = st.lists(
    st.lists(st.sampled_from([0, 1, 3, 7, 8, 12, 40]), min_size=3, max_size=3), min_size=1, max_size=7
)


@given(_months)
def test_whatever_is_hidden_could_be_anything_from_1_to_7(counts: list[list[int]]) -> None:
    parts = np.array(counts, float)
    patients = np.vstack([parts, parts.sum(axis=0)])
    active = patients > 0
    areas = [*(f"Q{place}" for place in range(len(parts))), ENGLAND]
    small = _small(patients, active)
    first = {area: "few" for area, row in zip(areas, small, strict=True) if row.any()}
    hidden = _complemented(areas, patients, active, first)
    assert first.keys() <= hidden.keys()
    if ENGLAND in hidden:
        return
    chosen = [place for place, area in enumerate(areas) if area in hidden]
    for month in range(3):
        for place in chosen:
            others = sum(patients[other, month] for other in chosen if other != place)
            if small[place, month]:
                assert others >= SMALL


# --- volatility and tiers


def test_a_line_of_few_patients_has_no_number_anywhere(workspace: Workspace) -> None:
    of_lines = {row["service_line"]: row for row in tiers(workspace, public=True).lines.table.to_pylist()}
    assert of_lines[SPINAL]["withheld"] == FEW
    told = {name for name, value in of_lines[SPINAL].items() if value not in (None, "")}
    assert told == {"service_line", "service_line_name", "withheld"}
    found = tiers(workspace, public=True)
    for table in (found.rungs, found.sensitivity, found.tried, found.units):
        assert SPINAL not in table["service_line"].to_pylist()
    for row in volatility(workspace, public=True).table.to_pylist():
        if row["service_line"] == SPINAL:
            told = {name for name, value in row.items() if value not in (None, "")}
            assert told == {"service_line", "service_line_name", "footprint", "years", "withheld"}


def test_sums_are_withheld_where_one_small_board_is_the_difference(workspace: Workspace) -> None:
    [row] = [
        row for row in tiers(workspace, public=True).lines.table.to_pylist() if row["service_line"] == RENAL
    ]
    assert (row["patients"], row["spend"]) == (None, None)
    england = [
        row
        for row in volatility(workspace, public=True).table.to_pylist()
        if (row["service_line"], row["footprint"]) == (RENAL, "england")
    ]
    assert [(row["patients"], row["spend"]) for row in england] == [(None, None)]


def test_a_rung_of_small_units_is_withheld_and_the_others_are_not(tmp_path: Path) -> None:
    rows = [
        row for row in fourteen_months() if row.gp_responsibility in (Row().gp_responsibility, SMALL_HOME)
    ]
    held = ledger(tmp_path, [row for row in rows if row.service_code == RENAL])
    by_rung = {row["footprint"]: row for row in tiers(held, public=True).rungs.to_pylist()}
    assert by_rung["icb"]["withheld"] == FEW_IN_UNITS
    assert by_rung["icb"]["chance"] is None
    assert by_rung["icb"]["units"] - by_rung["icb"]["units_left_out"] == 2
    assert by_rung["england"]["withheld"] is None
    assert by_rung["england"]["chance"] is not None
    assert all(row["pooling_gain"] is None for row in by_rung.values())


def test_shares_out_of_area_and_concentration_are_bands(workspace: Workspace) -> None:
    rows = volatility(workspace, public=True).table.to_pylist()
    bands = {row["out_of_area_share"] for row in rows} | {row["concentration"] for row in rows}
    assert bands - {None} <= {
        *(share_band(each) for each in (0, 0.1, 0.25, 0.5, 0.75)),
        "under 0.1",
        "0.1 to 0.25",
        "0.25 to 0.5",
        "0.5 to 0.8",
        "0.8 or more",
    }
    columns = tiers(workspace, public=True).rungs.column_names
    assert not {"spend_meeting", "worst_chance"} & set(columns)


def test_other_bars_are_decided_from_kept_numbers_as_if_worked_out_anew(workspace: Workspace) -> None:
    usual = tiers(workspace)
    for bars in (
        Thresholds(q=0.1, alpha=0.2, fewest_providers=1),
        Thresholds(q=0.025, most_out_of_area=0.25),
    ):
        anew = {row["service_line"]: row for row in tiers(workspace, thresholds=bars).lines.table.to_pylist()}
        for line, row in decide(usual.tried, bars).items():
            for name in ("recommended", "met", "decided_by", "footprint_below"):
                assert row[name] == anew[line][name]
            assert row["chance"] == pytest.approx(anew[line]["chance"])
    of_all = tiers_overview(workspace, "all", Thresholds(q=0.1))
    assert of_all.thresholds.q == 0.1
    assert any("q = 10.0%" in note for note in of_all.lines.notes)
    assert 0.07 not in Settings().q
    with pytest.raises(ThresholdError, match=r"choose from 0\.025, 0\.05, 0\.1"):
        tiers_overview(workspace, "all", Thresholds(q=0.07))


# --- what is kept


def test_what_was_worked_out_is_kept_until_the_ledger_changes(tmp_path: Path) -> None:
    held = ledger(tmp_path, fourteen_months())
    first = tiers(held)
    [directory] = held.kept.iterdir()
    [path] = directory.glob("tiers-*.arrows")
    written = path.stat().st_mtime_ns
    again = tiers(held)
    assert path.stat().st_mtime_ns == written
    assert again.lines == first.lines
    assert again.tried.equals(first.tried)
    assert again.lines.table.schema.equals(first.lines.table.schema, check_metadata=True)
    path.write_bytes(path.read_bytes()[:-40])  # a file that is not whole is made anew
    assert tiers(held).rungs.equals(first.rungs)
    assert path.stat().st_mtime_ns != written


def test_what_was_not_asked_for_longest_makes_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = ledger(tmp_path, fourteen_months())
    for ask in (variation, by_provider, by_board, variation):
        ask(held, public=True)
    [directory] = held.kept.iterdir()
    sizes = {path: path.stat().st_size for path in directory.iterdir()}
    [oldest] = [path for path in sizes if path.name.startswith("flows-provider")]
    monkeypatch.setattr("speccom.insight.kept.MOST", sum(sizes.values()) - 1)
    _make_room(directory)
    assert {*directory.iterdir()} == sizes.keys() - {oldest}


def test_lines_of_many_people_are_worked_out_with_a_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = ledger(tmp_path, fourteen_months())
    register = Register.load(held)
    asked: list[str] = []
    monkeypatch.setattr("speccom.insight.prepared._prepare", lambda _, __, lines: asked.append(lines))
    prepare(held, register)
    assert asked == ["all"]
    with summaries(held, years_held(require_manifest(held))[-1:]) as (engine, _):
        rows = engine.fetch("select service_line, count(*) as n from people group by 1").to_pylist()
    most = max(rows, key=lambda row: row["n"])
    monkeypatch.setattr("speccom.insight.prepared.MANY_PEOPLE", most["n"])
    prepare(held, register)
    assert most["service_line"] in asked
    assert all(
        sum(row["n"] for row in rows if row["service_line"] in lines_of(register, lines).codes) >= most["n"]
        for lines in asked
    )


def test_what_is_kept_for_everybody_is_what_was_worked_out(tmp_path: Path) -> None:
    held = ledger(tmp_path, fourteen_months())
    for ask in (variation, by_provider, by_board, balances, trends):
        first, again = ask(held, public=True), ask(held, public=True)
        assert again == first
        assert again.table.schema.equals(first.table.schema, check_metadata=True)
    assert equity(held, public=True) == equity(held, public=True)
    [directory] = held.kept.iterdir()
    assert len(list(directory.iterdir())) == 6


def test_what_is_kept_is_of_the_lists_that_were_imported(tmp_path: Path) -> None:
    held = ledger(tmp_path, fourteen_months())
    variation(held, public=True)
    [before] = held.kept.iterdir()
    held.reference.mkdir(exist_ok=True)
    pq.write_table(pa.table({"area": ["E1"]}), held.reference / "lsoa-areas-lsoa21.parquet")
    variation(held, public=True)
    [after] = held.kept.iterdir()
    assert after != before


def test_a_workspace_that_may_only_be_read_keeps_nothing_and_still_answers(tmp_path: Path) -> None:
    held = ledger(tmp_path, fourteen_months())
    (held.results / "kept").write_text("in the way")
    assert tiers(held).lines.table.num_rows == 2


# --- the coarse numbers


def test_bands_hold_their_lower_end_and_never_say_more_than_twice_and_a_half() -> None:
    assert [amount_band(each) for each in (0, 9, 10, -4_999, 5_000, 1_234_567)] == [
        "under £10",
        "under £10",
        "£10 to £20",
        "£2,000 to £5,000",
        "£5,000 to £10,000",
        "£1,000,000 to £2,000,000",
    ]
    assert amount_band(30, "") == "20 to 50"
    assert [share_band(each) for each in (0, 0.0999, 0.1, 0.75)] == [
        "under 10%",
        "under 10%",
        "10% to 25%",
        "75% or more",
    ]
    assert [one_figure(each) for each in (0.0, 1234.0, 95.0, None)] == [0.0, 1000.0, 100.0, None]
    assert one_figure(9.5e-9) is not None
