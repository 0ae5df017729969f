"""Explain this number: a value with its formula, what went into it, and where each of those came from.

Knows no subject: bases, targets, allocations, pools and scenarios each build their own out of these parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any, TypeAlias

Value: TypeAlias = Decimal | int | str | None


class Confidence(StrEnum):
    """How far an input can be relied on, the weakest first."""

    CHOSEN = "chosen"
    RECALLED = "recalled"
    INFERRED = "inferred"
    STATED = "stated"
    COMPUTED = "computed"


MEANING = {
    Confidence.CHOSEN: "set by whoever asked; nobody published it",
    Confidence.RECALLED: "not verified against a source",
    Confidence.INFERRED: "follows from the named source",
    Confidence.STATED: "read in the named source",
    Confidence.COMPUTED: "worked out here from what is given below it",
}
UNITS = ("£", "share", "people", "index", "")
"""Units that are written in a way of their own: pounds to the penny, shares in percent, people whole."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One number. A number that was worked out has a `formula` and `inputs`; one that came in has a `source`.

    `name` is what the number is, in words, and `symbol` what it is called in formulae. `in_words` is the formula
    as a sentence. `unit` is one of `UNITS` or any other word. `source` says where a number that came in was read.
    `address` is a page where it opens further, if it does so elsewhere.
    """

    name: str
    symbol: str
    value: Value
    unit: str = ""
    in_words: str = ""
    formula: str = ""
    inputs: tuple[Explained, ...] = ()
    source: str = ""
    confidence: Confidence = Confidence.COMPUTED
    address: str = ""

    @property
    def said(self) -> str:
        """The value as a reader reads it."""
        return say(self.value, self.unit)

    def find(self, symbol: str) -> Explained | None:
        """The first number of a symbol in it, itself included."""
        return next((each for _, each in self.walk() if each.symbol == symbol), None)

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Explained]]:
        """Itself and everything below it, each with how deep it lies."""
        yield depth, self
        for each in self.inputs:
            yield from each.walk(depth + 1)

    def sources(self) -> tuple[str, ...]:
        """Every source below it, once each, in the order in which they are met."""
        return tuple(dict.fromkeys(each.source for _, each in self.walk() if each.source))

    def weakest(self) -> Confidence:
        """The weakest confidence among the numbers that came in."""
        order = list(Confidence)
        given = [each.confidence for _, each in self.walk() if each.confidence != Confidence.COMPUTED]
        return min(given, key=order.index, default=Confidence.COMPUTED)


def given(
    name: str, symbol: str, value: Value, unit: str, source: str, confidence: Confidence | str
) -> Explained:
    """A number that came in, with its source."""
    return Explained(name, symbol, value, unit, source=source, confidence=Confidence(confidence))


def say(value: Value, unit: str) -> str:
    """A value with its unit, as a reader reads it; a dash for none."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    number = Decimal(value)
    if unit == "£":
        return _signed(f"£{abs(_rounded(number, 2)):,.2f}", number)
    if unit == "share":
        return _signed(f"{abs(_rounded(number * 100, 5)):f}", number).rstrip("0").rstrip(".") + "%"
    if unit == "people":
        return _signed(f"{abs(_rounded(number, 0)):,f}", number)
    if unit == "index":
        return _signed(f"{abs(_rounded(number, 5)):f}", number)
    text = f"{number:,}" if isinstance(value, int) else _signed(f"{abs(number):,.6g}", number)
    return f"{text} {unit}".strip()


def as_dict(explained: Explained) -> dict[str, Any]:
    """The same for JSON: exact values as text, and inputs within inputs."""
    return {
        "name": explained.name,
        "symbol": explained.symbol,
        "value": None if explained.value is None else str(explained.value),
        "unit": explained.unit,
        "formula": explained.formula,
        "in_words": explained.in_words,
        "source": explained.source,
        "confidence": str(explained.confidence),
        "inputs": [as_dict(each) for each in explained.inputs],
    }


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _signed(text: str, number: Decimal) -> str:
    """A true minus sign, and none before a nought."""
    return f"−{text}" if number < 0 and any(digit in text for digit in "123456789") else text
