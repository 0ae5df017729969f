"""Lists that users import: taken whole in the forms in which they are published, or refused with the row."""

import json
from pathlib import Path

import pytest
from tests.contracts.worlds import file_in

from speccom.contracts import reference
from speccom.contracts.reference import ReferenceListError, import_list
from speccom.workspace import Workspace


@pytest.mark.parametrize(
    ("kind", "content", "codes"),
    [
        ("hrg", "HRG,Label\nLB01A,One\nU06,Two\nV100MC,Three\n", ["LB01A", "U06", "V100MC"]),
        ("prison-practices", "\ufeffPractice Code\n y00001 \n\nY00002\n", ["Y00001", "Y00002"]),
        ("armed-forces-practices", "code\nA91001\n", ["A91001"]),
        ("postcodes", "pcds,lsoa21cd,other\nSE1 9RT,E01003928,x\n", ["SE19RT"]),
        ("providers", "Name,ODS Code\nA hospice,NX123\n", ["NX123"]),
    ],
)
def test_lists_are_read_in_their_published_forms(
    workspace: Workspace, tmp_path: Path, kind: str, content: str, codes: list[str]
) -> None:
    imported = import_list(workspace, kind, file_in(tmp_path, content, "list.csv"))
    assert reference.codes(workspace, kind) == codes
    assert (imported.rows, imported.name, reference.imported(workspace)) == (
        len(codes),
        "list.csv",
        [imported],
    )


def test_without_a_list_there_are_no_codes(workspace: Workspace) -> None:
    assert reference.prison_practices(workspace) == reference.armed_forces_practices(workspace) == []
    assert reference.imported(workspace) == []


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("hrgs", "HRG\nLB01A\n", "no kind of list"),
        ("hrg", "name\nLB01A\n", "no column for the code"),
        ("hrg", "HRG\nLB01A\nlb 1\nx\n", "row 4, field HRG"),
        ("hrg", "HRG\n", "has no rows"),
        ("hrg", "", "no column"),
        ("postcodes", "pcds,lsoa\nSE1 9RT,E01003928\nSE1 9RT,E01003929\n", "row 3: SE19RT is there twice"),
        ("postcodes", "pcds,lsoa\nSE1 9RT\n", "row 2, field LSOA"),
        ("providers", "code\nR\u00a3\n", "row 2, field CODE"),
    ],
)
def test_a_bad_list_is_refused_and_the_old_one_stays(
    workspace: Workspace, tmp_path: Path, kind: str, content: str, said: str
) -> None:
    import_list(workspace, "hrg", file_in(tmp_path, "HRG\nAA01Z\n", "good.csv"))
    with pytest.raises(ReferenceListError, match=said):
        import_list(workspace, kind, file_in(tmp_path, content, "bad.csv"))
    assert reference.codes(workspace, "hrg") == ["AA01Z"]


def test_what_is_no_text_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ReferenceListError, match="not a CSV file in UTF-8"):
        import_list(workspace, "hrg", file_in(tmp_path, b"HRG\n\xff\n", "bad.csv"))
    with pytest.raises(ReferenceListError, match="cannot be read"):
        import_list(workspace, "hrg", tmp_path / "nowhere.csv")


def test_the_published_list_of_groups_is_taken(workspace: Workspace, shared: Path) -> None:
    source = shared / "reference" / "healthcare_resource_groups.csv"
    imported = import_list(workspace, "hrg", source)
    assert imported.rows == len(source.read_text().split()) - 1
    assert json.loads(json.dumps(reference.codes(workspace, "hrg")))[0] == "AA01Z"
