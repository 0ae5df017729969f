"""The commands that give a forecast and a pack: what they print, write and refuse."""

import json
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from tests.finance.position.worlds import lines, plans, world

from speccom.cli import main
from speccom.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return world(tmp_path, lines(range(1, 7), lambda at: 1000 + at), plans(range(1, 13)))


def run(capsys: pytest.CaptureFixture[str], workspace: Workspace, *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--workspace", str(workspace.root)])
    said = capsys.readouterr()
    assert isinstance(left.value.code, int)
    return left.value.code, said.out, said.err


def test_a_position_with_forecast_in_json(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(
        capsys,
        workspace,
        "position",
        "--by",
        "commissioner,form",
        "--forecast",
        "--month",
        "6",
        "--format",
        "json",
    )
    answer = json.loads(out)
    assert code == 0
    assert answer["synthetic"] is True
    [row] = answer["rows"]
    assert (row["commissioner"], row["form"], row["actual"], row["plan"]) == (
        "QKS",
        "activity",
        "6021.00",
        "5400.00",
    )
    assert Decimal(row["forecast_lower"]) < Decimal(row["forecast"]) < Decimal(row["forecast_upper"])
    assert "Completion: taken as one" in " ".join(answer["notes"])
    assert answer["columns"]["forecast"]["unit"] == "£"


def test_a_position_by_month_is_a_picture(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "course.svg"
    asked = (
        "position",
        "--by",
        "month",
        "--forecast",
        "--month",
        "6",
        "--format",
        "svg",
        "--output",
        str(path),
    )
    code, _, _ = run(capsys, workspace, *asked)
    assert code == 0
    assert path.read_text().startswith("<svg")


def test_the_plain_position_stays_as_it_was(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, workspace, "position", "--by", "commissioner", "--format", "csv")
    assert code == 0
    assert out.splitlines()[0] == "commissioner,commissioner_name,lines,patients,actual,plan"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("position", "--by", "icb", "--forecast"), "nothing to sum a forecast by"),
        (("position", "--by", "provider", "--commissioner", "QKS"), "add --forecast"),
        (("position", "--by", "form", "--forecast", "--commissioner", "QZZ"), "choose one of QKS"),
        (("position", "--by", "provider", "--forecast", "--month", "7"), "does not hold 2025/26 month 7"),
        (("pack", "--commissioner", "QKS", "--month", "September"), "write 2025/26-6"),
        (("pack", "--commissioner", "QKS", "--format", "docx"), "choose from html, xlsx, pdf"),
        (("pack", "--commissioner", "NOBODY"), "pays for nothing in 2025/26"),
    ],
)
def test_what_cannot_be_done_is_refused(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = run(capsys, workspace, *arguments)
    assert code == 2
    assert said in err


def test_a_pack_is_a_page_and_a_workbook(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "deep"
    code, said, err = run(
        capsys, workspace, "pack", "--commissioner", "QKS", "--output", str(out), "--format", "html,xlsx"
    )
    assert code == 0
    assert "SYNTHETIC" in err
    names = sorted(path.name for path in out.iterdir())
    stem = "synthetic-month-end-qks-2025-26-month-06"
    assert names == [f"{stem}.html", f"{stem}.xlsx"]
    assert said.split() == [str(out / f"{stem}.html"), str(out / f"{stem}.xlsx")]
    with zipfile.ZipFile(out / f"{stem}.xlsx") as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        assert names[:3] == ["About", "Position", "By month"]
        for number in range(1, len(names) + 1):
            sheet = book.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert "<oddHeader>&amp;CSYNTHETIC" in sheet
            assert "&amp;RPage &amp;P of &amp;N</oddFooter>" in sheet


def test_budgets_and_contracts_are_imported_and_listed(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "b.csv"
    path.write_text("commissioner,from,to,pounds\nQKS,2025-04-01,2026-04-01,12000.00\n")
    code, out, _ = run(capsys, workspace, "reference", "import", "budgets", str(path))
    assert (code, out) == (0, "Imported 1 budgets of 1 commissioners, £12,000.00 in all, from b.csv.\n")
    _, out, _ = run(capsys, workspace, "reference", "list")
    assert "budgets: imported" in out
    assert "contracts: not imported" in out
    path.write_text("commissioner,from,to,pounds\nQKS,2025-04-01,2026-04-01,12000.001\n")
    code, _, err = run(capsys, workspace, "reference", "import", "budgets", str(path))
    assert code == 2
    assert "b.csv, row 2, field pounds" in err


@pytest.mark.parametrize(
    ("kind", "rows", "said"),
    [
        (
            "budgets",
            "commissioner,from,to,pounds\nQKS,2025-04-01,2026-04-01,100.00\nQKS,2025-10-01,2026-04-01,60.50\n",
            "£100.00 in [2025-04-01, 2026-04-01) and £60.50 in [2025-10-01, 2026-04-01)",
        ),
        (
            "targets",
            "commissioner,year,target\nQKS,2025/26,100.00\nQKS,2025/26,90.00\n",
            "rows 2 and 3: both are the target of QKS in 2025/26, £100.00 and £90.00",
        ),
    ],
)
def test_rows_that_clash_are_refused_with_their_numbers_and_what_was_there_stays(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, rows: str, said: str
) -> None:
    path = tmp_path / "clash.csv"
    good = "\n".join(rows.splitlines()[:2]) + "\n"
    path.write_text(good)
    assert run(capsys, workspace, "reference", "import", kind, str(path))[0] == 0
    kept = (workspace.reference / f"{kind}.parquet").read_bytes()
    path.write_text(rows)
    code, _, err = run(capsys, workspace, "reference", "import", kind, str(path))
    assert code == 2
    assert said in err
    assert (workspace.reference / f"{kind}.parquet").read_bytes() == kept


def test_without_a_plan_the_command_says_so_and_gives_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    unplanned = world(tmp_path / "unplanned", lines(range(1, 4)))
    code, out, _ = run(
        capsys, unplanned, "position", "--by", "commissioner", "--forecast", "--format", "json"
    )
    answer = json.loads(out)
    [row] = answer["rows"]
    assert code == 0
    assert (row["plan"], row["plan_variance"], row["actual"]) == (None, None, "3000.00")
    assert "no aggregate row of it has a plan in this year" in out


def test_a_build_measures_completion(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert not (workspace.ledger / "completion.parquet").exists()
    code, _, _ = run(capsys, workspace, "build")
    assert code == 0
    assert (workspace.ledger / "completion.parquet").is_file()
