"""The workspace directory: where each kind of data lies, its lock, and writes that cannot be half done."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from speccom.errors import SpeccomError


class WorkspaceError(SpeccomError):
    """The workspace cannot be used as asked."""

    code = "workspace"


@dataclass(frozen=True, slots=True)
class Workspace:
    """One directory of data at rest. `receipts` and `quarantine` hold identifiable data: owner only."""

    root: Path

    @classmethod
    def locate(cls, path: Path | None = None) -> Workspace:
        """The workspace at `path`, else at `SPECCOM_HOME`, else `./workspace`. Nothing is made yet."""
        return cls((path or Path(os.environ.get("SPECCOM_HOME", "workspace"))).resolve())

    @property
    def receipts(self) -> Path:
        return self.root / "receipts"

    @property
    def quarantine(self) -> Path:
        return self.root / "quarantine"

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    @property
    def reference(self) -> Path:
        return self.root / "reference"

    @property
    def register(self) -> Path:
        return self.root / "register"

    @property
    def results(self) -> Path:
        return self.root / "results"

    @property
    def kept(self) -> Path:
        """Answers worked out once and kept for whoever asks next; it can be removed at any time."""
        return self.root / "kept"

    @property
    def evidence(self) -> Path:
        """Files that people sent with assessments, each under a random name; readable by its owner only."""
        return self.root / "evidence"

    @property
    def demonstration_key(self) -> Path:
        """The demonstration's own patient key, beside the workspace and never in it."""
        return self.root.with_name(self.root.name + ".key")

    def make(self) -> Workspace:
        """Create what is missing; identifiable data is readable by its owner only."""
        try:
            for directory in (self.ledger, self.reference, self.register, self.results):
                directory.mkdir(parents=True, exist_ok=True)
            for directory in (self.receipts, self.quarantine):
                directory.mkdir(mode=0o700, exist_ok=True)
                directory.chmod(0o700)
        except OSError as error:
            raise WorkspaceError(f"The workspace {self.root} cannot be made: {error.strerror}.") from error
        return self

    def require(self) -> Workspace:
        """This workspace, refused when nothing was ever received into it."""
        if not self.receipts.is_dir():
            raise WorkspaceError(
                f"There is no workspace at {self.root}: receive files into it first, "
                "or name another with --workspace."
            )
        return self

    @contextmanager
    def lock(self, what: str) -> Iterator[None]:
        """Hold the workspace while it is changed; a second writer is refused, readers are not.

        The lock is the kernel's and ends with the process, so a killed run leaves none behind.
        """
        self.make()
        with (self.root / ".lock").open("w") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise WorkspaceError(
                    f"Another run is changing {self.root}, so {what} has to wait: try again when it is done."
                ) from error
            yield


def write_atomically(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace a file as one act: after a kill at any point it is the old one or the new one, whole."""
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make renames in a directory last through a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_tree(path: Path) -> None:
    """Remove a directory of ours, immutable files and all; nothing if it is not there."""
    shutil.rmtree(path, ignore_errors=True)
