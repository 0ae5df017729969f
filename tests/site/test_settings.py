"""How the site is set up: what the environment says, safe headers in public, one server."""

from __future__ import annotations

import gzip
import os
import socket
import stat
import subprocess
import sys
from email.message import Message
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from speccom.site.config import environment, static
from speccom.site.config.server import ServeError, serve
from speccom.workspace import Workspace


def test_without_a_database_url_the_database_is_sqlite_in_the_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert environment.database(Workspace(tmp_path))["NAME"] == tmp_path / "db.sqlite3"


def test_a_database_url_names_postgresql_with_whatever_is_in_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann:p%40ss@db.example:5433/speccom")
    found = environment.database(Workspace(tmp_path))
    assert found["ENGINE"].endswith("postgresql")
    assert [found[part] for part in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        "ann",
        "p@ss",
        "db.example",
        "5433",
        "speccom",
    ]


@pytest.mark.parametrize("url", ["mysql://localhost/speccom", "postgresql://localhost", "speccom"])
def test_another_database_is_refused_by_the_name_of_the_variable(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(environment.SettingError, match="DATABASE_URL"):
        environment.database(Workspace(tmp_path))


def test_a_switch_is_1_or_0_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPECCOM_HTTPS", "1")
    assert environment.flag("SPECCOM_HTTPS")
    monkeypatch.setenv("SPECCOM_HTTPS", "yes")
    with pytest.raises(environment.SettingError, match="SPECCOM_HTTPS"):
        environment.flag("SPECCOM_HTTPS")


def test_workers_are_a_whole_number_or_one_for_each_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WEB_CONCURRENCY", raising=False)
    assert environment.workers() == os.cpu_count()
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    assert environment.workers() == 3
    for value in ("two", "0", "-1"):
        monkeypatch.setenv("WEB_CONCURRENCY", value)
        with pytest.raises(environment.SettingError, match="WEB_CONCURRENCY"):
            environment.workers()


def test_a_number_of_workers_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    refused = subprocess.run(
        [sys.executable, "-c", "from speccom.cli import main; main()", "serve", "--workspace", str(tmp_path)],
        env=os.environ | {"WEB_CONCURRENCY": "two"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 2
    assert refused.stderr == "WEB_CONCURRENCY is 'two': give a whole number of workers, such as 2.\n"


def test_a_key_is_made_once_and_is_its_owners_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPECCOM_SECRET_KEY", raising=False)
    place = Workspace(tmp_path / "workspace")
    first = environment.secret_key(place)
    assert len(first) >= 50
    assert environment.secret_key(place) == first
    assert stat.S_IMODE((place.root / "site.key").stat().st_mode) == 0o600


def test_styles_with_an_address_elsewhere_are_refused() -> None:
    assert static.own_fonts("body{font-family:Frutiger W01,arial}") == "body{font-family:arial}"
    with pytest.raises(static.StaticError, match="https:"):
        static.own_fonts("body{background:url(https://assets.example/x.png)}")


def test_settings_for_the_public_pass_djangos_own_check_for_deployment(tmp_path: Path) -> None:
    # The journeys in a browser, when they ran before in this process, leave a setting of the tests' own.
    ours = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    checked = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"],
        env=ours
        | {
            "DJANGO_SETTINGS_MODULE": "speccom.site.config.settings",
            "SPECCOM_HTTPS": "1",
            "SPECCOM_HOME": str(tmp_path),
            "SPECCOM_SECRET_KEY": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_a_port_in_use_is_refused_in_words(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=f"Port {port}"):
            serve(Workspace(tmp_path), "127.0.0.1", port, print)


def test_serve_answers_compresses_and_lets_browsers_keep_hashed_files(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", "from speccom.cli import main; main()", "serve", "--port", str(port)]
    address = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [*command, "--workspace", str(tmp_path / "workspace")],
        env=os.environ | {"WEB_CONCURRENCY": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as served:
        try:
            assert served.stdout is not None
            assert f"{address}/" in served.stdout.readline()
            assert b'"healthy": true' in _get(f"{address}/health/")[1]
            headers, page = _get(f"{address}/services/")
            assert headers["Content-Encoding"] == "gzip"
            style = gzip.decompress(page).decode().split('rel="stylesheet" href="')[1].split('"')[0]
            assert "immutable" in _get(address + style)[0]["Cache-Control"]
        finally:
            served.terminate()


def _get(address: str) -> tuple[Message, bytes]:
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"}), timeout=10) as response:
        return response.headers, response.read()
