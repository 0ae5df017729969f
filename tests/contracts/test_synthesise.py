"""Made-up files: what they add up to, who is in them, who pays for them, and that real ones are like them."""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.made_up import (
    ACTUAL,
    BORN,
    CATEGORY,
    DELIVERY,
    FUNCTION,
    GENDER,
    GP,
    HALF_YEAR,
    IDENTITY,
    LINES,
    MONTH,
    PRACTICE,
    PROVIDER,
    RESIDENCE,
    SERVICE,
    SITE,
    Row,
    digest,
    findings,
    made,
    patient_rows,
    record,
    rows,
)
from typer.testing import CliRunner

from speccom.assignment.oracle import Oracle
from speccom.cli.synthesise import add_commands
from speccom.contracts.receive import files_of
from speccom.contracts.schemas import fields, standard_names, tell_data_set
from speccom.contracts.synthesise import SynthesiseError, shapes
from speccom.contracts.synthesise.patients import nhs_numbers
from speccom.contracts.synthesise.run import _WORTH_SHARING
from speccom.contracts.synthesise.world import apportion
from speccom.period import FinancialYear
from speccom.register import Register
from speccom.workspace import Workspace


@pytest.fixture(scope="module")
def register() -> Register:
    return Register.load()


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, register: Register) -> Path:
    return made(tmp_path_factory.mktemp("clean"), register)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory, register: Register) -> Path:
    return made(tmp_path_factory.mktemp("spoilt"), register, dirt="typical")


# --- what was asked for


@pytest.mark.parametrize("dirt", ["none", "typical"])
def test_the_same_arguments_give_the_same_bytes(tmp_path: Path, register: Register, dirt: str) -> None:
    first = digest(made(tmp_path / "first", register, lines=2000, dirt=dirt))
    again = digest(made(tmp_path / "again", register, lines=2000, dirt=dirt))
    other = digest(made(tmp_path / "other", register, lines=2000, dirt=dirt, seed=6))
    assert first == again
    assert first != other


def test_two_workers_write_what_one_writes(tmp_path: Path, register: Register) -> None:
    alone = digest(made(tmp_path / "alone", register, lines=_WORTH_SHARING, months=[1]))
    together = digest(made(tmp_path / "together", register, lines=_WORTH_SHARING, months=[1], workers=2))
    assert alone == together


@pytest.mark.parametrize("lines", [199, 1000, LINES])
def test_as_many_patient_level_lines_as_asked(tmp_path: Path, register: Register, lines: int) -> None:
    assert sum(1 for _ in patient_rows(made(tmp_path, register, lines=lines))) == lines


@pytest.mark.parametrize(("months", "pounds"), [([1], "2083333333.33"), (HALF_YEAR, "12500000000.00")])
def test_any_number_of_lines_costs_the_published_total(
    tmp_path: Path, register: Register, months: list[int], pounds: str
) -> None:
    directory = made(tmp_path, register, lines=1000, months=months)
    assert sum(Decimal(row["TOTAL COST"]) for _, row in patient_rows(directory)) == Decimal(pounds)


def test_activity_of_the_green_lines_costs_fourteen_thousand_million_a_year(
    clean: Path, register: Register
) -> None:
    start = FinancialYear(2025).start
    green = sum(
        Decimal(row["TOTAL COST"])
        for _, row in rows(clean, "PLCM")
        if register.line_status(row[SERVICE], start) == "GREEN"
    )
    assert green == 7_000_000_000


def test_aggregate_rows_add_up_to_the_patient_level(clean: Path) -> None:
    aggregate: Counter[tuple[str, ...]] = Counter()
    patient_level: Counter[tuple[str, ...]] = Counter()
    for name, row in rows(clean):
        key = tuple(row[field] for field in IDENTITY)
        if name == "ACM":
            aggregate[key] += Decimal(row[ACTUAL])  # type: ignore[assignment]
        else:
            patient_level[key] += Decimal(row["TOTAL COST"])  # type: ignore[assignment]
    assert aggregate == patient_level


def test_unit_price_times_count_is_the_cost(clean: Path) -> None:
    for _, row in rows(clean, "PLCM"):
        product = Decimal(row["ACTIVITY COUNT (POINT OF DELIVERY)"]) * Decimal(row["ACTIVITY UNIT PRICE"])
        assert abs(product - Decimal(row["TOTAL COST"])) < Decimal("0.01")


def test_apportioning_loses_nothing() -> None:
    @given(
        st.integers(0, 10**15),
        st.lists(st.floats(0, 1e6, allow_nan=False), min_size=1, max_size=30).filter(
            lambda some: sum(some) > 1
        ),
    )
    def holds(total: int, weights: list[float]) -> None:
        parts = apportion(total, np.array(weights))
        assert parts.sum() == total
        assert (parts >= 0).all()

    holds()


# --- the standard's own form


@pytest.mark.parametrize("data_set", ["ACM", "PLCM", "DrPLCM", "DePLCM"])
def test_files_have_the_standards_header_and_are_told_by_it(clean: Path, data_set: str) -> None:
    paths = sorted(clean.glob(f"SYNTHETIC_*_{data_set}_202526_M06.csv"))
    assert paths
    for path in paths:
        with path.open(encoding="utf-8", newline="") as handle:
            header = next(csv.reader(handle))
        assert header == [field.name for field in fields(data_set)]  # type: ignore[arg-type]
        assert tell_data_set(header) == data_set


def test_files_are_plain_text_with_nothing_quoted_that_need_not_be(clean: Path) -> None:
    for path in clean.glob("*.csv"):
        content = path.read_bytes()
        assert b"\0" not in content
        assert content.endswith(b"\r\n")
        assert not re.search(rb'(^|,)"[^",\r\n]*"', content, re.MULTILINE), path.name


def test_every_row_says_that_it_is_made_up(clean: Path) -> None:
    for name, row in rows(clean):
        field = "LOCAL CONTRACT CODE DESCRIPTION"
        if name in ("ACM", "PLCM"):
            field = "CONTRACT MONITORING ADDITIONAL DETAIL (FIRST)"
        assert row[field] == "SYNTHETIC"


def test_the_manifest_says_how_the_files_were_made(clean: Path) -> None:
    told = (clean / "SYNTHETIC.txt").read_text(encoding="utf-8")
    assert "--year 2025/26" in told
    assert "--lines 12000 --seed 5 --dirt none" in told
    assert "made up" in told


def test_tariff_codes_begin_with_a_real_group(clean: Path, shared: Path) -> None:
    groups = set((shared / "reference" / "healthcare_resource_groups.csv").read_text().split())
    pattern = re.compile("|".join(sorted(groups)))
    for name in ("ACM", "PLCM"):
        for _, row in rows(clean, name):
            if row[DELIVERY] in shapes.non_activity_codes():
                assert row["TARIFF CODE"] == ""
            else:
                assert pattern.match(row["TARIFF CODE"]), row


def test_every_tariff_code_and_treatment_function_of_the_content_is_real(shared: Path) -> None:
    groups = set((shared / "reference" / "healthcare_resource_groups.csv").read_text().split())
    functions = set((shared / "standards" / "treatment_function_codes.csv").read_text().split())
    for name in ("line_shapes", "points_of_delivery", "pools"):
        for row in shapes.rows(name):
            assert set(row["tariff_codes"].split()) <= groups
            assert set(row.get("treatment_functions", "").split()) <= functions


def test_points_of_delivery_without_activity_carry_no_place_and_no_plan(clean: Path) -> None:
    for name, row in rows(clean):
        if row[DELIVERY] in shapes.non_activity_codes():
            assert (row[SITE], row[GP], row[RESIDENCE], row[FUNCTION]) == ("", "", "", "")
            assert name != "ACM" or row["CONTRACT MONITORING PLANNED ACTIVITY"] == "0"


def test_activity_lies_inside_its_month(clean: Path) -> None:
    for _, row in rows(clean, "PLCM"):
        calendar = f"2025-{int(row[MONTH]) + 3:02d}"
        assert row["ACTIVITY START DATE (CONTRACT MONITORING)"].startswith(calendar)
        assert row["ACTIVITY END DATE (CONTRACT MONITORING)"].startswith(calendar)


# --- people


def test_nhs_numbers_have_valid_check_digits_and_nobody_has_them() -> None:
    numbers = nhs_numbers(np.array([0, 1, 2, 500_000, 909_000, 1_000_000, 3_000_000]))
    for number in map(str, numbers):
        weighted = sum(
            int(digit) * weight for digit, weight in zip(number[:9], range(10, 1, -1), strict=True)
        )
        assert (11 - weighted % 11) % 11 == int(number[9])
        assert "990" <= number[:3] <= "999"
    assert len(set(numbers)) == len(numbers)


def test_no_two_patients_share_an_nhs_number() -> None:
    assert len(np.unique(nhs_numbers(np.arange(2_000_000)))) == 2_000_000


def test_patients_come_back_across_months_and_data_sets_and_stay_themselves(clean: Path) -> None:
    seen: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for name, row in patient_rows(clean):
        if row["NHS NUMBER"]:
            seen[row["NHS NUMBER"]].append((name, row))
    for lines in seen.values():
        assert len({(row[BORN], row[GENDER], row[PRACTICE]) for _, row in lines}) == 1
        assert len({row[GP] for _, row in lines if row[GP]}) <= 1
    in_months = sum(len({row[MONTH] for _, row in lines}) > 1 for lines in seen.values())
    with_drugs = sum({"PLCM", "DrPLCM"} <= {name for name, _ in lines} for lines in seen.values())
    with_devices = sum({"PLCM", "DePLCM"} <= {name for name, _ in lines} for lines in seen.values())
    assert in_months > len(seen) / 3
    assert with_drugs > 100
    assert with_devices > 3


def test_age_is_that_on_the_day(clean: Path) -> None:
    for _, row in rows(clean, "PLCM"):
        if row[BORN]:
            born, on = row[BORN], row["ACTIVITY START DATE (CONTRACT MONITORING)"]
            age = int(on[:4]) - int(born[:4]) - (on[5:] < born[5:])
            assert int(row["AGE AT ACTIVITY DATE (CONTRACT MONITORING)"]) == age >= 0


def test_withheld_identity_leaves_nothing_that_says_who(clean: Path) -> None:
    withheld = [row for _, row in patient_rows(clean) if row["WITHHELD IDENTITY REASON"]]
    assert withheld
    for row in withheld:
        assert not row["NHS NUMBER"]
        assert not row["LOCAL PATIENT IDENTIFIER (EXTENDED)"]
        assert not row["POSTCODE OF USUAL ADDRESS"]
        assert not row[BORN]


def test_most_patients_come_from_near(clean: Path, register: Register) -> None:
    on = FinancialYear(2025).start
    areas = register.areas(on)
    homes = Counter(
        areas[row[GP]].icb == register.host_icb(row[PROVIDER], on)
        for _, row in rows(clean, "PLCM")
        if row[GP] in areas
    )
    regions = Counter(
        areas[row[GP]].region == register.providers[row[PROVIDER]].region
        for _, row in rows(clean, "PLCM")
        if row[GP] in areas
    )
    assert homes[True] > homes[False]
    assert regions[True] > 4 * regions[False]


def test_neurosurgery_is_mostly_done_at_the_centres(clean: Path, register: Register) -> None:
    centres = register.facts.load("neuroscience_centres").of("neuroscience centre")
    names = {code: line.name for code, line in register.lines.items()}
    done = Counter(
        row[PROVIDER] in centres
        for _, row in rows(clean, "PLCM")
        if "neurosurgery" in names[row[SERVICE]].lower()
    )
    assert done[True] > 10 * done[False]


def test_every_kind_of_line_and_step_is_there(clean: Path, register: Register) -> None:
    on = FinancialYear(2025).start
    statuses = {register.line_status(row[SERVICE], on) for _, row in rows(clean, "PLCM")}
    assert {"GREEN", "RED", "BLUE"} <= statuses
    categories = {row[CATEGORY] for _, row in patient_rows(clean)}
    assert categories >= {"12", "21", "22", "25", "26", "31", "41", "55", "61", "71", "81", "98"}


# --- who pays


@pytest.mark.parametrize(
    ("year", "months"), [(2022, [1, 2, 3, 4, 5]), (2023, [12]), (2024, [1]), (2025, [1]), (2026, [1, 12])]
)
def test_clean_files_leave_nothing_to_challenge(
    tmp_path: Path, register: Register, year: int, months: list[int]
) -> None:
    oracle = Oracle(register)
    unresolved = Counter()
    for _, row in rows(made(tmp_path, register, year=year, months=months, lines=3000)):
        answer = oracle.assign(record(row))
        assert not answer.commissioner_differs, (row, answer)
        assert not answer.category_differs, (row, answer)
        unresolved[int(row[MONTH])] += answer.reason.startswith("X-")
    # Nothing resolves before there were integrated care boards, in July 2022; everything does after.
    assert {month for month, count in unresolved.items() if count} == ({1, 2, 3} if year == 2022 else set())


# --- dirt


def test_spoilt_files_still_hold_every_line_and_some_come_twice(spoilt: Path, clean: Path) -> None:
    whole = Counter(path.name for path in clean.glob("*.csv"))
    current = [path for path in spoilt.glob("*.csv") if path.name in whole or "-M" in path.name]
    earlier = [path for path in spoilt.glob("*.csv") if path not in current]
    lines = sum(len(lines_of(path)) for path in current if "_ACM_" not in path.name)
    assert LINES < lines < LINES * 1.01
    assert earlier
    later = [path.with_name(path.name.replace("_M05", "_M06")) for path in earlier]
    assert all(first.name < second.name for first, second in zip(earlier, later, strict=True))
    assert sum(len(lines_of(path)) for path in earlier) < sum(len(lines_of(path)) for path in later)


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").splitlines()[1:]


def test_one_month_is_restated_too(tmp_path: Path, register: Register) -> None:
    directory = made(tmp_path, register, months=[4], lines=1000, dirt="typical")
    earlier = [path.name for path in directory.glob("*-FIRST.csv")]
    assert earlier
    assert all(name < name.replace("-FIRST", "") for name in earlier)


def test_every_fault_of_the_content_happens(spoilt: Path) -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in spoilt.glob("*.csv"))
    for mark in (
        "\ufeff",
        "FINANCIAL_MONTH",
        "financial month",
        "FINANCIAL\u00a0MONTH",
        "TRUST INTERNAL NOTE",
        "NCBPS99Q",
        "INPAT",
        ",XX,",
        "TBC",
        "LOCAL01",
        "ZZZ99",
        "£",
        "Â£",
    ):
        assert mark in text, mark
    assert re.search(r",R[A-Z0-9]{2}00,", text)
    assert re.search(r'"\d{1,3}(,\d{3})+\.\d\d"', text)
    assert re.search(r'"\(\d{1,3}(,\d{3})*\.\d\d\)"', text)
    assert re.search(r",\d\d/\d\d/2025,", text)
    assert re.search(r",\d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d,", text)
    assert any(re.search(r"_M01-M03", path.name) for path in spoilt.iterdir())


def test_one_provider_has_twice_the_patient_level_cost_of_its_aggregate(spoilt: Path) -> None:
    costs: dict[str, Counter[bool]] = defaultdict(Counter)
    for path in spoilt.glob("*.csv"):
        if path.stem.endswith("_M05"):  # restated by the file of the month after
            continue
        _, provider, name, *_ = path.name.split("_")
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.reader(handle)
            header = standard_names(name, next(reader))  # type: ignore[arg-type]
            column = header.index(ACTUAL if name == "ACM" else "TOTAL COST")
            digits = (re.sub(r"[^0-9.]", "", row[column]) for row in reader)
            costs[provider][name == "ACM"] += sum(float(each) for each in digits if each)  # type: ignore[assignment]
    twice = [provider for provider, cost in costs.items() if cost[False] > 1.7 * cost[True]]
    assert len(twice) == 1


# --- through the door


@pytest.fixture(autouse=True)
def _demonstration_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPECCOM_PATIENT_KEY", raising=False)


def test_checks_find_nothing_in_clean_files(tmp_path: Path, clean: Path, shared: Path) -> None:
    assert findings(clean, Workspace(tmp_path / "workspace"), shared, "R[WT][ADEH]") == {}


@pytest.mark.parametrize(("year", "month"), [(2022, 4), (2023, 1), (2026, 12)])
def test_checks_find_nothing_in_clean_files_of_other_years(
    tmp_path: Path, register: Register, shared: Path, year: int, month: int
) -> None:
    directory = made(tmp_path / "files", register, year=year, months=[month], lines=6000)
    assert findings(directory, Workspace(tmp_path / "workspace"), shared, "RWE") == {}


def test_checks_find_the_dirt(tmp_path: Path, spoilt: Path, shared: Path) -> None:
    found = findings(spoilt, Workspace(tmp_path / "workspace"), shared, "R[JTW][17EHDRZ]")
    assert {"SERVICE_CODE", "POINT_OF_DELIVERY", "TARIFF_CODE", "DELEGATED_CATEGORY", "NHS_NUMBER"} <= set(
        found
    )


def test_only_the_csv_files_of_a_directory_are_received(clean: Path) -> None:
    assert {path.suffix for path in files_of(clean)} == {".csv"}


# --- arguments


def test_the_command_makes_files_and_says_what(tmp_path: Path) -> None:
    app = typer.Typer()
    add_commands(app)
    options = ["--year", "2025/26", "--months", "1-2", "--lines", "1000", "--seed", "3"]
    result = CliRunner().invoke(app, [str(tmp_path / "new"), *options])
    assert result.exit_code == 0, result.output
    assert "Made up 1,000 lines" in result.output
    assert len(list((tmp_path / "new").glob("*.csv"))) > 199


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"year": 2021}, "2022/23 or later"),
        ({"lines": 10}, "one each at least"),
        ({"lines": 0}, "no number of lines"),
        ({"seed": -1}, "cannot be a seed"),
        ({"dirt": "much"}, "none or typical"),
    ],
)
def test_what_cannot_be_made_is_refused_with_what_can(
    tmp_path: Path, register: Register, change: dict[str, int], said: str
) -> None:
    with pytest.raises(SynthesiseError, match=said):
        made(tmp_path / "new", register, **change)  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_a_directory_with_other_files_is_left_alone(tmp_path: Path, register: Register) -> None:
    (tmp_path / "RJ1_PLCM.csv").write_text("real")
    with pytest.raises(SynthesiseError, match="RJ1_PLCM"):
        made(tmp_path, register, lines=1000)
    assert [path.name for path in tmp_path.iterdir()] == ["RJ1_PLCM.csv"]


def test_an_earlier_run_is_replaced(tmp_path: Path, register: Register) -> None:
    made(tmp_path, register, lines=1000, dirt="typical")
    again = digest(made(tmp_path, register, lines=1000))
    fresh = digest(made(tmp_path / "SYNTHETIC fresh", register, lines=1000))
    assert {name: value for name, value in again.items() if name.endswith(".csv")} == {
        name: value for name, value in fresh.items() if name.endswith(".csv")
    }
