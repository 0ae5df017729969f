"""Takes providers' files in: checks every row, keeps what can be placed, holds back the rest with reasons.

A file is received whole or not at all. It is copied aside, scanned, read and checked there; then its
directories are renamed into place, and last its line is written in the receipt book. What is not in the
book was not received, so a run that was killed leaves only things that the next run clears away.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from speccom.contracts import book, identity
from speccom.contracts.book import Receipt
from speccom.contracts.examine import INCOMING, LARGE_BYTES, QUARANTINE, Desk, Examined
from speccom.contracts.identity import KeyRing
from speccom.contracts.intake import Submission, take_in
from speccom.contracts.reference import path_of
from speccom.contracts.schemas import DataSet, parse_data_set
from speccom.errors import SpeccomError
from speccom.register import Register
from speccom.workspace import Workspace, remove_tree, sync_directory

# Two desks, each on one thread, keep two processors busy through many files; a lone file gets every
# thread. More would only share the same memory among more.
_DESKS = 2
_HANDFUL_FILES, _HANDFUL_BYTES = 32, 64_000_000
# Making a file last costs a disk some 30 ms, and a batch of them hardly more than one of them.
_BATCH_FILES, _BATCH_SECONDS = 64, 2.0


class ReceiveError(SpeccomError):
    """Nothing to receive where the user pointed."""

    code = "receive"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a receipt, its own or, if `already`, that of the same bytes before; or a refusal."""

    path: Path
    receipt: Receipt | None = None
    refusal: SpeccomError | None = None
    already: bool = False
    demonstration_key: bool = False


def receive(
    workspace: Workspace,
    paths: Iterable[Path],
    *,
    data_set: str | None = None,
    progress: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """Receive files, and the CSV files of directories by name; one outcome each, in that order.

    Receipt numbers follow the order given. A refused file leaves nothing behind and the others go on.
    `data_set` is for files that do not tell theirs. Patients are hashed with the key in SPECCOM_PATIENT_KEY;
    without one only files that say they are synthetic, by their name and in their rows, are received, with
    the workspace's demonstration key. Raises `ReceiveError` when there is nothing to receive,
    `PatientKeyError` for a key that cannot be used.
    """
    files = [file for path in paths for file in files_of(path)]
    if not files:
        raise ReceiveError("There is nothing to receive: name CSV files, or a directory that holds some.")
    given = parse_data_set(data_set) if data_set else None
    key = identity.key_from_environment()
    with workspace.lock("receiving"):
        receipts = book.read(workspace)
        fingerprint = next((each.key_fingerprint for each in receipts), None)
        if key is not None:
            identity.require_same(key, fingerprint)
        _clear_away(workspace, receipts)
        counter = _Counter(workspace, receipts, progress)
        for result in _examine_all(
            workspace, files, given, KeyRing(workspace, key, fingerprint), counter.known
        ):
            counter.hand_over(result)
        counter.close()
        return counter.outcomes


def files_of(path: Path) -> list[Path]:
    """The file itself, or the CSV files of a directory in the order of their names."""
    if path.is_dir():
        return sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
    return [path]


class _Counter:
    """Gives numbers in the order of the files, and writes the book: the only part that changes it."""

    def __init__(
        self, workspace: Workspace, receipts: Sequence[Receipt], progress: Callable[[Outcome], None] | None
    ) -> None:
        self.outcomes: list[Outcome] = []
        self.known = {receipt.sha256: receipt for receipt in receipts}
        self._workspace, self._progress = workspace, progress
        self._last = max((receipt.receipt for receipt in receipts), default=0)
        self._waiting: list[Outcome | Examined] = []
        self._aside: dict[str, Path] = {}
        self._since = time.monotonic()

    def hand_over(self, examined: Outcome | Examined) -> None:
        self._waiting.append(examined)
        if len(self._waiting) >= _BATCH_FILES or time.monotonic() - self._since > _BATCH_SECONDS:
            self.close()

    def close(self) -> None:
        """Receive what waits: files into place first, the book's lines last."""
        outcomes = [self._outcome(each) for each in self._waiting]
        fresh = [each.receipt for each in outcomes if each.receipt is not None and not each.already]
        if fresh:
            os.sync()  # before the names that make them count
            for receipt in fresh:
                self._put_in_place(receipt)
            sync_directory(self._workspace.quarantine)
            book.append(self._workspace, fresh)
        self.outcomes += outcomes
        self._waiting, self._since = [], time.monotonic()
        if self._progress is not None:
            for outcome in outcomes:
                self._progress(outcome)

    def _outcome(self, result: Outcome | Examined) -> Outcome:
        if isinstance(result, Outcome):
            return result
        before = self.known.get(result.sha256)
        if before is not None:
            remove_tree(result.submission.directory)
            return Outcome(result.submission.path, receipt=before, already=True)
        self._last += 1
        receipt = result.receipt(self._last, datetime.now(UTC).isoformat(timespec="seconds"))
        self.known[receipt.sha256] = receipt
        self._aside[receipt.sha256] = result.submission.directory
        demonstration = result.key.demonstration
        return Outcome(result.submission.path, receipt=receipt, demonstration_key=demonstration)

    def _put_in_place(self, receipt: Receipt) -> None:
        """Rename what was made aside to where a receipt's things lie: quarantine first."""
        aside = self._aside.pop(receipt.sha256)
        if (aside / QUARANTINE).exists():
            (aside / QUARANTINE).rename(self._workspace.quarantine / receipt.sha256)
        aside.rename(receipt.directory(self._workspace))


class _Worker:
    """Takes in and examines one handful of files after another; each thread has a desk of its own."""

    def __init__(
        self,
        workspace: Workspace,
        given: DataSet | None,
        keys: KeyRing,
        known: Mapping[str, Receipt],
        desks: int,
    ) -> None:
        self._workspace, self._given, self._keys, self._known = workspace, given, keys, known
        self._register = Register.load(workspace)
        self._groups = path_of(workspace, "hrg").exists()
        self._desks = desks
        self._at = threading.local()
        self._opened: list[Desk] = []

    def __call__(self, files: Sequence[Path]) -> list[Outcome | Examined]:
        """One result for each file, in their order."""
        results: dict[int, Outcome | Examined] = {}
        shapes: dict[object, list[tuple[int, Submission]]] = {}
        for place, path in enumerate(files):
            taken = self._take_in(path)
            if isinstance(taken, Outcome):
                results[place] = taken
            else:
                large = taken.scan.size >= LARGE_BYTES
                shapes.setdefault((taken.data_set, taken.checks, large and place), []).append((place, taken))
        for alike in shapes.values():
            examined = self._desk().examine([submission for _, submission in alike])
            for (place, submission), result in zip(alike, examined, strict=True):
                if isinstance(result, Examined):
                    results[place] = result
                else:
                    remove_tree(submission.directory)
                    results[place] = Outcome(submission.path, refusal=result)
        return [results[place] for place in range(len(files))]

    def close(self) -> None:
        for desk in self._opened:
            desk.close()

    def _take_in(self, path: Path) -> Outcome | Submission:
        aside = self._workspace.receipts / f"{INCOMING}{secrets.token_hex(8)}"
        try:
            taken = take_in(path, aside, self._given, self._known, self._groups)
            if isinstance(taken, Submission):
                return taken
            outcome = Outcome(path, receipt=taken, already=True)
        except SpeccomError as refusal:
            outcome = Outcome(path, refusal=refusal)
        except OSError as error:
            outcome = Outcome(
                path, refusal=ReceiveError(f"{path} cannot be read: {error.strerror or error}.")
            )
        remove_tree(aside)
        return outcome

    def _desk(self) -> Desk:
        if not hasattr(self._at, "desk"):
            self._at.desk = Desk(self._workspace, self._register, self._keys, self._desks)
            self._opened.append(self._at.desk)
        desk: Desk = self._at.desk
        return desk


def _examine_all(
    workspace: Workspace,
    files: Sequence[Path],
    given: DataSet | None,
    keys: KeyRing,
    known: Mapping[str, Receipt],
) -> Iterator[Outcome | Examined]:
    """Examine files, some at once, and give the results in the order of the files."""
    handfuls = list(_handfuls(files))
    desks = min(_DESKS, len(handfuls))
    worker = _Worker(workspace, given, keys, known, desks)
    pool = ThreadPoolExecutor(desks)
    try:
        for results in pool.map(worker, handfuls):
            yield from results
    finally:
        pool.shutdown(cancel_futures=True)
        worker.close()


def _handfuls(files: Sequence[Path]) -> Iterator[list[Path]]:
    """Neighbouring files that together are no more than one desk should hold at a time."""
    handful: list[Path] = []
    size = 0
    for file in files:
        own = file.stat().st_size if file.exists() else 0
        if handful and (len(handful) == _HANDFUL_FILES or size + own > _HANDFUL_BYTES):
            yield handful
            handful, size = [], 0
        handful.append(file)
        size += own
    yield handful


def _clear_away(workspace: Workspace, receipts: Sequence[Receipt]) -> None:
    """Remove what a run left that was killed: things aside, and things in place that are not in the book."""
    received = {receipt.sha256 for receipt in receipts}
    for parent in (workspace.receipts, workspace.quarantine):
        for path in parent.iterdir():
            if path.is_dir() and path.name not in received:
                remove_tree(path)
