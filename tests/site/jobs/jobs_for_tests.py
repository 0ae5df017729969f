"""Work in the background that tests can watch, and kill in the middle."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from speccom.errors import SpeccomError
from speccom.site.jobs.actions import NotNow, Progress, job


@job
def write(progress: Progress, needs: dict[str, Any]) -> None:
    """Add a line to a file once something lets it: `wait` is a file that is waited for."""
    with Path(needs["file"]).open("a") as begun:
        begun.write("begun\n")
    progress(1, 4)
    while needs.get("wait") and not Path(needs["wait"]).exists():
        time.sleep(0.05)
    with Path(needs["file"]).open("a") as ended:
        ended.write("ended\n")


@job
def kill(_: Progress, needs: dict[str, Any]) -> None:
    """End the process as by a power cut, each time."""
    with Path(needs["file"]).open("a") as begun:
        begun.write("begun\n")
    os.kill(os.getpid(), signal.SIGKILL)


@job
def refuse(_: Progress, needs: dict[str, Any]) -> None:
    raise SpeccomError("The file has no column of amounts: add one.")


@job
def fail(_: Progress, needs: dict[str, Any]) -> None:
    raise ZeroDivisionError("secret words")


@job
def later(_: Progress, needs: dict[str, Any]) -> None:
    raise NotNow("The other machine does not answer.")
