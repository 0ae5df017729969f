"""Tables leave exact, marked, and harmless to the program that opens them."""

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccom.cli.output import (
    ROWS_IN_TEXT,
    SYNTHETIC,
    OutputError,
    exact,
    file_name,
    write_csv,
    write_table,
    write_workbook,
)

MONEY = pa.decimal128(38, 8)
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def position(*rows: tuple[str, str], names: str = "NHS North West") -> pa.Table:
    """A small position: commissioner, its name, lines and actual."""
    return pa.table(
        {
            "commissioner": pa.array([code for code, _ in rows], pa.string()),
            "commissioner_name": pa.array([names for _ in rows], pa.string()),
            "lines": pa.array([1 for _ in rows], pa.int64()),
            "actual": pa.array([Decimal(cost) for _, cost in rows], MONEY),
        }
    )


def sheets(path: Path) -> dict[str, list[list[tuple[str, str]]]]:
    """Each sheet as rows of (kind, text) cells: `n` a number, `s` text, `f` a formula."""
    with zipfile.ZipFile(path) as book:
        names = [s.attrib["name"] for s in ET.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")]
        found = {}
        for number, name in enumerate(names, start=1):
            root = ET.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            found[name] = [[cell_of(cell) for cell in row] for row in root.iter(f"{SHEET}row")]
    return found


def cell_of(cell: ET.Element) -> tuple[str, str]:
    if cell.find(f"{SHEET}f") is not None:
        return "f", ""
    if cell.attrib.get("t") == "inlineStr":
        return "s", "".join(cell.itertext())
    return "n", cell.findtext(f"{SHEET}v", "")


def test_money_is_written_without_exponent_and_with_at_least_two_places() -> None:
    assert exact(Decimal("1234.50000000")) == "1234.50"
    assert exact(Decimal("0E-8")) == "0.00"
    assert exact(Decimal("-0.00000001")) == "-0.00000001"
    assert exact(Decimal("1E+3")) == "1000.00"
    assert exact(Decimal("3.000"), 0) == "3"


@given(st.decimals(min_value=-(10**20), max_value=10**20, places=8))
def test_exact_text_reads_back_as_the_same_decimal(value: Decimal) -> None:
    assert Decimal(exact(value)) == value


@settings(deadline=None)
@given(st.lists(st.decimals(min_value=-(10**17), max_value=10**17, places=8), max_size=5))
def test_csv_and_json_round_trip_every_decimal(values: list[Decimal]) -> None:
    table = pa.table({"actual": pa.array(values, MONEY)})
    for format in ("csv", "json"):
        with pytest.MonkeyPatch.context() as patch:
            stream = io.StringIO()
            patch.setattr("sys.stdout", stream)
            write_table(table, format, None, title="Position", synthetic=False)
        if format == "csv":
            read = [row["actual"] for row in csv.DictReader(io.StringIO(stream.getvalue()))]
        else:
            read = [row["actual"] for row in json.loads(stream.getvalue())["rows"]]
        assert [Decimal(text) for text in read] == values


def test_json_says_whether_it_is_synthetic_and_keeps_kinds(capsys: pytest.CaptureFixture[str]) -> None:
    table = pa.table(
        {
            "lines": [3],
            "differs": [True],
            "on": [date(2025, 4, 1)],
            "plan": pa.array([None], MONEY),
            "activity": pa.array([Decimal("2.500")], pa.decimal128(18, 3)),
        }
    )
    write_table(table, "json", None, title="Position", synthetic=True, notes=["by month"])
    captured = capsys.readouterr()
    read = json.loads(captured.out)
    assert read["synthetic"] is True
    assert read["notes"] == ["by month"]
    assert read["rows"] == [
        {"lines": 3, "differs": True, "on": "2025-04-01", "plan": None, "activity": "2.5"}
    ]
    assert SYNTHETIC in captured.err


def test_text_shows_pounds_to_the_penny_and_names_the_rest(capsys: pytest.CaptureFixture[str]) -> None:
    table = position(*[("QOP", "1234567.891")] * (ROWS_IN_TEXT + 5))
    write_table(table, "text", None, title="Position", synthetic=True, notes=["Register abc"])
    out = capsys.readouterr().out
    assert "1,234,567.89" in out
    assert "… 5 more rows: use --format csv" in out
    assert out.startswith(SYNTHETIC)
    assert "Register abc" in out


def test_text_in_a_terminal_cuts_names_and_never_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    monkeypatch.setattr("sys.stdout", stream)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    table = position(
        ("QOP", "12345678901.23"), names="NHS Bath and North East Somerset, Swindon and Wiltshire ICB"
    )
    write_table(table, "text", None, title="Position", synthetic=False)
    assert "12,345,678,901.23" in stream.getvalue()
    assert "NHS Bath and No" in stream.getvalue()
    assert "Wiltshire" not in stream.getvalue()
    assert max(len(line) for line in stream.getvalue().splitlines()) <= 80


def test_text_in_a_pipe_is_never_cut(capsys: pytest.CaptureFixture[str]) -> None:
    name = "NHS Bath and North East Somerset, Swindon and Wiltshire ICB " * 4
    table = position(("QOP", "1"), names=name.strip())
    write_table(table, "text", None, title="Position", synthetic=False)
    assert name.strip() in capsys.readouterr().out


def test_text_takes_no_orders_from_what_a_provider_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(
        position(("[red]Q\x1b[2J", "1"), names="[link=x]n"), "text", None, title="Position", synthetic=False
    )
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[red]Q" in out
    assert "[link=x]n" in out


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write_table(position(), "text", None, title="Challenges", synthetic=False)
    assert "No rows." in capsys.readouterr().out
    write_table(position(), "json", None, title="Challenges", synthetic=False)
    assert json.loads(capsys.readouterr().out)["rows"] == []
    write_table(position(), "xlsx", tmp_path / "none.xlsx", title="Challenges", synthetic=False)
    assert len(sheets(tmp_path / "none.xlsx")["Challenges"]) == 1


@pytest.mark.parametrize("hostile", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "https://example.com", "0012"])
def test_no_text_becomes_a_formula_a_link_or_a_number(hostile: str, tmp_path: Path) -> None:
    table = position((hostile, "1"))
    write_workbook(tmp_path / "book.xlsx", [("Position", table)], title="Position", synthetic=False)
    kinds = [kind for row in sheets(tmp_path / "book.xlsx")["Position"] for kind, _ in row]
    assert "f" not in kinds
    assert sheets(tmp_path / "book.xlsx")["Position"][1][0] == ("s", hostile)
    write_csv(tmp_path / "table.csv", table)
    with (tmp_path / "table.csv").open(newline="") as handle:
        written = next(csv.DictReader(handle))["commissioner"]
    assert not written.startswith(("=", "+", "-", "@", "\t"))
    assert written.removeprefix("'") == hostile


def test_a_negative_cost_is_a_number_in_csv_not_text_to_be_defused(tmp_path: Path) -> None:
    write_csv(tmp_path / "table.csv", position(("QOP", "-12.30")))
    assert "QOP,NHS North West,1,-12.30" in (tmp_path / "table.csv").read_text()


def test_a_workbook_keeps_numbers_as_numbers_and_says_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    write_table(
        position(("QOP", "1234.56")), "xlsx", path, title="Position", synthetic=True, notes=["by month"]
    )
    found = sheets(path)
    about = [text for row in found["About"] for _, text in row]
    assert about[:2] == ["Position", SYNTHETIC]
    assert "by month" in about
    heading, row = found["Position"]
    assert [text for _, text in heading] == ["commissioner", "commissioner_name", "lines", "actual"]
    assert [kind for kind, _ in row] == ["s", "s", "n", "n"]
    assert Decimal(row[3][1]) == Decimal("1234.56")


def test_digits_that_a_spreadsheet_cannot_keep_stand_beside_as_text(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    write_table(position(("QOP", "123456789.12345678")), "xlsx", path, title="Position", synthetic=False)
    heading, row = sheets(path)["Position"]
    assert heading[-1] == ("s", "actual_exact")
    assert row[-1] == ("s", "123456789.12345678")


def test_a_workbook_without_a_name_gets_one_that_says_synthetic(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = position(("QOP", "1"))
    assert write_table(table, "xlsx", None, title="Position by month", synthetic=True) == Path(
        "synthetic-position-by-month.xlsx"
    )
    assert file_name("Position", "csv", synthetic=False) == "position.csv"


def test_what_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is not a format"):
        write_table(position(), "pdf", None, title="Position", synthetic=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_table(position(), "csv", tmp_path / "file" / "x.csv", title="Position", synthetic=False)


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_csv(path, position(("QOP", "1")))
    before = path.read_text()
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OutputError):
        write_csv(tmp_path / "folder.csv", position(("QOP", "2")))
    assert path.read_text() == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.csv", "table.csv"]
