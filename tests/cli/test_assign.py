"""`speccom assign`: columns and rows as they came, both spellings of headers, refusals that say why."""

import csv
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from speccom.assignment import tables
from speccom.cli import main
from speccom.contracts import reference
from speccom.workspace import Workspace

HEADER = (
    "financial_year,month,provider,commissioner,category,service_code,pod,tfc,"
    "gp_responsibility,residence_responsibility"
)
RECORD = "202526,1,RR8,85J,21,NCBPS01C,EL,340,QWO,"

DATA_DICTIONARY = {
    "financial_year": "Financial_Year",
    "month": "FINANCIAL MONTH ",
    "provider": "ORGANISATION IDENTIFIER (CODE OF PROVIDER)",
    "commissioner": "ORGANISATION_IDENTIFIER_(CODE_OF_COMMISSIONER)",
    "category": "COMMISSIONED\u00a0SERVICE CATEGORY CODE",
    "service_code": "\u200bSERVICE CODE",
    "pod": "point of delivery code",
    "tfc": "ACTIVITY TREATMENT FUNCTION CODE",
    "gp_responsibility": "ORGANISATION IDENTIFIER (GP PRACTICE RESPONSIBILITY)",
    "residence_responsibility": "ORGANISATION IDENTIFIER (RESIDENCE RESPONSIBILITY)",
    "practice": "GENERAL MEDICAL PRACTICE CODE (PATIENT REGISTRATION)",
}

ADDED = ["assigned_commissioner", "assigned_category", "assigned_reason"]

Speccom = Callable[..., tuple[int, str]]


@pytest.fixture
def speccom(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Speccom:
    def run(*arguments: str | Path) -> tuple[int, str]:
        with pytest.raises(SystemExit) as left:
            main([*map(str, arguments), "--workspace", str(tmp_path / "workspace")])
        said = capsys.readouterr()
        return int(left.value.code or 0), said.err if left.value.code else said.out

    return run


def file_of(folder: Path, text: str | bytes, name: str = "records.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def reasons(path: Path) -> list[str]:
    return [row["assigned_reason"] for row in rows_of(path)]


def test_the_worked_cases_come_back_with_their_own_answers(
    shared: Path, tmp_path: Path, speccom: Speccom
) -> None:
    vectors, output = shared / "vectors/assignment.csv", tmp_path / "out.csv"
    bare = tmp_path / "bare.csv"
    with vectors.open(newline="") as source, bare.open("w", newline="") as target:
        csv.writer(target).writerows(row[:10] for row in csv.reader(source))
    code, said = speccom("assign", bare, "--output", output)
    assert (code, said.splitlines()[0]) == (
        0,
        f"600 records assigned, of which 20 could not be resolved: {output}",
    )
    assert rows_of(output) == rows_of(vectors)


def test_an_assigned_file_can_be_assigned_again(shared: Path, tmp_path: Path, speccom: Speccom) -> None:
    vectors, output = shared / "vectors/assignment.csv", tmp_path / "out.csv"
    stale = file_of(tmp_path, vectors.read_text().replace("C2-H", "stale"))
    assert speccom("assign", stale, "--output", output)[0] == 0
    assert rows_of(output) == rows_of(vectors)


def test_columns_values_order_and_count_are_kept_over_batches(
    tmp_path: Path, speccom: Speccom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "BATCH_ROWS", 3)
    lines = [f'" note, {number}",{RECORD},"said ""{number}"""' for number in range(10)]
    source = file_of(tmp_path, "\n".join([f"note,{HEADER},last", *lines]))
    output = tmp_path / "out.csv"
    assert speccom("assign", source, "--output", output)[0] == 0
    found = rows_of(output)
    assert [row["note"] for row in found] == [f" note, {number}" for number in range(10)]
    assert [row["last"] for row in found] == [f'said "{number}"' for number in range(10)]
    assert list(found[0]) == ["note", *HEADER.split(","), "last", *ADDED]


def test_data_dictionary_headers_are_understood_however_they_are_spelt(
    tmp_path: Path, speccom: Speccom
) -> None:
    header = ",".join(DATA_DICTIONARY.values())
    source, output = file_of(tmp_path, f"\ufeff{header}\r\n{RECORD},P81001\r\n"), tmp_path / "out.csv"
    assert speccom("assign", source, "--output", output)[0] == 0
    assert list(rows_of(output)[0]) == [*DATA_DICTIONARY.values(), *ADDED]
    assert reasons(output) == ["G1-2"]


def test_codes_are_read_past_blanks_and_case_but_written_as_they_came(
    tmp_path: Path, speccom: Speccom
) -> None:
    source = file_of(tmp_path, f"{HEADER}\n 202526,01,rr8,\u00a0,21 ,ncbps01c,el,340,qwo\u00a0,\u200b\n")
    output = tmp_path / "out.csv"
    assert speccom("assign", source, "--output", output)[0] == 0
    assert reasons(output) == ["G1-2"]
    assert rows_of(output)[0]["gp_responsibility"] == "qwo\u00a0"
    assert rows_of(output)[0]["assigned_commissioner"] == "QWO"


def test_no_record_is_refused_for_what_is_in_it(tmp_path: Path, speccom: Speccom) -> None:
    months = ["2025/26,1", "202526,13", "202526,x", ",", "202526,1"]
    records = [RECORD.replace("202526,1", month) for month in months]
    source, output = file_of(tmp_path, "\n".join([HEADER, *records])), tmp_path / "out.csv"
    assert speccom("assign", source, "--output", output)[0] == 0
    assert reasons(output) == ["X-Z", "X-Z", "X-Z", "X-Z", "G1-2"]


def test_imported_practice_lists_are_used_and_missing_ones_are_said(tmp_path: Path, speccom: Speccom) -> None:
    listed = file_of(tmp_path, "practice\ny12345\n", "prisons.csv")
    reference.import_list(Workspace(tmp_path / "workspace").make(), "prison-practices", listed)
    source = file_of(tmp_path, f"{HEADER},practice\n{RECORD},Y12345\n{RECORD},P81001\n")
    code, said = speccom("assign", source, "--output", tmp_path / "out.csv")
    assert code == 0
    assert reasons(tmp_path / "out.csv") == ["E-2", "G1-2"]
    assert "The list of armed-forces practices is empty" in said
    assert "prison" not in said


def test_windows_1252_is_read_and_utf_8_is_written(tmp_path: Path, speccom: Speccom) -> None:
    source = file_of(tmp_path, f"{HEADER},note\n{RECORD},£5 – paid\n".encode("cp1252"))
    assert speccom("assign", source, "--output", tmp_path / "out.csv")[0] == 0
    assert rows_of(tmp_path / "out.csv")[0]["note"] == "£5 – paid"


def test_a_header_alone_gives_a_header_alone(tmp_path: Path, speccom: Speccom) -> None:
    for suffix in ("csv", "parquet"):
        output = tmp_path / f"out.{suffix}"
        assert speccom("assign", file_of(tmp_path, HEADER), "--output", output)[0] == 0
    assert (tmp_path / "out.csv").read_text() == f"{HEADER},{','.join(ADDED)}\n"
    assert pq.read_table(tmp_path / "out.parquet").column_names == [*HEADER.split(","), *ADDED]


def test_parquet_goes_in_and_out_with_its_types(tmp_path: Path, speccom: Speccom) -> None:
    values = dict(zip(HEADER.split(","), RECORD.split(","), strict=True))
    table = pa.table({name: [value or None] for name, value in values.items()})
    table = table.set_column(1, "month", pa.array([1], pa.int32()))
    pq.write_table(table, tmp_path / "in.parquet")
    assert speccom("assign", tmp_path / "in.parquet", "--output", tmp_path / "out.parquet")[0] == 0
    found = pq.read_table(tmp_path / "out.parquet")
    assert found.select(table.column_names).equals(table)
    assert found.to_pylist()[0]["assigned_reason"] == "G1-2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEADER.replace(",tfc", "") + "\n", "lacks the column tfc"),
        ("a,b\n1,2\n", "lacks the columns financial_year, month, provider"),
        ("", "is empty"),
        (b"PK\x03\x04\x00\x00\x08", "is not a CSV file"),
        (f"{HEADER}\n{RECORD}\n202526,1,RR8\n", "row 3, has 3 values where the header has 10"),
        (f'{HEADER}\n{RECORD}\n"{RECORD}\n', "line 3, cannot be read as CSV"),
        (f"{HEADER},POINT OF DELIVERY CODE\n", "two columns for the same thing, 'pod' and"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence_and_leaves_nothing(
    content: str | bytes, said: str, tmp_path: Path, speccom: Speccom
) -> None:
    source = file_of(tmp_path, content)
    code, refusal = speccom("assign", source, "--output", tmp_path / "out.csv")
    assert code == 2
    assert str(source) in refusal
    assert said in refusal
    assert refusal.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["records.csv"]


def test_other_refusals(tmp_path: Path, speccom: Speccom) -> None:
    source, output = file_of(tmp_path, f"{HEADER}\n{RECORD}\n"), tmp_path / "out.csv"
    fake = file_of(tmp_path, "PAR1 not", "fake.parquet")
    for arguments, said in [
        ((tmp_path / "none.csv", "--output", output), "There is no file"),
        ((fake, "--output", output), "cannot be read as Parquet"),
        ((source, "--output", source), "is the file to be read"),
        ((source, "--output", tmp_path / "no/such/out.csv"), "cannot be written: No such file"),
        ((source, "--output", output, "--engine", "oracle"), "choose duckdb or spark"),
    ]:
        code, refusal = speccom("assign", *arguments)
        assert (code, said in refusal) == (2, True), refusal
    assert not output.exists()


def test_spark_gives_the_same_file(shared: Path, tmp_path: Path, speccom: Speccom) -> None:
    outputs = [tmp_path / f"{engine}.csv" for engine in ("duckdb", "spark")]
    for output in outputs:
        done = speccom(
            "assign", shared / "vectors/assignment.csv", "--output", output, "--engine", output.stem
        )
        assert done[0] == 0
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
