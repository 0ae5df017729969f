"""The boards of a scenario through time: who follows whom on which day, and what of it cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from speccom.finance.scenarios.file import Change, Merge, ScenarioError, Split, Successions
from speccom.insight.areas import footprints
from speccom.period import FinancialYear, long_date
from speccom.register import Register

ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Event:
    """On a day a board becomes others, each with its share; `members` are sub-ICB locations that go to one of them.

    Without shares (none of them known) a board that is divided keeps a row of its own.
    """

    on: date
    board: str
    parts: tuple[tuple[str, Decimal], ...]
    members: Mapping[str, str]
    successors: tuple[str, ...]


class Heir(NamedTuple):
    """A board that has a share of another's money, and every code that this share was known by on its way."""

    board: str
    share: Decimal
    known_as: frozenset[str]


@dataclass(slots=True)
class Boards:
    """The boards at the end of the base year, and what becomes of them; `gaps` say what cannot be divided."""

    register: Register
    base: frozenset[str]
    events: list[Event] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    _names: dict[str, str] = field(default_factory=dict)
    _regions: dict[str, str] = field(default_factory=dict)
    _gone: dict[str, tuple[date, str, str]] = field(default_factory=dict)
    _active: set[str] = field(default_factory=set)
    _followed: dict[tuple[str, date, str, date | None], tuple[Heir, ...]] = field(default_factory=dict)

    def name(self, board: str) -> str:
        known = self.register.organisations.get(board)
        return self._names.get(board) or (known.name if known else board)

    def region(self, board: str) -> str:
        return self._regions.get(board, "")

    def committee(self, board: str) -> str:
        """The area of a board's joint committee, or of those it followed; its region where there is none."""
        before = [each.board for each in self.events if board in dict(each.parts)]
        found = {self.register.committee(each) for each in (board, *before)} - {None}
        return str(found.pop()) if len(found) == 1 else self.region(board)

    def followed(self, board: str, on: date, home: str = "", start: date | None = None) -> tuple[Heir, ...]:
        """The boards that a board's money is of on a day, with shares that sum to 1; a sub-ICB location's where known.

        With `start` the board is one of that day, and only what came after it counts.
        """
        key = (board, on, home, start)
        if key not in self._followed:
            held = {board: Heir(board, ONE, frozenset((board,)))}
            for event in self.events:
                if event.on > on or event.board not in held or (start is not None and event.on <= start):
                    continue
                own = held.pop(event.board)
                told = event.members.get(home)
                parts = ((told, ONE),) if told and event.parts else event.parts or ((event.board, ONE),)
                for part, share in parts:
                    other = held.get(part, Heir(part, Decimal(0), frozenset()))
                    known = other.known_as | own.known_as | {part}
                    held[part] = Heir(part, other.share + own.share * share, known)
            self._followed[key] = tuple(held.values())
        return self._followed[key]

    def heirs(self, board: str, on: date, start: date | None = None) -> tuple[tuple[str, Decimal], ...]:
        """The same without what they were known as."""
        return tuple((each.board, each.share) for each in self.followed(board, on, "", start))

    def before(self, on: date, board: str) -> tuple[str, ...]:
        """The boards of the base year that a board of a day is made of."""
        return tuple(each for each in sorted(self.base) if board in dict(self.heirs(each, on)))

    @property
    def placed(self) -> set[str]:
        """The sub-ICB locations that are known to go to one part of a board."""
        return {home for event in self.events if event.parts for home in event.members}


def boards_of(register: Register, base_year: FinancialYear, changes: Sequence[Change]) -> Boards:
    """The boards of a scenario. Raises `ScenarioError` for a board that is not there on the day of a change."""
    known = footprints(register, last_day(base_year))
    made = Boards(register, frozenset(known))
    made._active = set(known)
    made._regions = {code: each.region for code, each in known.items()}
    for number, change in enumerate(changes, start=1):
        where = f"Change {number} ({long_date(change.on)})"
        if not isinstance(change, Merge | Split | Successions):
            continue
        if change.on < base_year.end:
            raise ScenarioError(
                f"{where} is not after {base_year}, with whose boards of 31 March it starts: give a later day, or a "
                "later base year."
            )
        if isinstance(change, Merge):
            _merge(made, change, where)
        elif isinstance(change, Split):
            _split(
                made, change.board, change.on, change.into, dict(change.members), dict(change.names), where
            )
        else:
            _successions(made, change, where)
    made._followed.clear()
    return made


def last_day(year: FinancialYear) -> date:
    """The last day of a financial year, with whose boards it is told."""
    return year.end - timedelta(days=1)


def _merge(made: Boards, change: Merge, where: str) -> None:
    for board in change.boards:
        _require_active(made, board, change.on, where)
    _settle(made, change.into, change.boards, change.name, change.region, where)
    for board in change.boards:
        if board != change.into:
            made.events.append(Event(change.on, board, ((change.into, ONE),), {}, (change.into,)))
            _leave(made, board, change.on, change.into, where)
    made._active.add(change.into)


def _split(
    made: Boards,
    board: str,
    on: date,
    parts: tuple[tuple[str, Decimal], ...],
    members: dict[str, str],
    names: Mapping[str, str],
    where: str,
) -> None:
    _require_active(made, board, on, where)
    for part, _ in parts:
        _settle(made, part, (board,), names.get(part), None, where)
    made.events.append(Event(on, board, parts, members, tuple(part for part, _ in parts)))
    if board not in dict(parts):
        _leave(made, board, on, ", ".join(part for part, _ in parts), where)
    made._active |= {part for part, _ in parts}


def _successions(made: Boards, change: Successions, where: str) -> None:
    """The register's own successions of a day, never repeated by hand."""
    register, weights = made.register, dict(change.weights)
    found = {
        board: sorted(
            fact.value
            for extent in ("whole", "part")
            for fact in register.facts.about(board, f"succeeded in {extent} by")
            if fact.valid_from == change.on
        )
        for board in sorted(made._active)
    }
    found = {board: heirs for board, heirs in found.items() if heirs}
    if not found:
        raise ScenarioError(
            f"{where}: the register knows no succession of boards on that day, or they are done: see speccom changes."
        )
    stray = [board for board in weights if len(found.get(board, ())) < 2]
    if stray:
        raise ScenarioError(
            f"{where}, weights name {stray[0]}, which is not divided on that day: leave it out."
        )
    for board, heirs in found.items():
        for heir in heirs:
            _settle(made, heir, (board,), None, None, where)
        if len(heirs) == 1:
            made.events.append(Event(change.on, board, ((heirs[0], ONE),), {}, (heirs[0],)))
            _leave(made, board, change.on, heirs[0], where)
            continue
        parts = weights.get(board, ())
        if parts and sorted(dict(parts)) != heirs:
            raise ScenarioError(
                f"{where}, weights of {board} are for {', '.join(dict(parts))}: it was divided between "
                f"{', '.join(heirs)}."
            )
        homes = {
            code: to
            for code, area in register.areas(change.on - timedelta(days=1)).items()
            if area.icb == board and code != board and (to := register.board_on(code, change.on))
        }
        made.events.append(Event(change.on, board, parts, homes, tuple(heirs)))
        if parts:
            _leave(made, board, change.on, ", ".join(heirs), where)
        else:
            made.gaps.append(
                f"{made.name(board)} ({board}) is divided between {', '.join(heirs)}, and no shares of its parts are "
                "given: it keeps a row of its own and they lack theirs. Give weights in the change."
            )
    made._active |= {heir for heirs in found.values() for heir in heirs}


def _settle(
    made: Boards, board: str, before: Sequence[str], name: str | None, region: str | None, where: str
) -> None:
    """A board that comes to be has a name and a region."""
    if board in made._active:
        return
    if board in made._gone:
        on, into, by = made._gone[board]
        raise ScenarioError(f"{where}: {board} became {into} on {long_date(on)} ({by}): choose another code.")
    if name:
        made._names[board] = name
    if board not in made.register.organisations and not name:
        raise ScenarioError(f"{where}: {board} is not in the register, so it needs a name: give one.")
    regions = {made.region(each) for each in before} - {""}
    if region is None and len(regions) > 1:
        raise ScenarioError(
            f"{where}: the boards lie in {', '.join(sorted(regions))}: say which region {board} is in."
        )
    made._regions[board] = region or next(iter(regions), "")


def _leave(made: Boards, board: str, on: date, into: str, where: str) -> None:
    made._active.discard(board)
    made._gone[board] = (on, into, where)


def _require_active(made: Boards, board: str, on: date, where: str) -> None:
    if board in made._active:
        return
    if board in made._gone:
        since, into, by = made._gone[board]
        raise ScenarioError(
            f"{where}: {board} became {into} from {long_date(since)} on ({by}), so the two overlap: a board can "
            "become another once. Take it out of one of them, or name its successor."
        )
    known = made.register.organisations.get(board)
    if known is None:
        raise ScenarioError(
            f"{where}: {board} is no board that the register or an earlier change knows: correct it."
        )
    raise ScenarioError(
        f"{where}: {known.name} ({board}) is not active then, counted from the boards of the base year: it began on "
        f"{long_date(known.valid_from)}"
        + (f" and ended on {long_date(known.valid_to)}" if known.valid_to else "")
        + '. If the register has it begin after the base year, put a change "successions" of that day before.'
    )
