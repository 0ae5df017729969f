"""Distinct patients of what a decision moves: of each cell, of each pair of commissioners, and of each day.

All three are counted from one sort of numbers; a database, asked for each count, would tell the patients apart anew
each time.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.engine import Engine
from speccom.ledger.ordered import firsts

Numbers = npt.NDArray[np.uint64]
Counts = npt.NDArray[np.int64]
Integers = npt.NDArray[np.unsignedinteger[Any]]

PARTS = 2
_BITS = 64
_COLUMN = {"cell": "cell", "pair": "pair", "day": "on_date"}
"""What patients are counted of → its column in `effect_moving`."""


def register_patients(engine: Engine) -> None:
    """Make `patients_of_cell`, `patients_of_pair` and `patients_of_day` readable, from `effect_seen`.

    Each has a row for whatever any patient was seen in, with its distinct `patients`. Cells of `effect_moving` are
    numbered from 1 in the order of days and pairs.
    """
    moving = engine.fetch("select cell, pair, on_date from effect_moving order by cell")
    seen = engine.fetch("select cell, patient_id from effect_seen")
    identity = seen["patient_id"].to_numpy().astype(np.int64, copy=False).view(np.uint64)
    cell = seen["cell"].to_numpy().view(np.uint64)
    named: list[Any] = [moving[column].combine_chunks().dictionary_encode() for column in _COLUMN.values()]

    def counted(part: int) -> list[Counts]:
        mine = identity % np.uint64(PARTS) == part
        high, low, of_cell = seen_once(identity[mine], cell[mine])
        # Cells are in the order of pairs and days, so of each patient those of a pair, and of a day, lie side by side.
        places = [each.indices.to_numpy()[of_cell.astype(np.int64) - 1] for each in named]
        return [
            np.bincount(place[firsts(high, low, place)], minlength=len(each.dictionary))
            for place, each in zip(places, named, strict=True)
        ]

    with ThreadPoolExecutor(
        PARTS
    ) as pool:  # no patient is in two parts, and what numpy does is done side by side
        parts = list(pool.map(counted, range(PARTS)))
    for (of, column), each, counts in zip(_COLUMN.items(), named, zip(*parts, strict=True), strict=True):
        patients = np.sum(counts, axis=0)
        some = np.flatnonzero(patients)
        columns = {column: each.dictionary.take(pa.array(some)), "patients": pa.array(patients[some])}
        engine.register(f"patients_of_{of}", pa.table(columns))


def seen_once(identity: Numbers, cell: Numbers) -> tuple[Integers, Numbers, Numbers]:
    """Each identity in each cell once, in order: an identity's high part and its low part, and the cell.

    The low part has room beside the cell in one number, which is what is sorted; all rows of one high part are put
    together before, and sorted by themselves.
    """
    bits = np.uint64(int(cell.max(initial=0)).bit_length())
    high: Integers = identity >> (np.uint64(_BITS) - bits) if bits else np.zeros(len(identity), np.uint64)
    if high.max(initial=0) < 1 << 16:
        high = high.astype(np.uint16)  # of which numpy puts any number in order in one pass
    order = np.argsort(high, kind="stable")
    high, both = high[order], (identity << bits | cell)[order]
    for alike in np.split(both, np.flatnonzero(firsts(high))[1:]):
        alike.sort()
    once = firsts(high, both)
    high, both = high[once], both[once]
    return high, both >> bits, both & ((np.uint64(1) << bits) - np.uint64(1))
