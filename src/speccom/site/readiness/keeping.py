"""Where evidence lies: the workspace's folder, each file under a random name that tells nothing, owner only."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.conf import settings

from speccom.site.core.refusals import NotFound
from speccom.workspace import write_atomically


def keep(content: bytes) -> str:
    """Write a file and give the name that it is kept under."""
    folder = settings.WORKSPACE.evidence
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    name = secrets.token_hex(16)
    write_atomically(folder / name, content, 0o600)
    return name


def kept(name: str) -> bytes:
    """The content of a file. Raises `NotFound` where the workspace has lost it."""
    try:
        return _path(name).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(
            "The site no longer has this file: ask whoever looks after the site to restore the evidence folder."
        ) from error


def forget(name: str) -> None:
    """Remove a file, if it is there."""
    _path(name).unlink(missing_ok=True)


def _path(name: str) -> Path:
    path: Path = settings.WORKSPACE.evidence / name
    return path
