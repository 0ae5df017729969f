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
from speccom.contracts.examine import INCOMING, QUARANTINE, Desk, Examined
from speccom.contracts.identity import KeyRing
from speccom.contracts.schemas import DataSet, parse_data_set
from speccom.errors import SpeccomError
from speccom.register import Register
from speccom.workspace import Workspace, remove_tree, sync_directory

# Two files at once, each on one thread, keep two processors busy through many small files; a lone file
# gets every thread. More at once would only share the same memory among more.
_DESKS = 2
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
            remove_tree(result.directory)
            return Outcome(result.path, receipt=before, already=True)
        self._last += 1
        receipt = result.receipt(self._last, datetime.now(UTC).isoformat(timespec="seconds"))
        self.known[receipt.sha256] = receipt
        self._aside[receipt.sha256] = result.directory
        return Outcome(result.path, receipt=receipt, demonstration_key=result.key.demonstration)

    def _put_in_place(self, receipt: Receipt) -> None:
        """Rename what was made aside to where a receipt's things lie: quarantine first."""
        aside = self._aside.pop(receipt.sha256)
        if (aside / QUARANTINE).exists():
            (aside / QUARANTINE).rename(self._workspace.quarantine / receipt.sha256)
        aside.rename(receipt.directory(self._workspace))


def _examine_all(
    workspace: Workspace,
    files: Sequence[Path],
    given: DataSet | None,
    keys: KeyRing,
    known: Mapping[str, Receipt],
) -> Iterator[Outcome | Examined]:
    """Examine files, some at once, and give the results in the order of the files."""
    register = Register.load(workspace)
    desks = min(_DESKS, len(files))
    at_desk = threading.local()
    opened: list[Desk] = []

    def desk() -> Desk:
        if not hasattr(at_desk, "desk"):
            at_desk.desk = Desk(workspace, register, keys, desks)
            opened.append(at_desk.desk)
        return at_desk.desk  # type: ignore[no-any-return]

    def examine(path: Path) -> Outcome | Examined:
        aside = workspace.receipts / f"{INCOMING}{secrets.token_hex(8)}"
        try:
            result = desk().examine(path, aside, given, known)
        except SpeccomError as refusal:
            result = Outcome(path, refusal=refusal)
        except OSError as error:
            result = Outcome(
                path, refusal=ReceiveError(f"{path} cannot be received: {error.strerror or error}.")
            )
        if not isinstance(result, Examined):
            remove_tree(aside)
        return Outcome(path, receipt=result, already=True) if isinstance(result, Receipt) else result

    pool = ThreadPoolExecutor(desks)
    try:
        yield from pool.map(examine, files)
    finally:
        pool.shutdown(cancel_futures=True)
        for desk in opened:
            desk.close()


def _clear_away(workspace: Workspace, receipts: Sequence[Receipt]) -> None:
    """Remove what a run left that was killed: things aside, and things in place that are not in the book."""
    received = {receipt.sha256 for receipt in receipts}
    for parent in (workspace.receipts, workspace.quarantine):
        for path in parent.iterdir():
            if path.is_dir() and path.name not in received:
                remove_tree(path)
