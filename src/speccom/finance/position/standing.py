"""One year to date with its forecast and contracts: what every table of a position is made from, and says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from speccom.finance.position.forecast import LEVEL
from speccom.finance.position.forms import ACTIVITY, Contracts, forms
from speccom.finance.position.heads import Heads, heads
from speccom.finance.position.inputs import PENNY, PositionError
from speccom.finance.position.low_volume import NOT_ESTABLISHED, LowVolume, low_volume
from speccom.finance.position.months import YearToDate
from speccom.finance.position.projection import Forecast, Grouped, forecast, not_sent
from speccom.finance.position.targets import targets
from speccom.insight.result import Gap
from speccom.ledger.names import NOT_KNOWN
from speccom.period import Month

Key = tuple[str, ...]
Worked = TypeVar("Worked")
MONEY = pa.decimal128(38, 8)
ESTIMATE = pa.decimal128(38, 2)
DIMENSIONS = {
    "commissioner": "a board, hub or other body that pays; sub-ICB locations pay through their board",
    "service_line": "service line",
    "programme": "programme of care",
    "provider": "provider",
    "form": "contract form of provider and commissioner in each month",
}
MADE_OF = {
    "commissioner": ("commissioner",),
    "service_line": ("service_line",),
    "programme": ("service_line",),
    "provider": ("provider",),
    "form": ("commissioner", "provider"),
}
"""The codes of what was paid that each dimension follows from."""
_NONE = {
    "commissioner": "Not resolved",
    "service_line": "No service line stated",
    "programme": "Not a line of any programme",
    "provider": "Not stated",
    "form": "Not stated",
}
OF_PAIRS = {"commissioner", "provider", "form"}
"""Dimensions that a contract has: a fixed sum is of a provider and commissioner, and of no service line."""


@dataclass(frozen=True)
class Standing:
    """One year to date, with everything that any table of it is made from.

    `low_volume` is what the rule of low-volume activity gives, where it is switched on.
    """

    held: YearToDate
    level: float = LEVEL
    low_volume: LowVolume | None = None

    @cached_property
    def forecast(self) -> Forecast:
        return forecast(self.held)

    @cached_property
    def contracts(self) -> Contracts:
        """The contracts imported, and those that the low-volume rule makes."""
        return self.held.contracts.adding(self.low_volume.contracts if self.low_volume else ())

    def form(self, provider: str, commissioner: str, month: int) -> str:
        """The contract form of a pair in a month of the year."""
        if not self.contracts:
            return ACTIVITY
        return self.contracts.form(provider, commissioner, Month(self.held.year, month))

    def key(self, by: Sequence[str], commissioner: str, line: str, provider: str, month: int) -> Key:
        """The group of a commissioner, service line and provider in a month."""
        return tuple(self._code(name, commissioner, line, provider, month) for name in by)

    @cached_property
    def heads(self) -> Heads:
        """The people of every body that pays."""
        return heads(self.held)

    @cached_property
    def targets(self) -> Mapping[str, Decimal] | None:
        """Pounds by commissioner of the year; none where none were imported."""
        return targets(self.held.workspace, self.held.year)

    def worked(self, name: str, make: Callable[[], Worked]) -> Worked:
        """What several tables of a standing need, worked out once."""
        if name not in self._worked:
            self._worked[name] = make()
        found: Worked = self._worked[name]
        return found

    @cached_property
    def _worked(self) -> dict[str, Any]:
        return {}

    def grouped(self, by: Sequence[str]) -> Grouped:
        """The forecast by some dimensions."""
        return self.forecast.by(
            made_of(by),
            lambda series, month: self.key(
                by, series.commissioner, series.service_line, series.provider, month
            ),
            self.level,
            monthly="form" in by,
        )

    def _code(self, name: str, commissioner: str, line: str, provider: str, month: int) -> str:
        if name == "programme":
            known = self.held.register.lines.get(line)
            return (known.programme if known else None) or ""
        if name == "form":
            return self.form(provider, commissioner, month)
        return {"commissioner": commissioner, "service_line": line, "provider": provider}[name]

    def name(self, dimension: str, code: str) -> str:
        """What a code of a dimension is called."""
        if not code:
            return _NONE[dimension]
        register = self.held.register
        if dimension == "commissioner":
            return self.held.name(code)
        if dimension == "form":
            return forms()[code].name
        if dimension == "programme":
            return code
        known = register.lines.get(code) if dimension == "service_line" else register.providers.get(code)
        return known.name if known else NOT_KNOWN


def made_of(by: Sequence[str]) -> tuple[str, ...]:
    """The codes of what was paid that some dimensions follow from, each once."""
    return tuple(dict.fromkeys(code for name in by for code in MADE_OF[name]))


def standing(held: YearToDate, *, level: float = LEVEL, with_low_volume: bool = False) -> Standing:
    """The standing of a year to date. `level` is of the forecast's interval; `with_low_volume` switches the rule on."""
    if not 0 < level < 1:
        raise PositionError(f"{level} is no level of an interval: give a share between 0 and 1, such as 0.8.")
    return Standing(held, level, low_volume(held, held.commissioners()) if with_low_volume else None)


def notes(of: Standing) -> tuple[str, ...]:
    """What any table of a standing rests on, in words."""
    held, months = (
        of.held,
        ", ".join(str(number) for number in of.held.held if number <= of.held.month.number),
    )
    return (
        f"{held.year}, months {months} (1 is April), as the ledger of {held.manifest.built:%-d %B %Y} has them, with "
        f"all that was restated by then. Register {held.manifest.snapshot}.",
        "Actual: patient-level activity, drugs and devices. Plan: aggregate contract monitoring. Variance: actual "
        "less plan or budget, so above nothing is overspent.",
        held.seasons.said(),
        held.completion.said(),
        f"Forecast: the run-rate of the months that are in, by season, completed; interval of {of.level:.0%} from how "
        f"far those months stray from it {_completed(held)}(ratio model, Student’s t). It knows no trend, step or "
        "price to come.",
        *(of.low_volume.notes if of.low_volume else (NOT_ESTABLISHED,)),
    )


def _completed(held: YearToDate) -> str:
    if held.completion.shares:
        return "and how far months of providers strayed from the completion that they are taken to have "
    return "alone, since nothing measures how months grow "


def gaps(of: Standing) -> tuple[Gap, ...]:
    """What no table of a standing can say."""
    held = of.held
    plans = {row.commissioner for row in held.paid("commissioner") if row.plan is not None}
    return (
        *held.gaps,
        *not_sent(held),
        *(
            Gap(held.name(body), "plan", "no aggregate row of it has a plan in this year")
            for body in held.commissioners()
            if body not in plans
        ),
        *(of.low_volume.gaps if of.low_volume else ()),
    )


def title(of: Standing, by: Sequence[str]) -> str:
    named = f" by {', '.join(name.replace('_', ' ') for name in by)}" if by else ""
    return f"Position{named}, {of_whom(of)}"


def of_whom(of: Standing) -> str:
    """Whose standing it is, and of which months."""
    bodies = of.held.commissioners()
    whose = f"{of.held.name(bodies[0])}, " if len(bodies) == 1 else ""
    return f"{whose}April to {of.held.month.start:%B %Y}"


def share(actual: Decimal, against: Decimal | None) -> float | None:
    """By how much of a plan or budget it was missed; none where there is none or it is nothing."""
    return float((actual - against) / against) if against else None


def estimate(value: float) -> Decimal | None:
    """An estimate in pounds to the penny; none for no number."""
    return None if np.isnan(value) else exact(value)


def exact(value: float) -> Decimal:
    """A number in pounds to the penny."""
    return Decimal(repr(float(value))).quantize(PENNY, ROUND_HALF_EVEN)


def penny(value: Decimal) -> Decimal:
    """Exact pounds to the penny, halves to the even one."""
    return value.quantize(PENNY, ROUND_HALF_EVEN)
