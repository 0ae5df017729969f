"""Fitted need models kept in a workspace: each version under its fingerprint, never changed, its tables beside it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from speccom.finance.needs import weighted
from speccom.finance.needs.model_file import NeedsError
from speccom.finance.needs.workshop import Workshop
from speccom.insight.result import Gap, Result
from speccom.spreadsheets import slug
from speccom.workspace import Workspace, remove_tree, sync_directory

WEIGHTED = "need_weighted_population.csv"
_ABOUT = "about.json"
_SHORT = 12  # characters of a fingerprint that name a version


@dataclass(frozen=True, slots=True)
class Kept:
    """One version of a need model. `key` names the model in addresses, `version` is its fingerprint's start."""

    key: str
    version: str
    fingerprint: str
    name: str
    service: str
    year: str
    form: str
    unit: str
    explained: float
    level: float
    areas: int
    kept: datetime
    synthetic: bool
    sources: tuple[str, ...]
    asked: Mapping[str, Any]
    directory: Path

    @property
    def weighted(self) -> Path:
        """Its people weighted by need, for target shares."""
        return self.directory / WEIGHTED

    def result(self, name: str) -> Result:
        """One of its tables, by the names of `workshop.SHOWN`."""
        return read_result(self.directory / f"{name}.parquet")


def keep(workspace: Workspace, workshop: Workshop) -> Kept:
    """Keep a fitted model; the same inputs again take the place of what they gave before."""
    model = workshop.model
    key, version = slug(model.name), workshop.fingerprint[:_SHORT]
    place = _root(workspace) / key / version
    about = {
        "fingerprint": workshop.fingerprint,
        "name": model.name,
        "service": model.service,
        "year": model.year,
        "form": model.form,
        "unit": model.unit,
        "explained": workshop.fitted.explained,
        "level": workshop.need.level,
        "areas": len(workshop.areas),
        "kept": datetime.now(UTC).isoformat(timespec="seconds"),
        "synthetic": model.synthetic,
        "sources": list(model.sources),
        "asked": dict(model.asked),
        "area_table": {"file": workshop.areas.file, "sha256": workshop.areas.sha256},
    }
    with workspace.lock("keeping the need model"):
        aside = place.with_name(f".{version}.{secrets.token_hex(4)}")
        aside.mkdir(parents=True)
        try:
            for name, result in workshop.results.items():
                _write(aside / f"{name}.parquet", result)
            (aside / WEIGHTED).write_text(weighted.written(workshop), encoding="utf-8")
            (aside / _ABOUT).write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")
            remove_tree(place)
            aside.rename(place)
            sync_directory(place.parent)
        finally:
            remove_tree(aside)
    return _kept(place)


def kept_models(workspace: Workspace) -> list[Kept]:
    """Every version kept, the latest first."""
    found = [_kept(path.parent) for path in _root(workspace).glob(f"*/[!.]*/{_ABOUT}")]
    return sorted(found, key=lambda each: (each.kept, each.key, each.version), reverse=True)


def kept_model(workspace: Workspace, key: str, version: str = "") -> Kept:
    """A model by its key, its latest version where none is named. Raises `NeedsError`, naming those kept."""
    held = kept_models(workspace)
    found = [each for each in held if each.key == key and version in ("", each.version)]
    if not found:
        names = ", ".join(dict.fromkeys(f"{each.key} ({each.version})" for each in held))
        raise NeedsError(
            f"No need model {key!r}{f' of version {version!r}' if version else ''} is kept: "
            f"{f'choose from {names}' if names else 'speccom needs MODEL.json --keep keeps one'}.",
            code="not_found",
        )
    return found[0]


def read_result(path: Path) -> Result:
    """A kept table with its title, notes and gaps."""
    table: pa.Table = pq.read_table(path)
    about = json.loads(table.schema.metadata[b"speccom"])
    return Result(
        about["title"],
        table,
        tuple(about["notes"]),
        tuple(Gap(*gap) for gap in about["gaps"]),
        about["synthetic"],
    )


def _root(workspace: Workspace) -> Path:
    return workspace.root / "finance" / "needs"


def _kept(directory: Path) -> Kept:
    path = directory / _ABOUT
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, KeyError, ValueError) as error:
        raise NeedsError(f"{path} cannot be read; fit the model again with --keep.") from error


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> Kept:
    about = json.loads(path.read_text(encoding="utf-8"))
    return Kept(
        path.parent.parent.name,
        path.parent.name,
        about["fingerprint"],
        about["name"],
        about["service"],
        about["year"],
        about["form"],
        about["unit"],
        about["explained"],
        about["level"],
        about["areas"],
        datetime.fromisoformat(about["kept"]),
        about["synthetic"],
        tuple(about["sources"]),
        about["asked"],
        path.parent,
    )


def _write(path: Path, result: Result) -> None:
    about = {"title": result.title, "notes": result.notes, "gaps": result.gaps, "synthetic": result.synthetic}
    table = result.table.replace_schema_metadata({"speccom": json.dumps(about, ensure_ascii=False)})
    pq.write_table(table, path, compression="zstd")
