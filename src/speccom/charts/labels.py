"""Where labels stand beside points so that none covers another; knows rectangles, and no words but their width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from speccom.charts.drawing import LETTER


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, top left to bottom right."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def within(self, other: Box) -> bool:
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A label with the point of its base line and how it is anchored there."""

    words: str
    x: float
    y: float
    anchor: str


@dataclass
class Labels:
    """Places labels one by one within a frame; those asked for first have the first choice.

    `letter` is the width of a letter as a share of `size`; capitals and heavy letters are wider than others.
    """

    frame: Box
    size: float
    letter: float = LETTER
    taken: list[Box] = field(default_factory=list)

    def take(self, x: float, y: float, radius: float) -> None:
        """Keep a mark free of labels."""
        self.taken.append(Box(x - radius, y - radius, x + radius, y + radius))

    def place_one_of(
        self, wordings: Sequence[str], x: float, y: float, away: float, *, must: bool = False
    ) -> Placed | None:
        """The first of some wordings that there is room for, the last of them where one must be."""
        for words in wordings:
            if placed := self.place(words, x, y, away):
                return placed
        return self.place(wordings[-1], x, y, away, must=True) if must else None

    def place(self, words: str, x: float, y: float, away: float, *, must: bool = False) -> Placed | None:
        """A label beside a point, where it covers nothing; none where there is no room, unless it must be."""
        width, size = len(words) * self.size * self.letter, self.size
        first: tuple[Placed, Box] | None = None
        for placed, box in _choices(words, x, y, away, width, size):
            if not box.within(self.frame):
                continue
            first = first or (placed, box)
            if not any(box.meets(other) for other in self.taken):
                self.taken.append(box)
                return placed
        if must and first:
            self.taken.append(first[1])
            return first[0]
        return None


def _choices(
    words: str, x: float, y: float, away: float, width: float, size: float
) -> Sequence[tuple[Placed, Box]]:
    found = []
    for distance in (away, away + size * 0.9, away + size * 1.8):
        for across, down in ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1)):
            diagonal = 0.75 if across and down else 1
            at = x + across * distance * diagonal
            middle = y + down * (distance * diagonal + size * 0.45)
            left = at if across > 0 else at - width if across < 0 else at - width / 2
            anchor = {1: "start", -1: "end", 0: "middle"}[across]
            box = Box(left - 1, middle - size * 0.55, left + width + 1, middle + size * 0.5)
            found.append((Placed(words, at, middle + size * 0.35, anchor), box))
    return found
