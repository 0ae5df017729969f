"""Every check finds the fault that it is for, with the severity that the design gives it, and nothing else."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from tests.contracts.worlds import (
    GREEN,
    LONDON,
    UNUSED,
    checked,
    file_in,
    findings,
    header,
    held_back,
    received,
    refused,
    row,
    text,
)

from speccom.contracts.checks import all_checks
from speccom.contracts.reference import import_list
from speccom.contracts.schemas import DATA_SETS, DataSet, column_names
from speccom.register import Register
from speccom.workspace import Workspace


@dataclass(frozen=True)
class Spoilt:
    """A row with one fault. `among` are other findings that the same cells cannot but cause."""

    cells: dict[str, str]
    data_set: DataSet = "PLCM"
    among: set[str] = field(default_factory=set)


RECORD_CASES: dict[str, list[Spoilt]] = {
    "YEAR": [Spoilt({"financial_year": year}) for year in ("2025/26", "202527", "2526", "", "TBC")],
    "MONTH": [Spoilt({"month": month}) for month in ("13", "0", "April", "")],
    "PROVIDER": [Spoilt({"provider": code}) for code in ("", "RJ", "RJ100", "RJ12345", "R-1")],
    "CATEGORY": [Spoilt({"submitted_category": code}) for code in ("", "13", "TBC")],
    "POINT_OF_DELIVERY": [Spoilt({"point_of_delivery": code}) for code in ("", "ELECTIVE")],
    "COST": [Spoilt({"cost": cost}) for cost in ("", "TBC", "1.123456789", "1" * 19, "$5", "1,23")]
    + [Spoilt({"cost": "TBC"}, data_set) for data_set in ("ACM", "DrPLCM", "DePLCM")],
    "ACTIVITY": [Spoilt({"activity": "two"}, data_set) for data_set in DATA_SETS],
    "ACTIVITY_BLANK": [Spoilt({"activity": ""})],
    "QUANTITY_BLANK": [Spoilt({"activity": ""}, "DrPLCM"), Spoilt({"activity": " "}, "DePLCM")],
    "ACTIVITY_DIGITS": [Spoilt({"activity": "1.2345"}), Spoilt({"activity": "12345678901"})],
    "UNIT_PRICE": [Spoilt({"unit_price": "TBC"})],
    "PLANNED_ACTIVITY": [Spoilt({"planned_activity": "some"}, "ACM")],
    "PLANNED_PRICE": [Spoilt({"planned_cost": "TBC"}, "ACM")],
    "PROVIDER_UNKNOWN": [Spoilt({"provider": "NX123"})],
    "COMMISSIONER": [Spoilt({"submitted_commissioner": code}) for code in ("", "13", "NHS13R")],
    "SITE": [Spoilt({"site": "RJ1"}), Spoilt({"site": "RJ1-01"})],
    "PRACTICE": [Spoilt({"practice": "H8500"})],
    "SERVICE_CODE": [Spoilt({"service_code": "NCBPS99Z"}), Spoilt({"service_code": UNUSED})],
    "TREATMENT_FUNCTION": [Spoilt({"treatment_function": "999"})],
    "NON_ACTIVITY_SITE": [Spoilt({"site": "RJ101"}, "DrPLCM")],
    "NON_ACTIVITY_PRACTICE": [Spoilt({"gp_responsibility": LONDON}, "DrPLCM")],
    "NON_ACTIVITY_RESIDENCE": [Spoilt({"residence_responsibility": LONDON}, "DePLCM")],
    "NON_ACTIVITY_FUNCTION": [Spoilt({"treatment_function": "100"}, "DePLCM")],
    "NON_ACTIVITY_PLAN": [
        Spoilt(
            {
                "point_of_delivery": "BLOCK",
                "planned_activity": "1",
                **dict.fromkeys(
                    ("site", "gp_responsibility", "residence_responsibility", "treatment_function"), ""
                ),
            },
            "ACM",
        )
    ],
    "TARIFF_CODE": [
        Spoilt({"tariff_code": code}, each) for code in ("", "ZZ99Z") for each in ("ACM", "PLCM")
    ],
    "DELEGATED_CATEGORY": [
        Spoilt({"submitted_category": "25"}),  # a red line
        Spoilt({"submitted_category": "26", "service_code": GREEN, "financial_year": "202324"}, "ACM"),
        Spoilt({"submitted_category": "25", "service_code": ""}),
    ],
    "CATEGORY_21": [Spoilt({"service_code": "99999999"}), Spoilt({"service_code": ""})],
    "CATEGORY_12": [Spoilt({"submitted_category": "12"})],
    "NHS_NUMBER": [Spoilt({"nhs_number": number}) for number in ("9434765918", "123", "4444444444")],
    "ACTIVITY_DATE": [Spoilt({"activity_date": "13/13/2025"})],
    "ACTIVITY_END": [Spoilt({"activity_end": "soon"})],
    "DATE_OUTSIDE_MONTH": [
        Spoilt({"activity_end": "2025-05-01"}),
        Spoilt({"activity_date": "2025-03-31"}, "DrPLCM"),
        Spoilt({"activity_date": "2025-03-31", "activity_end": ""}),
    ],
    "BIRTH_DATE": [Spoilt({"birth_date": "15-Jun-70"}), Spoilt({"birth_date": "2026-01-01"})],
    "AGE": [Spoilt({"age": "131"}), Spoilt({"age": "old"})],
    "COST_PRODUCT": [Spoilt({"cost": "102.01"}), Spoilt({"unit_price": "0"})],
}

# Bytes of whole files, from the text of a good one.
GOOD = text([row(), row(cost="7.00", unit_price="3.50")])
FILE_CASES: dict[str, list[str | bytes]] = {
    "EMPTY_FILE": ["", "\n\n", b"\xef\xbb\xbf"],
    "BINARY_FILE": [b"PK\x03\x04rest of a workbook", GOOD.encode("utf-16"), bytes(range(1, 32)) * 50],
    "NUL_BYTE": [GOOD.replace("7.00", "7\0.00")],
    "LONG_ROW": [GOOD + "x" * 3_000_000, GOOD.replace("7.00", "7" * 2_000_000)],
    "UNCLOSED_QUOTE": [GOOD.replace("7.00", '"7.00'), GOOD + '"'],
    "TRUNCATED": [GOOD.strip()[:-20]],
    "NO_HEADER": [GOOD.split("\n", 1)[1], "Return for May\n" + GOOD, GOOD.replace(",", ";")],
    "TWO_DATA_SETS": [
        GOOD.replace("TOTAL COST", "TOTAL COST,CONTRACT MONITORING PLANNED ACTIVITY", 1).replace("\n", ",\n"),
        GOOD + text([row("ACM")], "ACM"),
        GOOD + text([row("DrPLCM")], "DrPLCM"),
    ],
    "REPEATED_COLUMN": [GOOD.replace("ACTIVITY UNIT PRICE", "total_cost", 1)],
    "MISSING_KEY_COLUMN": [
        text([row()], names=[name for name in header() if name != column_names("PLCM")[column]])
        for column in (
            "month",
            "financial_year",
            "provider",
            "submitted_commissioner",
            "submitted_category",
            "point_of_delivery",
            "cost",
            "activity",
        )
    ],
    "NO_READABLE_MONTH": [text([row(month="13"), row(financial_year="2025/26")]), text([])],
    "MISSING_COLUMN": [text([row()], names=[name for name in header() if name != "NHS NUMBER"])],
    "UNKNOWN_COLUMN": [text([row()], names=[*header(), "TRUST INTERNAL REFERENCE"])],
    "SEVERAL_TIMES": [text([row(), row(created="2025-05-21 10:00:00")])],
    "WINDOWS_1252": [text([row(contract_description="£ band")]).encode("cp1252")],
    "MISREAD_POUND": [text([row(cost="Â£100.00")])],
    "NO_LAST_LINE_END": [GOOD.removesuffix("\n")],
    "CHECK_NOT_RUN": [GOOD],
}


@pytest.fixture
def checking(workspace: Workspace, shared: Path) -> Workspace:
    """A workspace in which every check can run."""
    import_list(workspace, "hrg", shared / "reference" / "healthcare_resource_groups.csv")
    return workspace


def test_every_check_has_a_case() -> None:
    exercised = {*RECORD_CASES, *FILE_CASES, "OTHER_DATA_SET", "ROW_FIELDS", "ROW_QUOTES"}
    assert exercised == set(all_checks())


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_a_good_row_passes_every_check(checking: Workspace, tmp_path: Path, data_set: DataSet) -> None:
    (receipt,) = received(checking, file_in(tmp_path, text([row(data_set)], data_set)))
    assert receipt.findings == {}
    assert receipt.data_set == data_set


def test_each_check_of_a_row_finds_its_fault_and_no_other(checking: Workspace, tmp_path: Path) -> None:
    for data_set in DATA_SETS:
        cases = [
            (code, case)
            for code, cases in RECORD_CASES.items()
            for case in cases
            if case.data_set == data_set
        ]
        rows = [row(data_set), *(row(data_set, **case.cells) for _, case in cases)]
        (receipt,) = received(checking, file_in(tmp_path, text(rows, data_set)))
        found: dict[int, set[str]] = {}
        for each in findings(checking, receipt):
            found.setdefault(each["row"], set()).add(each["code"])
        rejected = {each["row"]: each for each in held_back(checking, receipt)}
        for number, (code, case) in enumerate(cases, start=3):
            assert found[number] == {code} | case.among, (code, case)
            severity = all_checks()[code].severity
            assert (number in rejected) == (severity == "reject record"), (code, case)
            if number in rejected:
                assert code in rejected[number]["codes"].split()
        assert receipt.rows == len(rows) == len(rejected) + len(checked(checking, receipt))


@pytest.mark.parametrize(
    ("code", "content"), [(code, content) for code, contents in FILE_CASES.items() for content in contents]
)
def test_each_check_of_a_file_finds_its_fault(
    workspace: Workspace, tmp_path: Path, code: str, content: str | bytes
) -> None:
    check = all_checks()[code]
    path = file_in(tmp_path, content)
    if check.severity == "reject file":
        said = refused(workspace, path)
        assert said.startswith("plcm.csv")
        assert check.message in said
        assert said.endswith(f"{check.what_to_do}.")
    else:
        (receipt,) = received(workspace, path)
        assert receipt.findings[code] >= 1


def test_a_file_is_refused_as_another_data_set_than_it_tells(workspace: Workspace, tmp_path: Path) -> None:
    said = refused(workspace, file_in(tmp_path, GOOD), data_set="drplcm")
    assert all_checks()["OTHER_DATA_SET"].message in said
    assert "ACTIVITY COUNT (POINT OF DELIVERY) of PLCM" in said


def test_a_row_that_cannot_be_split_is_held_back_as_it_was_sent(workspace: Workspace, tmp_path: Path) -> None:
    good, bad, other = text([row()]).splitlines()[1], "1,202526,and no more", '1,2"3,4' + "," * 50
    (receipt,) = received(
        workspace,
        file_in(tmp_path, "\n".join([text([row()]).strip(), bad, good, "", other, good + ",", good, ""])),
    )
    kept = {each["row"]: (each["codes"], each["sent"]) for each in held_back(workspace, receipt)}
    assert kept == {
        3: ("ROW_FIELDS", bad),
        6: ("ROW_QUOTES", other),
        7: ("ROW_FIELDS", good + ","),
    }
    assert [each["row"] for each in checked(workspace, receipt)] == [2, 4, 8]
    assert receipt.rows == 6, "an empty line holds nothing"
    assert receipt.unread_costs == 3


def test_the_severities_are_those_of_the_design() -> None:
    rejecting = {code for code, check in all_checks().items() if check.severity == "reject record"}
    assert rejecting == {
        "ROW_FIELDS",
        "ROW_QUOTES",
        "YEAR",
        "MONTH",
        "PROVIDER",
        "COST",
        "ACTIVITY",
        "ACTIVITY_BLANK",
        "CATEGORY",
        "POINT_OF_DELIVERY",
    }


def test_messages_say_what_and_what_to_do_in_one_sentence() -> None:
    for check in all_checks().values():
        assert check.message[0].islower(), check.code
        assert not check.message.endswith("."), check.code
        assert check.what_to_do, check.code
        assert check.data_sets, check.code
        assert (check.scope == "record") == bool(check.condition), check.code


def test_a_check_without_its_list_says_that_it_did_not_run(workspace: Workspace, tmp_path: Path) -> None:
    (receipt,) = received(workspace, file_in(tmp_path, text([row(tariff_code="")])))
    (finding,) = findings(workspace, receipt)
    assert (finding["code"], finding["row"]) == ("CHECK_NOT_RUN", None)
    assert "TARIFF_CODE" in finding["value"]


def test_delegated_categories_hold_from_the_day_of_delegation(workspace: Workspace, tmp_path: Path) -> None:
    """London is delegated from April 2025 (joint before); dates are the register's."""
    register = Register.load()
    region = next(area.region for area in register.areas(date(2025, 4, 1)).values() if area.code == LONDON)
    assert register.arrangement(region, date(2025, 4, 1)) == "delegated"
    rows = [
        row("ACM", submitted_category="25", service_code=GREEN, financial_year=year, month=month)
        for year, month in (("202425", "12"), ("202526", "1"))
    ]
    (receipt,) = received(workspace, file_in(tmp_path, text(rows, "ACM")))
    assert [each["row"] for each in findings(workspace, receipt) if each["code"] == "DELEGATED_CATEGORY"] == [
        2
    ]


def test_a_provider_list_makes_a_provider_known(workspace: Workspace, tmp_path: Path) -> None:
    listed = file_in(tmp_path, "ODS Code,Name\nNX123,A hospice\n", "ods.csv")
    import_list(workspace, "providers", listed)
    (receipt,) = received(workspace, file_in(tmp_path, text([row(provider="NX123")])))
    assert "PROVIDER_UNKNOWN" not in receipt.findings
