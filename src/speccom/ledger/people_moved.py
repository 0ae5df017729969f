"""Distinct patients of what a decision moves: of each cell, of each pair of commissioners, and of each day.

All three are counted from one sort of numbers; a database, asked for each count, would tell the patients apart anew
each time.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.engine import Engine
from speccom.ledger.ordered import firsts

Numbers = npt.NDArray[np.int64]

_BITS = 63
_ODD = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93)
"""Multipliers that spread identities over all bits; that no two fall together is checked, and never assumed."""


def register_patients(engine: Engine) -> None:
    """Make `patients_of_cell`, `patients_of_pair` and `patients_of_day` readable, from `effect_seen`.

    Each has a row for whatever any patient was seen in, with its distinct `patients`. Cells of `effect_moving` are
    numbered from 1 in the order of days and pairs.
    """
    moving = engine.fetch("select cell, pair, on_date from effect_moving order by cell")
    seen = engine.fetch("select cell, patient_id from effect_seen")
    bits = len(moving).bit_length()
    patient = apart(seen["patient_id"].to_numpy().astype(np.int64), _BITS - bits)
    patient <<= bits
    patient |= seen["cell"].to_numpy() - 1
    ordered = np.sort(patient)
    # A patient in a cell, once; then of each patient the pairs, and the days, lie beside each other too.
    ordered = ordered[firsts(ordered)]
    patient, cell = ordered >> bits, ordered & ((1 << bits) - 1)
    for of, column in (("cell", "cell"), ("pair", "pair"), ("day", "on_date")):
        named: Any = moving[column].combine_chunks().dictionary_encode()
        place = named.indices.to_numpy()[cell]
        counts = np.bincount(place[firsts(patient, place)], minlength=len(named.dictionary))
        some = np.flatnonzero(counts)
        engine.register(
            f"patients_of_{of}",
            pa.table(
                {
                    column: named.dictionary.take(pa.array(some)),
                    "patients": pa.array(counts[some], pa.int64()),
                }
            ),
        )


def apart(identities: Numbers, bits: int) -> Numbers:
    """A number of at most so many bits for each identity, two alike where the identities are and nowhere else.

    Raises `OverflowError` where there are more identities than numbers.
    """
    ordered = np.sort(identities)
    distinct = ordered[firsts(ordered)]
    if len(distinct) > 1 << bits:
        raise OverflowError(f"{len(distinct):,} identities have no {bits} bits each.")
    for odd in _ODD:
        folded = np.sort(_folded(distinct, odd, bits))
        if firsts(folded).all():
            return _folded(identities, odd, bits)
    return np.searchsorted(distinct, identities)


def _folded(identities: Numbers, odd: int, bits: int) -> Numbers:
    product = identities.astype(np.uint64) * np.uint64(odd)
    return (product >> np.uint64(64 - bits)).astype(np.int64)
