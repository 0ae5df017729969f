"""The register from the command line: one question, many, the matrix, changes, and the check."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.register.worlds import rows, workspace_adding

from speccom.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run one command in a workspace of its own: exit code, standard output, standard error."""

    def speccom(*arguments: str | Path, workspace: Path = tmp_path / "workspace") -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([*map(str, arguments), "--workspace", str(workspace)])
        told = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, told.out, told.err

    return speccom


def refused(run: Run, *arguments: str | Path) -> str:
    """The sentence of a refusal, which is the same in JSON."""
    code, out, err = run(*arguments)
    assert code == 2
    assert not out or json.loads(out)["message"] == err.strip()
    return err


def answered(run: Run, questions: Path, tmp_path: Path) -> list[dict[str, str]]:
    output = tmp_path / "answers.csv"
    code, _, err = run("who", "--file", questions, "--output", output)
    assert (code, err) == (0, "")
    return rows(output)


# --- one question


def test_an_answer_is_a_sentence_with_its_reasons_and_sources(run: Run) -> None:
    code, out, err = run("who", "NCBPS11B", "QNC", "--on", "2024-05-01")
    assert (code, err) == (0, "")
    assert out.startswith(
        "On 1 May 2024, NHS Staffordshire and Stoke-on-Trent Integrated Care Board commissions"
    )
    assert "Why" in out and "Sources" in out


def test_the_same_answer_is_json_for_programs(run: Run) -> None:
    code, out, _ = run(
        "who", "NCBPS11B", "05W", "--on", "2024-05-01", "--known", "2023-06-01", "--format", "json"
    )
    told: dict[str, Any] = json.loads(out)
    assert code == 0
    assert (told["arrangement"], told["responsible_commissioner"], told["service_category"]) == (
        "joint",
        "14A",
        "21",
    )
    assert (told["area_icb"], told["decision_maker"], told["budget_holder"]) == ("QNC", "JC5", "X24")
    assert (told["on"], told["known"], told["confidence"]) == ("2024-05-01", "2023-06-01", "inferred")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("NCBPS11B", "QNC"), "add --on with a date"),
        (("NCBPS11B", "--on", "2024-05-01"), "Name a service line and an area"),
        (("NCBPS11B", "QNC", "--on", "May 2024"), "is not a date"),
        (("NCBPS11B", "QNC", "--on", "2024-05-01", "--known", "now"), "is not a date"),
        (("NCBPS11B", "D4U1Y", "--on", "2026-05-01"), "practice"),
        (("NCBPS11", "QNC", "--on", "2026-05-01"), "Nearest"),
        (("--matrix", "--on", "2024-05-01"), "add --output"),
        (("--matrix", "--output", "m.csv"), "add --on"),
        (("NCBPS11B", "--matrix", "--on", "2024-05-01", "--output", "m.csv"), "leave LINE and AREA out"),
        (("--matrix", "--on", "2024-05-01", "--output", "m.xls"), ".csv or .parquet"),
        (("--file", "q.csv"), "add --output"),
        (("--file", "q.csv", "--on", "2024-05-01", "--output", "a.csv"), "give --file and --output alone"),
        (("--file", "not-there.csv", "--output", "a.csv"), "No such file"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_sentence(
    run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(run, "who", *arguments)
    assert sentence in refused(run, "who", *arguments, "--format", "json")


def test_refusals_carry_a_code_for_programs(run: Run) -> None:
    code, out, _ = run("who", "NCBPS11B", "QMJ", "--on", "2026-05-01", "--format", "json")
    assert code == 2
    assert json.loads(out)["error"] == "not_active"


def test_an_added_fact_is_answered_from(run: Run, tmp_path: Path) -> None:
    workspace = workspace_adding(
        tmp_path / "own", "Y60,arrangement,national,2027-04-01,,2026-12-01,,board-2024-12,inferred"
    ).root
    _, out, _ = run("who", "NCBPS11B", "QNC", "--on", "2027-05-01", "--format", "json", workspace=workspace)
    assert json.loads(out)["arrangement"] == "national"


def test_the_command_itself_answers_from_a_shell(tmp_path: Path) -> None:
    speccom = Path(sys.executable).with_name("speccom")
    done = subprocess.run(
        [speccom, "who", "NCBPS11B", "QNC", "--on", "2024-05-01", "--workspace", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "QNC" in done.stdout


# --- many questions


@pytest.mark.parametrize("name", ["who.csv", "who_known.csv"])
def test_a_file_of_questions_gets_the_shared_answers(
    run: Run, shared: Path, tmp_path: Path, name: str
) -> None:
    vectors = rows(shared / "vectors" / name)
    asked = [column for column in ("service_line", "area", "on", "known") if column in vectors[0]]
    questions = tmp_path / "questions.csv"
    with questions.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, asked, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(vectors)
    answers = answered(run, questions, tmp_path)
    assert list(answers[0]) == [
        *asked,
        "arrangement",
        "responsible_commissioner",
        "service_category",
        "error",
    ]
    assert [row | {"error": "yes" if row["error"] else ""} for row in answers] == vectors


def test_other_columns_and_the_order_of_rows_are_kept(run: Run, tmp_path: Path) -> None:
    questions = tmp_path / "q.csv"
    questions.write_text(
        "\ufeffnote,on,area,service_line,known\n"
        '"b, second",2024-05-01,QNC,NCBPS11B,\n'
        "a,2024-05-01,QNC,NCBPS11B,2023-06-01\n"
        "\n"
        "c,2024-05-01,XXX,NCBPS11B,\n"
        "d,never,QNC,NCBPS11B,\n"
        "e,2024-05-01\n",
        encoding="utf-8",
    )
    answers = answered(run, questions, tmp_path)
    assert [row["note"] for row in answers] == ["b, second", "a", "c", "d", "e"]
    assert [row["arrangement"] for row in answers] == ["delegated", "joint", "", "", ""]
    assert [row["error"][:12] for row in answers] == ["", "", "'XXX' is not", "'never' is n", "This row has"]


def test_answers_that_were_already_there_are_replaced(run: Run, shared: Path, tmp_path: Path) -> None:
    answers = answered(run, shared / "vectors/who.csv", tmp_path)
    vectors = rows(shared / "vectors/who.csv")
    assert list(answers[0]) == list(vectors[0])
    assert [row["arrangement"] for row in answers] == [row["arrangement"] for row in vectors]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"service_line,area\nNCBPS11B,QNC\n", "no column on"),
        (b"service_line,area,on,on\n", "the column on is there twice"),
        (b"\x00\xff\xfe\x89PNG", "not text in UTF-8"),
        (b'service_line,area,on\n"NCBPS11B,QNC,2024-05-01\n', "close every quote"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_nothing_is_written(
    run: Run, tmp_path: Path, content: bytes, sentence: str
) -> None:
    questions, output = tmp_path / "q.csv", tmp_path / "a.csv"
    questions.write_bytes(content)
    told = refused(run, "who", "--file", questions, "--output", output)
    assert sentence in told and "q.csv" in told
    assert not output.exists()


def test_an_output_that_cannot_be_written_is_refused(run: Run, shared: Path, tmp_path: Path) -> None:
    output = tmp_path / "nowhere" / "a.csv"
    assert "cannot be written" in refused(
        run, "who", "--file", shared / "vectors/who.csv", "--output", output
    )


# --- the matrix


def test_the_matrix_is_written_alike_as_csv_and_parquet(run: Run, tmp_path: Path) -> None:
    for suffix in ("csv", "parquet"):
        code, _, _ = run("who", "--matrix", "--on", "2024-05-01", "--output", tmp_path / f"m.{suffix}")
        assert code == 0
    written = rows(tmp_path / "m.csv")
    assert list(written[0]) == [
        "service_line",
        "area",
        "on",
        "arrangement",
        "responsible_commissioner",
        "service_category",
    ]
    table = pq.read_table(tmp_path / "m.parquet").to_pylist()
    assert written == [row | {"on": row["on"].isoformat()} for row in table]
    assert {row["on"] for row in written} == {"2024-05-01"}


def test_the_matrix_keeps_to_what_was_known(run: Run, tmp_path: Path) -> None:
    run("who", "--matrix", "--on", "2024-05-01", "--known", "2023-06-01", "--output", tmp_path / "m.csv")
    assert {row["arrangement"] for row in rows(tmp_path / "m.csv")} == {"joint", "retained"}


# --- changes and the check


def test_changes_are_listed_for_programs_and_summed_up_for_people(run: Run) -> None:
    between = ("changes", "--from", "2024-03-31", "--to", "2024-04-01")
    code, as_csv, _ = run(*between, "--format", "csv")
    listed = list(csv.DictReader(as_csv.splitlines()))
    assert code == 0
    assert list(listed[0]) == ["kind", "subject", "attribute", "before", "after", "on", "source_id"]
    _, as_json, _ = run(*between, "--format", "json")
    assert json.loads(as_json) == listed
    _, told, _ = run(*between)
    assert "fact · arrangement: joint → delegated · Y60, Y61, Y62 [board-2023-12]" in told
    assert len(told.splitlines()) < 60


def test_a_time_without_changes_says_so(run: Run) -> None:
    assert run("changes", "--from", "2024-04-02", "--to", "2024-04-03")[1] == "Nothing changed.\n"


def test_changes_the_wrong_way_round_are_refused(run: Run) -> None:
    assert "earlier date first" in refused(run, "changes", "--from", "2024-04-02", "--to", "2024-04-01")


def test_the_check_prints_each_rule_and_the_totals(run: Run) -> None:
    code, out, _ = run("register", "check")
    assert code == 0
    assert "FAILED" not in out
    for total in (143, 146, 154, 59, 70, 42, 36):
        assert f"{total:6}  " in out


def test_a_failed_check_leaves_with_1_and_names_the_fault(run: Run, tmp_path: Path) -> None:
    fault = "Y70,role,region,2027-04-01,,2026-12-01,,ods,stated"
    workspace = workspace_adding(tmp_path / "own", fault).root
    code, out, err = run("register", "check", workspace=workspace)
    assert code == 1
    assert "Y70 has no arrangement" in out and "2 of 15 checks" in err
    code, out, _ = run("register", "check", "--format", "json", workspace=workspace)
    assert (code, json.loads(out)["holds"]) == (1, False)
