"""Databases of their own for tests that need several processes, on SQLite or PostgreSQL as the run says."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

Environment = dict[str, str]


def own_database(folder: Path) -> Environment:
    """The environment of a process with a workspace in a folder and a database that nothing else uses."""
    environment = os.environ | {"SPECCOM_HOME": str(folder), "SPECCOM_SECRET_KEY": "for tests only"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    url = os.environ.get("DATABASE_URL", "")
    if url:
        import psycopg

        name = f"own_{secrets.token_hex(6)}"
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"create database {name}")
        environment["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    return environment


def start(environment: Environment, program: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python program begun; nobody waits for it yet."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def command(environment: Environment, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a command of Speccom said, and how it left."""
    return subprocess.run(
        [sys.executable, "-c", "from speccom.cli import main; main()", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run(environment: Environment, program: str, *arguments: str) -> str:
    """What a Python program printed, which must have left well."""
    with start(environment, program, *arguments) as process:
        said, wrong = process.communicate(timeout=120)
    assert process.returncode == 0, wrong
    return said
