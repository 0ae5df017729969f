"""How much a forecast may be out because its last months are still incomplete: a variance by group, exact sums aside.

A month of a provider that holds £a at its step ends at f·a, with an error of variance ψ·a + τ²·a², and f has a variance
of its own (see `completion`). In a sum of series a pound that a late month lacks counts once for itself and once more
for what the run-rate makes of it in the months to come: its weight in the sum is u = 1 + w·(to come) ÷ (held). Then

    variance = Σ ψ·u²·a  +  Σ τ²·(Σ u·a)²  +  Σ var(f)·(Σ u·a)²

the first over series and months, the second over months of providers, the third over data sets and steps, for one f
serves them all. Months known to their end are in none of them, so that nothing is left where all are. Where several
variances add up, Student's t has the degrees of freedom of Satterthwaite (Satterthwaite, F.E. (1946), An approximate
distribution of estimates of variance components, Biometrics Bulletin 2, 110-114 [recalled]).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from speccom.finance.position.completion import Share

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
NONE = -1


@dataclass(frozen=True, eq=False)
class Doubt:
    """Of series × 12 months: in `sent`, which month of a provider each is of, `NONE` where it is known to its end.

    `recorded` is pounds as the ledger has them; `shares` has, for each month of a provider, the place of its share in
    `of`, which is every share measured that any month is completed by.
    """

    recorded: Floats
    sent: Integers
    shares: Integers
    of: Sequence[Share]
    unmeasured: npt.NDArray[np.bool_]
    """Series × 12: months that are not past their freeze, of which nothing measures how they grow."""

    def variances(
        self, group: Integers, groups: int, counted: npt.NDArray[np.bool_], follow: Floats
    ) -> Floats:
        """Square pounds by group and share (groups × shares) of the sum of a group.

        `group` is series × 12. `counted` says which months are in the sum themselves, and `follow` (series × 12) how
        many pounds of each month to come follow from a pound more in each late month of its series.
        """
        found = np.zeros((groups, len(self.of)))
        late = np.argwhere(self.sent != NONE)
        if not len(late):
            return found
        weight, cell, of_group = _weights(late, group, counted, follow)
        at = late[cell]
        pounds = self.recorded[at[:, 0], at[:, 1]]
        sent = self.sent[at[:, 0], at[:, 1]]
        share = self.shares[sent]
        by_pound = np.array([each.by_pound for each in self.of])
        by_square = np.array([each.by_square for each in self.of])
        of_factor = np.array([each.of_factor for each in self.of])
        np.add.at(found, (of_group, share), by_pound[share] * weight**2 * np.abs(pounds))
        together, sums = _summed(of_group * len(self.shares) + sent, weight * pounds)
        place, months = np.divmod(together, len(self.shares))
        np.add.at(found, (place, self.shares[months]), by_square[self.shares[months]] * sums**2)
        whole = np.zeros_like(found)
        np.add.at(whole, (of_group, share), weight * pounds)
        added: Floats = found + of_factor * whole**2
        return added

    @property
    def freedom(self) -> Floats:
        """Degrees of freedom of each share's variances."""
        return np.array([each.months - 1 for each in self.of], dtype=float)


def known(recorded: Floats) -> Doubt:
    """No doubt: every month that is held is known to its end."""
    return Doubt(
        recorded,
        np.full(recorded.shape, NONE),
        np.zeros(0, dtype=np.int64),
        (),
        np.zeros(recorded.shape, bool),
    )


def _weights(
    late: Integers, group: Integers, counted: npt.NDArray[np.bool_], follow: Floats
) -> tuple[Floats, Integers, Integers]:
    """For each late cell and group that it counts in: its weight, its place in `late`, and the group."""
    series, month = late[:, 0], late[:, 1]
    own = np.where(counted[series, month], 1.0, 0.0)
    if (group == group[:, :1]).all():
        weights, place = own + follow[series].sum(axis=1), group[series, 0]
        cells = np.flatnonzero((place != NONE) & (weights != 0))
        return weights[cells], cells, place[cells]
    cells, after = np.nonzero(follow[series] != 0)
    weights = np.concatenate([own, follow[series[cells], after]])
    places = np.concatenate([np.arange(len(late)), cells])
    groups = np.concatenate([group[series, month], group[series[cells], after]])
    inside = (groups != NONE) & (weights != 0)
    key, weight = _summed(groups[inside] * len(late) + places[inside], weights[inside])
    of_group, cell = np.divmod(key, len(late))
    return weight, cell, of_group


def _summed(keys: Integers, values: Floats) -> tuple[Integers, Floats]:
    """Each key once, with the sum of its values."""
    found, place = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(found))
    np.add.at(sums, place, values)
    return found, sums
