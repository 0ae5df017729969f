"""Nobody's identity passes the door, the same person is the same number, and keys are guarded."""

import hashlib
import hmac
import stat
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.contracts.worlds import KEY, NHS_NUMBERS, checked, file_in, findings, received, refused, row, text

from speccom.contracts import book
from speccom.contracts.identity import KEY_VARIABLE, PatientKey, PatientKeyError
from speccom.contracts.receive import receive
from speccom.contracts.reference import import_list
from speccom.contracts.schemas import PATIENT_LEVEL, DataSet
from speccom.workspace import Workspace

MADE_UP = {"additional_detail": "SYNTHETIC"}


def expected(identity: str, key: str = KEY) -> int:
    """The first 15 hexadecimal digits of the HMAC, by Python's own."""
    return int(hmac.new(key.encode(), identity.encode(), hashlib.sha256).hexdigest()[:15], 16)


def ids(
    workspace: Workspace, *rows: dict[str, str], directory: Path, data_set: DataSet = "PLCM"
) -> list[int | None]:
    (receipt,) = received(workspace, file_in(directory, text(rows, data_set), f"{data_set}.csv"))
    return [each["patient_id"] for each in checked(workspace, receipt)]


def test_a_patient_is_a_keyed_hash_of_the_nhs_number_or_the_local_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    found = ids(
        workspace,
        row(nhs_number="943 476 5919"),
        row(nhs_number=NHS_NUMBERS[1], local_patient=""),
        row(nhs_number="", local_patient="l0001"),
        row(nhs_number="9434765918", local_patient="L0001"),  # a wrong check digit is nobody's number
        row(nhs_number="", local_patient="L0001", provider="RR8"),
        row(nhs_number="", local_patient=""),
        directory=tmp_path,
    )
    local = expected("LOCAL:RJ1:L0001")
    assert found == [
        expected(f"NHS:{NHS_NUMBERS[0]}"),
        expected(f"NHS:{NHS_NUMBERS[1]}"),
        local,
        local,
        expected("LOCAL:RR8:L0001"),
        None,
    ]


def test_one_person_is_one_number_over_activity_drugs_and_devices(
    workspace: Workspace, tmp_path: Path
) -> None:
    found = {
        patient
        for data_set in PATIENT_LEVEL
        for patient in ids(workspace, row(data_set), directory=tmp_path, data_set=data_set)
    }
    assert found == {expected(f"NHS:{NHS_NUMBERS[0]}")}


@pytest.mark.parametrize("key", ["k" * 16, "k" * 64, "k" * 65, "£" * 40])
def test_keys_of_every_length_give_the_standard_hash(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, key)
    assert ids(workspace, row(), directory=tmp_path) == [expected(f"NHS:{NHS_NUMBERS[0]}", key)]


def test_what_names_a_person_is_nowhere_past_the_door(workspace: Workspace, tmp_path: Path) -> None:
    named = row(nhs_number="9434765918", local_patient="SECRET1", postcode="ZZ99 3WZ", birth_date="15-Jun-70")
    (receipt,) = received(workspace, file_in(tmp_path, text([row(), named, {**named, "cost": "TBC"}])))
    for name in ("checked.parquet", "findings.parquet"):
        table = pq.read_table(receipt.directory(workspace) / name)
        everything = str(table.to_pylist())
        for secret in ("9434765918", "9434765919", "SECRET1", "ZZ99", "SE1 9RT", "1970", "Jun"):
            assert secret not in everything, (name, secret)
    shapes = {each["code"]: each["value"] for each in findings(workspace, receipt)}
    assert shapes["NHS_NUMBER"] == "9999999999"
    assert shapes["BIRTH_DATE"] == "99-AAA-99"
    assert KEY not in "".join(
        path.read_text(errors="replace") for path in workspace.root.rglob("*") if path.is_file()
    )


def test_age_is_told_on_the_day_of_the_activity(workspace: Workspace, tmp_path: Path) -> None:
    cases = {
        ("1970-04-10", "2025-04-10", "1"): 55,
        ("1970-04-11", "2025-04-10", "1"): 54,
        ("", "2025-04-10", "54"): 54,
        ("15-Jun-70", "2025-04-10", "54"): 54,
        ("1970-04-10", "", "54"): 54,
        ("2025-04-11", "2025-04-10", "0"): None,
        ("", "2025-04-10", "old"): None,
    }
    rows = [row(birth_date=born, activity_date=on, age=age) for born, on, age in cases]
    (receipt,) = received(workspace, file_in(tmp_path, text(rows)))
    assert [each["age"] for each in checked(workspace, receipt)] == list(cases.values())


def test_a_postcode_becomes_a_small_area_only_by_a_list(workspace: Workspace, tmp_path: Path) -> None:
    (without,) = received(workspace, file_in(tmp_path, text([row()])))
    import_list(workspace, "postcodes", file_in(tmp_path, "pcds,lsoa21cd\nSE1 9RT,E01003928\n", "pcd.csv"))
    (with_list,) = received(
        workspace,
        file_in(tmp_path, text([row(postcode="se19rt"), row(postcode="SE1 1AA"), row(postcode="")])),
    )
    assert [each["lsoa"] for each in checked(workspace, without)] == [None]
    assert [each["lsoa"] for each in checked(workspace, with_list)] == ["E01003928", None, None]


def test_withheld_identities_keep_their_reason(workspace: Workspace, tmp_path: Path) -> None:
    withheld = row(nhs_number="", local_patient="", withheld_identity_reason="03")
    (receipt,) = received(workspace, file_in(tmp_path, text([withheld])))
    (found,) = checked(workspace, receipt)
    assert (found["patient_id"], found["withheld_identity_reason"]) == (None, "03")


@pytest.mark.parametrize(
    ("name", "cells"),
    [("plcm.csv", MADE_UP), ("SYNTHETIC.csv", {}), ("SYNTHETIC.csv", {"additional_detail": "SYN"})],
)
def test_real_files_are_refused_without_a_key(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, cells: dict[str, str]
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    content = text([row(**MADE_UP), row(**cells)])
    said = refused(workspace, file_in(tmp_path, content, name))
    assert KEY_VARIABLE in said
    assert not workspace.demonstration_key.exists()
    assert book.read(workspace) == []


def test_made_up_files_have_a_key_beside_the_workspace(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY_VARIABLE)
    drug = row("DrPLCM", contract_description="synthetic")
    paths = [
        file_in(tmp_path, text([row(**MADE_UP)]), "SYNTHETIC_plcm.csv"),
        file_in(tmp_path, text([drug], "DrPLCM"), "SYNTHETIC_drugs.csv"),
    ]
    outcomes = receive(workspace, paths)
    assert all(each.receipt and each.receipt.synthetic and each.demonstration_key for each in outcomes)
    assert stat.S_IMODE(workspace.demonstration_key.stat().st_mode) == 0o600
    assert workspace.demonstration_key.parent == workspace.root.parent
    key = workspace.demonstration_key.read_text().strip()
    assert {each.receipt.key_fingerprint for each in outcomes if each.receipt} == {
        PatientKey(key.encode()).fingerprint
    }
    again = receive(workspace, [file_in(tmp_path, text([row(**MADE_UP, cost="7")]), "SYNTHETIC_more.csv")])
    assert again[0].receipt is not None
    assert workspace.demonstration_key.read_text().strip() == key
    workspace.demonstration_key.chmod(0o644)
    said = refused(workspace, file_in(tmp_path, text([row(**MADE_UP, cost="8")]), "SYNTHETIC_open.csv"))
    assert "chmod 600" in said


def test_another_key_than_before_is_refused(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    received(workspace, file_in(tmp_path, text([row()])))
    more = file_in(tmp_path, text([row(cost="7", **MADE_UP)]), "SYNTHETIC.csv")
    monkeypatch.setenv(KEY_VARIABLE, "some other key, long enough")
    with pytest.raises(PatientKeyError, match="another key") as error:
        receive(workspace, [more])
    assert "some other key" not in str(error.value)
    monkeypatch.delenv(KEY_VARIABLE)
    assert "another key" in refused(workspace, more), "the demonstration's is another one too"


def test_a_short_key_is_refused(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "short")
    with pytest.raises(PatientKeyError, match="too short"):
        receive(workspace, [file_in(tmp_path, text([row()]))])


def test_a_key_is_not_shown_by_accident() -> None:
    assert "my secret" not in repr(PatientKey(b"my secret, which is long"))
