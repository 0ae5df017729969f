"""Receiving killed at any of its acts: what is in the book is whole, and the next run receives the rest."""

import subprocess
import sys
from pathlib import Path

from tests.contracts import killed
from tests.contracts.worlds import checked, file_in, held_back, left_behind, received, row, text

from speccom.contracts import book
from speccom.contracts.book import Receipt
from speccom.workspace import Workspace


def test_receiving_killed_at_any_point_loses_and_doubles_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    file_in(files, text([row(), row(cost="TBC")]) + "bad\n", "a.csv")
    file_in(files, text([row("ACM")], "ACM"), "b.csv")
    whole = received(workspace, files)

    directory = tmp_path / "deaths"
    directory.mkdir()
    subprocess.run([sys.executable, killed.__file__, str(files), str(directory)], check=True)

    deaths = [Workspace(path) for path in sorted(directory.iterdir(), key=lambda path: int(path.name))]
    assert len(deaths) > 40
    seen = set()
    for place in deaths:
        before = book.read(place)
        seen.add(len(before))
        for receipt in before:
            _is_whole(place, receipt)
        after = received(place, files)
        assert [_without_time(each) for each in after] == [_without_time(each) for each in whole]
        for receipt in after:
            _is_whole(place, receipt)
        assert left_behind(place) == left_behind(workspace), "nothing of a killed run is left"
    assert {0, 2} <= seen  # one alone is in the book where the first took longer than a batch waits


def _is_whole(workspace: Workspace, receipt: Receipt) -> None:
    assert len(checked(workspace, receipt)) + len(held_back(workspace, receipt)) == receipt.rows


def _without_time(receipt: Receipt) -> dict[str, object]:
    return {**receipt.to_json(), "received": ""}
