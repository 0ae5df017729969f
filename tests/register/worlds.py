"""Small worlds for the register's tests: a workspace whose additions are written as rows."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

from speccom.register import Register
from speccom.register.facts import COLUMNS
from speccom.workspace import Workspace


def workspace_adding(directory: Path, *facts: str, header: str = ",".join(COLUMNS)) -> Workspace:
    """A workspace whose register adds these facts, each a comma-separated row."""
    workspace = Workspace(directory)
    workspace.register.mkdir(parents=True, exist_ok=True)
    (workspace.register / "added.csv").write_text("\n".join([header, *facts, ""]), encoding="utf-8")
    return workspace


def register_adding(directory: Path, *facts: str) -> Register:
    return Register.load(workspace_adding(directory, *facts))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


def day(text: str) -> date:
    return date.fromisoformat(text)
