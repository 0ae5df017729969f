"""`speccom target`: every form says whose need it is, nothing is assumed, and allocations take what it writes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from speccom.cli import main
from speccom.finance.inputs import import_baselines, import_market_forces
from speccom.finance.target import core_boards
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace

CORE = ["--need", "core", "--weight", "general acute=0.7", "--weight", "mental health=0.3"]
SAID = [*CORE, "--health-inequality", "0.1", "--market-forces", "none"]
NOT_SPECIALISED = "core services, not specialised, 2025/26"
STANDS_IN = "Need for core services stands in for need for specialised services"
PARTS = {
    "QNQ": ("QRL", "S0E4D", "S9B9J"),
    "QM7": ("D7T5G", "S1Y5D"),
    "QJG": ("D7T5G", "T6Y0W"),
}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("SPECCOM_HOME", str(tmp_path / "workspace"))
    return Workspace.locate().make()


def run(capsys: pytest.CaptureFixture[str], *arguments: str, leaves: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    said = capsys.readouterr()
    assert left.value.code == leaves, said.err
    return said.out, said.err


def rows_of(text: str) -> dict[str, dict[str, str]]:
    return {row["area"]: row for row in csv.DictReader(io.StringIO(text))}


def board_list(tmp_path: Path, heading: str, value: str) -> Path:
    path = tmp_path / f"{heading}.csv"
    boards = core_boards(Register.load(), FinancialYear(2025))
    path.write_text(
        f"icb_ods_code,{heading}\n" + "".join(f"{each},{value}\n" for each in boards), encoding="utf-8"
    )
    return path


def need_file(path: Path, service: str, weighted: dict[str, str], synthetic: str = "false") -> str:
    """A file as `speccom needs --weighted` writes it, of people who are a hundred in each area."""
    lines = ["area,service,population,need_weighted_population,year,model,sources,synthetic"]
    lines += [
        f"{area},{service},100,{people},2025/26,abc{service},A small world,{synthetic}"
        for area, people in weighted.items()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_every_form_says_that_core_need_stands_in(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text, _ = run(capsys, "target", *SAID)
    assert STANDS_IN in text and NOT_SPECIALISED in text and "target" in text
    rows = rows_of(run(capsys, "target", *SAID, "--format", "csv")[0])
    assert len(rows) == 42
    assert {row["need_of"] for row in rows.values()} == {NOT_SPECIALISED}
    assert {row["market_forces_factor"] for row in rows.values()} == {""}
    assert abs(sum(float(row["target_share"]) for row in rows.values()) - 1) < 1e-9
    whole = json.loads(run(capsys, "target", *SAID, "--format", "json")[0])
    assert any(STANDS_IN in note for note in whole["notes"])
    assert whole["columns"]["weighted_population_1"]["unit"] == "people"
    assert NOT_SPECIALISED in run(capsys, "target", *SAID, "--format", "svg")[0]
    book = tmp_path / "target.xlsx"
    run(capsys, "target", *SAID, "--format", "xlsx", "--output", str(book))
    with zipfile.ZipFile(book) as held:
        assert STANDS_IN.encode() in b"".join(held.read(name) for name in held.namelist())


def test_what_it_writes_is_shared_out_to_the_penny_and_still_says_what_stands_in(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    asked, held = tmp_path / "asked.json", board_list(tmp_path, "baseline", "1000000.01")
    run(capsys, "target", *SAID, "--baselines", str(held), "--write", str(asked), "--money", "45,000,000.37")
    shares = json.loads(asked.read_text(), parse_float=Decimal, parse_int=Decimal)["target_share"]
    assert sum(shares.values()) == 1
    out, err = run(capsys, "allocate", str(asked), "--format", "json")
    found = json.loads(out)
    assert sum(Decimal(each["allocation"]) for each in found["areas"]) == Decimal("45000000.37")
    assert any(STANDS_IN in note for note in found["notes"])
    assert STANDS_IN in err
    assert STANDS_IN in run(capsys, "allocate", str(asked))[0]


def test_imported_lists_are_used_where_they_are_asked_for(
    capsys: pytest.CaptureFixture[str], place: Workspace, tmp_path: Path
) -> None:
    imported = [*CORE, "--health-inequality", "0", "--market-forces", "imported", "--baselines", "imported"]
    assert "No market-forces are imported" in run(capsys, "target", *imported, leaves=2)[1]
    import_market_forces(place, Register.load(), board_list(tmp_path, "market_forces_factor", "1.05"))
    assert "No baselines are imported" in run(capsys, "target", *imported, leaves=2)[1]
    import_baselines(place, Register.load(), board_list(tmp_path, "baseline", "1000000.01"))
    rows = rows_of(run(capsys, "target", *imported, "--format", "csv")[0])
    row = rows["QE1"]
    assert (float(row["market_forces_factor"]), row["baseline"]) == (1.05, "1000000.01")
    assert float(row["opening_distance"]) == pytest.approx(1 / 42 / float(row["target_share"]) - 1)
    assert (
        "distance" in run(capsys, "target", *imported, "--format", "svg", "--picture", "distance")[0].lower()
    )


def test_need_files_are_weighted_by_their_share_of_spend(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    renal = need_file(tmp_path / "renal.csv", "renal", {"N": "120", "S": "80"})
    heart = need_file(tmp_path / "heart.csv", "heart", {"N": "60", "S": "140"})
    plain = ["--health-inequality", "0", "--market-forces", "none", "--format", "csv"]
    one = rows_of(run(capsys, "target", "--need", renal, *plain)[0])
    assert (one["N"]["need_of"], float(one["N"]["target_share"])) == ("renal", 0.6)
    both = ["target", "--need", renal, "--need", heart]
    weighted = rows_of(run(capsys, *both, "--weight", "renal=0.75", "--weight", "heart=0.25", *plain)[0])
    assert float(weighted["N"]["need_index"]) == 1.05  # .75 · 1.2 + .25 · .6
    assert float(weighted["N"]["target_share"]) == 0.525
    assert "No spend weight is given" in run(capsys, *both, *plain, leaves=2)[1]
    refused = run(capsys, *both, "--weight", "renal=0.5", "--weight", "heart=0.4", *plain, leaves=2)[1]
    assert "sum to 0.9" in refused


def test_a_file_of_core_need_and_core_need_itself_agree(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from speccom.finance.target import core_need

    need = core_need(Register.load(), FinancialYear(2025))
    path = need_file(tmp_path / "acute.csv", "general acute", {})
    lines = [
        f"{area},general acute,{need.population[area]},{people},2025/26,abc,As shipped,false"
        for area, people in need.weighted["general acute"].items()
    ]
    Path(path).write_text(Path(path).read_text() + "\n".join(lines) + "\n", encoding="utf-8")
    plain = ["--health-inequality", "0", "--market-forces", "none", "--format", "csv"]
    by_file = rows_of(run(capsys, "target", "--need", path, *plain)[0])
    by_core = rows_of(run(capsys, "target", "--need", "core", "--weight", "general acute=1", *plain)[0])
    for area, row in by_core.items():
        assert {**by_file[area], "need_of": ""} == {**row, "need_of": ""}


def test_made_up_need_is_marked_through_to_the_allocations(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    renal = need_file(tmp_path / "renal.csv", "renal", {"N": "120", "S": "80"}, synthetic="true")
    held = tmp_path / "held.csv"
    held.write_text("area,baseline\nN,100.00\nS,100.00\n", encoding="utf-8")
    asked = tmp_path / "asked.json"
    text, _ = run(
        capsys, "target", "--need", renal, "--health-inequality", "0", "--market-forces", "none",
        "--baselines", str(held), "--write", str(asked), "--money", "210",
    )  # fmt: skip
    assert text.startswith("SYNTHETIC")
    assert run(capsys, "allocate", str(asked))[0].startswith("SYNTHETIC")
    assert json.loads(run(capsys, "allocate", str(asked), "--format", "json")[0])["synthetic"] is True
    assert "Synthetic data" in run(capsys, "allocate", str(asked), "--format", "svg")[0]


def test_boards_that_were_split_take_the_weights_of_their_parts(capsys: pytest.CaptureFixture[str]) -> None:
    merged = ["target", *SAID, "--boundaries", "2026-04-01"]
    assert "QNQ was split between QRL, S0E4D, S9B9J; no weights" in run(capsys, *merged)[0]
    parts = [
        f"--part={board}:{heir}={weight}"
        for board, heirs in PARTS.items()
        for weight, heir in enumerate(heirs, start=1)
    ]
    out, _ = run(capsys, *merged, *parts, "--format", "csv")
    rows = rows_of(out)
    assert len(rows) == 36
    assert abs(sum(float(row["target_share"]) for row in rows.values()) - 1) < 1e-9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([*CORE, "--market-forces", "none"], "health-inequality share h is not given.*no policy’s figure"),
        (
            [*CORE, "--market-forces", "none", "--health-inequality", ""],
            "health-inequality share h is not given",
        ),
        ([*CORE, "--health-inequality", "0.1"], "market forces factor is not given"),
        (["--need", "core", *SAID[6:]], "No spend weight is given.*general acute, community"),
        ([*SAID, "--need", "other.csv"], "--need core stands alone"),
        ([*SAID, "--weight", "maternity"], "give NAME=SHARE"),
        ([*SAID, "--weight", "mental health=0.3"], "mental health twice"),
        ([*SAID, "--year", "2019/20"], "no weighted populations of 2019/20"),
        (["--need", "gone.csv"], "gone.csv cannot be read"),
        ([*SAID, "--write", "a.json"], "--write and --money belong together"),
        ([*SAID, "--write", "a.json", "--money", "1"], "--write needs --baselines"),
        ([*SAID, "--part", "QNQ:QRL=1"], "--part needs --boundaries"),
        ([*SAID, "--boundaries", "2026-04-01", "--part", "QNQ=1"], "give BOARD:SUCCESSOR=WEIGHT"),
        ([*SAID, "--boundaries", "2026-04-01", "--part", "QNQ:QRL=1"], "S0E4D, S9B9J has no weight"),
        ([*SAID, "--picture", "map"], "'map' is no picture"),
        ([*SAID, "--picture", "distance", "--format", "svg"], "needs --baselines"),
    ],
)
def test_what_is_not_given_or_does_not_fit_is_refused_by_name(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    import re

    assert re.search(said, run(capsys, "target", *arguments, leaves=2)[1])


def test_a_value_in_a_file_that_is_no_number_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    held = tmp_path / "held.csv"
    held.write_text("icb_ods_code,baseline\nQE1,lots\n", encoding="utf-8")
    refused = run(capsys, "target", *SAID, "--baselines", str(held), leaves=2)[1]
    assert "held.csv, row 2, field baseline: 'lots'" in refused
