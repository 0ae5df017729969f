"""Whom a board is held against: England, its region, boards alike in need and age, or a group of the user's own."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from speccom.insight.areas import name_of
from speccom.insight.opened import Opened
from speccom.insight.result import Gap, InsightError
from speccom.workspace import Workspace, write_atomically

NEAREST = 5
"""How many boards are the nearest."""
COMPONENTS = (
    "general acute",
    "community",
    "maternity",
    "mental health",
    "health inequalities avoidable mortality",
)
"""What makes boards alike: community follows old age, maternity young women, the last deprivation."""
_GROUP = "group:"


@dataclass(frozen=True, slots=True)
class Peers:
    """For each board its peers (none at all where it is England), how they are called, and what was used."""

    of: Mapping[str, Sequence[str]]
    words: Mapping[str, str]
    notes: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = field(default=())


def peers_of(asked: Opened, peers: str, counted: Sequence[str]) -> Peers:
    """The peers of every board that has a population. `peers`: see `variation`. Raises `InsightError`."""
    if peers == "england":
        return Peers({}, {})
    if peers == "region":
        return _of_region(asked, counted)
    if peers == "nearest":
        return _nearest(asked, counted)
    return _own(asked, peers, counted)


def save_group(workspace: Workspace, name: str, icbs: Sequence[str]) -> Path:
    """Keep a group of boards under a name, for everybody who reads this workspace; the old one is replaced."""
    groups = {**groups_of(workspace), name: tuple(icbs)}
    if not name.replace("-", "").isalnum() or not icbs:
        raise InsightError(f"{name!r} cannot be a group: use letters, digits and hyphens, and name boards.")
    rows = [f"{group},{icb}" for group, each in sorted(groups.items()) for icb in each]
    path = _path(workspace)
    with workspace.lock("the group"):
        write_atomically(path, "\n".join(["group,icb", *rows, ""]).encode())
    return path


def groups_of(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    """The groups kept in a workspace, by name."""
    path = _path(workspace)
    if not path.exists():
        return {}
    groups: dict[str, list[str]] = {}
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        groups.setdefault(row["group"], []).append(row["icb"])
    return {name: tuple(icbs) for name, icbs in groups.items()}


def _path(workspace: Workspace) -> Path:
    return workspace.reference / "peer-groups.csv"


def _of_region(asked: Opened, counted: Sequence[str]) -> Peers:
    regions = {area: asked.boards[area].region for area in counted}
    of = {
        area: [other for other in counted if regions[other] == region and other != area]
        for area, region in regions.items()
    }
    words = {area: f"other boards of {name_of(asked.register, region)}" for area, region in regions.items()}
    alone = [
        Gap(
            name_of(asked.register, area), "peers", "it is the only board of its region that has a population"
        )
        for area, others in of.items()
        if not others
    ]
    return Peers(of, words, ("Held against the other boards of the region, as one.",), tuple(alone))


def _nearest(asked: Opened, counted: Sequence[str]) -> Peers:
    """The boards nearest by the z-scores of the core allocation's need indices."""
    profiles = {area: _profile(asked, area) for area in counted}
    known = [area for area, profile in profiles.items() if profile is not None]
    if len(known) <= NEAREST:
        raise InsightError(
            f"Too few boards have a need index for {asked.years[-1]} to find the nearest: compare with "
            "england or region, or ask for a year that the register has need for (2024/25, 2025/26)."
        )
    table = np.array([profiles[area] for area in known])
    spread = table.std(axis=0)
    scores = (table - table.mean(axis=0)) / np.where(spread > 0, spread, 1)
    apart = np.sqrt(((scores[:, None, :] - scores[None, :, :]) ** 2).sum(axis=2))
    np.fill_diagonal(apart, np.inf)
    of = {
        area: [known[place] for place in np.argsort(apart[row], kind="stable")[:NEAREST]]
        for row, area in enumerate(known)
    }
    words = {area: f"the {NEAREST} nearest: {', '.join(others)}" for area, others in of.items()}
    gaps = tuple(
        Gap(name_of(asked.register, area), "nearest boards", "the register has no need index for it")
        for area in counted
        if area not in known
    )
    note = (
        f"Held against the {NEAREST} boards nearest in need and age, by the need indices of the core allocation "
        f"({', '.join(COMPONENTS)}; inferred, and of core services, not specialised ones)."
    )
    return Peers(of, words, (note,), gaps)


def _profile(asked: Opened, area: str) -> list[float] | None:
    held = [asked.register.need_index(area, asked.years[-1], component) for component in COMPONENTS]
    return None if None in held else [float(each) for each in held if each is not None]


def _own(asked: Opened, peers: str, counted: Sequence[str]) -> Peers:
    if peers.startswith(_GROUP):
        name = peers.removeprefix(_GROUP)
        groups = groups_of(asked.workspace)
        if name not in groups:
            raise InsightError(
                f"There is no group {name!r}: choose from {', '.join(groups) or 'none kept yet'}, or name boards' "
                "codes with commas."
            )
        codes: Sequence[str] = groups[name]
    else:
        codes = [code.strip().upper() for code in peers.split(",") if code.strip()]
    unknown = [code for code in codes if code not in asked.boards]
    if unknown or not codes:
        raise InsightError(
            f"{', '.join(unknown) or 'Nothing'} is no board on {asked.on:%-d %B %Y}: compare with england, region, "
            "nearest, group:NAME or boards' codes with commas, such as QHM,QWO."
        )
    of = {area: [code for code in codes if code != area and code in counted] for area in counted}
    return Peers(of, {area: ", ".join(others) for area, others in of.items()})
