"""Small worlds of deprivation: five small areas to a board, one of each fifth, and patients who live in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.insight.worlds import HOMES, NORTH_EAST_LONDON, WEST_YORKSHIRE, ledger
from tests.ledger.worlds import BARTS, Row

from speccom.places.deprivation import import_deprivation, import_lsoa_areas
from speccom.places.populations import import_population
from speccom.register import Register
from speccom.workspace import Workspace

REGISTER = Register.load()
FIFTHS = (1, 2, 3, 4, 5)
BOARDS = (NORTH_EAST_LONDON, WEST_YORKSHIRE)


def lsoa(board: str, fifth: int) -> str:
    """The small area of a board in a fifth."""
    return f"E010{BOARDS.index(board)}000{fifth}"


def every_lsoa() -> list[tuple[str, int, str]]:
    return [(board, fifth, lsoa(board, fifth)) for board in BOARDS for fifth in FIFTHS]


def lived_in(
    board: str,
    fifth: int,
    numbers: Sequence[int],
    cost: str = "100.00",
    age: int | None = 30,
    **others: Any,
) -> list[Row]:
    """One line for each patient of a board who lives in its small area of a fifth."""
    return [
        Row(
            provider=BARTS,
            gp_responsibility=HOMES[board],
            patient_id=number,
            lsoa=lsoa(board, fifth),
            cost=Decimal(cost),
            age=age,
            **others,
        )
        for number in numbers
    ]


def patients(board: str, counts: Sequence[int], first: int = 1, **others: Any) -> list[Row]:
    """So many patients in each fifth of a board, 1 to 5, with numbers of their own."""
    rows: list[Row] = []
    for fifth, count in zip(FIFTHS, counts, strict=True):
        rows += lived_in(board, fifth, range(first, first + count), **others)
        first += count
    return rows


def written(directory: Path, name: str, header: str, rows: Sequence[Sequence[object]]) -> Path:
    path = directory / name
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]), encoding="utf-8")
    return path


def with_people(
    workspace: Workspace,
    directory: Path,
    people: Mapping[tuple[str, int], tuple[int, int]] | None = None,
    census: str = "21",
) -> None:
    """Import people of each small area, by default 1,000 below 65 and 100 from 65 on."""
    held = {(board, fifth): (1000, 100) for board, fifth, _ in every_lsoa()} if people is None else people
    rows = [(lsoa(*key), *counts) for key, counts in held.items()]
    import_population(
        workspace,
        REGISTER,
        written(directory, f"people{census}.csv", f"lsoa{census}_code,a0_64,a65plus", rows),
    )


def with_deprivation(workspace: Workspace, directory: Path, census: str = "21") -> None:
    """Import the fifth of every small area, as its two deciles."""
    rows = [(code, place + 1, fifth * 2) for place, (_, fifth, code) in enumerate(every_lsoa())]
    header = f"lsoa{census}_code,IMD_rank,IMD_decile"
    import_deprivation(workspace, REGISTER, written(directory, f"imd{census}.csv", header, rows))


def with_boards(workspace: Workspace, directory: Path, census: str = "21") -> None:
    """Import which board every small area lies in."""
    rows = [(code, board) for board, _, code in every_lsoa()]
    header = f"lsoa{census}_code,icb24_code_nhs"
    import_lsoa_areas(workspace, REGISTER, written(directory, f"boards{census}.csv", header, rows))


def world(
    directory: Path,
    rows: Sequence[Row],
    people: Mapping[tuple[str, int], tuple[int, int]] | None = None,
) -> Workspace:
    """A ledger of these rows with all three lists for the small areas of 2021."""
    workspace = ledger(directory, rows)
    with_people(workspace, directory, people)
    with_deprivation(workspace, directory)
    with_boards(workspace, directory)
    return workspace


def two_gradients() -> list[Row]:
    """More patients in deprived areas of North East London, fewer in those of West Yorkshire; no count below 12."""
    return [
        *patients(NORTH_EAST_LONDON, (60, 50, 40, 30, 20)),
        *patients(WEST_YORKSHIRE, (12, 20, 28, 36, 44), first=1001),
    ]
