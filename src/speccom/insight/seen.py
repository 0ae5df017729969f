"""Patients of one question told apart: each counted once by area, provider, host and age.

The lines are read once into arrays in the order of patients, where a count is one pass over numbers; the database,
asked for each count, would tell the patients apart anew each time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.engine import run_steps
from speccom.engine.duckdb import DuckDBEngine
from speccom.ledger.ordered import firsts

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """A row for each patient, area and provider, in the order of patients, who are numbered from 0.

    `area` and `provider` are places in `areas` and `providers`; a provider of -1 is none.
    """

    patient: Numbers
    area: npt.NDArray[np.int16]
    provider: npt.NDArray[np.int16]
    age: npt.NDArray[np.int16]
    gender: npt.NDArray[np.int16]
    areas: tuple[str, ...]
    providers: tuple[str | None, ...]

    @classmethod
    def read(cls, engine: DuckDBEngine) -> Seen:
        """The people of a question, whose `people_asked`, `months_asked` and `board` are on the engine."""
        areas = _numbered(engine, "area", "board")
        providers = _numbered(engine, "provider", "months_asked")
        run_steps(engine, __package__, ["people_seen"])
        rows = engine.fetch("select * from people_seen")
        ids = rows["patient_id"].to_numpy()
        # The summaries lie in the order of patients within a line, so that this has little to move.
        order = np.argsort(ids, kind="stable")
        ids = ids[order]
        patient = np.zeros(len(ids), dtype=np.int64)
        np.cumsum(ids[1:] != ids[:-1], out=patient[1:])
        held = {
            name: rows[name].to_numpy().astype(np.int16)[order]
            for name in ("area", "provider", "age", "gender")
        }
        return cls(patient, **held, areas=areas, providers=(*providers, None))

    def by_area(self) -> dict[str, int]:
        """Patients of each area."""
        return self._named(self._distinct(self.area, len(self.areas)), self.areas)

    def by_provider(self) -> dict[tuple[str, str | None], int]:
        """Patients of each area at each provider."""
        return self._pairs(self.provider, self.providers)

    def by_host(self, hosts: Mapping[str, str | None]) -> dict[tuple[str, str | None], int]:
        """Patients of each area in the area of each host; `hosts` are the boards that providers lie in."""
        return self._pairs(*self._hosted(hosts))

    def of_hosts(self, hosts: Mapping[str, str | None]) -> dict[str | None, int]:
        """Patients cared for in the area of each host, each once, wherever they live."""
        host, names = self._hosted(hosts)
        return self._named(self._distinct(host, len(names)), names)

    def within(self, areas: Collection[str]) -> int:
        """Patients of some areas together, one of two areas once."""
        chosen = np.array([area in areas for area in self.areas], dtype=bool)[self.area]
        patient = self.patient[chosen]
        return int((patient[1:] != patient[:-1]).sum() + (len(patient) > 0))

    def by_age(self) -> list[dict[str, Any]]:
        """Patients of each area by age and gender, each once, at the oldest age and the last gender that are stated."""
        pairs = self.patient * len(self.areas) + self.area
        order = np.argsort(pairs, kind="stable")
        pairs = pairs[order]
        starts = np.flatnonzero(firsts(pairs))
        if not len(starts):
            return []
        age = np.maximum.reduceat(self.age[order], starts).astype(np.int64)
        gender = np.maximum.reduceat(self.gender[order], starts).astype(np.int64)
        area = pairs[starts] % len(self.areas)
        kinds, counts = np.unique((area << 32) + ((age + 1) << 8) + gender, return_counts=True)
        return [
            {
                "area": self.areas[kind >> 32],
                "age": old if (old := (kind >> 8 & 0xFFFFFF) - 1) >= 0 else None,
                "gender": chr(kind & 0xFF) if kind & 0xFF else None,
                "patients": count,
            }
            for kind, count in zip(kinds.tolist(), counts.tolist(), strict=True)
        ]

    def _pairs(
        self, other: npt.NDArray[np.int16], names: tuple[str | None, ...]
    ) -> dict[tuple[str, str | None], int]:
        key = self.area.astype(np.int64) * len(names) + other % len(names)
        counts = self._distinct(key, len(self.areas) * len(names))
        return {
            (self.areas[place // len(names)], names[place % len(names)]): int(counts[place])
            for place in np.flatnonzero(counts).tolist()
        }

    def _hosted(
        self, hosts: Mapping[str, str | None]
    ) -> tuple[npt.NDArray[np.int16], tuple[str | None, ...]]:
        """The host of each row as a place in the names given."""
        names = (*sorted({host for host in hosts.values() if host}), None)
        lies_in = {name: place for place, name in enumerate(names)}
        of_provider = [lies_in[hosts.get(each) if each else None] for each in self.providers]
        return np.array(of_provider, dtype=np.int16)[self.provider], names

    def _distinct(self, key: npt.NDArray[Any], width: int) -> Numbers:
        """Patients of each key from 0 to below `width`."""
        pairs = np.sort(self.patient * width + key)
        return np.bincount(pairs[firsts(pairs)] % width, minlength=width)

    @staticmethod
    def _named(counts: Numbers, names: tuple[Any, ...]) -> dict[Any, int]:
        return {names[place]: int(counts[place]) for place in np.flatnonzero(counts).tolist()}


def _numbered(engine: DuckDBEngine, column: str, relation: str) -> tuple[str, ...]:
    """The texts of a column in order, registered with their places as `area_numbered`, say."""
    found: list[str | None] = engine.fetch(f"select distinct {column} from {relation}")[column].to_pylist()
    names = sorted(each for each in found if each is not None)
    engine.register(
        f"{column}_numbered",
        pa.table({column: pa.array(names, pa.string()), "number": pa.array(range(len(names)), pa.int16())}),
    )
    return tuple(names)
