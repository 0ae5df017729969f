"""The made-up people: who they are follows from their number alone, so a patient is the same in every file.

Areas have places for people by kind (infant, child, woman, man). A service line draws from its own stretch
of an area's places, so that patients come back, month after month and with their drugs and devices; whose a
place is changes from year to year as `cohort` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Self

import numpy as np
import numpy.typing as npt

from speccom.contracts.synthesise import shapes
from speccom.period import FinancialYear

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

LINES_PER_PATIENT = 6
WITHHELD_SHARE = 0.004
PRACTICES_PER_AREA = 40
# Nobody real has an NHS number that begins 999; when a million are too few, 998 and so on follow.
_FIRST_PREFIX = 999
# Shares of people by kind, and the widest stretch of an area's people that one line draws from.
_KIND_SHARES = np.array([0.02, 0.13, 0.43, 0.42])
_BREADTH = 1.6
_NARROWEST = 0.004
# Multiples of the golden ratio spread most evenly between whole numbers.
_GOLDEN = 0.6180339887498949
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Patients:
    """Everyone in the made-up country in one year.

    Areas have places for people: `first` and `count` are areas × kinds, and `person` says whose each place
    is. `kinds`, `entered` (days since 1970) and `moves` (homes left so far) belong to persons, who keep
    their numbers wherever they live. Stretches of places belong to offers. `blocks` numbers each area's
    practices, the same in every year.
    """

    first: Ints
    count: Ints
    person: npt.NDArray[np.int32]
    kinds: npt.NDArray[np.int8]
    entered: npt.NDArray[np.int32]
    moves: npt.NDArray[np.int8]
    blocks: Ints
    stretch_start: Floats
    stretch: Floats
    seed: int

    @classmethod
    def plan(
        cls, people: Floats, codes: list[str], volume: Floats, lines: int, year: FinancialYear, seed: int
    ) -> Self:
        """People enough for `lines`; `people` are in each area; offers with one code share them."""
        shares = people / people.sum()
        count = np.maximum(3, np.ceil(np.outer(shares, _KIND_SHARES) * lines / LINES_PER_PATIENT)).astype(
            np.int64
        )
        everyone = int(count.sum())
        return cls(
            first=firsts(count),
            count=count,
            person=np.arange(everyone, dtype=np.int32),
            kinds=np.repeat(np.tile(np.arange(len(shapes.PEOPLE)), len(people)), count.ravel()).astype(
                np.int8
            ),
            entered=np.full(everyone, (year.start - EPOCH).days, dtype=np.int32),
            moves=np.zeros(everyone, dtype=np.int8),
            blocks=np.arange(len(people)),
            stretch_start=np.array([shapes.fraction("patients", code) for code in codes]),
            stretch=np.clip(_BREADTH * volume / volume.sum(), _NARROWEST, 1.0),
            seed=seed,
        )

    def draw(self, offer: Ints, area: Ints, kind: Ints, chance: Floats) -> Ints:
        """The persons of lines, by the lines' offers, home areas and kinds of people."""
        count = self.count[area, kind]
        # Squared, so that some patients come often and many once.
        place = self.stretch_start[offer] + self.stretch[offer] * chance**2
        return self._at(area, kind, (place * count).astype(np.int64) % count)

    def draw_among(self, offer: Ints, area: Ints, kind: Ints, chance: Floats, more: Floats) -> Ints:
        """The same where an offer reaches `more` people than usual: it draws from that much wider a stretch.

        A stretch here is of whole places, over all areas as many as its width says: it begins elsewhere in
        each area, so that not all of them round alike.
        """
        count = self.count[area, kind]
        start = (self.stretch_start[offer] + self.turn[area]) % 1 * count
        begin = start.astype(np.int64)
        width = (start + np.minimum(self.stretch[offer] * more, 1.0) * count).astype(np.int64) - begin
        return self._at(area, kind, (begin + (np.maximum(width, 1) * chance**2).astype(np.int64)) % count)

    @property
    def turn(self) -> Floats:
        """Where among its places each area's stretches begin, as a share of them."""
        return self.blocks.astype(np.float64) * _GOLDEN % 1

    def _at(self, area: Ints, kind: Ints, place: Ints) -> Ints:
        found: Ints = self.person[self.first[area, kind] + place].astype(np.int64)
        return found

    def chance(self, patient: npt.NDArray[np.integer], of: str) -> Floats:
        """A number in [0, 1) that belongs to a patient and a subject (splitmix64 of the two and the seed)."""
        salt = int(shapes.fraction(of, self.seed) * 2**56)
        mixed = patient.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53

    def kind(self, patient: npt.NDArray[np.integer]) -> Ints:
        """Index into PEOPLE."""
        kind: Ints = self.kinds[patient].astype(np.int64)
        return kind

    def birth_day(self, patient: npt.NDArray[np.integer], kind: Ints) -> Ints:
        """Days since 1970: when they came, infants were born in the year before, children 1 to 15, adults 18 to 92."""
        lowest = np.array([0.0, 1.0, 18.0, 18.0])[kind]
        span = np.array([1.0, 15.0, 74.0, 74.0])[kind]
        age = lowest + span * self.chance(patient, "age") ** 0.75
        born: Ints = self.entered[patient] - 1 - (age * 365.25).astype(np.int64)
        return born


def firsts(count: Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(count.ravel())[:-1]]).reshape(count.shape)


def nhs_numbers(patient: Ints) -> Ints:
    """Ten-digit numbers with valid check digits, none of which anyone has; one for each patient number."""
    result: Ints = np.empty(len(patient), dtype=np.int64)
    left = patient.copy()
    prefix = _FIRST_PREFIX
    pending = np.ones(len(patient), dtype=bool)
    while pending.any():
        block = _valid_numbers(prefix)
        here = pending & (left < len(block))
        result[here] = block[left[here]]
        pending &= ~here
        left[pending] -= len(block)
        prefix -= 1
    return result


@cache
def _valid_numbers(prefix: int) -> Ints:
    """Every number of a three-digit prefix that has a check digit (a remainder of one has none)."""
    stems = prefix * 1_000_000 + np.arange(1_000_000, dtype=np.int64)
    weighted = np.zeros_like(stems)
    for place in range(1, 10):
        weighted += stems // 10 ** (9 - place) % 10 * (11 - place)
    check = (11 - weighted % 11) % 11
    valid: Ints = (stems * 10 + check)[check != 10]
    return valid
