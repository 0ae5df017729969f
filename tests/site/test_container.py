"""The container's recipe and the composition around it, held to the project that they are made from."""

from __future__ import annotations

import json
import re
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from speccom.cli import main
from speccom.site.config import settings

ROOT = Path(__file__).resolve().parents[2]
RECIPE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
COMPOSED = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]


def steps(instruction: str) -> list[str]:
    """What follows each use of an instruction, in order."""
    return re.findall(rf"^\s*{instruction} (.+)$", RECIPE, flags=re.M)


def command() -> list[str]:
    """What the container runs: the last CMD, which is not that of the health check."""
    found: list[str] = json.loads(steps("CMD")[-1])
    return found


def test_every_file_that_the_recipe_copies_is_there_and_not_held_back() -> None:
    held_back = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    copied = [name for step in steps("COPY") if "--from" not in step for name in step.split()[:-1]]
    assert {"package.json", "requirements/postgres.txt", "pyproject.toml", "src"} <= set(copied)
    for name in copied:
        assert (ROOT / name).exists(), name
        assert not [pattern for pattern in held_back if fnmatch(name, pattern)], name


def test_its_python_is_one_that_the_project_runs_on_and_its_lock_is_whole() -> None:
    image = next(step for step in steps("FROM") if step.startswith("python:"))
    version = re.match(r"python:([\d.]+)", image)
    assert version and version[1] in SpecifierSet(PROJECT["project"]["requires-python"])
    extras = PROJECT["project"]["optional-dependencies"]
    needed = [
        *PROJECT["project"]["dependencies"],
        *extras["site"],
        *extras["postgres"],
        *PROJECT["dependency-groups"]["build"],
    ]
    lock = (ROOT / "requirements" / "postgres.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([\w-]+)(?:\[\w+\])?==([\w.]+)", lock, flags=re.M))
    for requirement in map(Requirement, needed):
        assert locked[requirement.name] in requirement.specifier, requirement.name


def test_it_serves_and_is_asked_for_its_health_at_one_port_as_nobody_in_particular(client: Client) -> None:
    port = steps("EXPOSE")[0]
    assert command()[command().index("--port") + 1] == port
    address = re.search(r"http://127\.0\.0\.1:(\d+)(/[\w/]+)", RECIPE)
    assert address and address[1] == port
    assert client.options(address[2]).status_code == 405  # it is there, and only to be read
    assert [each.rpartition(":")[2] for each in COMPOSED["site"]["ports"]] == [port]
    assert steps("USER") == ["speccom"]


def test_what_it_runs_is_a_command_of_speccom(capsys: pytest.CaptureFixture[str]) -> None:
    program, name, *options = command()
    assert program in PROJECT["project"]["scripts"]
    with pytest.raises(SystemExit) as left:
        main([name, "--help"])
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert all(option in told for option in options if option.startswith("--"))


def test_each_setting_of_the_composition_is_one_that_the_site_reads() -> None:
    how_to = (ROOT / "docs" / "how-to" / "run-the-site.md").read_text(encoding="utf-8")
    given: dict[str, Any] = COMPOSED["site"]["environment"]
    known = {*re.findall(r"^\| ([A-Z_]+) \|", settings.__doc__ or "", flags=re.M), "WEB_CONCURRENCY"}
    assert given.keys() <= known
    assert all(f"| `{name}` |" in how_to for name in known - {"SPECCOM_DEBUG"})


def test_the_site_writes_only_to_its_workspace_and_waits_for_its_database() -> None:
    site = COMPOSED["site"]
    workspace = re.search(r"SPECCOM_HOME=(/\w+)$", RECIPE, flags=re.M)
    assert workspace and site["read_only"] and site["volumes"] == [f"workspace:{workspace[1]}"]
    assert steps("VOLUME") == [workspace[1]]
    (database,) = site["depends_on"]
    assert site["depends_on"][database]["condition"] == "service_healthy"
    assert COMPOSED[database]["healthcheck"]["test"]
    user, name = (COMPOSED[database]["environment"][f"POSTGRES_{each}"] for each in ("USER", "DB"))
    address = site["environment"]["DATABASE_URL"]
    assert address.startswith(f"postgresql://{user}:") and address.endswith(f"@{database}:5432/{name}")
