"""The library as the site sees it: one register for each process, read-only and read anew when it changed."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils import timezone

from speccom.ledger.manifest import Manifest, read_manifest
from speccom.places.boundaries import Boundaries
from speccom.places.boundaries import boundaries as imported_boundaries
from speccom.places.deprivation import lists_held
from speccom.places.practices import PracticeList
from speccom.places.practices import practices as imported_practices
from speccom.register import Register
from speccom.register.facts import FactError


def register() -> Register:
    """The shipped register with the workspace's additions; what is added is seen at the next question.

    Costs one look at a directory, and one at its files a second. One that cannot be read is told in the log,
    and the register before it answers on.
    """
    global _held
    directory = settings.WORKSPACE.register
    now, changed = time.monotonic(), _changed(directory)
    held = _held
    if held is not None and held.same(directory, changed) and now - held.looked < _LOOK_AGAIN:
        return held.register
    with _reading:
        held, files = _held, _files(directory)
        if held is None or held.directory != directory or held.files != files:
            held = _Held(_read(held), directory, changed, files, now)
        _held = replace(held, changed=changed, looked=now)
        return _held.register


@dataclass(frozen=True, slots=True)
class _Held:
    """A register as it was read, and what tells that another should be: the directory, and its files.

    Two renames within one tick of the clock leave the directory's time as it was, and a file changed in its
    place does too: hence the files, looked at again after a while.
    """

    register: Register
    directory: Path
    changed: int
    files: tuple[tuple[str, int, int, int], ...]
    looked: float

    def same(self, directory: Path, changed: int) -> bool:
        return (self.directory, self.changed) == (directory, changed)


_LOOK_AGAIN = 1.0  # seconds
_held: _Held | None = None
_reading = threading.Lock()  # of several threads one reads, and the others wait for what it read
_log = logging.getLogger("speccom.register")


def _read(before: _Held | None) -> Register:
    try:
        read = Register.load(settings.WORKSPACE)
        assert read.snapshot  # of the files as they are now, and not when it is first asked for
        return read
    except FactError as error:
        if before is None:
            raise
        _log.error("The register changed and cannot be read, so that the one before answers on. %s", error)
        return before.register


def _changed(directory: Path) -> int:
    try:
        return directory.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _files(directory: Path) -> tuple[tuple[str, int, int, int], ...]:
    """The name, number, size and time of each file of a register's directory."""
    try:
        found = [(each.name, each.stat()) for each in os.scandir(directory) if not each.name.startswith(".")]
    except FileNotFoundError:
        return ()
    return tuple(sorted((name, of.st_ino, of.st_size, of.st_mtime_ns) for name, of in found))


Answers = TypeVar("Answers")
Asked = ParamSpec("Asked")


def remembered(most: int) -> Callable[[Callable[Asked, Answers]], Callable[Asked, Answers]]:
    """Keeps so many answers of a function, each for the register that it was answered from.

    For what asks `register()` itself: a register that changed is asked anew.
    """

    def remembering(answer: Callable[Asked, Answers]) -> Callable[Asked, Answers]:
        @lru_cache(maxsize=most)
        def held(_snapshot: str, *given: Asked.args, **named: Asked.kwargs) -> Answers:
            return answer(*given, **named)

        @wraps(answer)
        def asked(*given: Asked.args, **named: Asked.kwargs) -> Answers:
            return held(register().snapshot, *given, **named)  # type: ignore[arg-type]  # all are hashable

        return asked

    return remembering


def practices() -> PracticeList:
    """The GP practices that were imported, if any were."""
    return imported_practices(settings.WORKSPACE)


def boundaries(on: date) -> Boundaries | None:
    """The outlines of boards for a date, if any were imported."""
    return imported_boundaries(settings.WORKSPACE, on)


def ledger() -> Manifest | None:
    """What the workspace's ledger holds, if one was built; a build anew is seen at the next request."""
    return read_manifest(settings.WORKSPACE)


def today() -> date:
    """The day in England."""
    return timezone.localdate()


def warm() -> None:
    """Read what the first visitor would otherwise wait for."""
    held = register()
    held.facts.load("providers", "groups", "neuroscience_centres", "statutory_services", "planned")
    held.areas(today())
    assert held.snapshot and held.services and held.decisions
    lists_held(settings.WORKSPACE)
    gc.collect()
    gc.freeze()  # what was read is for good: no visitor waits while it is looked through for what could go
    atexit.register(gc.unfreeze)
