"""Commands that ask the register: `who`, `changes`, `register check`."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from speccom.cli import WorkspaceOption
from speccom.errors import CheckFailed, SpeccomError
from speccom.period import long_date, parse_date
from speccom.register import Register
from speccom.workspace import Workspace, write_atomically

if TYPE_CHECKING:
    import pyarrow as pa

ASKED = ("service_line", "area", "on")
ADDED = ("arrangement", "responsible_commissioner", "service_category", "error")
_LINES_OF_A_GROUP = 8  # more facts of one kind on one day are summed up in text; csv and json list them all


class AskedWrong(SpeccomError):
    """A command whose words do not say one thing; the message says what to write."""

    code = "usage"


class QuestionsError(SpeccomError):
    """A file of questions that cannot be read, or answers that cannot be written."""

    code = "questions"


class Said(StrEnum):
    """How an answer is said."""

    TEXT = "text"
    JSON = "json"


class Listed(StrEnum):
    """How a list is said."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


def add_commands(app: typer.Typer) -> None:
    """Add `who`, `changes` and `register check`."""
    app.command("who")(who)
    app.command("changes")(changes)
    register_app = typer.Typer(help="The register as a whole.", no_args_is_help=True)

    @register_app.callback()
    def register() -> None:
        pass

    register_app.command("check")(check)
    app.add_typer(register_app, name="register")


def who(
    line: Annotated[
        str | None, typer.Argument(metavar="LINE", help="Service line, such as NCBPS11B.")
    ] = None,
    area: Annotated[str | None, typer.Argument(metavar="AREA", help="ICB or sub-ICB location.")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day asked about.")] = None,
    known: Annotated[
        str | None, typer.Option("--known", metavar="DATE", help="Only what was public by.")
    ] = None,
    format: Annotated[Said, typer.Option("--format", help="For people, or for programs.")] = Said.TEXT,
    file: Annotated[Path | None, typer.Option("--file", metavar="Q.csv", help="Many questions.")] = None,
    matrix: Annotated[bool, typer.Option("--matrix", help="Every line and area of a date.")] = False,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Where answers go.")] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Who commissions a service line for the people of an area on a date, and why."""
    if file is not None and (matrix or line or on or known):
        raise AskedWrong(
            "A file of questions has its own lines, areas and dates: give --file and --output alone."
        )
    if file is None and on is None:
        raise AskedWrong("The day asked about is missing: add --on with a date, for example --on 2025-04-01.")
    if matrix and line:
        raise AskedWrong(
            "The matrix is of every line and area: leave LINE and AREA out, or leave --matrix out."
        )
    if file is None and not matrix and (line is None or area is None):
        raise AskedWrong(
            "Name a service line and an area, for example: speccom who NCBPS11B QNC --on 2025-04-01."
        )
    if (file or matrix) and output is None:
        raise AskedWrong("The answers need a file to go to: add --output with its name.")

    register = Register.load(Workspace.locate(workspace))
    if file is not None and output is not None:
        _answer_file(register, file, output)
        return
    assert on is not None
    day, public = parse_date(on), parse_date(known) if known else None
    if matrix and output is not None:
        _write_matrix(register.matrix(day, public), output)
        return
    assert line is not None and area is not None
    answer = register.who_commissions(line, area, day, public)
    if format == Said.JSON:
        print(json.dumps(register.explain(answer), ensure_ascii=False, indent=2))
    else:
        from speccom.register.explanation import in_words

        print(in_words(register, answer))


def changes(
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="Changes after this day.")],
    to: Annotated[str, typer.Option("--to", metavar="DATE", help="Changes up to and on this day.")],
    format: Annotated[
        Listed, typer.Option("--format", help="Text sums up; csv and json list all.")
    ] = Listed.TEXT,
    workspace: WorkspaceOption = None,
) -> None:
    """What changed between two dates: facts that began or ended, and answers that differ."""
    table = Register.load(Workspace.locate(workspace)).changes(parse_date(from_), parse_date(to))
    if format == Listed.CSV:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows(zip(*table.to_pydict().values(), strict=True))
    elif format == Listed.JSON:
        rows = [row | {"on": row["on"].isoformat()} for row in table.to_pylist()]
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        print("\n".join(_summed_up(table.to_pylist())) or "Nothing changed.")


def check(
    format: Annotated[Said, typer.Option("--format", help="For people, or for programs.")] = Said.TEXT,
    workspace: WorkspaceOption = None,
) -> None:
    """Try every integrity rule on the register, and count what it is known by."""
    register = Register.load(Workspace.locate(workspace))
    findings, totals = register.check(), register.totals()
    failed = [finding for finding in findings if not finding.holds]
    if format == Said.JSON:
        told = {
            "holds": not failed,
            "snapshot": register.snapshot,
            "checks": [
                {"check": finding.check, "holds": finding.holds, "faults": finding.faults}
                for finding in findings
            ],
            "totals": totals,
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        if failed:
            raise typer.Exit(CheckFailed.exit_code)
        return
    for finding in findings:
        print(f"{'holds ' if finding.holds else 'FAILED'}  {finding.check}")
        for fault in finding.faults:
            print(f"          {fault}")
    print()
    for name, count in totals.items():
        print(f"{count:6,}  {name}")
    print(f"\nRegister {register.snapshot}")
    if failed:
        raise CheckFailed(
            f"{len(failed)} of {len(findings)} checks of the register failed: the faults are above."
        )


# --- many questions


def _answer_file(register: Register, questions: Path, output: Path) -> None:
    """Answer a CSV of questions, keeping its columns and order; a question without an answer says why."""
    rows = _read_questions(questions)
    header = next(rows)
    positions = {name: header.index(name) for name in ("known", *ASKED, *ADDED) if name in header}
    columns = [*header, *(name for name in ADDED if name not in header)]
    places = [columns.index(name) for name in ADDED]
    answered: dict[tuple[str, ...], tuple[str, ...]] = {}
    refused = count = 0
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        count += 1
        if len(row) != len(header):
            added = _refused(f"This row has {len(row)} values where the header has {len(header)}.")
            row = (row + [""] * len(header))[: len(header)]
        else:
            asked = tuple(row[positions[name]] for name in ASKED)
            asked += (row[positions["known"]],) if "known" in positions else ("",)
            added = answered.get(asked) or answered.setdefault(asked, _answer(register, *asked))
        refused += bool(added[-1])
        row += [""] * (len(columns) - len(row))
        for place, value in zip(places, added, strict=True):
            row[place] = value
        writer.writerow(row)
    _write(output, text.getvalue().encode())
    print(f"{count:,} questions, {count - refused:,} answered, {refused:,} with an error: {output}")


def _answer(register: Register, line: str, area: str, on: str, known: str) -> tuple[str, ...]:
    try:
        public = parse_date(known) if known.strip() else None
        answer = register.who_commissions(line, area, parse_date(on), public)
    except SpeccomError as error:
        return _refused(str(error))
    return answer.arrangement, answer.responsible_commissioner, answer.service_category, ""


def _refused(sentence: str) -> tuple[str, ...]:
    return "", "", "", sentence


def _read_questions(path: Path) -> Iterator[list[str]]:
    """The header, checked, and then each row that is not empty."""
    number = 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as handle:
            for number, row in enumerate(csv.reader(handle, strict=True), start=1):
                if number == 1:
                    yield _checked_header(path, [name.strip() for name in row])
                elif row:
                    yield row
    except UnicodeDecodeError as error:
        raise QuestionsError(f"{path} is not text in UTF-8: save it as CSV UTF-8.") from error
    except csv.Error as error:
        raise QuestionsError(
            f"{path}, after row {number}: {error}; close every quote and try again."
        ) from error
    except OSError as error:
        raise QuestionsError(f"{path} cannot be read: {error.strerror}.") from error
    if number == 0:
        raise QuestionsError(
            f"{path} is empty: give a header with {', '.join(ASKED)} and a row for each question."
        )


def _checked_header(path: Path, header: list[str]) -> list[str]:
    missing = [name for name in ASKED if name not in header]
    if missing:
        raise QuestionsError(
            f"{path}, row 1: no column {' or '.join(missing)}; the columns are {', '.join(ASKED)}, "
            "and known where it is wanted."
        )
    twice = [
        name for name, times in Counter(header).items() if times > 1 and name in (*ASKED, "known", *ADDED)
    ]
    if twice:
        raise QuestionsError(f"{path}, row 1: the column {twice[0]} is there twice; keep one.")
    return header


def _write_matrix(table: pa.Table, output: Path) -> None:
    suffix = output.suffix.lower()
    if suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        content = sink.getvalue().to_pybytes()
    elif suffix == ".csv":
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(table.column_names)
        writer.writerows(zip(*table.to_pydict().values(), strict=True))
        content = text.getvalue().encode()
    else:
        raise AskedWrong(f"{output} says no form: name the output with .csv or .parquet at its end.")
    _write(output, content)
    print(f"{table.num_rows:,} cells: {output}")


def _write(output: Path, content: bytes) -> None:
    try:
        write_atomically(output, content)
    except OSError as error:
        raise QuestionsError(f"{output} cannot be written: {error.strerror}.") from error


# --- changes in text


def _summed_up(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A day at a time: the facts, then the answers, each kind of change on one line."""
    rows = sorted(rows, key=lambda row: (row["on"], row["kind"] == "answer", row["attribute"]))
    for on, of_day in groupby(rows, key=lambda row: row["on"]):
        yield long_date(on)
        for (kind, attribute), group in groupby(of_day, key=lambda row: (row["kind"], row["attribute"])):
            yield from _summed_up_attribute(kind, attribute, list(group))


def _summed_up_attribute(kind: str, attribute: str, rows: list[dict[str, Any]]) -> Iterator[str]:
    subjects: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for row in rows:
        subjects[row["before"], row["after"], row["source_id"]].append(row["subject"])
    if len(subjects) > _LINES_OF_A_GROUP:
        yield f"  {kind} · {attribute}: {len(rows):,} changes"
        return
    for (before, after, source), of in subjects.items():
        named = ", ".join(of) if len(of) <= _LINES_OF_A_GROUP else _counted(kind, of)
        yield f"  {kind} · {attribute}: {before or 'none'} → {after or 'none'} · {named} [{source}]"


def _counted(kind: str, subjects: list[str]) -> str:
    if kind == "fact":
        return f"{len(subjects):,} subjects"
    lines, areas = (
        len(set(each)) for each in zip(*(subject.split(" ") for subject in subjects), strict=True)
    )
    return f"{len(subjects):,} cells ({lines:,} lines, {areas:,} areas)"
