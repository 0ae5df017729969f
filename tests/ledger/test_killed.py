"""A build killed at any of its acts: readers see the old ledger or the new one, and the next completes."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from tests.ledger import killed
from tests.ledger.test_build import named_files, parquet_files
from tests.ledger.worlds import Row, build_in, ledger_rows, receive, workspace_in

from speccom.workspace import Workspace


def test_a_build_killed_at_any_point_leaves_a_whole_ledger(tmp_path: Path) -> None:
    template = workspace_in(tmp_path)
    receive(template, [Row(month=1), Row(month=2)])
    build_in(template)
    receive(template, [Row(month=1), Row(month=2)])
    build_in(template)  # leaves replaced files for the next build to remove
    old = ledger_rows(template)
    receive(template, [Row(month=2, cost=Decimal(7)), Row(month=3), Row(month=3, quarantined=True)])

    copies = tmp_path / "copies"
    copies.mkdir()
    subprocess.run([sys.executable, killed.__file__, str(template.root), str(copies)], check=True)

    deaths = [Workspace(path) for path in sorted(copies.iterdir(), key=lambda path: int(path.name))]
    new = ledger_rows(deaths[-1])
    assert len(old) == 2
    assert len(new) == 3
    seen = [ledger_rows(workspace) for workspace in deaths]
    changed = seen.index(new)
    assert all(rows == old for rows in seen[:changed])
    assert all(rows == new for rows in seen[changed:])
    assert changed > 15, "most acts come before the one that publishes"
    assert changed < len(deaths) - 1, "and some after it"
    for workspace in deaths:
        result = build_in(workspace)
        assert result.conserved
        assert ledger_rows(workspace) == new
    for workspace in deaths[::5]:
        build_in(workspace)  # by now nothing is left of any killed build
        assert parquet_files(workspace) == named_files(workspace)
        assert [path.name for path in workspace.ledger.iterdir() if path.is_file()] == ["manifest.json"]
