"""What journeys can reach: the site as it is served, on this machine alone, read in Debian's Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from tests.browser.reader import Reader
from tests.insight.worlds import ledger, many_boards, two_boards

from speccom.charts.gather import gather, tables
from speccom.charts.report import render
from speccom.site.explore.queries.demonstration import REPORT

# Playwright's loop runs in the tests' own thread until they end, also when the database is used after it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS_TO_START = 60
NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium with nothing that calls home."""
    chromium = shutil.which("chromium")
    assert chromium, "The journeys need Chromium: run scripts/needed-program chromium, then the tests."
    return browser_type_launch_args | {"executable_path": chromium, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def base_url(site: str) -> str:
    """What each address in a test begins with, as the browser's fixtures ask for it."""
    return site


@pytest.fixture(scope="session")
def served_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of the site: a small ledger and its report."""
    rows = [*two_boards(), *many_boards(["72Q", "93C", "00L"])]
    place = ledger(tmp_path_factory.mktemp("served"), rows)
    (place.results / REPORT).write_text(render(gather(place, tables(place))), encoding="utf-8")
    return place.root


@pytest.fixture(scope="session")
def site(served_in: Path) -> Iterator[str]:
    """The address of the site, started by its own command."""
    workspace = served_in
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-c", "from speccom.cli import main; main()", "serve", "--port", port]
    environment = os.environ | {"SPECCOM_HOME": str(workspace), "WEB_CONCURRENCY": "1"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    log = workspace / "log"
    with (
        log.open("wb") as said,
        subprocess.Popen(command, env=environment, stdout=said, stderr=said) as server,
    ):
        address = f"http://127.0.0.1:{port}"
        try:
            _wait(address, server, log)
            yield address
        finally:
            server.terminate()


def _wait(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health/", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The site did not start: {log.read_text(encoding='utf-8')}")


@pytest.fixture
def reader(new_context: NewContext, site: str) -> Reader:
    """Somebody at a desk."""
    return Reader(new_context(viewport={"width": 1280, "height": 900}).new_page(), site)


@pytest.fixture
def reader_on_a_phone(new_context: NewContext, site: str) -> Reader:
    """Somebody with the narrowest telephone that pages are made for."""
    return Reader(new_context(viewport={"width": 320, "height": 640}).new_page(), site)


@pytest.fixture
def reader_without_scripts(new_context: NewContext, site: str) -> Reader:
    """Somebody whose browser runs no scripts."""
    return Reader(new_context(java_script_enabled=False).new_page(), site)
