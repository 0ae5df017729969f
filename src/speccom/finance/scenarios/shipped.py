"""The scenarios that ship, and those that a workspace keeps: each by the hash of its content."""

from __future__ import annotations

import binascii
import re
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import cache
from importlib.resources import files
from pathlib import Path

from speccom.finance.scenarios.file import HASH_LENGTH, LARGEST, Scenario, ScenarioError, parse
from speccom.workspace import Workspace, write_atomically

MOST_KEPT = 500
"""Scenarios that a workspace keeps."""
LONGEST_NAME = 1_900
"""Characters of what a scenario is known by, at most: more would not fit an address."""
_WRITTEN_OUT = "file."
_HASH = re.compile(rf"[0-9a-f]{{{HASH_LENGTH}}}")


@cache
def shipped() -> dict[str, Scenario]:
    """Every scenario that ships, by the name of its file."""
    found = {}
    for each in sorted(files(__package__).joinpath("content").iterdir(), key=lambda file: file.name):
        if each.name.endswith(".json"):
            found[each.name.removesuffix(".json")] = parse(each.read_text(encoding="utf-8"))
    return found


def read_scenario(path: Path) -> Scenario:
    """The scenario of a file. Raises `ScenarioError`."""
    try:
        if path.stat().st_size > 4 * LARGEST:
            raise ScenarioError(f"{path} is larger than any scenario: it is refused unread.")
        return parse(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ScenarioError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path} is not a text in UTF-8: save it as one.") from error


def directory(workspace: Workspace) -> Path:
    """Where a workspace keeps scenarios."""
    return workspace.root / "finance" / "scenarios"


def save(workspace: Workspace, scenario: Scenario) -> Path:
    """Keep a scenario under its hash; the same content is kept once. Raises `ScenarioError` when there are too many."""
    place = directory(workspace)
    path = place / f"{scenario.hash}.json"
    if path.is_file():
        return path
    if len(kept(workspace)) >= MOST_KEPT:
        raise ScenarioError(
            f"This workspace keeps {MOST_KEPT} scenarios, which are the most: take some out of {place.name} first."
        )
    place.mkdir(parents=True, exist_ok=True)
    write_atomically(path, scenario.canonical.encode())
    return path


def kept(workspace: Workspace) -> list[str]:
    """The hashes of what a workspace keeps, the newest first."""
    place = directory(workspace)
    if not place.is_dir():
        return []
    paths = [path for path in place.glob("*.json") if _HASH.fullmatch(path.stem)]
    return [path.stem for path in sorted(paths, key=lambda path: (-path.stat().st_mtime_ns, path.stem))]


def find(workspace: Workspace, wanted: str) -> Scenario:
    """A scenario by its hash, a shipped name, or written out as `written_out` does.

    Raises `ScenarioError` for none, and for content that was changed.
    """
    if wanted.startswith(_WRITTEN_OUT):
        return _read_back(wanted)
    held = {each.hash: each for each in shipped().values()} | shipped()
    if wanted in held:
        return held[wanted]
    path = directory(workspace) / f"{wanted}.json"
    if not _HASH.fullmatch(wanted) or not path.is_file():
        raise ScenarioError(
            f"There is no scenario {wanted!r} here: choose {', '.join(shipped())}, or one that was saved.",
            code="no_scenario",
        )
    found = read_scenario(path)
    if found.hash != wanted:
        raise ScenarioError(
            f"The scenario kept as {wanted} has the content of {found.hash}: it was changed by hand; save it anew."
        )
    return found


def name_of(workspace: Workspace, scenario: Scenario) -> str:
    """What `find` knows a scenario by: its hash where it ships or is kept, else the whole of it written out."""
    ships = any(each.hash == scenario.hash for each in shipped().values())
    is_kept = (directory(workspace) / f"{scenario.hash}.json").is_file()
    return scenario.hash if ships or is_kept else written_out(scenario)


def written_out(scenario: Scenario) -> str:
    """A scenario as a name that holds all of it, so that its address stays true though nobody keeps it.

    Raises `ScenarioError` where it is too large for an address.
    """
    packed = urlsafe_b64encode(zlib.compress(scenario.canonical.encode(), 9)).decode().rstrip("=")
    name = f"{_WRITTEN_OUT}{packed}"
    if len(name) > LONGEST_NAME:
        raise ScenarioError(
            "This scenario is too large for an address of its own: run it with speccom scenario, or "
            "sign in and keep it."
        )
    return name


def _read_back(wanted: str) -> Scenario:
    packed = wanted.removeprefix(_WRITTEN_OUT)
    try:
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), 4 * LARGEST)
        if len(wanted) > LONGEST_NAME or not unpacking.eof:
            raise ValueError
        return parse(content.decode())
    except (ValueError, binascii.Error, zlib.error) as error:
        raise ScenarioError(
            "This address of a scenario was cut off or changed: ask for it again, or for the scenario’s file.",
            code="no_scenario",
        ) from error
