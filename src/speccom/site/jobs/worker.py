"""The process that does what waits in the background, one piece after another, until it is told to stop.

Of several on one database one works and the others wait to take over, so that a job found running by who
works was broken off: the one that did it is gone. SQLite has one writer at a time in any case.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from typing import IO, Any

from django.db import OperationalError, close_old_connections, connection, connections
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from speccom.site.jobs.actions import do_regularly, forget, take_up
from speccom.workspace import Workspace

LOG = logging.getLogger(__name__)
EVERY = 1.0
"""Seconds between looks at the queue."""
REGULARLY = 60 * 60.0
"""Seconds between calls of what is done now and again."""
_LOCK = 0x5BECC1


def work(workspace: Workspace, announce: Callable[[str], None], *, beside: int | None = None) -> None:
    """Do what waits until SIGTERM or SIGINT, which let the piece in hand be done first.

    With `beside`, a process's number, it stops as well once that process is no longer its parent.
    """
    _Work(workspace, announce, beside).run()


class _Work:
    def __init__(self, workspace: Workspace, announce: Callable[[str], None], beside: int | None) -> None:
        self._alone = _Alone(workspace)
        self._announce, self._beside = announce, beside
        self._told_to_stop = False
        self._worker = Worker(
            queue_names=["*"],
            interval=0,
            batch=True,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}",
            excluded_queue_names=[],
        )

    def run(self) -> None:
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._stop)
        first, again = True, 0.0
        while not self._over():
            close_old_connections()
            try:
                if self._alone.held():
                    if first:
                        self._announce("Speccom works in the background (stop it with Ctrl+C)")
                        forget()
                        first = False
                    take_up()
                    if time.monotonic() >= again:
                        do_regularly()
                        again = time.monotonic() + REGULARLY
                    if DBTaskResult.objects.ready().exists():
                        self._worker.run()
                        continue
            except OperationalError as error:
                LOG.warning("The database did not answer, and is asked again: %s", error)
                connections.close_all()
            time.sleep(EVERY)
        self._alone.close()

    def _stop(self, *_: Any) -> None:
        self._told_to_stop = True
        self._worker.running = False

    def _over(self) -> bool:
        return self._told_to_stop or (self._beside is not None and os.getppid() != self._beside)


class _Alone:
    """Whether this process is the one that works: it holds a lock that ends with it, however it ends."""

    def __init__(self, workspace: Workspace) -> None:
        self._path = workspace.root / ".work.lock"
        self._file: IO[str] | None = None
        self._own: Any = None

    def held(self) -> bool:
        return self._on_postgresql() if connection.vendor == "postgresql" else self._in_the_workspace()

    def close(self) -> None:
        if self._own is not None:
            self._own.close()
        if self._file is not None:
            self._file.close()

    def _in_the_workspace(self) -> bool:
        if self._file is not None:
            return True
        opened = self._path.open("w")
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            opened.close()
            return False
        self._file = opened
        return True

    def _on_postgresql(self) -> bool:
        """The lock lives in a connection of its own, which is asked each time whether it still stands."""
        try:
            if self._own is not None:
                with self._own.cursor() as cursor:
                    cursor.execute("select 1")
                return True
            own = connections.create_connection("default")
            with own.cursor() as cursor:
                cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
                if cursor.fetchone()[0]:
                    self._own = own
                    return True
            own.close()
        except OperationalError:
            self._own = None
            raise
        return False
