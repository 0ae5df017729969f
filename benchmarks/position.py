"""Every position table of a year, against the same group-bys without counting distinct patients."""

from __future__ import annotations

from benchmarks import Ratio, median_seconds
from benchmarks._workspaces import built
from speccom.ledger.names import DIMENSIONS
from speccom.ledger.position import define, positions, register_lines
from speccom.ledger.reading import reading
from speccom.register import Register
from speccom.workspace import Workspace

LIMIT = 3.0
TABLES = [
    *([name] for name in DIMENSIONS),
    ["commissioner", "service_line"],
    ["provider", "service_line"],
    ["icb", "provider"],
    ["commissioner", "month"],
]


def main(lines: int) -> list[Ratio]:
    """All tables, named and in order, against their lines and pounds alone."""
    return measure(*built(lines))


def measure(workspace: Workspace, name: str) -> list[Ratio]:
    """The ratio of one workspace with its ledger."""
    register = Register.load(workspace)

    def sum_alone() -> None:
        with reading(workspace) as (engine, _):
            register_lines(engine, register)
            for by in TABLES:
                define(engine, by)
                engine.fetch("select * from summed")

    reference = median_seconds(sum_alone)
    seconds = median_seconds(lambda: positions(workspace, TABLES))
    return [Ratio(f"{len(TABLES)} position tables with distinct patients, {name}", seconds, reference, LIMIT)]
