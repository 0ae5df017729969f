"""Patients told apart: every count against sets of the same rows."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from speccom.engine.duckdb import DuckDBEngine
from speccom.insight.seen import Seen

HOSTS = {"RA1": "QMF", "RA2": "QMF", "RA3": "QWO", "RA4": None}


class Row(NamedTuple):
    area: str
    provider: str | None
    patient_id: int | None
    age: int | None
    gender: str | None


ROWS = st.lists(
    st.builds(
        Row,
        st.sampled_from(["QMF", "QWO", "UNKNOWN"]),
        st.sampled_from([*HOSTS, None]),
        st.none() | st.integers(0, 6) | st.integers(2**60 - 3, 2**60 - 1),
        st.none() | st.integers(0, 120),
        st.sampled_from(["1", "2", "9", "X", None]),
    ),
    max_size=40,
)


def seen_of(rows: list[Row]) -> Seen:
    kinds = [pa.string(), pa.string(), pa.int64(), pa.int32(), pa.string()]
    columns = {
        name: pa.array([row[place] for row in rows], kind)
        for place, (name, kind) in enumerate(zip(Row._fields, kinds, strict=True))
    }
    with DuckDBEngine(preserve_order=False) as engine:
        engine.register("people_asked", pa.table(columns))
        engine.register("months_asked", pa.table({"provider": columns["provider"]}))
        engine.register("board", pa.table({"area": pa.array(["QMF", "QWO", "UNKNOWN", "QKS"])}))
        return Seen.read(engine)


@settings(deadline=None)
@given(ROWS)
def test_each_count_is_that_of_the_patients_told_apart(rows: list[Row]) -> None:
    seen = seen_of(rows)
    areas, providers, hosts, cared = (defaultdict(set) for _ in range(4))
    ages: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows:
        if row.patient_id is None:
            continue
        host = HOSTS[row.provider] if row.provider else None
        areas[row.area].add(row.patient_id)
        providers[row.area, row.provider].add(row.patient_id)
        hosts[row.area, host].add(row.patient_id)
        cared[host].add(row.patient_id)
        ages[row.area, row.patient_id].append(row)
    for found, told in (
        (seen.by_area(), areas),
        (seen.by_provider(), providers),
        (seen.by_host(HOSTS), hosts),
        (seen.of_hosts(HOSTS), cared),
    ):
        assert found == {key: len(patients) for key, patients in told.items()}
    assert seen.within({"QMF", "QWO", "QKS"}) == len(areas["QMF"] | areas["QWO"])
    assert seen.within(set()) == 0
    each: dict[tuple[str, int | None, str | None], int] = defaultdict(int)
    for (area, _), own in ages.items():
        oldest = max((row.age for row in own if row.age is not None), default=None)
        last = max((row.gender for row in own if row.gender is not None), default=None)
        each[area, oldest, last] += 1
    found = {(row["area"], row["age"], row["gender"]): row["patients"] for row in seen.by_age()}
    assert found == each
