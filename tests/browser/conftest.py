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
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext
from tests.browser.reader import Reader
from tests.finance.need_worlds import worked
from tests.insight.deprived import with_boards, with_deprivation, with_people
from tests.insight.worlds import fourteen_months, ledger, many_boards, two_boards

from speccom.charts.gather import gather, tables
from speccom.charts.report import render
from speccom.finance.needs.example import rows as made_up_areas
from speccom.finance.needs.kept import keep
from speccom.site.explore.queries.demonstration import REPORT
from speccom.workspace import Workspace

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
    """The workspace of the site: a small ledger, its report, imported lists and a kept need model."""
    rows = [*two_boards(), *many_boards(["72Q", "93C", "00L"]), *fourteen_months()]
    place = ledger(tmp_path_factory.mktemp("served"), rows)
    for import_list in (with_people, with_deprivation, with_boards):
        import_list(place, place.root)
    (place.results / REPORT).write_text(render(gather(place, tables(place))), encoding="utf-8")
    areas = made_up_areas(
        {"QMF": "Y56", "QWO": "Y63", "QKK": "Y56", "QHM": "Y63", "QNC": "Y60"}, per_board=12
    )[0]
    keep(place, worked(tmp_path_factory.mktemp("needs"), areas))
    return place.root


@pytest.fixture(scope="session")
def site(served_in: Path) -> Iterator[str]:
    """The address of the site over that workspace."""
    with served(Workspace(served_in)) as address:
        yield address


@contextmanager
def served(place: Workspace) -> Iterator[str]:
    """The address of the site over a workspace, started by its own command and ended with the tests."""
    workspace = place.root
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
