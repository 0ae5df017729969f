"""Which lines a scenario moves, for whom and when, and the pot and footprint that each is in on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from speccom.finance.scenarios.boards import Boards, last_day
from speccom.finance.scenarios.file import Change, Move, ScenarioError
from speccom.insight.asked import lines_of
from speccom.period import FinancialYear, Interval, long_date
from speccom.register import Register

MOVABLE = ("retained", "joint", "delegated", "programmes")
"""The pots that a change can move money out of: drugs and devices stay held centrally, and what is of no board too."""
TO_POT = {
    "delegate": "delegated",
    "retain": "retained",
    "icb": "delegated",
    "multi_icb": "delegated",
    "region": "retained",
    "england": "programmes",
}
TO_TIER = {"delegate": "icb", "retain": "region"}
TIER_OF_POT = {"delegated": "icb", "joint": "region", "retained": "region", "programmes": "england"}
_DONE = {"delegated": "delegated", "retained": "retained", "programmes": "held centrally"}


@dataclass(frozen=True, slots=True)
class Resolved:
    """One change of lines with the lines and boards that it means; `number` is its place among the changes."""

    number: int
    move: Move
    lines: tuple[str, ...]
    boards: frozenset[str]
    regions: frozenset[str]

    @property
    def pot(self) -> str:
        return TO_POT[self.move.tier or self.move.kind]

    @property
    def tier(self) -> str:
        return self.move.tier or TO_TIER[self.move.kind]

    @property
    def valid(self) -> Interval:
        return Interval(self.move.on, self.move.until)

    def about(self, known_as: frozenset[str], region: str) -> bool:
        """Whether it is for the people of a board, by any code that it was known by."""
        everybody = not self.boards and not self.regions
        return everybody or bool(known_as & self.boards) or region in self.regions


def resolved(
    register: Register, boards: Boards, base_year: FinancialYear, changes: Sequence[Change]
) -> tuple[Resolved, ...]:
    """The changes of lines, each with what it means.

    Raises `ScenarioError` for an area that is not there on the day and for what is already so, and the
    refusals of `lines_of` for unknown lines.
    """
    found: list[Resolved] = []
    for number, change in enumerate(changes, start=1):
        if not isinstance(change, Move):
            continue
        where = f"Change {number} ({long_date(change.on)})"
        if change.on < base_year.start:
            raise ScenarioError(
                f"{where} is before {base_year} begins: give a later day, or an earlier base year."
            )
        each = _resolved(register, boards, number, change, where)
        _refuse_done(register, boards, last_day(base_year), found, each, where)
        found.append(each)
    return tuple(found)


def _resolved(register: Register, boards: Boards, number: int, move: Move, where: str) -> Resolved:
    lines = tuple(sorted({code for text in move.lines for code in lines_of(register, text).codes}))
    strange = [code for code in lines if not code.startswith("NCBPS")]
    if strange:
        raise ScenarioError(f"{where}: {strange[0]} is no line of specialised commissioning: leave it out.")
    there = {heir for board in boards.base for heir, _ in boards.heirs(board, move.on)}
    regions = {boards.region(each) for each in there}
    own, wide = set(), set()
    for area in () if move.areas == ("all",) else move.areas:
        if area in regions:
            wide.add(area)
        elif area in there:
            own.add(area)
        else:
            known = register.organisations.get(area)
            said = f"{known.name} ({area}) is not active" if known else f"{area} is no board or region"
            raise ScenarioError(
                f"{where}: {said} on that day, counted from the boards of the base year and the changes before it. "
                f"Regions are {', '.join(sorted(regions))}."
            )
    return Resolved(number, move, lines, frozenset(own), frozenset(wide))


def _refuse_done(
    register: Register, boards: Boards, base: date, before: Iterable[Resolved], each: Resolved, where: str
) -> None:
    """Refuse a change where a line is so already for some of its boards."""
    earlier = tuple(before)
    done: dict[str, list[str]] = {}
    for line in each.lines:
        for board in sorted(boards.base):
            first = first_pot(register, boards, line, board, base)
            for heir in boards.followed(board, each.move.on):
                region = boards.region(heir.board)
                if not each.about(heir.known_as, region):
                    continue
                if at(earlier, line, first, heir.known_as, region, each.move.on) == (each.pot, each.tier):
                    done.setdefault(line, []).append(heir.board)
    if done:
        line, areas = next(iter(done.items()))
        more = f" and {len(done) - 1} more lines" if len(done) > 1 else ""
        named = ", ".join(dict.fromkeys(areas[:4])) + (
            f" and {len(areas) - 4} more" if len(areas) > 4 else ""
        )
        raise ScenarioError(
            f"{where}: {line}{more} is already {_DONE[each.pot]} for the people of {named} on that day: leave out the "
            "lines or areas that it is so for."
        )


def first_pot(register: Register, boards: Boards, line: str, board: str, on: date) -> str:
    """The pot of a line's activity for the people of a board at the end of the base year, as `bases` has it."""
    if register.lines[line].highly_specialised is True:
        return "programmes"
    if register.line_status(line, on) != "GREEN":
        return "retained"
    return register.arrangement(boards.region(board), on)


def at(
    moves: Iterable[Resolved], line: str, pot: str, known_as: frozenset[str], region: str, on: date
) -> tuple[str, str]:
    """The pot and tier of a line's money for a board on a day: the last change in force decides."""
    return _last((each for each in moves if line in each.lines), pot, known_as, region, on)


def of_group(
    moves: Sequence[Resolved], group: str, pot: str, known_as: frozenset[str], region: str, on: date
) -> str:
    """The pot of a group's money for a board on a day."""
    if not group or pot not in MOVABLE:
        return pot
    numbers = {int(each) for each in group.split()}
    return _last((each for each in moves if each.number in numbers), pot, known_as, region, on)[0]


def _last(
    moves: Iterable[Resolved], pot: str, known_as: frozenset[str], region: str, on: date
) -> tuple[str, str]:
    tier = TIER_OF_POT.get(pot, "england")
    for each in moves:
        if on in each.valid and each.about(known_as, region):
            pot, tier = each.pot, each.tier
    return pot, tier


def groups(moves: Iterable[Resolved]) -> dict[str, str]:
    """Of each line that any change is of, the numbers of those changes: lines of one group are treated alike."""
    found: dict[str, list[int]] = {}
    for each in moves:
        for line in each.lines:
            found.setdefault(line, []).append(each.number)
    return {line: " ".join(map(str, numbers)) for line, numbers in found.items()}
