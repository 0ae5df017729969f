"""The lists of GP practices that serve prisons and armed forces: imported, and empty until they are."""

from __future__ import annotations

import csv
from dataclasses import dataclass

from speccom.errors import SpeccomError
from speccom.workspace import Workspace


class PracticeListError(SpeccomError):
    """An imported list that cannot be read."""

    code = "practice_list"


@dataclass(frozen=True, slots=True)
class PracticeLists:
    """Practice codes in upper case."""

    prison: frozenset[str] = frozenset()
    armed_forces: frozenset[str] = frozenset()

    @property
    def notes(self) -> list[str]:
        """A sentence for each list that holds nothing, so that a run can say so."""
        lists = {"prison": self.prison, "armed-forces": self.armed_forces}
        return [
            f"No list of {name} practices is imported, so no record is assigned by one."
            for name, practices in lists.items()
            if not practices
        ]


def read_practice_lists(workspace: Workspace) -> PracticeLists:
    """The lists in a workspace, `reference/{prison,armed_forces}_practices.csv`: a column `practice` each."""
    return PracticeLists(_read(workspace, "prison_practices"), _read(workspace, "armed_forces_practices"))


def _read(workspace: Workspace, name: str) -> frozenset[str]:
    path = workspace.reference / f"{name}.csv"
    if not path.exists():
        return frozenset()
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if "practice" not in (rows.fieldnames or []):
            raise PracticeListError(f"{path} has no column named practice: import the list again.")
        return frozenset(code for row in rows if (code := (row["practice"] or "").strip().upper()))
