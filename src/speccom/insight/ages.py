"""Groups of age and sex, as an imported population has them, and which group each patient is of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from speccom.insight.statistics.numbers import Numbers

SEXES = ("male", "female")
_GENDERS = {"1": 0, "2": 1}
"""The Data Dictionary's person gender codes that are one of `SEXES`; any other is of no group."""
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Groups:
    """Bands of age by their first ages, and within each band the sexes, where the population has them."""

    lowest: Numbers
    by_sex: bool

    @classmethod
    def of(cls, population: pa.Table) -> Groups:
        """The groups of a table with the columns `lower` and `sex`."""
        sexes = {str(each) for each in population["sex"].unique().to_pylist()}
        lowest = sorted(int(each) for each in population["lower"].unique().to_pylist() if each is not None)
        return cls(np.array(lowest, dtype=float), bool(sexes & set(SEXES)))

    @property
    def size(self) -> int:
        return len(self.lowest) * (2 if self.by_sex else 1)

    @property
    def allowed_for(self) -> str:
        """What a standardised rate of these groups allows for, and what it does not, in words."""
        if self.by_sex:
            return "Age and sex are allowed for, deprivation is not."
        return "Age alone is allowed for, neither sex nor deprivation."

    @property
    def words(self) -> str:
        return "age or sex" if self.by_sex else "age"

    def of_people(self, lower: Sequence[int], sex: Sequence[str | None]) -> Places:
        """The group of each row of a population; -1 for a row that counts people a second time."""
        band = np.searchsorted(self.lowest, np.asarray(lower, dtype=float))
        if not self.by_sex:
            return band.astype(np.int64)
        which = np.array([SEXES.index(each) if each in SEXES else -1 for each in sex], dtype=np.int64)
        return np.where(which < 0, -1, band * 2 + which).astype(np.int64)

    def of_patients(self, age: Sequence[int | None], gender: Sequence[str | None]) -> Places:
        """The group of each patient by age and the Data Dictionary's gender code; -1 where it is not known."""
        years = np.array([np.nan if each is None else float(each) for each in age])
        band = np.searchsorted(self.lowest, years, side="right") - 1
        known = np.isfinite(years) & (band >= 0)
        if not self.by_sex:
            return np.where(known, band, -1).astype(np.int64)
        which = np.array([_GENDERS.get(each or "", -1) for each in gender], dtype=np.int64)
        return np.where(known & (which >= 0), band * 2 + which, -1).astype(np.int64)
