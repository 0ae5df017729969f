"""`speccom run`: files in, ledger built, results written; with `--demo` the files are made up first."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.errors import SpeccomError
from speccom.period import FinancialYear
from speccom.workspace import Workspace, write_atomically

if TYPE_CHECKING:
    from speccom.ledger.build import BuildResult

DEMONSTRATION = Path("demonstration")
_YEAR, _MONTHS, _LINES, _SEED = FinancialYear(2025), [1, 2, 3, 4, 5, 6], 1_000_000, 1


class RunError(SpeccomError):
    """A run that was not told what to run on, or must not run there."""

    code = "run"


def add_commands(app: typer.Typer) -> None:
    """Add `run`."""
    app.command("run")(run)


def run(
    directory: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", help="The files to receive; without it, what is there is built."),
    ] = None,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make up a national half-year and run on that.")
    ] = False,
    lines: Annotated[
        int, typer.Option(metavar="N", help="With --demo: how many patient-level lines to make up.")
    ] = _LINES,
    workspace: WorkspaceOption = None,
) -> None:
    """Receive files, build the ledger and write the results: CSV files, a workbook and a report to read."""
    if demo and directory is not None:
        raise RunError("--demo makes up its own files: leave out the directory, or leave out --demo.")
    if demo and workspace is None and "SPECCOM_HOME" not in os.environ:
        workspace = DEMONSTRATION
    place = Workspace.locate(workspace)
    started = time.perf_counter()
    if demo:
        directory = _made_up(place, lines)
    refused = _received(place, directory) if directory is not None else []
    built = _built(place)
    report = _results(place)
    _conclude(place, built, report, time.perf_counter() - started)
    if refused:
        which = "1 file was" if len(refused) == 1 else f"{len(refused)} files were"
        raise RunError(
            f"{which} refused and not counted in these results: {', '.join(path.name for path in refused)}. "
            "Why stands above; correct and run again."
        )


# --- the stages


def _made_up(place: Workspace, lines: int) -> Path:
    """The demonstration's files, made unless they are there already."""
    from speccom.contracts.synthesise import synthesise
    from speccom.contracts.synthesise.run import MANIFEST, default_workers

    _refuse_real_data(place)
    directory = place.make().root / "synthetic"
    asked = f"--lines {lines} --seed {_SEED} --dirt typical\n"
    with _Stage("Making up a national half-year") as stage:
        manifest = directory / MANIFEST
        if manifest.is_file() and asked in manifest.read_text(encoding="utf-8"):
            stage.went("made before")
            return directory
        made = synthesise(
            directory,
            year=_YEAR,
            months=_MONTHS,
            lines=lines,
            seed=_SEED,
            dirt="typical",
            workers=default_workers(),
            progress=lambda more: stage.more(more, "lines"),
        )
        stage.went(f"{made.lines:,} lines of {made.providers} providers, {made.files:,} files")
    return directory


def _refuse_real_data(place: Workspace) -> None:
    """Made-up lines never go where a provider's own lie."""
    from speccom.contracts import book

    if place.receipts.is_dir() and any(not receipt.synthetic for receipt in book.read(place)):
        raise RunError(
            f"{place.root} holds files that were not made up: give the demonstration a workspace of its own "
            "with --workspace."
        )


def _received(place: Workspace, directory: Path) -> list[Path]:
    """Receive every file; those refused are named and the others go on."""
    from speccom.contracts.receive import receive

    with _Stage("Receiving and checking files") as stage:
        outcomes = receive(place, [directory], progress=lambda _: stage.more(1, "files"))
        refused = [outcome for outcome in outcomes if outcome.refusal is not None]
        known = sum(outcome.already for outcome in outcomes)
        stage.went(
            f"{len(outcomes) - len(refused) - known:,} files received, {known:,} known already, "
            f"{len(refused):,} refused"
        )
    for outcome in refused:
        print(f"  refused: {outcome.refusal}", file=sys.stderr)
    return [outcome.path for outcome in refused]


def _built(place: Workspace) -> BuildResult:
    from speccom.cli.ledger import conservation_line
    from speccom.finance.position.completion import measure
    from speccom.ledger.build import BuildNotConserved, build

    with _Stage("Building the ledger") as stage:
        try:
            built = build(place, progress=stage.now)
            measure(place)
        except BuildNotConserved as error:
            print(conservation_line(error.result))
            raise
        stage.went(f"{len(built.built)} of {len(built.months)} months made anew")
    return built


def _results(place: Workspace) -> Path:
    """Write the CSV files, the workbook and the report; give the report's path."""
    from speccom.charts import gather
    from speccom.charts.report import render
    from speccom.cli.output import file_name, write_csv, write_workbook
    from speccom.ledger.manifest import require_manifest

    with _Stage("Writing the results") as stage:
        manifest = require_manifest(place)
        written = gather.tables(place)
        results = {**written, gather.RECONCILIATION: gather.differing(written[gather.RECONCILIATION])}
        for name, table in results.items():
            write_csv(place.results / file_name(name, "csv", synthetic=manifest.synthetic), table)
        write_workbook(
            place.results / file_name("positions", "xlsx", synthetic=manifest.synthetic),
            [(name, written[name]) for name in (*gather.POSITIONS, gather.BASES)],
            title="Positions",
            synthetic=manifest.synthetic,
            notes=[f"Built {manifest.built:%-d %B %Y at %H:%M} UTC from register {manifest.snapshot}."],
        )
        report = place.results / file_name("report", "html", synthetic=manifest.synthetic)
        write_atomically(report, render(gather.gather(place, written)).encode())
        stage.went(f"{len(written)} tables, a workbook and a report")
    return report


def _conclude(place: Workspace, built: BuildResult, report: Path, seconds: float) -> None:
    """The conservation line, where the report is, and what to ask next."""
    from speccom.cli.ledger import conservation_line
    from speccom.cli.output import SYNTHETIC

    def shown(path: Path) -> Path:
        here = Path.cwd()
        return path.relative_to(here) if path.is_relative_to(here) else path

    where = "" if place == Workspace.locate() else f" --workspace {shown(place.root)}"
    command = "speccom" if shutil.which("speccom") else shown(Path(sys.argv[0]).absolute())
    print()
    if built.synthetic:
        print(SYNTHETIC)
    print(conservation_line(built))
    for note in built.notes:
        print(note)
    print(f"Report: {shown(report)} (done in {seconds:.0f} seconds)")
    print(
        "\nAsk next:\n"
        f"  {command} who NCBPS11B QNC --on 2025-05-01\n"
        f"  {command} position --by commissioner,service_line{where}\n"
        f"  {command} challenges --commissioner QNC{where}"
    )


class _Stage:
    """One stage as it is told: what is happening now, where somebody watches, and how it went."""

    def __init__(self, what: str) -> None:
        from rich.console import Console

        self._what, self._went, self._done = what, "", 0
        self._console = Console(stderr=True, highlight=False)  # stdout is for results
        self._status = self._console.status(f"{what} …")
        self._started = time.perf_counter()

    def __enter__(self) -> _Stage:
        if self._console.is_terminal:
            self._status.start()
        return self

    def now(self, doing: str) -> None:
        """Shown while it lasts."""
        self._status.update(f"{self._what}: {doing}")

    def more(self, number: int, of_what: str) -> None:
        """So many more are done; shown in all."""
        self._done += number
        self.now(f"{self._done:,} {of_what}")

    def went(self, how: str) -> None:
        """Said once it is done, with the time that it took."""
        self._went = how

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        self._status.stop()
        if failed is None:
            took = time.perf_counter() - self._started
            self._console.print(
                f"{self._what:<30} {took:6.1f} s   {self._went}", soft_wrap=True, markup=False
            )
