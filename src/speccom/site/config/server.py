"""Serves the site: migrations first, then gunicorn in this process, with as many workers as processors,
and beside them one process that does the work in the background."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from speccom.errors import SpeccomError
from speccom.site.config.environment import workers
from speccom.site.config.ready import ready
from speccom.workspace import Workspace

_EVERYWHERE = {"0.0.0.0", "::", ""}


class ServeError(SpeccomError):
    """The site cannot be served as asked."""

    code = "serve"


class _Beside:
    """The process that does the work in the background: begun anew if it ends, and ended with the server."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def keep(self) -> None:
        if self._process is None or self._process.poll() is not None:
            program = "from speccom.cli import main; main()"
            self._process = subprocess.Popen(
                [sys.executable, "-c", program, "work", "--beside", str(os.getpid())],
                stdout=subprocess.DEVNULL,
            )

    def end(self) -> None:
        """Let it finish what it does for a while; one that is killed then loses nothing."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()


class _Arbiter(Arbiter):  # type: ignore[misc]
    """Gunicorn's, which looks each second whether its workers are all there."""

    def __init__(self, app: _Server) -> None:
        self._beside = app.beside
        super().__init__(app)

    def manage_workers(self) -> None:
        super().manage_workers()
        if self._beside:
            self._beside.keep()


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(
        self, settings: dict[str, Any], load: Callable[[], Any], beside: _Beside | None = None
    ) -> None:
        self._settings, self._load, self.beside = settings, load, beside
        super().__init__()

    def run(self) -> None:
        _Arbiter(self).run()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._load()


def serve(
    workspace: Workspace, host: str, port: int, announce: Callable[[str], None], *, works: bool = True
) -> None:
    """Bring the database up to date, say where the site is, and serve it until stopped.

    With `works` a process beside does the work in the background.
    """
    if not _free(host, port):
        raise ServeError(f"Port {port} of {host} is in use: name another with --port.")
    address = f"http://{'localhost' if host in _EVERYWHERE else f'[{host}]' if ':' in host else host}:{port}/"
    _prepare(workspace, host, address)
    beside = _Beside() if works else None
    settings = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers(),
        "worker_class": "gthread",
        "threads": 4,
        "preload_app": True,  # the register is read once, before the workers part
        "control_socket_disable": True,  # nothing but a signal steers it
        "max_requests": 20_000,
        "max_requests_jitter": 2_000,
        "loglevel": "error",
        "proc_name": "speccom",
        "when_ready": lambda _: announce(f"Speccom is at {address} (stop it with Ctrl+C)"),
    }
    if beside:
        settings["on_exit"] = lambda _: beside.end()
    _Server(settings, _application, beside).run()


def _prepare(workspace: Workspace, host: str, address: str) -> None:
    if "SPECCOM_HOSTS" not in os.environ:
        own = {host, socket.gethostname()} - _EVERYWHERE
        os.environ["SPECCOM_HOSTS"] = ",".join(["localhost", "[::1]", *sorted(own)])
    # With a mail server, links must lead back from elsewhere: then the address is asked for.
    if not os.environ.get("SPECCOM_SMTP_HOST") and not os.environ.get("SPECCOM_ADDRESS"):
        os.environ["SPECCOM_ADDRESS"] = address
    os.environ["SPECCOM_HOME"] = str(workspace.root)
    os.environ["DJANGO_SETTINGS_MODULE"] = "speccom.site.config.settings"
    from django.conf import settings

    if not (settings.STATIC_ROOT / "staticfiles.json").is_file():
        raise ServeError("The site's styles are not built: run make static, then serve again.")
    ready(workspace)
    from speccom.site.decisions.actions import settle

    settle()  # what a kill left half adopted


def _application() -> Any:
    from speccom.site.config.wsgi import application

    return application


def _free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
