"""Runs the generator: checks what was asked, shares providers out over workers, writes files and manifest."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from speccom.contracts.schemas import PATIENT_LEVEL, fields
from speccom.contracts.synthesise import cells, sets, world
from speccom.contracts.synthesise import dirt as dirts
from speccom.contracts.synthesise.lines import Lines, draw, generator
from speccom.contracts.synthesise.world import World
from speccom.errors import SpeccomError
from speccom.period import FinancialYear, Month
from speccom.register import Register

MANIFEST = f"{sets.MARK}.txt"
DIRT = ("none", "typical")
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
) -> Made:
    """Write made-up ACM, PLCM, DrPLCM and DePLCM files of every open English trust into `directory`.

    `lines` patient-level lines in all, exactly; ACM follows from them. The same arguments give the same
    bytes, whatever `workers`. The three patient-level sets cost £25bn a year pro rata, of which £14bn the
    GREEN lines' activity (drugs and devices are held centrally and come on top). `dirt` is `none` or
    `typical`: then restated, repeated and faulty rows come on top of the lines. `progress` is told lines.
    Raises `SynthesiseError` for arguments that nothing can be made of.
    """
    _check(year, months, lines, seed, dirt)
    made_up = world.build(register or Register.load(), year, sorted(set(months)), lines, seed)
    if lines < len(made_up.providers):
        raise SynthesiseError(
            f"{lines} lines are too few for {len(made_up.providers)} providers: ask for one each at least, "
            f"--lines {len(made_up.providers)} or more."
        )
    _empty(directory)
    made = Made(lines, 0, 0, 0, len(made_up.providers))
    for rows, files, size, done in _providers_written(made_up, directory, dirt, workers):
        made = Made(lines, made.rows + rows, made.files + files, made.bytes + size, made.providers)
        progress(done)
    (directory / MANIFEST).write_text(_manifest(made_up, made, dirt), encoding="utf-8")
    return made


def _check(year: FinancialYear, months: list[int], lines: int, seed: int, dirt: str) -> None:
    if not _FIRST_YEAR <= year.start_year <= _LAST_YEAR:
        raise SynthesiseError(
            f"Files cannot be made up for {year}: the areas that lines are assigned to begin in July 2022, "
            f"so ask for {FinancialYear(_FIRST_YEAR)} or later."
        )
    if not months:
        raise SynthesiseError("No months were asked for: write --months 1-6 (1 is April).")
    for number in months:
        Month(year, number)
    if lines < 1:
        raise SynthesiseError(f"{lines} is no number of lines: ask for a thousand or more.")
    if seed < 0:
        raise SynthesiseError(f"{seed} cannot be a seed: give a whole number from 0.")
    if dirt not in DIRT:
        raise SynthesiseError(f"There is no dirt {dirt!r}: choose {' or '.join(DIRT)}.")


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
    if workers < 2 or made_up.lines < _WORTH_SHARING:
        yield from (_write_provider(made_up, directory, dirt, provider) for provider in order)
        return
    # Spawned, not forked: Arrow's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start_worker, (made_up, directory, dirt)) as pool:
        yield from pool.map(_work, order)


_given: tuple[World, Path, str] | None = None


def _start_worker(made_up: World, directory: Path, dirt: str) -> None:
    global _given
    _given = (made_up, directory, dirt)


def _work(provider: int) -> tuple[int, int, int, int]:
    assert _given is not None
    return _write_provider(*_given, provider)


def _write_provider(made_up: World, directory: Path, dirt: str, provider: int) -> tuple[int, int, int, int]:
    """Every file of one provider."""
    lines = draw(made_up, provider)
    if not len(lines):
        return 0, 0, 0, 0
    spoiler = dirts.Spoiler(made_up, provider) if dirt == "typical" else None
    rows = files = size = 0
    # Lines are in the order of their sets, so that each set's are a view and not a copy.
    ends = np.searchsorted(lines.data_set, range(1, len(PATIENT_LEVEL) + 1))
    views = dict(zip(PATIENT_LEVEL, map(slice, [0, *ends[:-1]], ends), strict=True))
    for name, view in {"ACM": slice(None), **views}.items():
        own = lines.take(view)
        if not len(own):
            continue
        for path, written in _write_set(made_up, directory, provider, name, own, spoiler):
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


def _manifest(made_up: World, made: Made, dirt: str) -> str:
    months = ",".join(map(str, made_up.months))
    cost = sum(world.pool_pence(len(made_up.months)))
    return (
        "Every file here is made up by Speccom. No patient in it exists; no figure in it is a provider's.\n\n"
        f"Made by:    speccom synthesise DIR --year {made_up.year} --months {months} --lines {made_up.lines} "
        f"--seed {made_up.seed} --dirt {dirt}\n"
        f"Files:      {made.files}, of {made.providers} providers\n"
        f"Rows:       {made.rows}, of which {made_up.lines} are current patient-level lines\n"
        f"Cost:       £{cost // 100:,}.{cost % 100:02d} in the patient-level sets before any dirt: "
        "£25bn a year pro rata, of which £14bn is activity of the delegable services;\n"
        "            with few lines each line stands for many, and costs accordingly\n\n"
        "Real: codes of providers, areas, commissioners, service lines, points of delivery, treatment\n"
        "functions and healthcare resource groups; published totals. Synthetic assumptions: sizes of\n"
        "providers, volumes, flows, prices, plans, drug and device codes and everything about patients.\n"
        "NHS numbers begin 999 (then 998 and on), postcodes ZZ99, practices X: none is in use.\n"
    )


def default_workers() -> int:
    """As many processes as there are cores, up to four: beyond that the disk is the limit."""
    return min(4, len(os.sched_getaffinity(0)))
