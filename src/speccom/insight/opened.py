"""Opens the ledger's summaries for one question: its lines, its years, and the boards that people count to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

from speccom.engine import run_steps
from speccom.engine.duckdb import DuckDBEngine
from speccom.insight.areas import Footprint, footprints, register_boards
from speccom.insight.asked import Lines, lines_of
from speccom.insight.result import Gap
from speccom.insight.seen import Seen
from speccom.ledger.manifest import Manifest, require_manifest
from speccom.ledger.summaries import summaries, years_held
from speccom.period import FinancialYear, Month
from speccom.register import Register
from speccom.workspace import Workspace


@dataclass(frozen=True)
class Opened:
    """One question's part of the summaries: `people_asked`, `months_asked` and `cases_asked` are on
    the engine.

    `boards` are those active on `on`, the date of the boundaries asked for or the last month's first day;
    `months` are those held of the years asked.
    """

    engine: DuckDBEngine
    workspace: Workspace
    manifest: Manifest
    register: Register
    lines: Lines
    years: tuple[FinancialYear, ...]
    months: tuple[Month, ...]
    boards: dict[str, Footprint]
    on: date
    boundaries: date | None
    gaps: tuple[Gap, ...]
    made: set[str] = field(default_factory=set, compare=False)
    read: dict[str, list[dict[str, Any]]] = field(default_factory=dict, compare=False)

    @property
    def synthetic(self) -> bool:
        return self.manifest.synthetic

    @cached_property
    def seen(self) -> Seen:
        """The patients of the question, read when they are first counted."""
        return Seen.read(self.engine)

    def once(self, step: str) -> None:
        """Compute a step of this package that several counts read."""
        if step not in self.made:
            run_steps(self.engine, __package__, [step], frozenset([step]))
            self.made.add(step)

    def rows(self, step: str) -> list[dict[str, Any]]:
        """The rows of a step of this package; asked for again, the same ones."""
        if step not in self.read:
            run_steps(self.engine, __package__, [step])
            self.read[step] = self.engine.fetch(f"select * from {step}").to_pylist()
        return self.read[step]

    def scope(self) -> tuple[str, ...]:
        """What a result is of, in words: lines, months, boundaries, register."""
        held = {year: sum(month.year == year for month in self.months) for year in self.years}
        part = [f"{year}: {number} of 12 months" for year, number in held.items() if number < 12]
        on = "as they were" if self.boundaries is None else f"as of {self.boundaries:%-d %B %Y}"
        return (
            f"Lines: {self.lines.name} ({len(self.lines.codes)}). Years: {', '.join(map(str, self.years))}. "
            f"Boundaries {on}. Register {self.manifest.snapshot}.",
            *((f"Not whole years, so rates are of these months alone: {'; '.join(part)}.",) if part else ()),
        )


@contextmanager
def opened(
    workspace: Workspace,
    lines: str,
    years: Sequence[FinancialYear] | None = None,
    boundaries: date | None = None,
    register: Register | None = None,
) -> Iterator[Opened]:
    """The summaries of some lines in some years (the last held, if none is named).

    Raises `LedgerError` where nothing was built or a year is not held, `InsightError` for unknown lines.
    """
    known = register or Register.load(workspace)
    asked = lines_of(known, lines)
    manifest = require_manifest(workspace)
    wanted = tuple(years) if years else tuple(years_held(manifest)[-1:])
    with summaries(workspace, wanted or None) as (engine, _):
        engine.register("asked", pa.table({"service_line": pa.array(asked.codes, pa.string())}))
        homes = engine.fetch("select distinct icb, home from months order by icb, home").to_pylist()
        gaps = register_boards(engine, known, [(row["icb"], row["home"]) for row in homes], boundaries)
        run_steps(engine, __package__, ["people_asked", "months_asked", "cases_asked"])
        months = tuple(each.period for each in manifest.months if each.files and each.period.year in wanted)
        on = boundaries or max(month.start for month in months)
        yield Opened(
            engine,
            workspace,
            manifest,
            known,
            asked,
            wanted,
            months,
            footprints(known, on),
            on,
            boundaries,
            tuple(gaps),
        )


def year_asked(workspace: Workspace, year: FinancialYear | None) -> FinancialYear | None:
    """The year that a question is of: the last held where none is named; none where nothing is held."""
    held = years_held(require_manifest(workspace))
    return year or (held[-1] if held else None)


def register_hosts(asked: Opened) -> None:
    """Make `provider_host` readable: the board of each provider on the boundaries asked for."""
    providers = [
        row["provider"]
        for row in asked.engine.fetch(
            "select distinct provider from months_asked where provider is not null order by provider"
        ).to_pylist()
    ]
    hosts = [asked.register.host_icb(provider, asked.on) for provider in providers]
    asked.engine.register(
        "provider_host",
        pa.table({"provider": pa.array(providers, pa.string()), "host_icb": pa.array(hosts, pa.string())}),
    )
