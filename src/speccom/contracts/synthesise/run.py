"""Runs the generator: checks what was asked, shares providers out over workers, writes files and manifest."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np

from speccom.contracts.schemas import PATIENT_LEVEL, fields
from speccom.contracts.synthesise import cells, effects, sets, shapes, world, years
from speccom.contracts.synthesise import dirt as dirts
from speccom.contracts.synthesise.catalogue import Floats, Ints
from speccom.contracts.synthesise.lines import Lines, draw, generator, unscaled_costs
from speccom.contracts.synthesise.world import World
from speccom.errors import SpeccomError
from speccom.period import FinancialYear, Month
from speccom.register import Register

MANIFEST = f"{sets.MARK}.txt"
DIRT = ("none", "typical")
_PLANTED = (
    "\nTrends, variation, flows and volatility are planted over the years, for analyses to be held against:\n"
    f"{effects.TRUTH} lists them. All are synthetic assumptions. Shares of money by status are the first year's.\n"
)
_FIRST_YEAR = 2022
_LAST_YEAR = 2098
# Rows rendered at once: enough to be quick, few enough to stay in a few tens of megabytes.
_CHUNK = 50_000
# Below this, starting a second process takes longer than it saves.
_WORTH_SHARING = 200_000


class SynthesiseError(SpeccomError):
    """Made-up files that cannot be made as asked; the message says what can."""

    code = "synthesise"


@dataclass(frozen=True, slots=True)
class Made:
    """What one run made. `rows` counts every row written; `lines` the current patient-level ones."""

    lines: int
    rows: int
    files: int
    bytes: int
    providers: int


def synthesise(
    directory: Path,
    *,
    year: FinancialYear,
    months: list[int],
    lines: int,
    seed: int,
    dirt: str = "none",
    workers: int = 1,
    register: Register | None = None,
    progress: Callable[[int], None] = lambda lines: None,
    last_year: FinancialYear | None = None,
) -> Made:
    """Write made-up ACM, PLCM, DrPLCM and DePLCM files of every open English trust into `directory`.

    `lines` patient-level lines in all, exactly; ACM follows from them. The same arguments give the same
    bytes, whatever `workers`. The three patient-level sets cost £25bn a year pro rata, of which £14bn the
    GREEN lines' activity (drugs and devices are held centrally and come on top). `dirt` is `none` or
    `typical`: then restated, repeated and faulty rows come on top of the lines. `progress` is told lines.

    With a later `last_year`, those `months` of every year from `year` to it: the lines are shared out over
    the years, people go on from year to year, and the effects of the content tables are planted and listed
    in TRUTH beside the files. The split of money by status is then that of the first year.
    Raises `SynthesiseError` for arguments that nothing can be made of.
    """
    asked = _Asked(_years(year, last_year), sorted(set(months)), lines, seed, dirt)
    _check(asked)
    register = register or Register.load()
    countries = _worlds(asked, register)
    made_up = next(countries)
    _check_enough(asked, len(made_up.providers))
    _empty(directory)
    made = Made(lines, 0, 0, 0, len(made_up.providers))
    told: list[dict[str, Any]] = []
    for country in chain([made_up], countries):
        told.append(_came_to(country))
        for rows, files, size, done in _providers_written(country, directory, dirt, workers):
            made = Made(lines, made.rows + rows, made.files + files, made.bytes + size, made.providers)
            progress(done)
    if len(asked.years) > 1:
        effects.write_truth(directory, register, asked.arguments(), told)
    (directory / MANIFEST).write_text(_manifest(asked, made, told), encoding="utf-8")
    return made


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for."""

    years: list[FinancialYear]
    months: list[int]
    lines: int
    seed: int
    dirt: str

    def arguments(self) -> dict[str, Any]:
        """The command's options that ask for the same."""
        first, last = self.years[0], self.years[-1]
        return {
            "year": str(first) if first == last else f"{first}-{last}",
            "months": ",".join(map(str, self.months)),
            "lines": self.lines,
            "seed": self.seed,
            "dirt": self.dirt,
        }


def _years(first: FinancialYear, last: FinancialYear | None) -> list[FinancialYear]:
    if last is not None and last < first:
        raise SynthesiseError(f"The years {first} to {last} run backwards: write --year {last}-{first}.")
    return [FinancialYear(start) for start in range(first.start_year, (last or first).start_year + 1)]


def _check(asked: _Asked) -> None:
    for year in asked.years:
        if not _FIRST_YEAR <= year.start_year <= _LAST_YEAR:
            raise SynthesiseError(
                f"Files cannot be made up for {year}: the areas that lines are assigned to begin in July "
                f"2022, so ask for {FinancialYear(_FIRST_YEAR)} or later, up to {FinancialYear(_LAST_YEAR)}."
            )
    if not asked.months:
        raise SynthesiseError("No months were asked for: write --months 1-6 (1 is April).")
    for number in asked.months:
        Month(asked.years[0], number)
    if asked.lines < 1:
        raise SynthesiseError(f"{asked.lines} is no number of lines: ask for a thousand or more.")
    if asked.seed < 0:
        raise SynthesiseError(f"{asked.seed} cannot be a seed: give a whole number from 0.")
    if asked.dirt not in DIRT:
        raise SynthesiseError(f"There is no dirt {asked.dirt!r}: choose {' or '.join(DIRT)}.")


def _check_enough(asked: _Asked, providers: int) -> None:
    fewest = providers * len(asked.years)
    if asked.lines < fewest:
        years = "" if len(asked.years) == 1 else f" in each of {len(asked.years)} years"
        raise SynthesiseError(
            f"{asked.lines} lines are too few for {providers} providers{years}: ask for one each at least, "
            f"--lines {fewest} or more."
        )


def _worlds(asked: _Asked, register: Register) -> Iterator[World]:
    """The world of each year; a single year is made without anything planted."""
    if len(asked.years) == 1:
        return iter([world.build(register, asked.years[0], asked.months, asked.lines, asked.seed)])
    return years.worlds(register, asked.years, asked.months, asked.lines, asked.seed)


def _empty(directory: Path) -> None:
    """Make the directory, or clear it of an earlier run; one that holds anything else is left alone."""
    if directory.exists() and not directory.is_dir():
        raise SynthesiseError(f"{directory} is a file: name a directory to write into.")
    held = sorted(directory.iterdir()) if directory.exists() else []
    foreign = [path.name for path in held if not path.name.startswith(sets.MARK) or path.is_dir()]
    if foreign:
        raise SynthesiseError(
            f"{directory} holds files that were not made up ({foreign[0]}): name an empty or new directory, "
            "so that made-up and real files never lie together."
        )
    try:
        directory.mkdir(parents=True, exist_ok=True)
        # The manifest goes last when written and first when cleared: a half-made directory has none.
        for path in sorted(held, key=lambda path: path.name != MANIFEST):
            path.unlink()
    except OSError as error:
        raise SynthesiseError(f"{directory} cannot be written to: {error.strerror}.") from error


def _providers_written(
    made_up: World, directory: Path, dirt: str, workers: int
) -> Iterator[tuple[int, int, int, int]]:
    """Rows, files, bytes and lines of each provider, as they are done; the biggest are begun first."""
    order = np.argsort(-made_up.counts.sum(axis=0), kind="stable").tolist()
    with _crew(_Given(made_up, directory, dirt), workers) as each:
        pence = made_up.pence
        if made_up.demand is not None:
            # Where lines are to vary as planted, what a provider is paid follows from its lines.
            pence = world.pence_by_cost(made_up, order, list(each(_weighed, order)))
        yield from each(_write_provider, [(provider, pence[:, provider]) for provider in order])


@dataclass(frozen=True)
class _Given:
    """What every worker needs for every provider."""

    made_up: World
    directory: Path
    dirt: str


@contextmanager
def _crew(given: _Given, workers: int) -> Iterator[Callable[..., Iterator[Any]]]:
    """Does a task for each of many things, here or in processes of its own, answering in their order."""
    if workers < 2 or given.made_up.lines < _WORTH_SHARING:
        yield lambda task, things: (task(given, thing) for thing in things)
        return
    # Spawned, not forked: Arrow's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start_worker, (given,)) as pool:
        yield lambda task, things: pool.map(_work, repeat(task), things)


_given: _Given | None = None


def _start_worker(given: _Given) -> None:
    global _given
    _given = given


def _work(task: Callable[[_Given, Any], Any], thing: Any) -> Any:
    assert _given is not None
    return task(_given, thing)


def _weighed(given: _Given, provider: int) -> Floats:
    return unscaled_costs(given.made_up, provider)


def _write_provider(given: _Given, paid: tuple[int, Ints]) -> tuple[int, int, int, int]:
    """Every file of one provider, which is paid so many pence for each pool."""
    provider, pence = paid
    made_up = given.made_up
    lines = draw(made_up, provider, pence)
    if not len(lines):
        return 0, 0, 0, 0
    spoiler = dirts.Spoiler(made_up, provider) if given.dirt == "typical" else None
    rows = files = size = 0
    # Lines are in the order of their sets, so that each set's are a view and not a copy.
    ends = np.searchsorted(lines.data_set, range(1, len(PATIENT_LEVEL) + 1))
    views = dict(zip(PATIENT_LEVEL, map(slice, [0, *ends[:-1]], ends), strict=True))
    for name, view in {"ACM": slice(None), **views}.items():
        own = lines.take(view)
        if not len(own):
            continue
        for path, written in _write_set(made_up, given.directory, provider, name, own, spoiler):
            rows += written
            files += 1
            size += path.stat().st_size
    return rows, files, size, len(lines)


def _write_set(
    made_up: World, directory: Path, provider: int, name: str, lines: Lines, spoiler: dirts.Spoiler | None
) -> Iterator[tuple[Path, int]]:
    """The files of one provider and data set: one cumulative file, or what a spoiler makes of it."""
    header = [field.name for field in fields(name)]
    submissions = spoiler.submissions(name, lines) if spoiler else [dirts.clean_submission(made_up, lines)]
    for submission in submissions:
        stem = f"{sets.MARK}_{made_up.providers[provider]}_{name}_{made_up.year.code}_{submission.suffix}"
        if not len(submission.lines):
            continue
        path = directory / f"{stem}.csv"
        look = submission.look
        order = look.order(header)
        rows = 0
        with path.open("wb") as handle:
            handle.write(look.header(order))
            for part, chunk in enumerate(_chunks(made_up, provider, name, submission)):
                spoilt = spoiler.spoil(name, chunk, submission, part) if spoiler else chunk
                rows += cells.write_rows(handle, order, spoilt)
        yield path, rows


def _chunks(
    made_up: World, provider: int, name: str, submission: dirts.Submission
) -> Iterator[cells.Columns]:
    created = submission.look.created
    if name == "ACM":
        random = generator(made_up, provider, "plan")
        yield sets.aggregate(made_up, provider, submission.lines, created, random)
        return
    for first in range(0, len(submission.lines), _CHUNK):
        yield sets.columns(
            made_up, provider, submission.lines.take(slice(first, first + _CHUNK)), first + 1, created
        )


def _came_to(country: World) -> dict[str, Any]:
    """Lines and money of one year."""
    names = [pool.name for pool in shapes.pools()]
    return {
        "year": str(country.year),
        "lines": country.lines,
        "pence": int(country.pence.sum()),
        "pools": {
            name: {"lines": int(lines), "pence": int(pence)}
            for name, lines, pence in zip(
                names, country.counts.sum(axis=1), country.pence.sum(axis=1), strict=True
            )
        },
    }


def _manifest(asked: _Asked, made: Made, told: list[dict[str, Any]]) -> str:
    options = " ".join(f"--{name} {value}" for name, value in asked.arguments().items())
    cost = sum(year["pence"] for year in told)
    return (
        "Every file here is made up by Speccom. No patient in it exists; no figure in it is a provider's.\n\n"
        f"Made by:    speccom synthesise DIR {options}\n"
        f"Files:      {made.files}, of {made.providers} providers\n"
        f"Rows:       {made.rows}, of which {made.lines} are current patient-level lines\n"
        f"Cost:       £{cost // 100:,}.{cost % 100:02d} in the patient-level sets before any dirt: "
        "£25bn a year pro rata, of which £14bn is activity of the delegable services;\n"
        "            with few lines each line stands for many, and costs accordingly\n\n"
        "Real: codes of providers, areas, commissioners, service lines, points of delivery, treatment\n"
        "functions and healthcare resource groups; published totals. Synthetic assumptions: sizes of\n"
        "providers, volumes, flows, prices, plans, drug and device codes and everything about patients.\n"
        "NHS numbers begin 999 (then 998 and on), postcodes ZZ99, practices X: none is in use.\n"
        f"{_PLANTED if len(told) > 1 else ''}"
    )


def default_workers() -> int:
    """As many processes as there are cores, up to four: beyond that the disk is the limit."""
    return min(4, len(os.sched_getaffinity(0)))
