"""The workbook for a provider: counts, rows and what to do, without a formula or an identity in it."""

import stat
import zipfile
from pathlib import Path

import pytest
from tests.contracts.worlds import file_in, received, row, text

from speccom.contracts import workbook
from speccom.workspace import Workspace


def sheets(path: Path) -> str:
    """Everything that a workbook holds, as its XML."""
    with zipfile.ZipFile(path) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist() if name.startswith("xl/"))


def test_a_workbook_lists_findings_with_rows_fields_and_values(workspace: Workspace, tmp_path: Path) -> None:
    spoilt = [row(cost="TBC"), row(practice="=1+1"), row(site="http://x"), row(nhs_number="9434765918")]
    (receipt,) = received(workspace, file_in(tmp_path, text(spoilt)))
    path = workbook.write(workspace, receipt)
    assert path == workspace.quarantine / receipt.sha256 / "findings.xlsx"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = sheets(path)
    for words in ("TOTAL COST", "TBC", "is not an amount that can be read exactly", "row held back", "=1+1"):
        assert words in found
    assert "<f>" not in found, "text stays text"
    assert "hyperlink" not in found
    assert "9434765918" not in found


def test_a_workbook_says_when_it_does_not_list_all(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_FINDINGS", 3)
    (receipt,) = received(workspace, file_in(tmp_path, text([row(practice="x")] * 5)))
    assert "lists 3 of 6 findings" in sheets(workbook.write(workspace, receipt))
