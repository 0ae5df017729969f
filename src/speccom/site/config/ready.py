"""Makes the site usable in this process: where its workspace is, Django set up, the database up to date."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from speccom.errors import SpeccomError
from speccom.site.config.environment import database
from speccom.workspace import Workspace

_LOCK = 0x5BECC0  # any number that nothing else of this database locks


class NoDatabase(SpeccomError):
    """A question to a site that nobody has served or invited to yet."""

    code = "no_database"


def ready(workspace: Workspace, *, make: bool = True) -> None:
    """Set Django up for a workspace and bring its database up to date.

    Without `make` a database that is not there is refused with `NoDatabase`, and nothing is made.
    """
    held = database(workspace)
    if not make and held["ENGINE"].endswith("sqlite3") and not held["NAME"].is_file():
        raise NoDatabase(
            f"There is no site at {workspace.root}: name its workspace with --workspace, or its DATABASE_URL."
        )
    workspace.make()
    os.environ["SPECCOM_HOME"] = str(workspace.root)
    os.environ["DJANGO_SETTINGS_MODULE"] = "speccom.site.config.settings"
    import django

    django.setup()
    up_to_date(workspace)


def up_to_date(workspace: Workspace) -> None:
    """Make or migrate the database; of several processes that begin at once, one does and the rest wait."""
    from django.core.management import call_command
    from django.db import connection, connections
    from django.db.migrations.executor import MigrationExecutor

    _owner_only(connection.settings_dict)
    with _alone(workspace):
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0)
    connections.close_all()  # workers that part from this process open their own


def _owner_only(settings: dict[str, object]) -> None:
    """A new SQLite file is readable by its owner only, and so are those that it lays beside itself."""
    if str(settings["ENGINE"]).endswith("sqlite3"):
        os.close(os.open(str(settings["NAME"]), os.O_CREAT | os.O_RDWR, 0o600))


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    from django.db import connection

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
            try:
                yield
            finally:
                cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])
        return
    with (workspace.root / ".migrations.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
