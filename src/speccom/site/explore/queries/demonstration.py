"""The report of a demonstration, where the workspace holds one; never a report of anybody's real data."""

from __future__ import annotations

from pathlib import Path

from speccom.workspace import Workspace

# The run names a file so only where every figure in it was made up.
REPORT = "synthetic-report.html"


def report(workspace: Workspace) -> Path | None:
    """The report on made-up data, if a demonstration was run in this workspace."""
    path = workspace.results / REPORT
    return path if path.is_file() else None
