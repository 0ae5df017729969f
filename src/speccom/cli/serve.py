"""The command that serves the site: `serve`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from speccom.cli import WorkspaceOption
from speccom.errors import SpeccomError
from speccom.workspace import Workspace


class SiteMissing(SpeccomError):
    """What the site runs on is not installed."""

    code = "site_missing"


def add_commands(app: typer.Typer) -> None:
    """Add `serve`."""
    app.command("serve")(serve)


def serve(
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="The port to listen on.", min=1, max=65535)] = 8000,
    worker: Annotated[
        bool,
        typer.Option(
            "--worker/--no-worker", help="Do the work in the background too, as `speccom work` does."
        ),
    ] = True,
    workspace: WorkspaceOption = None,
) -> None:
    """Serve the public site: who commissions what, explained, at any date."""
    with _installed():
        from speccom.site.config.environment import workers

        workers()  # gunicorn reads the same variable as it is imported, and would fail without a sentence
        from speccom.site.config import server
    server.serve(
        Workspace.locate(workspace), host, port, lambda sentence: print(sentence, flush=True), works=worker
    )


def site(workspace: Workspace, *, make: bool = False) -> None:
    """Make the site's database usable in this process, for commands that keep to it.

    One that is not there is refused, or made where the command says so.
    """
    with _installed():
        from speccom.site.config.ready import ready
    ready(workspace, make=make)


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise SiteMissing(
            f"The site needs {error.name}, which is not installed: install Speccom with its extra `site`."
        ) from error
