"""Serves the site: migrations first, then gunicorn in this process, with as many workers as processors."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from speccom.errors import SpeccomError
from speccom.site.config.environment import workers
from speccom.site.config.ready import ready
from speccom.workspace import Workspace

_EVERYWHERE = {"0.0.0.0", "::", ""}


class ServeError(SpeccomError):
    """The site cannot be served as asked."""

    code = "serve"


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: dict[str, Any], load: Callable[[], Any]) -> None:
        self._settings, self._load = settings, load
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return self._load()


def serve(workspace: Workspace, host: str, port: int, announce: Callable[[str], None]) -> None:
    """Bring the database up to date, say where the site is, and serve it until stopped."""
    if not _free(host, port):
        raise ServeError(f"Port {port} of {host} is in use: name another with --port.")
    _prepare(workspace, host)
    address = f"http://{'localhost' if host in _EVERYWHERE else host}:{port}/"
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
    _Server(settings, _application).run()


def _prepare(workspace: Workspace, host: str) -> None:
    if "SPECCOM_HOSTS" not in os.environ:
        own = {host, socket.gethostname()} - _EVERYWHERE
        os.environ["SPECCOM_HOSTS"] = ",".join(["localhost", "[::1]", *sorted(own)])
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
