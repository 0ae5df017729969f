"""Rows in order: which of them begin something new. What counts distinct patients in one pass is made of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def firsts(*ordered: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which rows of some columns differ from the row before; the first does."""
    first = np.zeros(len(ordered[0]), dtype=bool)
    first[:1] = True
    for column in ordered:
        first[1:] |= column[1:] != column[:-1]
    return first
