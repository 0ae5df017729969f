"""Receiving: whole or not at all, once for the same bytes, nothing lost, and the same whatever the order."""

import json
import os
import stat
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contracts.worlds import (
    GUYS,
    checked,
    file_in,
    findings,
    header,
    held_back,
    left_behind,
    received,
    refused,
    row,
    text,
)

from speccom.contracts import book, rows
from speccom.contracts.book import Coverage, CoveredMonth
from speccom.contracts.receive import ReceiveError, receive
from speccom.contracts.schemas import DATA_SETS, DataSet
from speccom.errors import SpeccomError
from speccom.workspace import Workspace, WorkspaceError


def test_a_receipt_says_what_was_received(workspace: Workspace, tmp_path: Path) -> None:
    sent = text(
        [
            row(cost="100.10", unit_price="50.05"),
            row(cost="(0.10000001)", month="2"),
            row(provider="RJ100", cost="5"),
            row(cost="TBC"),
        ]
    )
    (receipt,) = received(workspace, file_in(tmp_path, sent))
    assert receipt.receipt == 1
    assert receipt.received.endswith("+00:00")
    assert (receipt.name, receipt.data_set, receipt.providers) == ("plcm.csv", "PLCM", (GUYS,))
    assert receipt.months == (CoveredMonth("202526", 1), CoveredMonth("202526", 2))
    assert (receipt.rows, receipt.cost, receipt.unread_costs) == (4, Decimal("104.99999999"), 1)
    assert receipt.quarantined == (2, Decimal(5))
    assert receipt.coverage == (
        Coverage(GUYS, "202526", 1, 2, Decimal("100.10")),
        Coverage(GUYS, "202526", 2, 1, Decimal("-0.10000001")),
    )
    assert book.read(workspace) == [receipt]
    line = json.loads(book.path_of(workspace).read_text())
    assert (line["cost"], line["quarantined"]) == ("104.99999999", {"rows": 2, "cost": "5.00"})
    assert line["months"][0] == {"financial_year": "202526", "month": 1}


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_checked_rows_have_the_columns_that_the_ledger_reads(
    workspace: Workspace, tmp_path: Path, data_set: DataSet
) -> None:
    (receipt,) = received(workspace, file_in(tmp_path, text([row(data_set)], data_set)))
    schema = pq.read_schema(receipt.directory(workspace) / "checked.parquet")
    assert schema.names == list(rows.CHECKED)
    (found,) = checked(workspace, receipt)
    assert found["row"] == 2
    assert found["data_set"] == data_set
    assert found["provider"] == GUYS
    assert found["cost"] == Decimal(row(data_set)["cost"])
    assert (found["planned_cost"] is not None) == (data_set == "ACM")
    assert (found["patient_id"] is not None) == (data_set != "ACM")
    assert (found["item_code"] is not None) == (data_set in ("DrPLCM", "DePLCM"))


def test_cells_are_trimmed_and_codes_are_capitals(workspace: Workspace, tmp_path: Path) -> None:
    spaced = row(provider=" rj1\u00a0", service_code="\tncbps01a ", site=" ", item_name="x")
    (receipt,) = received(workspace, file_in(tmp_path, text([spaced])))
    (found,) = checked(workspace, receipt)
    assert (found["provider"], found["service_code"], found["site"]) == (GUYS, "NCBPS01A", None)


def test_the_same_bytes_are_one_receipt(workspace: Workspace, tmp_path: Path) -> None:
    first = file_in(tmp_path, text([row()]), "a.csv")
    second = file_in(tmp_path, text([row()]), "b.csv")
    outcomes = receive(workspace, [first, second])
    again = receive(workspace, [second])
    assert [each.already for each in [*outcomes, *again]] == [False, True, True]
    assert [each.receipt for each in [*outcomes, *again]] == book.read(workspace) * 3
    assert len(book.read(workspace)) == 1


def test_receipt_numbers_follow_the_order_of_the_files(workspace: Workspace, tmp_path: Path) -> None:
    directory = tmp_path / "files"
    directory.mkdir()
    for number in range(70):  # more than are examined, and more than are written down, at once
        data_set = DATA_SETS[number % 4]
        each = row(
            data_set, cost=f"{number}.00", activity="1", **({"unit_price": f"{number}"} if number % 4 else {})
        )
        file_in(directory, text([each] * (1 + 40 * (number % 5 == 0)), data_set), f"{number:02}.CSV")
    file_in(directory, "not a CSV file", "notes.txt")
    receipts = received(workspace, directory)
    assert [each.receipt for each in receipts] == list(range(1, 71))
    assert [each.name for each in receipts] == [f"{number:02}.CSV" for number in range(70)]
    assert [each.cost for each in receipts] == [
        number * (1 + 40 * (number % 5 == 0)) for number in range(70)
    ], "each file has its own rows"
    assert book.read(workspace) == receipts


def test_one_refused_file_does_not_stop_the_others(workspace: Workspace, tmp_path: Path) -> None:
    directory = tmp_path / "files"
    directory.mkdir()
    file_in(directory, text([row(cost="1.00")]), "1.csv")
    file_in(directory, "nonsense", "2.csv")
    file_in(directory, text([row(month="13")]), "3.csv")
    file_in(directory, text([row(cost="2.00")]), "4.csv")
    outcomes = receive(workspace, [directory, tmp_path / "nowhere.csv"])
    assert [each.receipt and each.receipt.receipt for each in outcomes] == [1, None, None, 2, None]
    assert "nowhere.csv" in str(outcomes[4].refusal)
    kept = {receipt.sha256 for receipt in book.read(workspace)}
    assert {path.split("/")[1] for path in left_behind(workspace)} == {"book.jsonl", *kept}


def test_a_refused_file_leaves_nothing(workspace: Workspace, tmp_path: Path) -> None:
    rows_then_other = text([row(cost="TBC"), row()]) + text([row("ACM")], "ACM")
    said = refused(workspace, file_in(tmp_path, rows_then_other))
    assert "row 4" in said
    assert left_behind(workspace) == []


def test_nothing_to_receive_is_said(workspace: Workspace, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(ReceiveError, match="nothing to receive"):
        receive(workspace, [empty])
    with pytest.raises(SpeccomError, match="not a data set"):
        receive(workspace, [file_in(tmp_path, text([row()]))], data_set="PLC")


def test_the_data_set_can_be_named_for_a_file_that_does_not_tell_it(
    workspace: Workspace, tmp_path: Path
) -> None:
    names = [name for name in header("DrPLCM") if "EXCLUDED DRUG" not in name]
    path = file_in(tmp_path, text([row("DrPLCM", activity="")], "DrPLCM", names))
    assert "lacks a column" in refused(workspace, path), "taken for PLCM, which needs its activity"
    (receipt,) = received(workspace, path, data_set="drplcm")
    assert receipt.data_set == "DrPLCM"


@pytest.mark.parametrize(
    "written",
    [
        lambda name: name.lower().replace(" ", "_"),
        lambda name: f"\u00a0 {name.title()}\u200b ",
        lambda name: name.replace(" ", "  "),
    ],
)
def test_headers_are_known_however_they_are_written(workspace: Workspace, tmp_path: Path, written) -> None:  # type: ignore[no-untyped-def]
    first, rest = text([row()]).split("\n", 1)
    cells = ",".join(written(name) for name in header())
    (receipt,) = received(workspace, file_in(tmp_path, f"\ufeff{cells}\n{rest}"))
    assert set(receipt.findings) == {"CHECK_NOT_RUN"}
    assert first != cells


def test_unknown_columns_are_kept_aside(workspace: Workspace, tmp_path: Path) -> None:
    names = [*header(), "TRUST REFERENCE", "", "TRUST REFERENCE"]
    content = text([{**row(), "TRUST REFERENCE": "x1"}, {**row(), "TRUST REFERENCE": "x2"}], names=names)
    (receipt,) = received(workspace, file_in(tmp_path, content))
    aside = pq.read_table(receipt.directory(workspace) / "aside.parquet").to_pylist()
    assert [(each["row"], each["TRUST REFERENCE"]) for each in aside] == [(2, "x1"), (3, "x2")]
    reported = [each["field"] for each in findings(workspace, receipt) if each["code"] == "UNKNOWN_COLUMN"]
    assert reported == ["TRUST REFERENCE", "(COLUMN 55)", "TRUST REFERENCE (COLUMN 56)"]


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(53)))
def test_the_order_of_columns_does_not_matter(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    directory = tmp_path_factory.mktemp("order")
    sent = [row(), row(cost="TBC"), row(month="2", postcode="x")]
    names = [header()[place] for place in order]
    usual = Workspace(directory / "usual")
    other = Workspace(directory / "other")
    (first,) = received(usual, file_in(directory, text(sent)))
    (second,) = received(other, file_in(directory, text(sent, names=names)))
    assert checked(usual, first) == checked(other, second)
    assert (first.coverage, first.cost, first.findings) == (second.coverage, second.cost, second.findings)


AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, places=4)
DIRTY = st.fixed_dictionaries(
    {
        "cost": st.one_of(
            AMOUNTS.map(lambda amount: f"{amount:f}"),
            AMOUNTS.map(lambda amount: f"{amount:,f}"),
            st.sampled_from(["", "TBC", "£1,000.50", "(3)"]),
        ),
        "month": st.sampled_from(["1", "2", "13", ""]),
        "provider": st.sampled_from(["RJ1", "RR8", "RJ100", ""]),
        "submitted_category": st.sampled_from(["21", "12", "99", "1"]),
        "contract_description": st.sampled_from(["", "a, b", 'say "x"', "two\nlines", "Â£5", "naïve"]),
    }
)
LINES = st.one_of(DIRTY, st.sampled_from(["", "1,2,3", 'bad "quote",2', "," * 52, "," * 60]))


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=12), newline=st.sampled_from(["\n", "\r\n"]))
def test_no_row_and_no_penny_is_lost(
    workspace: Workspace,
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[dict[str, str] | str],
    newline: str,
) -> None:
    directory = tmp_path_factory.mktemp("dirty")
    place = Workspace(directory / "workspace")
    written = [each if isinstance(each, str) else _line(each, newline) for each in [row(cost="1"), *lines]]
    content = newline.join([text([], newline=newline).rstrip("\r\n"), *written, ""])
    (receipt,) = received(place, file_in(directory, content))
    kept, back = checked(place, receipt), held_back(place, receipt)
    numbers = [number for number, each in enumerate(written, start=2) if each != ""]
    assert sorted([each["row"] for each in kept] + [each["row"] for each in back]) == numbers
    assert [each["row"] for each in kept] == sorted(each["row"] for each in kept), "in the order of the file"
    assert receipt.rows == len(numbers)
    assert receipt.quarantined.rows == len(back)
    expected = [_amount(each["cost"]) for each in [row(cost="1"), *lines] if isinstance(each, dict)]
    assert receipt.cost == sum((each for each in expected if each is not None), Decimal())
    assert receipt.unread_costs == receipt.rows - sum(each is not None for each in expected)
    assert sum((each["cost"] for each in kept), Decimal()) + receipt.quarantined.cost == receipt.cost
    assert {each["row"]: each["sent"] for each in back} == {
        each["row"]: written[each["row"] - 2] for each in back
    }


def _line(cells: dict[str, str], newline: str) -> str:
    return text([{**row(), **cells}], newline=newline).split(newline, 1)[1].removesuffix(newline)


def _amount(cell: str) -> Decimal | None:
    """What a cost is, said another way than the reading does."""
    known = {"": None, "TBC": None, "£1,000.50": Decimal("1000.50"), "(3)": Decimal(-3)}
    return known[cell] if cell in known else Decimal(cell.replace(",", ""))


def test_a_large_file_is_read_through_the_disk_to_the_same_rows(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = file_in(tmp_path, text([row(), row(cost="TBC"), row(nhs_number="1")]) + "bad\n")
    (usual,) = received(workspace, path)
    monkeypatch.setattr("speccom.contracts.examine.LARGE_BYTES", 10)
    monkeypatch.setattr("speccom.contracts.receive.LARGE_BYTES", 10)
    other = Workspace(tmp_path / "other")
    (receipt,) = received(other, path)
    assert checked(other, receipt) == checked(workspace, usual)
    assert findings(other, receipt) == findings(workspace, usual)
    assert receipt.to_json() | {"received": ""} == usual.to_json() | {"received": ""}
    assert left_behind(other) == left_behind(workspace)


def test_one_file_that_breaks_the_engine_does_not_take_others_with_it(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that gave fewer rows than the file has is the worst that could happen: nothing may be lost."""
    directory = tmp_path / "files"
    directory.mkdir()
    for number in range(3):
        file_in(directory, text([row(cost="TBC"), row(cost=f"{number}.00")]), f"{number}.csv")
    honest = rows.submitted

    def forgetful(place: int, path: Path, header: list[str], data_set: DataSet) -> str:
        forgets = " limit 1" if "1.00" in path.read_text() else ""
        return f"(select * from ({honest(place, path, header, data_set)}){forgets})"

    monkeypatch.setattr(rows, "submitted", forgetful)
    outcomes = receive(workspace, [directory])
    assert [each.receipt and each.receipt.receipt for each in outcomes] == [1, None, 2]
    assert "1.csv: 2 rows were found but 1 were read" in str(outcomes[1].refusal)
    assert len({path.split("/")[1] for path in left_behind(workspace)}) == 3, "the book and two receipts"


def test_only_the_owner_can_look_at_what_was_received(workspace: Workspace, tmp_path: Path) -> None:
    usual = os.umask(0)
    try:
        (receipt,) = received(workspace, file_in(tmp_path, text([row(), row(cost="TBC")])))
    finally:
        os.umask(usual)
    for parent in (workspace.receipts, workspace.quarantine):
        assert stat.S_IMODE(parent.stat().st_mode) == 0o700
        for path in parent.rglob("*"):
            allowed = 0o700 if path.is_dir() else 0o400 if path.name == "submission.csv" else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == allowed, path
    assert (receipt.directory(workspace) / "submission.csv").read_text() == text([row(), row(cost="TBC")])


def test_editing_a_file_that_was_received_changes_no_receipt(workspace: Workspace, tmp_path: Path) -> None:
    path = file_in(tmp_path, text([row()]))
    (receipt,) = received(workspace, path)
    path.write_text("something else")
    assert (receipt.directory(workspace) / "submission.csv").read_text() == text([row()])


def test_a_torn_last_line_of_the_book_does_not_count(workspace: Workspace, tmp_path: Path) -> None:
    received(workspace, file_in(tmp_path, text([row()])))
    whole = book.path_of(workspace).read_bytes()
    book.path_of(workspace).write_bytes(whole + whole[:50])
    assert len(book.read(workspace)) == 1
    (second,) = received(workspace, file_in(tmp_path, text([row(cost="7")])))
    assert second.receipt == 2
    assert [each.receipt for each in book.read(workspace)] == [1, 2]
    assert book.path_of(workspace).read_bytes().startswith(whole)


def test_a_damaged_book_is_said_and_not_built_upon(workspace: Workspace, tmp_path: Path) -> None:
    received(workspace, file_in(tmp_path, text([row()])))
    book.path_of(workspace).write_text("{}\n")
    with pytest.raises(WorkspaceError, match="damaged"):
        book.read(workspace)


def test_a_second_run_waits_for_the_first(workspace: Workspace, tmp_path: Path) -> None:
    path = file_in(tmp_path, text([row()]))
    with workspace.lock("a test"), pytest.raises(WorkspaceError, match="Another run"):
        receive(workspace, [path])
