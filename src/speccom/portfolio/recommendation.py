"""What is recommended of a line, from what is measured and judged of it, by tables that ship; it reads no ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from speccom import content
from speccom.portfolio.criteria import (
    CANNOT_TELL,
    Criterion,
    criteria,
    criterion,
    measures,
    tests,
)

SUITABLE_AND_READY, NOT_YET_READY, RETAINED, NOT_KNOWN = (
    "suitable_and_ready",
    "suitable_not_yet_ready",
    "retained",
    "not_known",
)
FAVOURABLE, UNFAVOURABLE, DIVIDED, UNKNOWN, AT_STAKE = (
    "favourable",
    "unfavourable",
    "divided",
    "not known",
    "at stake",
)
MET, NOT_MET = "met", "not met"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a line stands on one criterion, and why in words. `favourable` and `unfavourable` count answers."""

    criterion: Criterion
    standing: str
    why: str
    favourable: int = 0
    unfavourable: int = 0
    cannot_tell: int = 0


@dataclass(frozen=True, slots=True)
class Passed:
    """How a line does in one test: `met`, `not met` or `not known`, of so many weighing criteria."""

    test: str
    result: str
    favourable: int
    known: int
    weighing: int


@dataclass(frozen=True, slots=True)
class Recommended:
    """What is recommended of a line, by which row of the rule, and how it stands on each criterion."""

    recommendation: str
    row: int
    because: str
    tests: tuple[Passed, ...]
    standings: tuple[Standing, ...]

    def test(self, key: str) -> Passed:
        return {each.test: each for each in self.tests}[key]


@dataclass(frozen=True, slots=True)
class Named:
    """One recommendation: its place among the lists, its words and a colour of the design system."""

    key: str
    place: int
    words: str
    colour: str


@cache
def recommendations() -> dict[str, Named]:
    """Every recommendation, in the order of the lists."""
    return {
        row["recommendation"]: Named(row["recommendation"], int(row["list"]), row["words"], row["colour"])
        for row in content.rows(__package__, "recommendations")
    }


def measured_standing(key: str, value: float | None, gap: str = "") -> Standing:
    """How a line stands on a measured criterion; `gap` says why there is no value. On the bar is favourable."""
    asked, measure = criterion(key), measures()[key]
    if value is None:
        return Standing(asked, UNKNOWN, gap or "It is not measured.")
    if measure.bar is None:
        return Standing(asked, AT_STAKE, measure.why)
    good = value <= measure.bar if asked.favours == "low" else value >= measure.bar
    held = "at most" if asked.favours == "low" else "at least"
    bar = f"{measure.bar:.0%}" if measure.unit in ("ratio", "share") else f"{measure.bar:g} {measure.unit}"
    said = f"Speccom's own bar is {held} {bar}. {measure.why}"
    return Standing(asked, FAVOURABLE if good else UNFAVOURABLE, said)


def judged_standing(key: str, answers: Sequence[str]) -> Standing:
    """How a line stands on a judged criterion: what more than half of those who could tell answered.

    `answers` are of `criteria.ANSWERS`, one of each panel member who judged it.
    """
    asked = criterion(key)
    favourable = sum(answer == asked.favours for answer in answers)
    cannot_tell = sum(answer == CANNOT_TELL for answer in answers)
    unfavourable = len(answers) - favourable - cannot_tell
    if not favourable + unfavourable:
        why = "Nobody could tell." if answers else "Nobody has judged it."
        return Standing(asked, UNKNOWN, why, 0, 0, cannot_tell)
    more = FAVOURABLE if favourable > unfavourable else UNFAVOURABLE
    standing = DIVIDED if favourable == unfavourable else more
    why = f"{favourable} for leadership by boards, {unfavourable} against, {cannot_tell} could not tell."
    return Standing(asked, standing, why, favourable, unfavourable, cannot_tell)


def recommend(
    highly_specialised: bool,
    values: Mapping[str, float | None],
    judgements: Iterable[tuple[str, str]],
    gaps: Mapping[str, str] | None = None,
) -> Recommended:
    """What is recommended of a line: the first row of `content/rule.csv` that holds.

    `values` are of measured criteria by key, `judgements` pairs of a judged criterion and an answer, and `gaps`
    say why a criterion has no value. A test is not known while too few of its weighing criteria are; it is met
    where enough of the known are favourable. Divided panels count as known and not as favourable. Raises
    `PortfolioError` for an unknown criterion.
    """
    answers: dict[str, list[str]] = {}
    for key, answer in judgements:
        answers.setdefault(criterion(key).criterion, []).append(answer)
    standings = tuple(
        judged_standing(key, answers.get(key, []))
        if each.judged
        else measured_standing(key, values.get(key), (gaps or {}).get(key, ""))
        for key, each in criteria().items()
    )
    passed = tuple(_passed(test, standings) for test in tests())
    held = {each.test: each.result for each in passed}
    held["highly_specialised"] = "yes" if highly_specialised else "no"
    row = next(
        row
        for row in content.rows(__package__, "rule")
        if all(row[name] in ("", value) for name, value in held.items())
    )
    return Recommended(row["recommendation"], int(row["row"]), row["because"], passed, standings)


def _passed(test: str, standings: Iterable[Standing]) -> Passed:
    bars = tests()[test]
    own = [each for each in standings if each.criterion.test == test and each.criterion.weighs]
    known = [each for each in own if each.standing != UNKNOWN]
    good = sum(each.standing == FAVOURABLE for each in known)
    if len(known) < bars.fewest_known * len(own):
        result = UNKNOWN
    else:
        result = MET if good >= bars.fewest_favourable * len(known) else NOT_MET
    return Passed(test, result, good, len(known), len(own))
