"""How money, counts, organisations and reasons are put into words for a reader; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cache

from speccom import content

_CONTEXT = Context(prec=60, rounding=ROUND_HALF_UP)
_UNITS = ((Decimal(1), "", 0), (Decimal(10**3), "k", 0), (Decimal(10**6), "m", 1), (Decimal(10**9), "bn", 2))
_HOMES = {
    "0": "no home needed",
    "1": "home from the GP practice's sub-ICB location",
    "2": "home from the GP practice's ICB",
    "3": "home from the sub-ICB location of residence",
    "4": "home from the ICB of residence",
    "5": "home taken as the provider's own area",
    "H": "by where the provider lies",
}
_SHORTER = (
    (" Integrated Care Board", ""),
    (" ICB", ""),
    (" NHS Foundation Trust", ""),
    (" NHS Trust", ""),
    (" Commissioning Hub", " hub"),
    ("NHS England - ", ""),
    ("NHS England ", ""),
    ("NHS ", ""),
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the decision table: its code, a name to head a column, and a sentence."""

    step: str
    name: str
    sentence: str


@cache
def reasons() -> dict[str, Reason]:
    """Every step of the decision table, in its order, by code."""
    return {row["step"]: Reason(**row) for row in content.rows(__package__, "reasons")}


def reason_in_words(code: str) -> str:
    """`G1-3` as a phrase: the step's name, and how the home was found."""
    step, _, home = code.partition("-")
    if step == "X":
        wanted = reasons().get(home)
        return f"{reasons()['X'].name} ({wanted.name if wanted else home})"
    name = reasons()[step].name if step in reasons() else step
    return f"{name}; {_HOMES[home]}" if home in _HOMES else name


def pounds(value: Decimal | None) -> str:
    """Pounds to the penny, thousands apart; a dash for none. For tables."""
    return "–" if value is None else _minus(f"{value.quantize(Decimal('0.01'), context=_CONTEXT):,f}")


def pounds_in_full(value: Decimal) -> str:
    """Pounds with every decimal that was submitted, and at least the pence."""
    whole, _, places = f"{value:,f}".partition(".")
    return _minus(f"{whole}.{places.rstrip('0').ljust(2, '0')}")


def pounds_short(value: Decimal) -> str:
    """Pounds as a person says them: £12.47bn, £345.6m, £12k, £950. For prose and labels."""
    for scale, unit, places in _UNITS:
        # 999,960,000 is a billion to a reader, so it is the rounded number that picks the unit.
        rounded = abs((value / scale).quantize(Decimal(1).scaleb(-places), context=_CONTEXT))
        if rounded < 1000 or unit == "bn":
            break
    return f"{'−' if value < 0 and rounded else ''}£{rounded:,f}{unit}"


def count(value: int | None) -> str:
    """A whole number, thousands apart; a dash for none."""
    return "–" if value is None else _minus(f"{value:,}")


def share(part: Decimal | int, whole: Decimal | int) -> str:
    """One number as a percentage of another, to one place; a dash where there is no whole."""
    if not whole:
        return "–"
    percent = (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), context=_CONTEXT)
    return _minus(f"{percent:f}%")


def short_name(name: str) -> str:
    """An organisation's name without what every organisation of its kind shares."""
    if name == "NHS England":
        return name
    for long, short in _SHORTER:
        name = name.replace(long, short)
    return name.strip()


def _minus(text: str) -> str:
    return text.replace("-", "−")
