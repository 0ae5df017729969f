"""Reads a question of a risk pool from an address: of which services, between whom, and what is shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from speccom.finance.pools import Arrangement, By, Kind, Weighting
from speccom.site.explore.forms import AskedWrong, text

NAMES = ("lines", "areas", "codes", "kind", "by", "retention", "part", "weights", "correlation", "q")
KINDS = {"excess": "What lies above a retention", "share": "A part of every pound"}
EACH = {"patient": "each patient’s year", "area": "each area’s year"}
SHARED_BY = {
    "premium": "premium",
    "expected": "expected cost",
    "population": "population",
}
EXAMPLE_LINES, EXAMPLE_AREAS = "pathway:neurosciences", "region:Y60"
USUAL_SHARE = Decimal("1.1")
"""The retention of an area's year where none is given, as a share of what it expects: for illustration."""
USUAL_Q = Decimal(5)
_ONE_AT_A_TIME = (
    "This page shows one line, service, programme or pathway at a time, on boards as they were: from two answers "
    "that overlap a number that is withheld in one could be worked out. An analyst who holds the data can ask for "
    "more: speccom pool --help."
)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `retention` is none where the page is to choose one; `given` is what the address says."""

    lines: str
    areas: str
    kind: Kind
    by: By
    retention: Decimal | None
    retention_share: Decimal | None
    part: Decimal
    weighting: Weighting
    correlation: float
    q: float
    given: tuple[tuple[str, str], ...]
    example: bool

    @property
    def query(self) -> dict[str, str]:
        """The question as an address has it."""
        return {name: value for name, value in self.given if value}

    def arrangement(self, usual: Decimal) -> Arrangement:
        """What is shared; `usual` is a patient's retention in pounds where none was given. Raises `PoolError`."""
        if self.kind == Kind.SHARE:
            return Arrangement(Kind.SHARE, part=self.part, weighting=self.weighting)
        retention = self.retention
        if retention is None and self.retention_share is None:
            retention = usual
        return Arrangement(Kind.EXCESS, self.by, retention, self.retention_share, weighting=self.weighting)


def question(asked: Mapping[str, str]) -> Question:
    """The question of the page. Raises `AskedWrong`."""
    given = {name: text(asked, name) for name in NAMES} | {"code": text(asked, "code")}
    lines = given["code"] or given["lines"] or EXAMPLE_LINES
    if "," in lines or (text(asked, "boundaries") or "then") != "then":
        raise AskedWrong(_ONE_AT_A_TIME)
    kind = Kind(_one_of(given["kind"] or "excess", tuple(Kind), "kind of pool"))
    by = By(_one_of(given["by"] or "patient", tuple(By), "retention"))
    retention, share = _retention(given["retention"], kind, by)
    return Question(
        lines,
        given["codes"] or given["areas"] or EXAMPLE_AREAS,
        kind,
        by,
        retention,
        share,
        _percent(given["part"] or "100", "The part") / _HUNDRED,
        _weighting(given["weights"], kind),
        float(_percent(given["correlation"] or "100", "The correlation") / _HUNDRED),
        float((_percent(given["q"], "q") if given["q"] else USUAL_Q) / _HUNDRED),
        tuple(given.items()),
        not any(given.values()),
    )


def _weighting(value: str, kind: Kind) -> Weighting:
    usual = "premium" if kind == Kind.EXCESS else "expected"
    chosen = _one_of(value or usual, tuple(SHARED_BY), "way to share")
    # A share pool has no premium of its own: what it pools is a part of the expected cost.
    return Weighting.EXPECTED if kind == Kind.SHARE and chosen == "premium" else Weighting(chosen)


def _retention(value: str, kind: Kind, by: By) -> tuple[Decimal | None, Decimal | None]:
    """Pounds, or a share of what an area expects; neither where the page is to choose, or in a share pool."""
    if kind == Kind.SHARE:
        return None, None
    if not value:
        return None, USUAL_SHARE if by == By.AREA else None
    if value.endswith("%"):
        return None, _percent(value, "The retention") / _HUNDRED
    return _number(value, "The retention"), None


def _percent(value: str, what: str) -> Decimal:
    return _number(value.removesuffix("%"), what)


def _number(value: str, what: str) -> Decimal:
    plain = value.removeprefix("£").replace(",", "").replace(" ", "").replace("−", "-")
    try:
        number = Decimal(plain if plain.isascii() else "")
    except InvalidOperation as error:
        raise AskedWrong(f"{what} is {value!r}: give a number, such as 250000 or 110%.") from error
    if not number.is_finite() or abs(number) > 10**12:
        raise AskedWrong(f"{what} is {value!r}: give a number of a sensible size.")
    return number


def _one_of(value: str, choices: tuple[str, ...], what: str) -> str:
    if value not in choices:
        raise AskedWrong(f"{value!r} is no {what}: choose from {', '.join(choices)}.")
    return value
